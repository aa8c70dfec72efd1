//! `awsx login`

pub(super) mod aws;
pub(super) mod browser_flags;
pub(super) mod sso;
pub(super) mod status;

use clap::Subcommand;

use crate::app::App;
use crate::report::Failure;

/// Log in, and see until when a login holds
#[derive(Debug, Subcommand)]
pub(super) enum LoginCommand {
    Sso(sso::LoginSso),
    Aws(aws::LoginAws),
    Status(status::LoginStatus),
}

impl LoginCommand {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        match self {
            Self::Sso(command) => command.run(app),
            Self::Aws(command) => command.run(app),
            Self::Status(command) => command.run(app),
        }
    }
}
