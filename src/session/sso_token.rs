//! The access token of a login at IAM Identity Center: kept in the vault, renewed in time, asked of
//! nobody. Who logs in, and how, is [`super::sso_login`]'s.
//!
//! One refresh for each login, however many processes ask: AWS takes each refresh token once, so the
//! login's lock is held while it is used, and whoever waited reads the vault again first. The new
//! token replaces the old one in a single write. Where awsx has no token, one that the AWS CLI left
//! is used; it is not refreshed, because that would end the AWS CLI's own login.

use chrono::{DateTime, TimeDelta, Utc};

use super::lock;
use super::renewal::RenewalError;
use crate::client_settings::ClientSettings;
use crate::credentials::{Registration, Secret, SessionKey, SsoLogin, SsoToken, TokenProof};
use crate::ports::{CallError, Clock, Oidc, Person, SharedToken, SharedTokens};
use crate::resolve::sso_login_key;
use crate::vault::{LoginHeader, LoginKind, LoginSecrets, StoredLogin, Vault, VaultError};

/// What must be left of a token that cannot be refreshed: a call with all its attempts takes half of
/// it.
const MARGIN: TimeDelta = TimeDelta::minutes(1);

/// A token that can be refreshed is, from here on: a refresh that fails is no harm yet.
const EARLY: TimeDelta = TimeDelta::minutes(5);

/// The tokens of the logins at IAM Identity Center.
#[derive(Clone, Copy)]
pub struct SsoTokens<'a> {
    /// Where they rest
    pub vault: &'a Vault,
    /// Who renews them
    pub oidc: &'a dyn Oidc,
    /// The AWS CLI's
    pub shared: &'a dyn SharedTokens,
    /// Told when this waits
    pub person: &'a dyn Person,
    /// The time
    pub clock: &'a dyn Clock,
    /// Which AWS they are for
    pub settings: &'a ClientSettings,
}

/// A token that AWS no longer takes.
pub(super) struct Refused<'a> {
    token: &'a Secret,
    /// AWS's words
    problem: String,
}

impl Refused<'_> {
    fn is(&self, token: &Secret) -> bool {
        self.token.expose() == token.expose()
    }
}

