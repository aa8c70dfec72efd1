//! Logins: how a person logs in and out, and when a command offers it.

use std::path::PathBuf;

use super::{App, MayAsk};
use crate::aws::Aws;
use crate::aws_cli::{LoginCache, TokenCache};
use crate::client_settings::ClientSettings;
use crate::credentials::{Login, Secret, SessionKey, SsoLogin};
use crate::deliver;
use crate::host::{Clipboard, SystemBrowser};
use crate::login::{
    ConsoleLogin, LogIn, LogInError, LogInOptions, LoggedOut, LoginError, LoginHeader, Logins,
    NotTold,
};
use crate::ports::{AwsCliCache, CallError, Person};
use crate::report::Failure;
use crate::report::failure::{login_command, word};
use crate::resolve::{Plan, login_key};
use crate::session::mint::MintError;
use crate::text::unset;

/// Logs a person in at IAM Identity Center. `command`: what they run to try again.
pub(crate) fn log_in(
    app: &App,
    settings: &ClientSettings,
    login: &SsoLogin,
    options: LogInOptions,
    command: &str,
) -> Result<LoginHeader, Failure> {
    warn_of_clear_text(app, settings);
    let share = options.share || shares_token(app, login)?;
    let options = at_forwarded_port(app, options)?;
    with_browser(app, settings, |log_in| {
        let logged_in = log_in.identity_center(login, LogInOptions { share, ..options });
        logged_in.map_err(|error| Failure::log_in(&error, command, None))
    })
}

/// Logs a person in at the console; nothing is kept yet.
pub(crate) fn log_in_at_console(
    app: &App,
    settings: &ClientSettings,
    region: &str,
    options: LogInOptions,
    profile: &str,
) -> Result<ConsoleLogin, Failure> {
    warn_of_clear_text(app, settings);
    let options = at_forwarded_port(app, options)?;
    with_browser(app, settings, |log_in| {
        let login = log_in.console(region, options);
        login.map_err(|error| failure_at_console(&error, profile))
    })
}

/// Keeps who logged in at the console.
pub(crate) fn keep_console_login(
    app: &App,
    settings: &ClientSettings,
    login: ConsoleLogin,
    profile: &str,
) -> Result<LoginHeader, Failure> {
    with_browser(app, settings, |log_in| {
        let header = log_in.keep_console(login);
        header.map_err(|error| failure_at_console(&error, profile))
    })
}

fn warn_of_clear_text(app: &App, settings: &ClientSettings) {
    settings.warn_of_clear_text().iter().for_each(|warning| app.out().warning(warning));
}

fn failure_at_console(error: &LogInError, profile: &str) -> Failure {
    let command = format!("awsx login aws {}", word(profile));
    Failure::log_in(error, &command, Some(profile))
}

