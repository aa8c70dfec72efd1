//! `awsx unlock`

use std::time::Duration;

use clap::Args;

use super::page::page;
use crate::app::App;
use crate::profile::display_duration;
use crate::report::Failure;

/// Open the vault now, so that later commands need not ask
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "";
    "awsx unlock"
    "awsx unlock --reset     for a forgotten passphrase: start anew"
))]
pub(super) struct Unlock {
    /// Start anew, without the sessions and logins that are kept
    #[arg(long)]
    reset: bool,
    /// Reset without asking
    #[arg(long, requires = "reset")]
    yes: bool,
}

impl Unlock {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        if self.reset {
            if !self.yes && !confirm_reset(app)? {
                app.out().notice("nothing is removed");
                return Ok(());
            }
            app.vault()?.reset()?;
        }
        let unlocked = app.vault()?.unlock()?;
        let until = match unlocked.open_for {
            None => String::new(),
            Some(Duration::ZERO) => {
                "; nothing can keep it open, so each command opens it".to_owned()
            }
            Some(open) => format!(" for {}", display_duration(open)),
        };
        app.out().notice(&format!("the vault is open ({}){until}", unlocked.unlocker));
        Ok(())
    }
}

fn confirm_reset(app: &App) -> Result<bool, Failure> {
    let question = "All kept sessions and logins will be lost; your AWS files stay. Start anew?";
    let answer = app.person().ask(|terminal| terminal.confirm(question, false));
    answer.map_err(|error| {
        Failure::no_answer(&error, "`awsx unlock --reset --yes` does not ask".to_owned())
    })
}
