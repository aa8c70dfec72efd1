//! Session credentials, and the proof that they are fresh.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{LongTermCredentials, Secret};

/// When credentials end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiration {
    /// The instant that the issuer stated.
    At(DateTime<Utc>),
    /// The source states none: usable now, never stored.
    Unstated,
}

impl Expiration {
    /// The stated instant.
    pub fn at(self) -> Option<DateTime<Utc>> {
        match self {
            Self::At(at) => Some(at),
            Self::Unstated => None,
        }
    }
}

/// Credentials that were minted, read from the vault, or found as they are (environment,
/// `credential_process`, container, instance, a profile with a session token).
#[derive(Clone, Debug)]
pub struct SessionCredentials {
    /// `AccessKeyId`
    pub access_key_id: String,
    /// `SecretAccessKey`
    pub secret_access_key: Secret,
    /// `SessionToken`; absent only where a source handed over a bare key pair
    pub session_token: Option<Secret>,
    /// `Expiration`
    pub expiration: Expiration,
    /// The account that the credentials belong to, where it is known without a call
    pub account_id: Option<String>,
}

impl SessionCredentials {
    /// When the credentials end, if less than `margin` is left at `now`.
    pub fn ends_within(&self, now: DateTime<Utc>, margin: Duration) -> Option<DateTime<Utc>> {
        let margin = chrono::Duration::from_std(margin).unwrap_or_default();
        self.expiration.at().filter(|end| *end - now < margin)
    }

    /// Whether at least `margin` is left at `now`.
    pub fn is_fresh(&self, now: DateTime<Utc>, margin: Duration) -> bool {
        self.ends_within(now, margin).is_none()
    }

    /// The credentials as something that may be delivered, if at least `margin` is left at `now`.
    ///
    /// # Errors
    /// When they end, which is before that.
    pub fn live(
        self,
        now: DateTime<Utc>,
        margin: Duration,
    ) -> Result<LiveCredentials, DateTime<Utc>> {
        match self.ends_within(now, margin) {
            Some(end) => Err(end),
            None => Ok(LiveCredentials(self)),
        }
    }
}

/// Says that long-term keys may leave awsx as they are. Made only for `--no-session`,
/// `session = false` and the keys of the environment.
#[derive(Clone, Copy, Debug)]
pub struct NoSession(());

impl NoSession {
    /// The permission; the caller has seen the flag or the profile's setting.
    pub fn on_request() -> Self {
        Self(())
    }

    /// The permission for keys of the environment: whoever gets them has them already.
    pub fn as_found() -> Self {
        Self(())
    }
}

/// Credentials that were checked to be fresh just now: the only ones that `deliver` takes.
/// Neither `Clone` nor storable.
pub struct LiveCredentials(SessionCredentials);

impl LiveCredentials {
    /// Hands over long-term keys themselves.
    pub fn long_term(keys: LongTermCredentials, _permission: NoSession) -> Self {
        Self(SessionCredentials {
            access_key_id: keys.access_key_id,
            secret_access_key: keys.secret_access_key,
            session_token: None,
            expiration: Expiration::Unstated,
            account_id: keys.account_id,
        })
    }

    /// `AccessKeyId`
    pub fn access_key_id(&self) -> &str {
        &self.0.access_key_id
    }

    /// `SecretAccessKey`
    pub fn secret_access_key(&self) -> &Secret {
        &self.0.secret_access_key
    }

    /// `SessionToken`
    pub fn session_token(&self) -> Option<&Secret> {
        self.0.session_token.as_ref()
    }

    /// `Expiration`
    pub fn expiration(&self) -> Expiration {
        self.0.expiration
    }

    /// The account, where it is known without a call
    pub fn account_id(&self) -> Option<&str> {
        self.0.account_id.as_deref()
    }

    /// The keys that sign a request.
    pub fn signing_keys(&self) -> SigningKeys<'_> {
        SigningKeys::from(&self.0)
    }
}

impl fmt::Debug for LiveCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What signs a request (SigV4), borrowed for one call.
#[derive(Clone, Copy, Debug)]
pub struct SigningKeys<'a> {
    /// `AccessKeyId`
    pub access_key_id: &'a str,
    /// `SecretAccessKey`
    pub secret_access_key: &'a Secret,
    /// `SessionToken`
    pub session_token: Option<&'a Secret>,
}

impl<'a> From<&'a SessionCredentials> for SigningKeys<'a> {
    fn from(session: &'a SessionCredentials) -> Self {
        Self {
            access_key_id: &session.access_key_id,
            secret_access_key: &session.secret_access_key,
            session_token: session.session_token.as_ref(),
        }
    }
}

impl<'a> From<&'a LongTermCredentials> for SigningKeys<'a> {
    fn from(keys: &'a LongTermCredentials) -> Self {
        Self {
            access_key_id: &keys.access_key_id,
            secret_access_key: &keys.secret_access_key,
            session_token: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn session(expiration: Expiration) -> SessionCredentials {
        SessionCredentials {
            access_key_id: "ASIAEXAMPLE".into(),
            secret_access_key: Secret::new("planted-secret"),
            session_token: Some(Secret::new("planted-token")),
            expiration,
            account_id: None,
        }
    }

    #[test]
    fn only_fresh_credentials_are_live() {
        let now = Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap();
        let minutes = |n: u64| Duration::from_secs(60 * n);
        let in_ten = Expiration::At(now + chrono::Duration::minutes(10));
        for (expiration, margin, live) in [
            (in_ten, minutes(10), true),
            (in_ten, minutes(11), false),
            (Expiration::At(now - chrono::Duration::minutes(1)), minutes(0), false),
            (Expiration::Unstated, minutes(60), true),
        ] {
            assert_eq!(
                session(expiration).live(now, margin).is_ok(),
                live,
                "{expiration:?} {margin:?}"
            );
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", session(Expiration::Unstated));
        assert!(!shown.contains("planted"), "{shown}");
    }
}
