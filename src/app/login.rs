//! Logins: who is asked, with which clients, and whose settings count.

use std::path::PathBuf;

use super::{App, Presence};
use crate::aws::Aws;
use crate::aws_cli::{LoginCache, TokenCache};
use crate::client_settings::ClientSettings;
use crate::credentials::{Login, Secret, SessionKey, SsoLogin};
use crate::deliver;
use crate::host::SystemBrowser;
use crate::login::{
    ConsoleLogin, LogIn, LogInError, LogInOptions, LoggedOut, LoginError, LoginHeader, Logins,
};
use crate::ports::{AwsCliCache, CallError, Person, PromptError};
use crate::preferences::Preferences;
use crate::profile::Profile;
use crate::report::Failure;
use crate::report::failure::{login_command, word};
use crate::resolve::{Plan, login_key};

/// The clients of one command.
pub(crate) struct Clients {
    pub(super) aws: Aws,
    shared_tokens: TokenCache,
    shared_sign_ins: LoginCache,
    settings: ClientSettings,
}

impl App {
    pub(super) fn clients(&self, settings: &ClientSettings) -> Clients {
        Clients {
            aws: Aws::new(settings.clone(), &self.env, self.clock.clone()),
            shared_tokens: TokenCache::new(&self.env, self.clock.clone()),
            shared_sign_ins: LoginCache::new(&self.env),
            settings: settings.clone(),
        }
    }

    pub(super) fn logins<'a>(&'a self, clients: &'a Clients) -> Result<Logins<'a>, Failure> {
        Ok(Logins {
            vault: self.vault()?,
            oidc: &clients.aws,
            sign_in: &clients.aws,
            shared_tokens: &clients.shared_tokens,
            shared_sign_ins: &clients.shared_sign_ins,
            person: &*self.person,
            clock: &*self.clock,
            settings: &clients.settings,
        })
    }

    fn browser(&self) -> SystemBrowser {
        let withheld = deliver::without_credentials(&self.env);
        let withheld: Vec<_> = withheld.iter().map(|(name, _)| name).collect();
        SystemBrowser::new(&self.env, withheld, self.person.terminal().is_ok())
    }

    /// What holds for a login that no profile asks for.
    pub(crate) fn own_settings(&self) -> Result<ClientSettings, Failure> {
        self.settings_of(None, None)
    }

    /// How AWS is reached for a profile that may not exist yet. `answer`: the region that the person
    /// gave where nothing says one.
    pub(crate) fn settings_of(
        &self,
        profile: Option<&Profile>,
        answer: Option<&str>,
    ) -> Result<ClientSettings, Failure> {
        let region = self.globals.region.as_deref().or(answer);
        Ok(ClientSettings::derive(region, &self.env, profile, self.profiles()?)?)
    }

    /// The region that the person wants for the profile.
    pub(crate) fn region_of(&self, profile: &str, usual: &str) -> Result<String, PromptError> {
        let question = format!("AWS region of profile \"{profile}\"");
        self.person().ask(|terminal| terminal.text(&question, Some(usual)))
    }

    /// Whether the person says yes; no is what Enter says.
    pub(crate) fn confirmed(&self, question: &str) -> Result<bool, Failure> {
        Ok(self.person().ask(|terminal| terminal.confirm(question, false))?)
    }

    /// Whether the environment names a region, so that a profile needs none.
    pub(crate) fn env_has_region(&self) -> bool {
        ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().any(|name| self.env.get(name).is_some())
    }

    /// Whether a login that no profile asks for would be another, at other endpoints.
    pub(super) fn reaches_otherwise(&self, login: &Login, settings: &ClientSettings) -> bool {
        let key = |settings: &ClientSettings| login_key(login, settings);
        self.own_settings().is_ok_and(|own| key(&own) != key(settings))
    }

    /// Logs a person in at IAM Identity Center.
    pub(crate) fn log_in(
        &self,
        settings: &ClientSettings,
        login: &SsoLogin,
        options: LogInOptions,
    ) -> Result<LoginHeader, Failure> {
        let share = options.share || self.shares_token(login)?;
        self.with_browser(settings, |log_in| {
            log_in.identity_center(login, LogInOptions { share, ..options }).map_err(|error| {
                let login = Login::IdentityCenter(login.clone());
                Failure::log_in(&error, &login_command(&login, None), None)
            })
        })
    }

    /// Logs a person in at the console; nothing is kept yet.
    pub(crate) fn log_in_at_console(
        &self,
        settings: &ClientSettings,
        region: &str,
        options: LogInOptions,
        profile: &str,
    ) -> Result<ConsoleLogin, Failure> {
        self.with_browser(settings, |log_in| {
            let login = log_in.console(region, options);
            login.map_err(|error| failure_at_console(&error, profile))
        })
    }

    /// Keeps who logged in at the console.
    pub(crate) fn keep_console_login(
        &self,
        settings: &ClientSettings,
        login: ConsoleLogin,
        profile: &str,
    ) -> Result<LoginHeader, Failure> {
        self.with_browser(settings, |log_in| {
            let header = log_in.keep_console(login);
            header.map_err(|error| failure_at_console(&error, profile))
        })
    }

