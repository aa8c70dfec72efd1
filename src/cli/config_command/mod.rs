//! `awsx config`

pub(super) mod answers;
mod sso;

use clap::Subcommand;

use crate::app::App;
use crate::report::Failure;

/// Change the AWS config file
#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    Sso(sso::ConfigSso),
}

impl ConfigCommand {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let Self::Sso(command) = self;
        command.run(app)
    }
}