impl SsoTokens<'_> {
    /// Makes a call with the login's token. If AWS does not accept it, the token is dropped, and
    /// the call made once more with a new one, if there is one to be had without a person.
    ///
    /// # Errors
    /// [`RenewalError`]; [`CallError::LoginNeeded`] where a person must log in.
    pub fn with<T>(
        &self,
        login: &SsoLogin,
        call: impl Fn(&Secret) -> Result<T, CallError>,
    ) -> Result<T, RenewalError> {
        let token = self.token(login, None)?;
        let problem = match call(&token) {
            Err(CallError::LoginNeeded { problem, .. }) => problem,
            answer => return Ok(answer?),
        };
        let again = self.token(login, Some(&Refused { token: &token, problem }))?;
        Ok(call(&again)?)
    }

    fn token(
        &self,
        login: &SsoLogin,
        refused: Option<&Refused<'_>>,
    ) -> Result<Secret, RenewalError> {
        let problem = match self.own(login, refused)? {
            Ok(token) => return Ok(token),
            Err(problem) => problem,
        };
        match self.shared.read(login) {
            Ok(Some(SharedToken { token, .. }))
                if !refused.is_some_and(|refused| refused.is(&token.access_token)) =>
            {
                tracing::info!(login = %login, "the AWS CLI's token");
                Ok(token.access_token)
            }
            Ok(_) => Err(CallError::login_needed(login, problem).into()),
            // What is wrong with the AWS CLI's is no reason to hide what is wrong with awsx's own.
            Err(CallError::LoginNeeded { problem: shared, .. }) => {
                Err(CallError::login_needed(login, format!("{problem}; {shared}")).into())
            }
            Err(other) => Err(other.into()),
        }
    }

    /// The token of awsx's own login, renewed if need be; else what is wrong, in words.
    pub(super) fn own(
        &self,
        login: &SsoLogin,
        refused: Option<&Refused<'_>>,
    ) -> Result<Result<Secret, String>, RenewalError> {
        let key = self.key(login);
        if let Some(token) = self.good(&key, refused)? {
            return Ok(Ok(token));
        }
        if self.vault.login_header(&key)?.is_none() {
            return Ok(Err(absent(refused)));
        }
        self.vault.open_existing()?;
        let _used_once = self.lock(&key)?;
        if let Some(token) = self.good(&key, refused)? {
            return Ok(Ok(token));
        }
        match self.vault.login(&key)? {
            Some(stored) => self.renewed(login, stored, refused),
            None => Ok(Err(absent(refused))),
        }
    }

    /// The name of the login in the vault.
    pub(super) fn key(&self, login: &SsoLogin) -> SessionKey {
        sso_login_key(login, self.settings)
    }

    /// Held while the login's record is read and replaced.
    pub(super) fn lock(&self, key: &SessionKey) -> Result<Option<lock::Guard>, VaultError> {
        lock::or_go_on(self.vault, self.person, |state| {
            let waiting = "waiting for another awsx that is refreshing the same login";
            lock::login(state, key, || self.person.tell(waiting))
        })
    }

    /// The kept token, if nothing needs to be done for it. A header that has expired costs no
    /// keychain.
    fn good(
        &self,
        key: &SessionKey,
        refused: Option<&Refused<'_>>,
    ) -> Result<Option<Secret>, VaultError> {
        let now = self.clock.now();
        let is_good = |header: &LoginHeader| {
            let renewable = header.can_refresh && is_registered(header, now);
            let margin = if renewable { EARLY } else { MARGIN };
            // A clock that was set back says nothing about the end that was noted.
            let is_of_now = header.refreshed_at - now <= MARGIN;
            is_of_now && header.expires_at.is_some_and(|end| end - now >= margin)
        };
        if !self.vault.login_header(key)?.is_some_and(|header| is_good(&header)) {
            return Ok(None);
        }
        let Some(stored) = self.vault.login(key)?.filter(|stored| is_good(&stored.header)) else {
            return Ok(None);
        };
        let token = stored.secrets.get(ACCESS_TOKEN).cloned();
        Ok(token.filter(|token| !refused.is_some_and(|refused| refused.is(token))))
    }

    /// A token from the refresh token, or the kept one while it lasts; else what is wrong, in words.
    fn renewed(
        &self,
        login: &SsoLogin,
        stored: StoredLogin,
        refused: Option<&Refused<'_>>,
    ) -> Result<Result<Secret, String>, RenewalError> {
        let now = self.clock.now();
        let mut kept = Kept::of(stored);
        if let Some(refused) = refused
            && kept.access.as_ref().is_some_and(|(token, _)| refused.is(token))
        {
            kept.access = None;
            self.keep_renewed(login, &kept)?;
        }
        // Whoever removed the file does not want it.
        kept.shared = kept.shared && self.shared.has(login);
        // Whoever used the shared refresh token left a newer token in its place.
        if kept.shared
            && let Ok(Some(SharedToken { token, registration })) = self.shared.read(login)
            && !refused.is_some_and(|refused| refused.is(&token.access_token))
            && kept.access.as_ref().is_none_or(|(_, end)| token.expires_at > *end)
        {
            kept = kept.with_token(&token, now);
            kept.registration = registration.or(kept.registration);
            self.keep_renewed(login, &kept)?;
            return Ok(Ok(token.access_token));
        }
        let lasting = |kept: &Kept| {
            let (token, end) = kept.access.as_ref()?;
            (*end - now >= MARGIN).then(|| token.clone())
        };
        let registration = kept.registration.clone().filter(|known| known.expires_at > now);
        let (Some(refresh_token), Some(registration)) = (kept.refresh_token.clone(), registration)
        else {
            return Ok(lasting(&kept).ok_or_else(|| kept.ended(refused)));
        };
        // Where nothing can be written, the new refresh token would be lost, and the login with it.
        if let Err(error) = self.vault.keep_login(&self.key(login), &kept.stored(login)) {
            return lasting(&kept).map(Ok).ok_or(error.into());
        }
        match self.oidc.token(login, &registration, &TokenProof::Refresh { refresh_token }) {
            Ok(token) => {
                tracing::info!(login = %login, "refreshed");
                let kept = kept.with_token(&token, now);
                self.keep_renewed(login, &kept)?;
                Ok(Ok(token.access_token))
            }
            Err(CallError::Refused { code, message, .. }) => {
                kept.refresh_token = None;
                self.keep_renewed(login, &kept)?;
                let problem = match message.is_empty() {
                    true => format!("AWS did not refresh the token ({code})"),
                    false => format!("AWS did not refresh the token: {message} ({code})"),
                };
                Ok(lasting(&kept).ok_or(problem))
            }
            // Later, then; the token that there is will do.
            Err(other) => match lasting(&kept) {
                Some(token) => Ok(Ok(token)),
                None => Err(other.into()),
            },
        }
    }

    /// Keeps what a login gave, here first and then where it is shared.
    pub(super) fn keep(&self, login: &SsoLogin, kept: &Kept) -> Result<(), RenewalError> {
        self.vault.keep_login(&self.key(login), &kept.stored(login))?;
        Ok(self.share(login, kept)?)
    }

    /// Keeps what a refresh gave. That it could not be shared is no reason to go without it here.
    fn keep_renewed(&self, login: &SsoLogin, kept: &Kept) -> Result<(), VaultError> {
        self.vault.keep_login(&self.key(login), &kept.stored(login))?;
        if let Err(error) = self.share(login, kept) {
            let message = format!("the new token is not in the AWS CLI's cache: {error}");
            self.person.tell(&message);
        }
        Ok(())
    }

    fn share(&self, login: &SsoLogin, kept: &Kept) -> Result<(), CallError> {
        let Some((access_token, expires_at)) = kept.access.clone().filter(|_| kept.shared) else {
            return Ok(());
        };
        let token =
            SsoToken { access_token, expires_at, refresh_token: kept.refresh_token.clone() };
        let registration = kept.registration.clone();
        self.shared.write(login, &SharedToken { token, registration }).map(drop)
    }
}

