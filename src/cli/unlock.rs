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
    no_region "
A forgotten passphrase: `awsx vault reset` starts anew.
";
    "awsx unlock"
))]
pub(super) struct Unlock {}

impl Unlock {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
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