fn with_browser<T>(
    app: &App,
    settings: &ClientSettings,
    work: impl FnOnce(&LogIn<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let clients = app.clients(settings);
    work(&LogIn { logins: app.logins(&clients)?, browser: &browser(app) })
}

pub(super) fn browser(app: &App) -> SystemBrowser {
    let withheld = deliver::withhold_credentials(&app.env);
    let withheld: Vec<_> = withheld.iter().map(|(name, _)| name).collect();
    SystemBrowser::new(&app.env, withheld, app.person.terminal().is_ok())
}

/// The clipboard of whoever runs awsx; none where there is neither a desktop nor a terminal.
pub(super) fn clipboard(app: &App) -> Option<Clipboard> {
    let withheld = deliver::withhold_credentials(&app.env);
    Clipboard::find(&app.env, withheld.iter().map(|(name, _)| name))
}

/// Whether a command that needs this login asks for it.
pub(super) fn offers_login(app: &App, may_ask: MayAsk, login: &Login) -> Result<bool, Failure> {
    let session = match login {
        Login::IdentityCenter(login) => login.session.as_deref(),
        Login::Console(_) => None,
    };
    Ok(may_ask == MayAsk::Person
        && app.person.terminal().is_ok()
        && app.preferences()?.auto_login(session))
}

/// Logs in because a command needs it; false if the person does not want to. `region`: where to log in at
/// the console; `profile`: for the hint of a failure.
pub(super) fn log_in_if_agreed(
    app: &App,
    logins: Logins<'_>,
    login: &Login,
    region: &str,
    profile: Option<&str>,
) -> Result<bool, Failure> {
    let share = match login {
        Login::IdentityCenter(login) => shares_token(app, login)?,
        Login::Console(_) => false,
    };
    let options = at_forwarded_port(app, LogInOptions { share, ..LogInOptions::default() })?;
    let agreed = (LogIn { logins, browser: &browser(app) }).if_agreed(login, region, options);
    agreed.map_err(|error| Failure::log_in(&error, &login_command(login, profile), profile))
}

/// What `awsx ssh` says on the other machine: its port that is forwarded to where the person's browser is.
pub(crate) const CALLBACK_PORT: &str = "AWSX_CALLBACK_PORT";

/// The same, with that port where the person names none.
fn at_forwarded_port(app: &App, options: LogInOptions) -> Result<LogInOptions, Failure> {
    let Some(text) = app.env.get(CALLBACK_PORT) else { return Ok(options) };
    if options.elsewhere || options.port.is_some() {
        return Ok(options);
    }
    match text.parse().ok().filter(|port| *port > 0) {
        // A browser over there is nobody's.
        Some(port) => Ok(LogInOptions { port: Some(port), no_browser: true, ..options }),
        None => Err(Failure::usage(
            format!("{CALLBACK_PORT} is no port from 1 to 65535"),
            &format!("{} leaves it out", unset(CALLBACK_PORT)),
        )),
    }
}

fn shares_token(app: &App, login: &SsoLogin) -> Result<bool, Failure> {
    Ok(app.preferences()?.share_sso_token(login.session.as_deref()))
}

/// Does something with the portal and the login's token; logs in if a person agrees to.
pub(super) fn with_portal<T>(
    app: &App,
    settings: &ClientSettings,
    login: &SsoLogin,
    may_ask: MayAsk,
    work: impl Fn(&Aws, &Secret) -> Result<T, CallError>,
) -> Result<T, Failure> {
    warn_of_clear_text(app, settings);
    let clients = app.clients(settings);
    let logins = app.logins(&clients)?;
    with_login(
        || logins.with_token(login, |token| work(&clients.aws, token)).map_err(of_login),
        |place, profile| {
            Ok(offers_login(app, may_ask, place)?
                && log_in_if_agreed(app, logins, place, &login.region, profile)?)
        },
        Failure::from,
    )
}

/// The error of a login that no profile asked for.
pub(super) fn of_login(error: LoginError) -> MintError {
    match error {
        LoginError::Call(cause) => MintError::Call { profile: None, cause },
        LoginError::Vault(error) => error.into(),
    }
}

/// Does the work; if it needs a login and `log_in` logs somebody in, once more after that. `log_in` gets the
/// login that is missing, and the profile that needs it.
pub(super) fn with_login<T>(
    mut work: impl FnMut() -> Result<T, MintError>,
    log_in: impl FnOnce(&Login, Option<&str>) -> Result<bool, Failure>,
    failure_of: impl Fn(MintError) -> Failure,
) -> Result<T, Failure> {
    let mut done = work();
    if let Err(MintError::Call { cause: CallError::LoginNeeded { login, .. }, profile }) = &done
        && log_in(login, profile.as_deref())?
    {
        done = work();
    }
    done.map_err(failure_of)
}

/// The login that a plan starts from, as far as awsx has logged in. Opens nothing.
pub(crate) fn login_header(app: &App, plan: &Plan) -> Result<Option<LoginHeader>, Failure> {
    match plan.login_key() {
        Some(key) => Ok(app.vault()?.header(&key)?),
        None => Ok(None),
    }
}

/// Whether only a login for a profile of these settings helps: it reaches AWS its own way.
pub(super) fn has_own_login(app: &App, login: &Login, settings: &ClientSettings) -> bool {
    let reach = |of: &ClientSettings| {
        (login_key(login, of), of.ca_bundle.clone(), of.use_dualstack, of.use_fips)
    };
    matches!(login, Login::IdentityCenter(_))
        && app.own_settings().is_ok_and(|own| reach(&own) != reach(settings))
}

/// The client settings of a stored login: those without a profile, or else those of the first
/// profile that uses it. `None` where nothing configures its endpoints any longer.
pub(crate) fn settings_of_login(
    app: &App,
    login: &Login,
    key: SessionKey,
) -> Result<Option<ClientSettings>, Failure> {
    let is_of = |settings: &ClientSettings| login_key(login, settings) == key;
    let own = app.own_settings()?;
    if is_of(&own) {
        return Ok(Some(own));
    }
    let profiles = app.profiles()?;
    let settings = |name| {
        // Skip profiles that cannot be read.
        let profile = profiles.profile(name).ok()??;
        app.client_settings(Some(&profile), None).ok()
    };
    Ok(profiles.names().filter_map(settings).find(is_of))
}

/// Ends a login that a person is about to repeat, so that AWS's time begins anew. Whether the AWS CLI's
/// cache had it too.
pub(crate) fn log_out_first(
    app: &App,
    settings: &ClientSettings,
    login: &SsoLogin,
) -> Result<bool, Failure> {
    let login = Login::IdentityCenter(login.clone());
    let before = app.vault()?.header::<LoginHeader>(&login_key(&login, settings))?;
    match log_out(app, settings, &login)?.not_told {
        Some(error) => Err(error.into()),
        None => Ok(before.is_some_and(|header| header.shared)),
    }
}

/// Ends a login.
pub(crate) fn log_out(
    app: &App,
    settings: &ClientSettings,
    login: &Login,
) -> Result<LoggedOut, Failure> {
    let clients = app.clients(settings);
    Ok(app.logins(&clients)?.log_out(&clients.aws, login)?)
}

/// Forgets a login whose endpoints nothing names any longer, so that AWS cannot be told.
pub(crate) fn forget_login(
    app: &App,
    login: &Login,
    key: &SessionKey,
) -> Result<LoggedOut, Failure> {
    let clients = app.clients(&app.own_settings()?);
    let not_told = match login {
        Login::IdentityCenter(_) => Some(NotTold::Call(CallError::Settings {
            origin: format!("the endpoint of {login}"),
            cause: "no profile and no variable names it any longer".to_owned(),
        })),
        // AWS has no call for it.
        Login::Console(_) => None,
    };
    Ok(app.logins(&clients)?.forget(login, key, not_told)?)
}

/// Whether the AWS CLI has this login.
pub(crate) fn aws_cli_has(app: &App, login: &Login) -> bool {
    match login {
        Login::IdentityCenter(login) => aws_cli_token(app, login).is_some(),
        Login::Console(session) => LoginCache::new(&app.env).has(session),
    }
}

/// The AWS CLI's file, if it holds a good token of this login.
pub(crate) fn aws_cli_token(app: &App, login: &SsoLogin) -> Option<PathBuf> {
    let shared = TokenCache::new(&app.env, app.clock.clone());
    shared.read(login).ok()??;
    shared.path(login).ok()
}
