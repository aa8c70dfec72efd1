//! `awsx migrate`

mod settings;
mod shims;

use std::collections::BTreeSet;

use clap::Args;
use serde_json::{Value, json};

use super::columns::{Row, show_list};
use super::config::file_changes::FileChanges;
use super::config_file::confirm_write;
use super::keys::import::ImportKeys;
use super::page::page;
use crate::app::App;
use crate::app::aws_vault::Backend;
use crate::migrate::{Fate, Finding, KeySource, Move, Tool, apply, settle};
#[cfg(unix)]
use crate::ports::List;
use crate::report::Look;
#[cfg(unix)]
use crate::report::failure::prompt_advice;
use crate::report::failure::{Failure, Kind};
use crate::text::abbreviate;
use settings::write_settings;
use shims::ShimFlags;

/// Find what other tools left, and take it over
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Alone it shows what there is and what it becomes, and changes nothing. With the
names of tools it shows the new lines of the config file, asks, and writes
them; then access keys, as `awsx keys import` does. What the other tools keep
stays where it is. `awsx config undo` takes the lines back.
";
    "awsx migrate                    what there is; nothing is changed"
    "awsx migrate granted            what granted left"
    "awsx migrate --all --yes        for a script"
    "awsx migrate --shims ~/bin      aws-vault, assume, … run awsx"
))]
pub(super) struct Migrate {
    /// The tools whose profiles and keys come along
    #[arg(value_name = "TOOL")]
    tools: Vec<Tool>,
    /// Those of all tools
    #[arg(long, conflicts_with = "tools")]
    all: bool,
    /// Tick what comes along in a list
    #[cfg(unix)]
    #[arg(short, long, conflicts_with_all = ["yes", "json", "shims"])]
    interactive: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// What there is, as JSON
    #[arg(long, conflicts_with_all = ["all", "yes"])]
    pub(super) json: bool,
    #[command(flatten)]
    shims: ShimFlags,
}

impl Migrate {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        if let Some(directory) = &self.shims.shims {
            return self.shims.run(app, directory);
        }
        let tell = |message: &str| app.out().warning(message);
        let mut found = app.find_left_by_others(&tell);
        if !self.tools.is_empty() {
            found.retain(|finding| self.tools.contains(&finding.tool));
        }
        settle(&mut found);
        if self.json {
            return app.out().json(&document(&found));
        }
        if found.is_empty() {
            app.out().notice("no other tool left anything that awsx knows");
            return Ok(());
        }
        if !self.carries_out() {
            if self.yes {
                let hint = "name the tools, or give --all";
                return Err(Failure::usage("what comes along is not said".to_owned(), hint));
            }
            show(app, &found)?;
            tell_what_next(app, &found);
            return Ok(());
        }
        if !(self.yes && app.globals.quiet) {
            show(app, &found)?;
        }
        found.retain(|finding| finding.fate.is_move());
        let found = self.choose(app, found)?;
        if found.is_empty() {
            app.out().notice("nothing of it comes along");
            return Ok(());
        }
        // Before anything is changed.
        if !self.yes && app.person().terminal().is_err() {
            return Err(Failure::say(
                "nobody can be asked whether that is right".to_owned(),
                Kind::InputNeeded.with(format!("`{} --yes` does not ask", self.command())),
            ));
        }
        self.write_lines(app, &found)?;
        write_settings(app, &found, self.yes, || format!("run `{} --yes`", self.command()))?;
        self.take_over_keys(app, &found)
    }

    #[cfg(unix)]
    fn carries_out(&self) -> bool {
        !self.tools.is_empty() || self.all || self.interactive
    }

    #[cfg(not(unix))]
    fn carries_out(&self) -> bool {
        !self.tools.is_empty() || self.all
    }

    /// The line again.
    fn command(&self) -> String {
        let names: Vec<String> =
            self.tools.iter().map(|tool| format!(" {}", tool.name())).collect();
        match names.is_empty() {
            true => "awsx migrate --all".to_owned(),
            false => format!("awsx migrate{}", names.concat()),
        }
    }

    /// Those that a person ticks.
    #[cfg(unix)]
    fn choose(&self, app: &App, mut found: Vec<Finding>) -> Result<Vec<Finding>, Failure> {
        if !self.interactive || found.is_empty() {
            return Ok(found);
        }
        let line = |finding: &Finding| {
            let becomes = finding.fate.becomes().unwrap_or_default();
            format!("{}  {}  {becomes}", finding.what, finding.tool.name())
        };
        let items: Vec<String> = found.iter().map(line).collect();
        let picked = app
            .person()
            .ask(|terminal| terminal.pick_several(&List::new("What comes along", &items)));
        let picked = picked.map_err(|error| {
            let hint = "name the tools, instead of -i".to_owned();
            Failure::new(&error, prompt_advice(&error, hint))
        })?;
        let mut at = 0;
        found.retain(|_| {
            at += 1;
            picked.contains(&(at - 1))
        });
        Ok(found)
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere a person may not answer")]
    fn choose(&self, _: &App, found: Vec<Finding>) -> Result<Vec<Finding>, Failure> {
        Ok(found)
    }

    /// Shows the new lines of the config file, and writes them.
    fn write_lines(&self, app: &App, found: &[Finding]) -> Result<(), Failure> {
        let moves: Vec<&Move> = found
            .iter()
            .filter_map(|finding| match &finding.fate {
                Fate::Lines(lines) => Some(&**lines),
                Fate::Setting { .. } | Fate::Keys(_) | Fate::Works(_) | Fate::Stays { .. } => None,
            })
            .collect();
        if moves.is_empty() {
            return Ok(());
        }
        let files = app.profiles()?;
        let (text, failures) = apply(files.config_text(), &moves);
        for (name, error) in &failures {
            app.out().warning(&format!("{name} stays as it is: {error}"));
        }
        let changes = FileChanges::plan_config(files, |_| Ok(text.clone()))?;
        if !(self.yes && app.globals.quiet) {
            changes.show(app)?;
        }
        let file = files.config_file().display().to_string();
        let instead = format!("run `{} --yes`", self.command());
        if !self.yes && !confirm_write(app, &file, true, instead)? {
            return Ok(());
        }
        changes.write(app)?;
        let file = abbreviate(&file, app.env.home()).into_owned();
        app.out().notice(&format!("{file} is written"));
        let sessions = moves.iter().filter_map(|one| one.session.as_ref());
        let names: BTreeSet<&str> = sessions.map(|session| &*session.name).collect();
        for name in names {
            app.out().notice(&format!("`awsx login sso {name}` logs in"));
        }
        Ok(())
    }

    /// As `awsx keys import` does it, which asks for itself.
    fn take_over_keys(&self, app: &App, found: &[Finding]) -> Result<(), Failure> {
        let (mut names, mut backends) = (Vec::new(), Vec::new());
        for finding in found {
            match &finding.fate {
                Fate::Keys(KeySource::LongTerm(name)) => names.push(name.clone()),
                Fate::Keys(KeySource::AwsVault(backend)) => backends.extend(Backend::of(backend)),
                Fate::Lines(_) | Fate::Setting { .. } | Fate::Works(_) | Fate::Stays { .. } => {}
            }
        }
        if !names.is_empty() {
            ImportKeys::of_names(names, self.yes).run(app)?;
        }
        backends
            .into_iter()
            .try_for_each(|backend| ImportKeys::of_aws_vault(backend, self.yes).run(app))
    }
}

