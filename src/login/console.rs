//! A login at AWS's console (`login_session`, `aws login`): session credentials of 15 minutes,
//! renewed with a refresh token and the key that it is bound to.
//! <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sign-in.html>

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::kind::{EndOfLogin, Kind};
use super::{LoginHeader, LoginKind, Logins};
use crate::credentials::{
    Expiration, Lifetime, Login, LoginSession, Margin, Secret, SessionCredentials, SignInProof,
    SignInToken,
};
use crate::ports::{CallError, Clock, SharedSignIns};
use crate::vault::{Fields, Record, VaultError};

/// How long AWS gives credentials.
const LIFETIME: TimeDelta = TimeDelta::minutes(15);

const CLIENT_ID: &str = "client_id";
const ACCESS_KEY_ID: &str = "access_key_id";
const SECRET_ACCESS_KEY: &str = "secret_access_key";
const SESSION_TOKEN: &str = "session_token";
const ACCOUNT_ID: &str = "account_id";
const REFRESH_TOKEN: &str = "refresh_token";
const ID_TOKEN: &str = "id_token";
const DPOP_KEY: &str = "dpop_key";

const OVER: &str = "AWS renews the last one no longer";

/// A login at AWS's console, as the vault keeps it.
#[derive(Clone, Debug)]
pub(crate) struct ConsoleLogin {
    pub session: LoginSession,
    pub(super) token: SignInToken,
    /// The endpoint that the person logged in at
    pub(super) url: String,
    pub(super) region: String,
    pub(super) logged_in_at: DateTime<Utc>,
    pub(super) refreshed_at: DateTime<Utc>,
    /// The AWS CLI's cache has it too
    pub shared: bool,
}

/// What is asked of the credentials of a login.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Freshness {
    /// What must be left of them; AWS gives 15 minutes
    pub margin: Margin,
    /// When the command started: what was renewed since is as new as can be
    pub started: DateTime<Utc>,
    /// `--refresh`: nothing older than that
    pub refresh: bool,
}

impl Record for ConsoleLogin {
    type Header = LoginHeader;

    fn to_parts(&self) -> (LoginHeader, Fields) {
        let token = &self.token;
        let credentials = token.credentials.as_ref();
        let plain = |text: &str| Some(Secret::new(text));
        let fields = Fields::by_name([
            (CLIENT_ID, plain(&token.client_id)),
            (ACCESS_KEY_ID, credentials.and_then(|found| plain(&found.access_key_id))),
            (SECRET_ACCESS_KEY, credentials.map(|found| found.secret_access_key.clone())),
            (SESSION_TOKEN, credentials.and_then(|found| found.session_token.clone())),
            (ACCOUNT_ID, credentials.and_then(|found| plain(found.account_id.as_deref()?))),
            (REFRESH_TOKEN, token.refresh_token.clone()),
            (ID_TOKEN, token.id_token.clone()),
            (DPOP_KEY, Some(token.dpop_key.clone())),
        ]);
        (self.header(), fields)
    }

    fn from_parts(header: LoginHeader, fields: Fields) -> Option<Self> {
        let Login::Console(session) = header.login() else { return None };
        let field = |name| fields.get(name).cloned();
        let text = |name| fields.get(name).map(|field| field.expose().to_owned());
        let credentials = || {
            Some(SessionCredentials {
                access_key_id: text(ACCESS_KEY_ID)?,
                secret_access_key: field(SECRET_ACCESS_KEY)?,
                session_token: Some(field(SESSION_TOKEN)?),
                expiration: Expiration::At(header.expires_at?),
                account_id: text(ACCOUNT_ID),
            })
        };
        Some(Self {
            session,
            token: SignInToken {
                client_id: text(CLIENT_ID)?,
                region: Some(header.region.clone()),
                credentials: credentials(),
                refresh_token: field(REFRESH_TOKEN),
                id_token: field(ID_TOKEN),
                dpop_key: field(DPOP_KEY)?,
            },
            url: header.url,
            region: header.region,
            logged_in_at: header.logged_in_at,
            refreshed_at: header.refreshed_at,
            shared: header.shared,
        })
    }
}

