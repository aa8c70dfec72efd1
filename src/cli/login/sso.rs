//! `awsx login sso`

use clap::Args;

use super::browser_flags::BrowserFlags;
use crate::app::App;
use crate::app::login::{log_in, log_out_first};
use crate::cli::answers::{parse_region, parse_start_url};
use crate::cli::login_state::login_clock;
use crate::cli::new_session::{Given, again, ask_for_session, write_session};
use crate::cli::page::page;
use crate::cli::sso::sync::Sync;
use crate::cli::sso_target::{SsoTarget, has_sessions};
use crate::client_settings::ClientSettings;
use crate::credentials::{Login, SsoLogin};
use crate::generate::GeneratedSession;
use crate::login::LoginHeader;
use crate::profile::{Profiles, Setting};
use crate::report::Failure;
use crate::resolve::{login_key, registration_scopes};

/// Log in at IAM Identity Center
#[derive(Debug, Default, Args)]
#[command(help_template = page!(
    "
Opens the browser, waits until you have allowed awsx there, and keeps the login
in the vault: every profile of the session then works. Where no browser can come
back, it shows a code.
";
    "awsx login sso corp"
    "awsx login sso --device-code               confirm in any browser"
    "awsx login sso --no-browser --port 7777    with ssh -L 7777:127.0.0.1:7777"
))]
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
    #[arg(long, alias = "use-device-code", conflicts_with = "port")]
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

/// The command that a person runs to be asked.
const COMMAND: &str = "awsx login sso";

/// Where the person logs in.
struct Target {
    login: SsoLogin,
    settings: ClientSettings,
    /// The session, where it is to be written
    new: Option<GeneratedSession>,
}

impl LoginSso {
    /// `awsx login sso SESSION`
    pub(super) fn new(target: SsoTarget, browser: BrowserFlags, share: bool) -> Self {
        Self { target, browser, share, ..Self::default() }
    }

    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let Target { login, settings, new } = self.target(app)?;
        if new.is_some() {
            let tell = |message: &str| app.out().notice(message);
            app.writer(&tell).check(app.profiles()?.config_file())?;
        }
        let key = login_key(&Login::IdentityCenter(login.clone()), &settings);
        let is_first = app.vault()?.header::<LoginHeader>(&key)?.is_none();
        // Where nobody is there to log in again, nothing is ended.
        let ends_first = self.fresh && app.person().terminal().is_ok();
        let was_shared = ends_first && log_out_first(app, &settings, &login)?;
        let options = self.browser.options(self.device_code, self.share || was_shared);
        let header =
            log_in(app, &settings, &login, options, &again(COMMAND, &login, new.as_ref()))?;
        app.out().notice(&format!("logged in to {login}; it {}", login_clock(app, &header)));
        match new {
            Some(new) if !write_session(app, &new, false)? => Ok(()),
            // Who did not want it the first time is not asked each day.
            None if !is_first => Ok(()),
            _ => Sync::offer(app, &login, &settings),
        }
    }

    /// A session that there is, or a new one: a login that no profile can use is worth nothing.
    fn target(&self, app: &App) -> Result<Target, Failure> {
        let start_url = self.start_url.as_deref();
        let is_new = match start_url {
            Some(url) => !is_known(app.profiles()?, url),
            None => self.target.is_empty() && !has_sessions(app.profiles()?),
        };
        if is_new && app.person().terminal().is_ok() {
            let region = self.sso_region.as_deref();
            let given = Given { start_url, region, is_named_by_portal: true, ..Given::default() };
            let (login, new) = ask_for_session(app, given, COMMAND)?;
            return Ok(Target { login, settings: app.own_settings()?, new: Some(new) });
        }
        let (login, settings) = match (start_url, &self.sso_region) {
            (Some(start_url), Some(region)) => {
                let (start_url, region) = (start_url.to_owned(), region.clone());
                let scopes = registration_scopes("");
                (SsoLogin { session: None, start_url, region, scopes }, app.own_settings()?)
            }
            _ => self.target.login(app, COMMAND)?,
        };
        Ok(Target { login, settings, new: None })
    }
}

/// Whether a session or a profile logs in there.
fn is_known(files: &Profiles, start_url: &str) -> bool {
    let says = |setting: Option<&Setting>| {
        let bare = |url: &str| url.trim().trim_end_matches(['#', '/']).to_owned();
        setting.is_some_and(|setting| bare(&setting.value) == bare(start_url))
    };
    let key = "sso_start_url";
    files.sso_session_names().any(|name| files.sso_session(name).is_some_and(|s| says(s.get(key))))
        || files.names().any(|name| files.as_written(name).is_some_and(|p| says(p.get(key))))
}
