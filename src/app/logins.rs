//! Logins at IAM Identity Center: who is asked, with which clients, and whose settings count.

use std::path::PathBuf;

use super::{App, Presence};
use crate::aws::{Aws, LoginCache, TokenCache};
use crate::client_settings::ClientSettings;
use crate::credentials::{Secret, SessionKey, SsoLogin};
use crate::deliver;
use crate::host::SystemBrowser;
use crate::ports::{CallError, Person, SharedTokens};
use crate::preferences::Preferences;
use crate::report::Failure;
use crate::resolve::{Plan, sso_login_key};
use crate::session::logout::LoggedOut;
use crate::session::renewal::RenewalError;
use crate::session::sso_login::{LoginWay, SsoLogins};
use crate::session::sso_token::SsoTokens;
use crate::vault::LoginHeader;

/// The clients of one command.
pub(crate) struct Edge {
    pub(super) aws: Aws,
    shared: TokenCache,
    pub(super) shared_sign_ins: LoginCache,
    pub(super) settings: ClientSettings,
}

impl App {
    pub(super) fn edge(&self, settings: &ClientSettings) -> Edge {
        Edge {
            aws: Aws::new(settings.clone(), &self.env, self.clock.clone()),
            shared: TokenCache::new(&self.env, self.clock.clone()),
            shared_sign_ins: LoginCache::new(&self.env),
            settings: settings.clone(),
        }
    }

    pub(super) fn browser(&self) -> SystemBrowser {
        let withheld = deliver::without_credentials(&self.env);
        let withheld: Vec<_> = withheld.iter().map(|(name, _)| name).collect();
        SystemBrowser::new(&self.env, withheld, self.person.terminal().is_ok())
    }

    /// What holds for a login that no profile asks for.
    pub(crate) fn own_settings(&self) -> Result<ClientSettings, Failure> {
        let region = self.globals.region.as_deref();
        Ok(ClientSettings::derive(region, &self.env, None, self.profiles()?)?)
    }

    /// Whether a login that no profile asks for would be another, at other endpoints.
    pub(super) fn reaches_otherwise(&self, login: &SsoLogin, settings: &ClientSettings) -> bool {
        let key = |settings: &ClientSettings| sso_login_key(login, settings);
        self.own_settings().is_ok_and(|own| key(&own) != key(settings))
    }

    pub(super) fn sso_tokens<'a>(&'a self, edge: &'a Edge) -> Result<SsoTokens<'a>, Failure> {
        Ok(SsoTokens {
            vault: self.vault()?,
            oidc: &edge.aws,
            shared: &edge.shared,
            person: &*self.person,
            clock: &*self.clock,
            settings: &edge.settings,
        })
    }

    /// Logs a person in.
    pub(crate) fn log_in(
        &self,
        settings: &ClientSettings,
        login: &SsoLogin,
        way: LoginWay,
    ) -> Result<LoginHeader, Failure> {
        let edge = self.edge(settings);
        let browser = self.browser();
        let logins = SsoLogins { tokens: self.sso_tokens(&edge)?, browser: &browser };
        let share = way.share || self.shares_token(login)?;
        Ok(logins.log_in(login, LoginWay { share, ..way })?)
    }

    pub(super) fn log_in_if_agreed(&self, edge: &Edge, login: &SsoLogin) -> Result<(), Failure> {
        let browser = self.browser();
        let logins = SsoLogins { tokens: self.sso_tokens(edge)?, browser: &browser };
        Ok(logins.log_in_if_agreed(login, self.shares_token(login)?)?)
    }

    /// Whether a command that needs this login asks for it.
    pub(super) fn offers_login(&self, login: &SsoLogin) -> Result<bool, Failure> {
        let session = login.session.as_deref();
        Ok(self.person.terminal().is_ok() && self.preferences()?.auto_login(session))
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
            Some(key) => Ok(self.vault()?.login_header(&key)?),
            None => Ok(None),
        }
    }

    /// The state of that login in words; none where the plan needs no login.
    pub(crate) fn login_state(&self, plan: &Plan) -> Result<Option<String>, Failure> {
        let header = self.login_of(plan)?;
        let clock = header.map(|header| self.login_clock(&header));
        let state = match (clock, plan.login_session(), plan.sso_login()) {
            (Some(clock), Some(_), _) => format!("the sign-in {clock}"),
            (None, Some(_), _) => "nobody has signed in with awsx".to_owned(),
            (Some(clock), None, Some(login)) => format!("{login} {clock}"),
            (None, None, Some(login)) => match self.aws_cli_token(login) {
                Some(file) => format!("the AWS CLI's, in {}", file.display()),
                None => format!("nobody is logged in to {login}"),
            },
            (_, None, None) => return Ok(None),
        };
        Ok(Some(state))
    }

    /// How AWS is reached for a login that is kept: as without a profile, else as the first profile
    /// that it is of. None where nothing configures its endpoints any longer.
    pub(crate) fn settings_of_kept(
        &self,
        is_of: impl Fn(&ClientSettings) -> bool,
    ) -> Result<Option<ClientSettings>, Failure> {
        let own = self.own_settings()?;
        if is_of(&own) {
            return Ok(Some(own));
        }
        let (profiles, region) = (self.profiles()?, self.globals.region.as_deref());
        let settings = |name| {
            // A profile with mistakes is none that anybody logged in for.
            let profile = profiles.profile(name).ok()??;
            ClientSettings::derive(region, &self.env, Some(&profile), profiles).ok()
        };
        Ok(profiles.names().filter_map(settings).find(is_of))
    }

    /// Forgets a login that AWS cannot be told of.
    pub(crate) fn forget_login(
        &self,
        login: &SsoLogin,
        key: &SessionKey,
    ) -> Result<LoggedOut, Failure> {
        let edge = self.edge(&self.own_settings()?);
        let not_told = CallError::Settings {
            origin: format!("the endpoint of {login}"),
            cause: "no profile and no variable names it any longer".to_owned(),
        };
        Ok(self.sso_tokens(&edge)?.forget(login, key, Some(not_told))?)
    }

    /// Forgets a sign-in to AWS.
    pub(crate) fn forget_sign_in(
        &self,
        session: &str,
        key: &SessionKey,
    ) -> Result<LoggedOut, Failure> {
        let edge = self.edge(&self.own_settings()?);
        Ok(self.sign_ins(&edge)?.forget(session, key)?)
    }

    /// Ends a login.
    pub(crate) fn log_out(
        &self,
        settings: &ClientSettings,
        login: &SsoLogin,
    ) -> Result<LoggedOut, Failure> {
        let edge = self.edge(settings);
        Ok(self.sso_tokens(&edge)?.log_out(&edge.aws, login)?)
    }

    /// Ends a sign-in to AWS.
    pub(crate) fn sign_out(
        &self,
        settings: &ClientSettings,
        session: &str,
    ) -> Result<LoggedOut, Failure> {
        let edge = self.edge(settings);
        Ok(self.sign_ins(&edge)?.log_out(session)?)
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
        let edge = self.edge(settings);
        let tokens = self.sso_tokens(&edge)?;
        let call = |token: &Secret| work(&edge.aws, token);
        match tokens.with(login, call) {
            Err(RenewalError::Call(CallError::LoginNeeded { .. }))
                if presence == Presence::MayLogIn && self.offers_login(login)? =>
            {
                self.log_in_if_agreed(&edge, login)?;
                Ok(tokens.with(login, call)?)
            }
            answer => Ok(answer?),
        }
    }
}