    fn with_browser<T>(
        &self,
        settings: &ClientSettings,
        work: impl FnOnce(&LogIn<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let clients = self.clients(settings);
        let browser = self.browser();
        work(&LogIn { logins: self.logins(&clients)?, browser: &browser })
    }

    /// Whether a command that needs this login asks for it.
    pub(super) fn offers_login(&self, login: &Login) -> Result<bool, Failure> {
        let session = match login {
            Login::IdentityCenter(login) => login.session.as_deref(),
            Login::Console(_) => None,
        };
        Ok(self.person.terminal().is_ok() && self.preferences()?.auto_login(session))
    }

    /// Logs in because a command needs it, if the person agrees. `region`: where to log in at the
    /// console; `profile`: for the hint of a failure.
    pub(super) fn log_in_if_agreed(
        &self,
        logins: Logins<'_>,
        login: &Login,
        region: &str,
        profile: Option<&str>,
    ) -> Result<(), Failure> {
        let share = match login {
            Login::IdentityCenter(login) => self.shares_token(login)?,
            Login::Console(_) => false,
        };
        let browser = self.browser();
        let log_in = LogIn { logins, browser: &browser };
        let options = LogInOptions { share, ..LogInOptions::default() };
        log_in
            .if_agreed(login, region, options)
            .map_err(|error| Failure::log_in(&error, &login_command(login, profile), profile))
    }

    fn shares_token(&self, login: &SsoLogin) -> Result<bool, Failure> {
        Ok(self.preferences()?.share_sso_token(login.session.as_deref()))
    }

    /// awsx's own settings. Not needed, and not read, on the way to a cached session.
    pub(crate) fn preferences(&self) -> Result<Preferences, Failure> {
        Ok(Preferences::load(&self.env)?)
    }

    /// The login that a plan starts from, as far as awsx has logged in. Opens nothing.
    pub(crate) fn login_of(&self, plan: &Plan) -> Result<Option<LoginHeader>, Failure> {
        match plan.login_key() {
            Some(key) => Ok(self.vault()?.header(&key)?),
            None => Ok(None),
        }
    }

    /// The client settings of a stored login: those without a profile, or else those of the first
    /// profile that uses it. `None` where nothing configures its endpoints any longer.
    pub(crate) fn settings_of_kept(
        &self,
        key: SessionKey,
        login: &Login,
    ) -> Result<Option<ClientSettings>, Failure> {
        let is_of = |settings: &ClientSettings| login_key(login, settings) == key;
        let own = self.own_settings()?;
        if is_of(&own) {
            return Ok(Some(own));
        }
        let profiles = self.profiles()?;
        let settings = |name| {
            // Skip profiles that cannot be read.
            let profile = profiles.profile(name).ok()??;
            self.settings_of(Some(&profile), None).ok()
        };
        Ok(profiles.names().filter_map(settings).find(is_of))
    }

    /// Ends a login.
    pub(crate) fn log_out(
        &self,
        settings: &ClientSettings,
        login: &Login,
    ) -> Result<LoggedOut, Failure> {
        let clients = self.clients(settings);
        Ok(self.logins(&clients)?.log_out(&clients.aws, login)?)
    }

    /// Forgets a login whose endpoints nothing names any longer, so that AWS cannot be told.
    pub(crate) fn forget_login(
        &self,
        login: &Login,
        key: &SessionKey,
    ) -> Result<LoggedOut, Failure> {
        let clients = self.clients(&self.own_settings()?);
        let not_told = match login {
            Login::IdentityCenter(_) => Some(CallError::Settings {
                origin: format!("the endpoint of {login}"),
                cause: "no profile and no variable names it any longer".to_owned(),
            }),
            // AWS has no call for it.
            Login::Console(_) => None,
        };
        Ok(self.logins(&clients)?.forget(login, key, not_told)?)
    }

    /// The AWS CLI's file, if it holds a good token of this login.
    pub(crate) fn aws_cli_token(&self, login: &SsoLogin) -> Option<PathBuf> {
        let shared = TokenCache::new(&self.env, self.clock.clone());
        shared.read(login).ok()??;
        shared.path(login).ok()
    }

    /// Does something with the portal and the login's token; logs in if a person agrees to.
    pub(crate) fn with_portal<T>(
        &self,
        settings: &ClientSettings,
        login: &SsoLogin,
        presence: Presence,
        work: impl Fn(&Aws, &Secret) -> Result<T, CallError>,
    ) -> Result<T, Failure> {
        let clients = self.clients(settings);
        let logins = self.logins(&clients)?;
        let call = |token: &Secret| work(&clients.aws, token);
        let place = Login::IdentityCenter(login.clone());
        match logins.with_token(login, call) {
            Err(LoginError::Call(CallError::LoginNeeded { .. }))
                if presence == Presence::MayLogIn && self.offers_login(&place)? =>
            {
                self.log_in_if_agreed(logins, &place, "", None)?;
                Ok(logins.with_token(login, call)?)
            }
            answer => Ok(answer?),
        }
    }
}

fn failure_at_console(error: &LogInError, profile: &str) -> Failure {
    let command = format!("awsx login aws {}", word(profile));
    Failure::log_in(error, &command, Some(profile))
}
