//! `awsx vault reset`

use clap::Args;

use super::contents::names;
use crate::app::App;
use crate::cli::page::page;
use crate::report::Failure;

/// Start anew, without all that the vault holds
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
For a forgotten passphrase. Says what is lost, and asks for a word before.
";
    "awsx vault reset"
))]
pub(in crate::cli) struct ResetVault {
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// What a person types who means it.
const WORD: &str = "reset";

impl ResetVault {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let vault = app.vault()?;
        let lost = names(app, &vault.status()?)?;
        if !self.yes && !confirm(app, &lost)? {
            app.out().notice("nothing is removed");
            return Ok(());
        }
        vault.reset()?;
        let what = if lost.is_empty() { "nothing was kept".to_owned() } else { lost.join("; ") };
        app.out().notice(&format!("the vault is empty ({what}); the next command makes a new one"));
        Ok(())
    }
}

fn confirm(app: &App, lost: &[String]) -> Result<bool, Failure> {
    let answer = app.person().ask(|terminal| {
        let out = app.out();
        match lost {
            [] => out.instruction("the vault holds nothing"),
            _ => out.instruction("this is lost:"),
        }
        lost.iter().for_each(|line| out.instruction(&format!("  {line}")));
        out.instruction(
            "your AWS files stay, and so does all that is at AWS: keys and MFA devices are good there, but \
             their secrets are shown to nobody again",
        );
        terminal.type_word(WORD, None, "remove it")
    });
    answer.map_err(|error| {
        Failure::no_answer(&error, "`awsx vault reset --yes` does not ask".to_owned())
    })
}
