//! A login at IAM Identity Center: an access token, renewed with a refresh token and the client that
//! the login was registered with.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::kind::{EndOfLogin, Kind};
use super::{LoginHeader, LoginKind, Logins};
use crate::credentials::{Lifetime, Login, Registration, Secret, SsoLogin, SsoToken, TokenProof};
use crate::ports::{CallError, Clock, SharedToken, SharedTokens};
use crate::vault::{Fields, Record, VaultError};

/// What must be left of a token that cannot be refreshed: a call with all its attempts takes half of
/// it.
const MARGIN: Duration = Duration::from_secs(60);

/// A token that can be refreshed is, from here on: a refresh that fails is no harm yet.
const EARLY: Duration = Duration::from_secs(300);

const ACCESS_TOKEN: &str = "access_token";
const REFRESH_TOKEN: &str = "refresh_token";
const CLIENT_ID: &str = "client_id";
const CLIENT_SECRET: &str = "client_secret";

/// A login at IAM Identity Center, as the vault keeps it.
#[derive(Clone, Debug)]
pub(crate) struct IdentityCenterLogin {
    pub(super) login: SsoLogin,
    /// The access token, and when AWS refuses it from; `None` once AWS refused it
    pub(super) access: Option<(Secret, DateTime<Utc>)>,
    pub(super) refresh_token: Option<Secret>,
    pub(super) registration: Option<Registration>,
    pub(super) logged_in_at: DateTime<Utc>,
    pub(super) refreshed_at: DateTime<Utc>,
    /// The AWS CLI's cache has it too
    pub(super) shared: bool,
}

/// A token that AWS does not take, and why, in AWS's words.
pub(super) struct RefusedToken {
    pub(super) token: Secret,
    pub(super) problem: String,
}

/// Whether it is the token that AWS refused.
fn is_refused(token: &Secret, refused: &Option<RefusedToken>) -> bool {
    refused.as_ref().is_some_and(|refused| refused.token.expose() == token.expose())
}

impl IdentityCenterLogin {
    /// The same with a new token. AWS may leave the refresh token out: then the old one holds.
    fn with_token(&self, token: &SsoToken, now: DateTime<Utc>) -> Self {
        Self {
            access: Some((token.access_token.clone(), token.expires_at)),
            refresh_token: token.refresh_token.clone().or_else(|| self.refresh_token.clone()),
            refreshed_at: now,
            ..self.clone()
        }
    }
}

impl Record for IdentityCenterLogin {
    type Header = LoginHeader;

    fn to_parts(&self) -> (LoginHeader, Fields) {
        let registration = self.registration.as_ref();
        let fields = Fields::by_name([
            (ACCESS_TOKEN, self.access.as_ref().map(|(token, _)| token.clone())),
            (REFRESH_TOKEN, self.refresh_token.clone()),
            (CLIENT_ID, registration.map(|known| Secret::new(&*known.client_id))),
            (CLIENT_SECRET, registration.map(|known| known.client_secret.clone())),
        ]);
        (self.header(), fields)
    }

    fn from_parts(header: LoginHeader, fields: Fields) -> Option<Self> {
        let Login::IdentityCenter(login) = header.login() else { return None };
        let field = |name| fields.get(name).cloned();
        let registration = || {
            Some(Registration {
                client_id: field(CLIENT_ID)?.expose().to_owned(),
                client_secret: field(CLIENT_SECRET)?,
                expires_at: header.registration_expires_at?,
            })
        };
        Some(Self {
            login,
            access: field(ACCESS_TOKEN).zip(header.expires_at),
            refresh_token: field(REFRESH_TOKEN),
            registration: registration(),
            logged_in_at: header.logged_in_at,
            refreshed_at: header.refreshed_at,
            shared: header.shared,
        })
    }
}

impl Kind for IdentityCenterLogin {
    type Name = SsoLogin;
    type Current = Secret;
    type Need = Option<RefusedToken>;
    type Proof = (Registration, TokenProof);
    type Shared = SharedToken;

