//! `awsx config`

pub(super) mod answers;
mod sso;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::app::App;
use crate::report::Failure;

/// Change the AWS config file
#[derive(Debug, Args)]
pub(super) struct ConfigCommand {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Sso(sso::ConfigSso),
}

impl ConfigCommand {
    pub(super) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        match self.what {
            What::Sso(command) => command.run(app),
        }
    }
}
