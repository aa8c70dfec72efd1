//! `awsx lock`

use clap::Args;

use super::page::page;
use crate::app::App;
use crate::report::Failure;

/// Forget the key of the vault, where awsx keeps it at hand
#[derive(Debug, Args)]
#[command(help_template = page!(no_region ""; "awsx lock"))]
pub(super) struct Lock {}

impl Lock {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let locked = app.vault()?.lock()?;
        app.out().notice(match (locked.passphrase_key, locked.kernel_key) {
            (_, true) => "locked; the sessions that the kernel kept open are lost",
            (true, false) => "locked; the passphrase opens the vault again",
            (false, false) => "nothing to lock: awsx keeps no key at hand",
        });
        Ok(())
    }
}
