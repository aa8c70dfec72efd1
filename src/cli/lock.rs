//! `awsx lock`

use std::process::ExitCode;

use clap::Args;

use super::failure::Failure;
use crate::app::App;

/// Forget the key of the vault, where awsx keeps it at hand
#[derive(Debug, Args)]
pub(super) struct Lock {}

impl Lock {
    pub(super) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        let done = app.vault()?.lock()?;
        app.out().notice(&done.to_string());
        Ok(ExitCode::SUCCESS)
    }
}
