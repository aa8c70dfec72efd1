//! `awsx login`

pub(super) mod aws;
pub(super) mod sso;
mod status;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::app::App;
use crate::report::Failure;

/// Log in, and see until when a login holds
#[derive(Debug, Args)]
pub(super) struct LoginCommand {
    #[command(subcommand)]
    at: At,
}

#[derive(Debug, Subcommand)]
enum At {
    Sso(sso::LoginSso),
    Aws(aws::LoginAws),
    Status(status::LoginStatus),
}

impl LoginCommand {
    pub(super) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        match self.at {
            At::Sso(command) => command.run(app),
            At::Aws(command) => command.run(app),
            At::Status(command) => command.run(app),
        }
    }

    /// Whether a failure is told as JSON.
    pub(super) fn wants_json(&self) -> bool {
        match &self.at {
            At::Status(command) => command.json,
            At::Sso(_) | At::Aws(_) => false,
        }
    }
}