impl Kind for ConsoleLogin {
    type Name = LoginSession;
    type Current = SessionCredentials;
    type Need = Freshness;
    type Proof = Secret;
    type Shared = SignInToken;

    /// <https://docs.aws.amazon.com/signin/latest/APIReference/API_CreateOAuth2Token.html#API_CreateOAuth2Token_Errors>,
    /// and what AWS really answers to a grant that is over: HTTP 400, `ValidationException`.
    const ENDS: &'static [EndOfLogin] = &[
        EndOfLogin::by_code("TOKEN_EXPIRED", OVER),
        EndOfLogin::by_code("invalid_grant", OVER),
        EndOfLogin::by_code(
            "USER_CREDENTIALS_CHANGED",
            "the password was changed since the last one",
        ),
        EndOfLogin {
            code: "ValidationException",
            message: "The provided authorization grant is invalid",
            meaning: OVER,
        },
    ];
    const WAITING: &'static str = "waiting for another awsx that is renewing the same sign-in";
    const IS_HANDED_OVER: bool = true;

    fn login(name: &LoginSession) -> Login {
        Login::Console(name.clone())
    }

    fn why_absent(_: &Freshness) -> String {
        "nobody has signed in".to_owned()
    }

    fn header(&self) -> LoginHeader {
        LoginHeader {
            kind: LoginKind::Console,
            name: Some(self.session.arn().to_owned()),
            url: self.url.clone(),
            region: self.region.clone(),
            scopes: Vec::new(),
            logged_in_at: self.logged_in_at,
            refreshed_at: self.refreshed_at,
            expires_at: self.token.expires_at(),
            can_refresh: self.token.refresh_token.is_some(),
            registration_expires_at: None,
            shared: self.shared,
        }
    }

    fn is_current(header: &LoginHeader, need: &Freshness, now: DateTime<Utc>) -> bool {
        let Some(ends) = header.expires_at.filter(|end| *end > now) else { return false };
        // Another awsx renewed it after this command started: do not renew it again.
        let is_new = header.refreshed_at >= need.started;
        let margin = if is_new { Margin::NONE } else { need.margin };
        let lifetime = Lifetime { began: header.refreshed_at, ends };
        let whole = LIFETIME.to_std().unwrap_or_default();
        (is_new || !need.refresh) && lifetime.is_usable(now, margin.of(whole))
    }

    fn give(&self, _: &Freshness) -> Option<SessionCredentials> {
        self.token.credentials.clone()
    }

    /// Credentials of a login that AWS ended may be void.
    fn give_the_rest(&self, now: DateTime<Utc>) -> Option<SessionCredentials> {
        self.token.refresh_token.as_ref()?;
        self.token
            .credentials
            .clone()
            .filter(|found| found.is_fresh(now, Margin::SIGNING.of_unknown()))
    }

    fn must_be_new(need: &Freshness) -> bool {
        need.refresh
    }

    fn refresh_token(&self) -> Option<&Secret> {
        self.token.refresh_token.as_ref()
    }

    fn proof(&self, _: DateTime<Utc>) -> Option<Secret> {
        self.token.refresh_token.clone()
    }

    fn renew(
        &self,
        refresh_token: Secret,
        _: &LoginSession,
        logins: &Logins<'_>,
    ) -> Result<Self, CallError> {
        let proof = SignInProof::Refresh(refresh_token);
        let SignInToken { client_id, dpop_key, .. } = &self.token;
        let answer = logins.sign_in.token(&self.region, client_id, dpop_key, &proof)?;
        // A refresh answers neither account nor `idToken`.
        let old = self.token.clone();
        let account_id = old.credentials.and_then(|credentials| credentials.account_id);
        let token = SignInToken {
            credentials: Some(SessionCredentials {
                account_id: answer.credentials.account_id.or(account_id),
                ..answer.credentials
            }),
            refresh_token: Some(answer.refresh_token),
            id_token: answer.id_token.or(old.id_token),
            ..old
        };
        Ok(Self { token, refreshed_at: logins.clock.now(), ..self.clone() })
    }

    fn end(&mut self) {
        self.token.refresh_token = None;
    }

    fn why_over(&self, _: &Freshness, _: &dyn Clock) -> String {
        OVER.to_owned()
    }

    fn set_shared(&mut self, shared: bool) {
        self.shared = shared;
    }

    fn cache<'a>(logins: &Logins<'a>) -> &'a SharedSignIns {
        logins.shared_sign_ins
    }

    fn with_newer(&self, token: SignInToken, _: &Freshness, now: DateTime<Utc>) -> Option<Self> {
        let began = token.expires_at().map_or(now, |end| (end - LIFETIME).min(now));
        (token.expires_at() > self.token.expires_at()).then(|| Self {
            region: token.region.clone().unwrap_or_else(|| self.region.clone()),
            refreshed_at: began,
            token,
            ..self.clone()
        })
    }

    /// A login that nothing renews any more is of no use to the AWS CLI.
    fn to_shared(&self) -> Option<SignInToken> {
        Some(self.token.clone()).filter(|token| token.refresh_token.is_some())
    }

    fn of_the_aws_cli(
        name: &LoginSession,
        _: &Freshness,
        problem: String,
        logins: &Logins<'_>,
    ) -> Result<SessionCredentials, CallError> {
        let needed = |problem| Err(Self::login_needed(name, problem));
        let now = logins.clock.now();
        let shared = match logins.shared_sign_ins.read(name) {
            Ok(shared) => shared,
            // What is wrong with the AWS CLI's is no reason to hide what helps.
            Err(other) => return needed(format!("{problem}; {other}")),
        };
        match shared.and_then(|token| token.credentials) {
            Some(credentials) if credentials.is_fresh(now, Duration::ZERO) => {
                tracing::info!("the sign-in of {} is the AWS CLI's", name.arn());
                Ok(credentials)
            }
            Some(_) => {
                let place = logins.shared_sign_ins.place(name);
                needed(format!("{problem}, and the AWS CLI's in {place} is over"))
            }
            None => needed(problem),
        }
    }

    /// A refresh token means that another awsx logged in while this one waited. A header alone is no
    /// login: check that its record can still be opened.
    fn is_logged_in(name: &LoginSession, logins: &Logins<'_>) -> Result<bool, VaultError> {
        let kept = logins.vault.get::<Self>(&Self::key(name, logins))?;
        Ok(kept.is_some_and(|kept| kept.token.refresh_token.is_some()))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn a_record_is_read_back() {
        let noon = Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).unwrap();
        let token = SignInToken {
            client_id: "arn:aws:signin:::devtools/same-device".into(),
            region: Some("eu-west-1".into()),
            credentials: Some(SessionCredentials {
                access_key_id: "ASIA".into(),
                secret_access_key: Secret::new("planted"),
                session_token: Some(Secret::new("planted-token")),
                expiration: Expiration::At(noon),
                account_id: Some("111111111111".into()),
            }),
            refresh_token: Some(Secret::new("planted-refresh")),
            id_token: None,
            dpop_key: Secret::new("planted-key"),
        };
        let kept = ConsoleLogin {
            session: LoginSession::new("arn:aws:iam::1:user/a"),
            token,
            url: "https://eu-west-1.signin.aws.amazon.com".into(),
            region: "eu-west-1".into(),
            logged_in_at: noon,
            refreshed_at: noon,
            shared: true,
        };
        let (header, fields) = kept.to_parts();
        assert!(header.can_refresh);
        assert_eq!(header.expires_at, Some(noon));
        let read = ConsoleLogin::from_parts(header, fields).unwrap();
        // Debug shows no secret, so it is compared apart.
        assert_eq!(format!("{read:?}"), format!("{kept:?}"));
        let refresh_token = read.token.refresh_token.unwrap();
        assert_eq!(refresh_token.expose(), "planted-refresh");

        let ended = SignInToken { credentials: None, refresh_token: None, ..kept.token.clone() };
        let (header, fields) = ConsoleLogin { token: ended, shared: false, ..kept }.to_parts();
        assert!(!header.can_refresh && header.expires_at.is_none());
        let read = ConsoleLogin::from_parts(header.clone(), fields).unwrap();
        assert!(read.token.credentials.is_none() && !read.shared);
        assert!(ConsoleLogin::from_parts(header, Fields::default()).is_none());
    }
}
