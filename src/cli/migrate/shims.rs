//! `awsx migrate --shims DIR`

use std::path::PathBuf;

use clap::Args;
use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser};

use crate::app::App;
use crate::app::shim_links::{ShimLinks, Standing};
use crate::report::Failure;
use crate::shims::{PEERS, find, speaks_otherwise};
use crate::text::abbreviate;

#[derive(Debug, Args)]
pub(super) struct ShimFlags {
    /// Have scripts of other tools run awsx: links to it, by their names
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with_all = ["tools", "all", "json", "yes"],
        value_parser = NonEmptyStringValueParser::new(),
        help_heading = SHIMS
    )]
    pub(super) shims: Option<String>,
    /// One of aws-vault, assume, aws-mfa, aws2-wrap; may be repeated
    #[arg(
        long,
        value_name = "NAME",
        requires = "shims",
        hide_possible_values = true,
        value_parser = PossibleValuesParser::new(PEERS.map(|peer| peer.name)),
        help_heading = SHIMS
    )]
    only: Vec<String>,
    /// Take the links away
    #[arg(long, requires = "shims", help_heading = SHIMS)]
    remove: bool,
}

const SHIMS: &str = "Scripts of other tools";

impl ShimFlags {
    /// Installs them in the directory, or takes them away.
    pub(super) fn run(&self, app: &App, directory: &str) -> Result<(), Failure> {
        let links = ShimLinks::new(app, &PathBuf::from(directory))?;
        let names: Vec<&'static str> = match self.only.is_empty() {
            true => PEERS.iter().map(|peer| peer.name).collect(),
            false => self.only.iter().filter_map(|name| Some(find(name)?.name)).collect(),
        };
        match self.remove {
            true => remove(app, &links, &names),
            false => install(app, &links, &names),
        }
    }
}

fn from_home(app: &App, path: &std::path::Path) -> String {
    abbreviate(&path.display().to_string(), app.env.home()).into_owned()
}

fn install(app: &App, links: &ShimLinks<'_>, names: &[&'static str]) -> Result<(), Failure> {
    links.check(names)?;
    for name in names {
        let path = from_home(app, &links.path(name));
        app.out().notice(&match links.install(name)? {
            true => format!("{path} is awsx now; `{name} --help` shows what it understands"),
            false => format!("{path} is awsx already"),
        });
    }
    let directory = from_home(app, &links.directory);
    if !links.in_path("awsx").1 {
        app.out().warning(&format!("{directory} is not in PATH: nothing finds them there"));
    }
    for name in names {
        let own = links.path(name);
        let (found, is_there) = links.in_path(name);
        let first = found.first().filter(|_| is_there);
        match first {
            Some(first) if *first != own => app.out().warning(&format!(
                "{} comes before it in PATH: put {directory} before that",
                from_home(app, first)
            )),
            _ => {}
        }
        let peer = find(name).into_iter();
        for (variable, what) in peer.flat_map(|peer| speaks_otherwise(peer, &app.inherited)) {
            app.out().warning(&format!("{variable} is set, of which awsx makes {what}"));
        }
    }
    if let (true, Some((file, line))) = (names.contains(&"assume"), links.alias_of_assume()) {
        app.out().warning(&format!(
            "{}:{line}: this alias has the shell read assume as a script: take the line out",
            from_home(app, &file)
        ));
    }
    Ok(())
}

fn remove(app: &App, links: &ShimLinks<'_>, names: &[&'static str]) -> Result<(), Failure> {
    let mut is_any = false;
    for name in names {
        let path = from_home(app, &links.path(name));
        match links.remove(name)? {
            Standing::Nothing => {}
            Standing::Strange => {
                app.out().warning(&format!("{path} is not awsx's, and stays"));
            }
            Standing::Own | Standing::OtherAwsx => {
                is_any = true;
                app.out().notice(&format!("{path} is gone"));
            }
        }
    }
    if !is_any {
        let directory = from_home(app, &links.directory);
        app.out().notice(&format!("{directory} has none of them"));
    }
    Ok(())
}
