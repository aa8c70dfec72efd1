//! `awsx login`

pub(super) mod aws;
pub(super) mod sso;
pub(super) mod status;

use clap::{Args, Subcommand};

use crate::app::App;
use crate::login::LogInOptions;
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

/// How a person is sent to the browser.
#[derive(Debug, Args)]
struct BrowserFlags {
    /// Show the address instead of opening it
    #[arg(long)]
    no_browser: bool,
    /// The local port that the browser comes back to, so that it can be forwarded
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
}

impl BrowserFlags {
    fn options(&self, elsewhere: bool, share: bool) -> LogInOptions {
        let (no_browser, port) = (self.no_browser, self.port);
        LogInOptions { elsewhere, no_browser, port, share, must_keep: true }
    }
}
