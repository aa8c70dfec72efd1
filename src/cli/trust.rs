//! `awsx trust`

use clap::Args;

use super::columns::{Row, show_list};
use super::page::page;
use crate::app::App;
use crate::app::directory::{Directory, all_trusted, find_directory};
use crate::preferences::DIRECTORY_FILE;
use crate::report::failure::{Kind, prompt_advice};
use crate::report::{Failure, Look};
use crate::text::abbreviate;

/// Let the .awsx.toml of this directory choose the profile
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
It says profile, region, scope and expected_account for the directory and those
below, where neither the command line nor the environment says whose credentials
to take. It counts once you have seen what it says, and until it changes.
";
    "echo 'profile = \"dev\"' > .awsx.toml"
    "awsx trust"
    "awsx exec -- aws s3 ls"
))]
pub(super) struct Trust {
    /// Let it count no longer
    #[arg(long)]
    remove: bool,
    /// Show which files are trusted
    #[arg(long, conflicts_with = "remove")]
    list: bool,
}

impl Trust {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        if self.list {
            return list(app);
        }
        let Some(found) = find_directory(app)? else {
            let directory = app.env.working_directory().display();
            return Err(Failure::say(
                format!("there is no {DIRECTORY_FILE} in {directory}, nor above it"),
                Kind::Config
                    .with(format!("`echo 'profile = \"NAME\"' > {DIRECTORY_FILE}` makes one")),
            ));
        };
        let file = found.file.display().to_string();
        if self.remove {
            let said = match found.forget(app)? {
                true => format!("{file} is not used any more"),
                false => format!("{file} was not trusted"),
            };
            app.out().notice(&said);
            return Ok(());
        }
        if found.is_trusted(app)? {
            app.out().notice(&format!("{file} is trusted already"));
            return Ok(());
        }
        self.ask(app, &found, &file)
    }

    fn ask(&self, app: &App, found: &Directory, file: &str) -> Result<(), Failure> {
        let said = found.settings()?;
        let lines: Vec<String> = said.lines().iter().map(|line| format!("    {line}\n")).collect();
        if lines.is_empty() {
            return Err(Failure::say(
                format!("{file} says nothing"),
                Kind::Config.with("write `profile = \"NAME\"` into it"),
            ));
        }
        let file = abbreviate(file, app.env.home());
        let question = format!("{file} says\n{}Let it choose, here and below?", lines.concat());
        let answer = app.person().ask(|terminal| terminal.confirm(&question, false));
        match answer {
            Ok(true) => {
                found.trust(app)?;
                app.out().notice(&format!("{file} is trusted until it changes"));
                Ok(())
            }
            Ok(false) => {
                Err(Failure::say(format!("{file} is not used"), Kind::Cancelled.without_hint()))
            }
            Err(error) => {
                let hint = "run it in a terminal: who trusts it has to see what it says".to_owned();
                Err(Failure::new(&error, prompt_advice(&error, hint)))
            }
        }
    }
}

fn list(app: &App) -> Result<(), Failure> {
    let row = |file: String, since: String| Row {
        cells: [file.into(), since.into()],
        look: Look::Plain,
        problem: None,
    };
    let rows: Vec<_> = all_trusted(app)?
        .into_iter()
        .map(|trusted| {
            let file = trusted.file.display().to_string();
            row(abbreviate(&file, app.env.home()).into_owned(), app.on(trusted.since))
        })
        .collect();
    if rows.is_empty() {
        app.out().notice("no file is trusted");
        return Ok(());
    }
    show_list(app, ["FILE", "SINCE"], &rows)
}
