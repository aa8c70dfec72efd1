//! `awsx sso`

mod accounts;
mod roles;
pub(super) mod sync;
mod table;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::app::App;
use crate::report::Failure;

/// The accounts and roles of IAM Identity Center, and profiles for them
#[derive(Debug, Args)]
pub(super) struct Sso {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Accounts(accounts::Accounts),
    Roles(roles::Roles),
    Sync(sync::Sync),
}

impl Sso {
    pub(super) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        match self.what {
            What::Accounts(command) => command.run(app),
            What::Roles(command) => command.run(app),
            What::Sync(command) => command.run(app),
        }
    }

    /// Whether a failure is told as JSON.
    pub(super) fn wants_json(&self) -> bool {
        match &self.what {
            What::Accounts(command) => command.json,
            What::Roles(command) => command.json,
            What::Sync(_) => false,
        }
    }
}
