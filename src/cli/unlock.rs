//! `awsx unlock`

use std::process::ExitCode;

use clap::Args;

use super::failure::Failure;
use crate::app::App;

/// Open the vault now, so that later commands need not ask
#[derive(Debug, Args)]
pub(super) struct Unlock {}

impl Unlock {
    pub(super) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        let done = app.vault()?.unlock()?;
        app.out().notice(&done.to_string());
        Ok(ExitCode::SUCCESS)
    }
}
