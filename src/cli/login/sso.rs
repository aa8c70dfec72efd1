//! `awsx login sso`

use clap::Args;

use super::browser_flags::BrowserFlags;
use crate::app::App;
use crate::app::login::{log_in, log_out_first};
use crate::cli::answers::{parse_region, parse_start_url};
use crate::cli::login_state::login_clock;
use crate::cli::sso::sync::Sync;
use crate::cli::sso_target::SsoTarget;
use crate::credentials::SsoLogin;
use crate::report::Failure;
use crate::resolve::registration_scopes;

/// Log in at IAM Identity Center
///
/// Opens the browser, waits until you have allowed awsx there, and keeps the login in the vault:
/// every profile of this session then works without asking. Where no browser of this machine can
/// come back to awsx, it shows a code to confirm in any other.
#[derive(Debug, Args)]
pub(in crate::cli) struct LoginSso {
    #[command(flatten)]
    target: SsoTarget,
    /// The start URL, where no [sso-session] has it
    #[arg(
        long,
        value_name = "URL",
        requires = "sso_region",
        conflicts_with_all = ["session", "profile"],
        value_parser = parse_start_url
    )]
    start_url: Option<String>,
    /// The region of IAM Identity Center, with --start-url
    #[arg(long, value_name = "REGION", requires = "start_url", value_parser = parse_region)]
    sso_region: Option<String>,
    /// Show a code to confirm in any browser, also one of another machine
    #[arg(long, conflicts_with = "port")]
    device_code: bool,
    #[command(flatten)]
    browser: BrowserFlags,
    /// Sign out at the access portal first, so that AWS's time for the login begins anew
    #[arg(long)]
    fresh: bool,
    /// Write the token into the AWS CLI's cache too: aws, boto3 and terraform then use this login
    #[arg(long)]
    share: bool,
}

impl LoginSso {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let (login, settings) = match (self.start_url, self.sso_region) {
            (Some(start_url), Some(region)) => {
                let scopes = registration_scopes("");
                (SsoLogin { session: None, start_url, region, scopes }, app.own_settings()?)
            }
            _ => self.target.login(app, "awsx login sso")?,
        };
        // Where nobody is there to log in again, nothing is ended.
        let ends_first = self.fresh && app.person().terminal().is_ok();
        let was_shared = ends_first && log_out_first(app, &settings, &login)?;
        let options = self.browser.options(self.device_code, self.share || was_shared);
        let header = log_in(app, &settings, &login, options)?;
        app.out().notice(&format!("logged in to {login}; it {}", login_clock(app, &header)));
        Sync::offer(app, &login, &settings)
    }
}