fn absent(refused: Option<&Refused<'_>>) -> String {
    refused.map_or_else(|| "nobody is logged in".to_owned(), |refused| refused.problem.clone())
}

fn is_registered(header: &LoginHeader, now: DateTime<Utc>) -> bool {
    header.registration_expires_at.is_some_and(|end| end > now)
}

const ACCESS_TOKEN: &str = "access_token";
const REFRESH_TOKEN: &str = "refresh_token";
const CLIENT_ID: &str = "client_id";
const CLIENT_SECRET: &str = "client_secret";

/// A login at IAM Identity Center, as the vault keeps it.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) access: Option<(Secret, DateTime<Utc>)>,
    pub(super) refresh_token: Option<Secret>,
    pub(super) registration: Option<Registration>,
    pub(super) logged_in_at: DateTime<Utc>,
    pub(super) refreshed_at: DateTime<Utc>,
    /// The AWS CLI's cache has it too
    pub(super) shared: bool,
}

impl Kept {
    fn of(StoredLogin { header, secrets }: StoredLogin) -> Self {
        let secret = |name| secrets.get(name).cloned();
        let registration = || {
            Some(Registration {
                client_id: secret(CLIENT_ID)?.expose().to_owned(),
                client_secret: secret(CLIENT_SECRET)?,
                expires_at: header.registration_expires_at?,
            })
        };
        Self {
            access: secret(ACCESS_TOKEN).zip(header.expires_at),
            refresh_token: secret(REFRESH_TOKEN),
            registration: registration(),
            logged_in_at: header.logged_in_at,
            refreshed_at: header.refreshed_at,
            shared: header.shared,
        }
    }

    pub(super) fn stored(&self, login: &SsoLogin) -> StoredLogin {
        let registration = self.registration.as_ref();
        StoredLogin {
            header: LoginHeader {
                kind: LoginKind::Sso,
                name: login.session.clone(),
                url: login.start_url.clone(),
                region: login.region.clone(),
                scopes: login.scopes.clone(),
                logged_in_at: self.logged_in_at,
                refreshed_at: self.refreshed_at,
                expires_at: self.access.as_ref().map(|(_, end)| *end),
                can_refresh: self.refresh_token.is_some(),
                registration_expires_at: registration.map(|known| known.expires_at),
                shared: self.shared,
            },
            secrets: LoginSecrets::default()
                .with(ACCESS_TOKEN, self.access.as_ref().map(|(token, _)| token.clone()))
                .with(REFRESH_TOKEN, self.refresh_token.clone())
                .with(CLIENT_ID, registration.map(|known| Secret::new(&*known.client_id)))
                .with(CLIENT_SECRET, registration.map(|known| known.client_secret.clone())),
        }
    }

    /// The same with a new token. AWS may leave the refresh token out: then the old one holds.
    fn with_token(self, token: &SsoToken, now: DateTime<Utc>) -> Self {
        Self {
            access: Some((token.access_token.clone(), token.expires_at)),
            refresh_token: token.refresh_token.clone().or(self.refresh_token),
            refreshed_at: now,
            ..self
        }
    }

    /// Why there is no token any longer.
    fn ended(&self, refused: Option<&Refused<'_>>) -> String {
        let at = self.logged_in_at.format("%Y-%m-%dT%H:%M:%SZ");
        match (refused, &self.access) {
            (Some(refused), _) => refused.problem.clone(),
            (None, Some((_, end))) => {
                format!("the login of {at} ended at {}", end.format("%Y-%m-%dT%H:%M:%SZ"))
            }
            (None, None) => format!("AWS ended the login of {at}"),
        }
    }
}

#[cfg(test)]
mod tests;
