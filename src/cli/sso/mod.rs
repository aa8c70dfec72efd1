//! `awsx sso`

pub(super) mod accounts;
pub(super) mod roles;
pub(super) mod sync;
mod table;

use clap::Subcommand;

use crate::app::App;
use crate::report::Failure;

/// The accounts and roles of IAM Identity Center, and profiles for them
#[derive(Debug, Subcommand)]
pub(super) enum Sso {
    Accounts(accounts::Accounts),
    Roles(roles::Roles),
    Sync(sync::Sync),
}

impl Sso {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        match self {
            Self::Accounts(command) => command.run(app),
            Self::Roles(command) => command.run(app),
            Self::Sync(command) => command.run(app),
        }
    }
}