    /// <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html#API_CreateToken_Errors>
    const ENDS: &'static [EndOfLogin] = &[
        EndOfLogin::by_code("InvalidGrantException", "AWS did not refresh the token"),
        EndOfLogin::by_code("ExpiredTokenException", "AWS did not refresh the token"),
        EndOfLogin::by_code("InvalidClientException", "AWS did not refresh the token"),
        EndOfLogin::by_code("UnauthorizedClientException", "AWS did not refresh the token"),
    ];
    const WAITING: &'static str = "waiting for another awsx that is refreshing the same login";
    const IS_HANDED_OVER: bool = false;

    fn login(name: &SsoLogin) -> Login {
        Login::IdentityCenter(name.clone())
    }

    fn why_absent(refused: &Self::Need) -> String {
        refused.as_ref().map_or("nobody is logged in", |refused| &refused.problem).to_owned()
    }

    fn header(&self) -> LoginHeader {
        LoginHeader {
            kind: LoginKind::IdentityCenter,
            name: self.login.session.clone(),
            url: self.login.start_url.clone(),
            region: self.login.region.clone(),
            scopes: self.login.scopes.clone(),
            logged_in_at: self.logged_in_at,
            refreshed_at: self.refreshed_at,
            expires_at: self.access.as_ref().map(|(_, end)| *end),
            can_refresh: self.refresh_token.is_some(),
            registration_expires_at: self.registration.as_ref().map(|known| known.expires_at),
            shared: self.shared,
        }
    }

    fn is_current(header: &LoginHeader, _: &Self::Need, now: DateTime<Utc>) -> bool {
        let Some(ends) = header.expires_at else { return false };
        let is_registered = header.registration_expires_at.is_some_and(|end| end > now);
        let margin = if header.can_refresh && is_registered { EARLY } else { MARGIN };
        Lifetime { began: header.refreshed_at, ends }.is_usable(now, margin)
    }

    fn give(&self, refused: &Self::Need) -> Option<Secret> {
        let (token, _) = self.access.as_ref()?;
        (!is_refused(token, refused)).then(|| token.clone())
    }

    fn give_the_rest(&self, now: DateTime<Utc>) -> Option<Secret> {
        let (token, end) = self.access.as_ref()?;
        Lifetime { began: now, ends: *end }.is_usable(now, MARGIN).then(|| token.clone())
    }

    fn drop_refused(&mut self, refused: &Self::Need) -> bool {
        let is_dropped = self.access.as_ref().is_some_and(|(token, _)| is_refused(token, refused));
        if is_dropped {
            self.access = None;
        }
        is_dropped
    }

    fn refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }

    fn proof(&self, now: DateTime<Utc>) -> Option<Self::Proof> {
        let registration = self.registration.clone().filter(|known| known.expires_at > now)?;
        Some((registration, TokenProof::Refresh(self.refresh_token.clone()?)))
    }

    fn renew(
        &self,
        (registration, proof): Self::Proof,
        name: &SsoLogin,
        logins: &Logins<'_>,
    ) -> Result<Self, CallError> {
        let token = logins.oidc.token(name, &registration, &proof)?;
        Ok(self.with_token(&token, logins.clock.now()))
    }

    fn end(&mut self) {
        self.refresh_token = None;
    }

    fn why_over(&self, refused: &Self::Need, clock: &dyn Clock) -> String {
        let since = clock.on(self.logged_in_at);
        match (refused, &self.access) {
            (Some(refused), _) => refused.problem.to_owned(),
            (None, Some((_, end))) if *end > clock.now() => {
                format!("the login of {since} ends {}", clock.until(*end))
            }
            (None, Some((_, end))) => format!("the login of {since} ended {}", clock.on(*end)),
            (None, None) => format!("AWS ended the login of {since}"),
        }
    }

    fn set_shared(&mut self, shared: bool) {
        self.shared = shared;
    }

    fn cache<'a>(logins: &Logins<'a>) -> &'a SharedTokens {
        logins.shared_tokens
    }

    fn with_newer(
        &self,
        SharedToken { token, registration }: SharedToken,
        refused: &Self::Need,
        now: DateTime<Utc>,
    ) -> Option<Self> {
        let is_newer = self.access.as_ref().is_none_or(|(_, end)| token.expires_at > *end);
        (is_newer && !is_refused(&token.access_token, refused)).then(|| Self {
            registration: registration.or_else(|| self.registration.clone()),
            ..self.with_token(&token, now)
        })
    }

    fn to_shared(&self) -> Option<SharedToken> {
        let (access_token, expires_at) = self.access.clone()?;
        let refresh_token = self.refresh_token.clone();
        let token = SsoToken { access_token, expires_at, refresh_token };
        Some(SharedToken { token, registration: self.registration.clone() })
    }

    fn of_the_aws_cli(
        name: &SsoLogin,
        refused: &Self::Need,
        problem: String,
        logins: &Logins<'_>,
    ) -> Result<Secret, CallError> {
        let needed = |problem| Self::login_needed(name, problem);
        match logins.shared_tokens.read(name) {
            Ok(Some(SharedToken { token, .. })) if !is_refused(&token.access_token, refused) => {
                tracing::info!("the token of {name} is the AWS CLI's");
                Ok(token.access_token)
            }
            Ok(_) => Err(needed(problem)),
            // What is wrong with the AWS CLI's is no reason to hide what is wrong with awsx's own.
            Err(CallError::LoginNeeded { problem: shared, .. }) => {
                Err(needed(format!("{problem}; {shared}")))
            }
            Err(other) => Err(needed(format!("{problem}; {other}"))),
        }
    }

    /// Only another awsx's login counts: a token of the AWS CLI is what did not do.
    fn is_logged_in(name: &SsoLogin, logins: &Logins<'_>) -> Result<bool, VaultError> {
        Ok(logins.current_of_awsx::<Self>(name, &None).is_ok())
    }
}
