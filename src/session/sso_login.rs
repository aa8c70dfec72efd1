//! A person logs in at IAM Identity Center: in a browser that comes back to awsx, or in any browser
//! with a code to compare. What the login gives is [`super::sso_token`]'s to keep and to renew.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::in_browser::{Allowed, Denied, InBrowser, LOGIN_LIMIT};
use super::lock;
use super::renewal::RenewalError;
use super::sso_token::{Kept, SsoTokens};
use crate::credentials::{
    DeviceAuthorization, Grant, Registration, SsoLogin, SsoToken, TokenProof,
};
use crate::ports::{Browser, BrowserError, CallError, PromptError, Unanswered};
use crate::vault::{LoginHeader, UnlockerKind, VaultError};

/// What `SlowDownException` adds to the interval, seconds; RFC 8628, section 3.5.
const SLOW_DOWN: u64 = 5;

/// Logs persons in.
pub struct SsoLogins<'a> {
    /// What is kept of it
    pub tokens: SsoTokens<'a>,
    /// Where it happens
    pub browser: &'a dyn Browser,
}

/// How a person wants to log in.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoginWay {
    /// `--device-code`
    pub device_code: bool,
    /// `--no-browser`: the address is only shown
    pub no_browser: bool,
    /// `--port`
    pub port: Option<u16>,
    /// `--share`: the AWS CLI's cache gets the token too
    pub share: bool,
}

/// Why nobody is logged in.
#[derive(Debug, thiserror::Error)]
#[error("{login}: {cause}")]
pub struct LoginError {
    /// Where
    pub login: Box<SsoLogin>,
    /// Why; part of the sentence above
    #[source]
    pub cause: LoginFailure,
}

