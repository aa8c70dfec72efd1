//! Credentials: an IAM user's keys, session credentials, and the proof that these are fresh. Fields have
//! AWS's names.

use std::time::Duration;

use chrono::{DateTime, Datelike, Utc};

use super::Secret;

/// An IAM user's access key pair (`AKIA…`). It does not expire, so it is exchanged for a session
/// before anything leaves awsx, unless [`NoSession`] says otherwise.
#[derive(Clone, Debug)]
pub struct LongTermCredentials {
    pub access_key_id: String,
    pub secret_access_key: Secret,
    /// `aws_account_id`, where the profile or the environment states it
    pub account_id: Option<String>,
}

/// When credentials end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiration {
    At(DateTime<Utc>),
    /// The source states none: usable now, never stored.
    Unstated,
}

impl Expiration {
    /// None after the year 9999: RFC 3339 has no digits for it, so nobody could read it back.
    pub fn new(at: DateTime<Utc>) -> Option<Self> {
        (at.year() <= 9999).then_some(Self::At(at))
    }

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
    pub access_key_id: String,
    pub secret_access_key: Secret,
    /// Absent only where a source handed over a bare key pair
    pub session_token: Option<Secret>,
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

    /// The credentials as something that may be delivered, if at least `margin` is left at `now`; else
    /// when they end.
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
#[derive(Debug)]
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

    pub fn access_key_id(&self) -> &str {
        &self.0.access_key_id
    }

    pub fn secret_access_key(&self) -> &Secret {
        &self.0.secret_access_key
    }

    pub fn session_token(&self) -> Option<&Secret> {
        self.0.session_token.as_ref()
    }

    pub fn expiration(&self) -> Expiration {
        self.0.expiration
    }

    pub fn account_id(&self) -> Option<&str> {
        self.0.account_id.as_deref()
    }
}

/// What signs a request, whoever it came from.
#[derive(Clone, Debug)]
pub(crate) enum Keys {
    LongTerm(LongTermCredentials),
    Session(SessionCredentials),
}

impl Keys {
    pub(crate) fn access_key_id(&self) -> &str {
        match self {
            Self::LongTerm(keys) => &keys.access_key_id,
            Self::Session(session) => &session.access_key_id,
        }
    }

    /// `SecretAccessKey` and `SessionToken`
    pub(crate) fn secrets(&self) -> (&Secret, Option<&Secret>) {
        match self {
            Self::LongTerm(keys) => (&keys.secret_access_key, None),
            Self::Session(session) => (&session.secret_access_key, session.session_token.as_ref()),
        }
    }

    pub(crate) fn expiration(&self) -> Expiration {
        match self {
            Self::LongTerm(_) => Expiration::Unstated,
            Self::Session(session) => session.expiration,
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