fn show(app: &App, found: &[Finding]) -> Result<(), Failure> {
    let row = |finding: &'_ Finding| {
        let place = abbreviate(&finding.place, app.env.home()).into_owned();
        let becomes = finding.fate.becomes().unwrap_or("-").to_owned();
        Row {
            cells: [
                finding.tool.name().into(),
                place.into(),
                finding.what.clone().into(),
                becomes.into(),
            ],
            look: if finding.fate.is_move() { Look::Good } else { Look::Plain },
            problem: match &finding.fate {
                Fate::Stays { why, hint } => {
                    Some(abbreviate(&format!("{why}; {hint}"), app.env.home()).into_owned())
                }
                Fate::Lines(_) | Fate::Setting { .. } | Fate::Keys(_) | Fate::Works(_) => None,
            },
        }
    };
    let rows: Vec<Row<'_, 4>> = found.iter().map(row).collect();
    show_list(app, ["TOOL", "WHERE", "WHAT", "BECOMES"], &rows)
}

fn tell_what_next(app: &App, found: &[Finding]) {
    let moves: Vec<&Finding> = found.iter().filter(|finding| finding.fate.is_move()).collect();
    let mut tools: Vec<String> = moves.iter().map(|finding| finding.tool.name()).collect();
    tools.dedup();
    let next = match &tools[..] {
        [] => "nothing was changed, and nothing has to be".to_owned(),
        [tool] => format!("nothing was changed; `awsx migrate {tool}` does it"),
        _ => format!(
            "nothing was changed; `awsx migrate --all` does it, `awsx migrate {}` for one tool",
            tools[0]
        ),
    };
    app.out().notice(&next);
}

/// `awsx migrate --json`, version 1; fields are only ever added.
fn document(found: &[Finding]) -> Value {
    let finding = |finding: &Finding| {
        let (why, hint) = match &finding.fate {
            Fate::Stays { why, hint } => (Some(why), Some(hint)),
            Fate::Lines(_) | Fate::Setting { .. } | Fate::Keys(_) | Fate::Works(_) => (None, None),
        };
        json!({
            "tool": finding.tool.name(),
            "place": finding.place,
            "what": finding.what,
            "fate": finding.fate.name(),
            "becomes": finding.fate.becomes(),
            "why": why,
            "hint": hint,
        })
    };
    json!({ "version": 1, "findings": found.iter().map(finding).collect::<Vec<_>>() })
}