/// What ended a login.
#[derive(Debug, thiserror::Error)]
pub enum LoginFailure {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The person pressed Ctrl-C or Ctrl-D.
    #[error("the login was cancelled")]
    Cancelled,
    /// Nobody can be asked.
    #[error("a person must log in, and {0}")]
    Prompt(PromptError),
    /// The person or AWS said no.
    #[error("the login was denied: {reason}")]
    Denied {
        /// AWS's words
        reason: String,
    },
    /// Nobody confirmed in time.
    #[error("nobody confirmed the login in time")]
    TimedOut,
    /// The browser's part failed.
    #[error(transparent)]
    Browser(BrowserError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<PromptError> for LoginFailure {
    fn from(error: PromptError) -> Self {
        match error {
            PromptError::Unanswered(Unanswered::Cancelled) => Self::Cancelled,
            other @ (PromptError::Nobody(_) | PromptError::Unanswered(Unanswered::Terminal(_))) => {
                Self::Prompt(other)
            }
        }
    }
}

impl From<BrowserError> for LoginFailure {
    fn from(error: BrowserError) -> Self {
        match error {
            BrowserError::Unanswered(error) => PromptError::from(error).into(),
            BrowserError::TimedOut { .. } => Self::TimedOut,
            other @ (BrowserError::NotOpened { .. } | BrowserError::Listen { .. }) => {
                Self::Browser(other)
            }
        }
    }
}

impl From<Denied> for LoginFailure {
    fn from(Denied { reason }: Denied) -> Self {
        Self::Denied { reason }
    }
}

impl From<RenewalError> for LoginFailure {
    fn from(error: RenewalError) -> Self {
        match error {
            RenewalError::Call(error) => error.into(),
            RenewalError::Vault(error) => error.into(),
        }
    }
}

impl SsoLogins<'_> {
    /// Logs in because the person said so. Several processes open one login between them.
    ///
    /// # Errors
    /// [`LoginError`].
    pub fn log_in(&self, login: &SsoLogin, way: LoginWay) -> Result<LoginHeader, LoginError> {
        let logged_in = || {
            self.tokens.person.terminal().map_err(PromptError::from)?;
            let found = || self.tokens.vault.login_header(&self.tokens.key(login));
            let last = |found: &Option<LoginHeader>| Some(found.as_ref()?.logged_in_at);
            // Compared with each other and not with the time: a clock may have been set back.
            let before = last(&found()?);
            let _one_at_a_time = self.lock(login)?;
            let now = found()?;
            match (last(&now) != before, now) {
                (true, Some(meanwhile)) => Ok(meanwhile),
                _ => self.fresh(login, way),
            }
        };
        logged_in().map_err(|cause| LoginError { login: Box::new(login.clone()), cause })
    }

    /// Logs in because a command needs it, if the person agrees.
    ///
    /// # Errors
    /// [`LoginError`].
    pub fn log_in_if_agreed(&self, login: &SsoLogin, share: bool) -> Result<(), LoginError> {
        let logged_in = || {
            self.tokens.person.terminal().map_err(PromptError::from)?;
            let _one_at_a_time = self.lock(login)?;
            // Only another awsx's login counts: a token of the AWS CLI is what did not do.
            if matches!(self.tokens.own(login, None), Ok(Ok(_))) {
                return Ok(());
            }
            let question = format!("{login} needs a login: press Enter to log in (Ctrl-C cancels)");
            self.tokens.person.ask(|terminal| terminal.enter(&question))?;
            self.fresh(login, LoginWay { share, ..LoginWay::default() }).map(drop)
        };
        logged_in().map_err(|cause| LoginError { login: Box::new(login.clone()), cause })
    }

    fn fresh(&self, login: &SsoLogin, way: LoginWay) -> Result<LoginHeader, LoginFailure> {
        // Before the browser: nobody logs in for a vault that cannot keep it.
        self.tokens.vault.ready_for_login()?;
        if self.tokens.vault.unlocker() == UnlockerKind::Memory {
            self.tokens
                .person
                .tell("the vault keeps nothing (memory), so this login ends with this command");
        }
        let (registration, token) = match self.grant(way) {
            Grant::AuthorizationCode => self.in_the_browser(login, way)?,
            Grant::DeviceCode => self.with_a_code(login, way)?,
        };
        let key = self.tokens.key(login);
        let _used_once = self.tokens.lock(&key)?;
        // The AWS CLI's file goes on being in step with a login that it was once given.
        let replaced = self.tokens.vault.login_header(&key)?;
        let is_shared = replaced.is_some_and(|header| header.shared);
        let now = self.now();
        let kept = Kept {
            access: Some((token.access_token, token.expires_at)),
            refresh_token: token.refresh_token,
            registration: Some(registration),
            logged_in_at: now,
            refreshed_at: now,
            shared: way.share || is_shared && self.tokens.shared.has(login),
        };
        self.tokens.keep(login, &kept)?;
        Ok(kept.stored(login).header)
    }

    /// Whoever forwards a port or pastes the address has a browser that comes back.
    fn grant(&self, way: LoginWay) -> Grant {
        if way.device_code {
            return Grant::DeviceCode;
        }
        if way.no_browser || way.port.is_some() {
            return Grant::AuthorizationCode;
        }
        match self.browser.is_out_of_reach() {
            None => Grant::AuthorizationCode,
            Some(reason) => {
                self.tokens.person.tell(&format!(
                    "{reason}, so no browser can come back to awsx: logging in with a device code"
                ));
                Grant::DeviceCode
            }
        }
    }

    fn in_the_browser(
        &self,
        login: &SsoLogin,
        way: LoginWay,
    ) -> Result<(Registration, SsoToken), LoginFailure> {
        let SsoTokens { oidc, person, .. } = self.tokens;
        let LoginWay { no_browser, port, .. } = way;
        let asked = InBrowser { browser: self.browser, person, no_browser, port };
        let mut registered = None;
        let (to, doing) = (format!("log in to {login}"), format!("logging in to {login}"));
        let Allowed { code, verifier, redirect_uri } =
            asked.allowed::<LoginFailure>(&to, &doing, |authorization| {
                let registration =
                    registered.insert(oidc.register(login, Grant::AuthorizationCode)?);
                Ok(oidc.authorize_url(login, registration, authorization)?)
            })?;
        let registration = registered.expect("the address was made with it");
        let proof = TokenProof::Code { code, verifier, redirect_uri };
        let token = oidc.token(login, &registration, &proof)?;
        Ok((registration, token))
    }

    fn with_a_code(
        &self,
        login: &SsoLogin,
        way: LoginWay,
    ) -> Result<(Registration, SsoToken), LoginFailure> {
        let SsoTokens { oidc, person, .. } = self.tokens;
        let registration = oidc.register(login, Grant::DeviceCode)?;
        let device = oidc.start_device_authorization(login, &registration)?;
        let complete = device.verification_uri_complete.as_deref();
        let url = complete.unwrap_or(&device.verification_uri);
        person.instruct(&format!(
            "to log in to {login}, open\n{url}\nand confirm that it shows the code {}",
            device.user_code
        ));
        if !way.no_browser
            && self.browser.is_out_of_reach().is_none()
            && let Err(error) = self.browser.open(url)
        {
            person.tell(&error.to_string());
        }
        let token = self.confirmed(login, &registration, &device)?;
        Ok((registration, token))
    }

    /// Polls until the person has confirmed the code.
    fn confirmed(
        &self,
        login: &SsoLogin,
        registration: &Registration,
        device: &DeviceAuthorization,
    ) -> Result<SsoToken, LoginFailure> {
        let limit = self.now() + TimeDelta::from_std(LOGIN_LIMIT).expect("ten minutes");
        let until = device.expires_at.min(limit);
        let mut interval = device.interval;
        let proof = TokenProof::Device { device_code: device.device_code.clone() };
        while self.now() < until {
            let left = (until - self.now()).to_std().unwrap_or_default();
            self.tokens.clock.sleep(Duration::from_secs(interval).min(left));
            match self.tokens.oidc.token(login, registration, &proof) {
                Ok(token) => return Ok(token),
                Err(CallError::Refused { code, message, .. }) => match code.as_str() {
                    "AuthorizationPendingException" => {}
                    "SlowDownException" => interval += SLOW_DOWN,
                    "ExpiredTokenException" => break,
                    "AccessDeniedException" => {
                        return Err(LoginFailure::Denied { reason: format!("{message} ({code})") });
                    }
                    _ => {
                        let call = "sso-oidc:CreateToken";
                        let error = CallError::Refused { call, code, message, request_id: None };
                        return Err(error.into());
                    }
                },
                // The person is still there; the network may come back.
                Err(error @ CallError::Unreachable { .. }) => {
                    tracing::info!(%error, "asked again");
                }
                Err(other) => return Err(other.into()),
            }
        }
        Err(LoginFailure::TimedOut)
    }

    fn now(&self) -> DateTime<Utc> {
        self.tokens.clock.now()
    }

    fn lock(&self, login: &SsoLogin) -> Result<Option<lock::Guard>, VaultError> {
        let key = self.tokens.key(login);
        let person = self.tokens.person;
        lock::or_go_on(self.tokens.vault, person, |state| {
            let waiting = "waiting for another awsx that is logging in";
            lock::person(state, &key, || person.tell(waiting))
        })
    }
}

#[cfg(test)]
mod tests;
