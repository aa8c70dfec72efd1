//! A sign-in as the vault keeps it: which of its parts is called what in a [`StoredLogin`].

use chrono::{DateTime, Utc};

use crate::credentials::{Expiration, Secret, SessionCredentials, SignInToken};
use crate::vault::{LoginHeader, LoginKind, LoginSecrets, StoredLogin};

const CLIENT_ID: &str = "client_id";
const ACCESS_KEY_ID: &str = "access_key_id";
const SECRET_ACCESS_KEY: &str = "secret_access_key";
const SESSION_TOKEN: &str = "session_token";
const ACCOUNT_ID: &str = "account_id";
const REFRESH_TOKEN: &str = "refresh_token";
const ID_TOKEN: &str = "id_token";
const DPOP_KEY: &str = "dpop_key";

/// What the vault has of a sign-in, read.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) token: SignInToken,
    /// The endpoint that the person signed in at
    pub(super) url: String,
    /// The region of the endpoint
    pub(super) region: String,
    pub(super) logged_in_at: DateTime<Utc>,
    pub(super) refreshed_at: DateTime<Utc>,
    /// `--share`
    pub(super) shared: bool,
}

impl Kept {
    /// Reads a record; none where it lacks what every sign-in has.
    pub(super) fn of(stored: &StoredLogin) -> Option<Self> {
        let StoredLogin { header, secrets } = stored;
        let text = |name| secrets.get(name).map(|secret| secret.expose().to_owned());
        let credentials = || {
            Some(SessionCredentials {
                access_key_id: text(ACCESS_KEY_ID)?,
                secret_access_key: secrets.get(SECRET_ACCESS_KEY)?.clone(),
                session_token: Some(secrets.get(SESSION_TOKEN)?.clone()),
                expiration: Expiration::At(header.expires_at?),
                account_id: text(ACCOUNT_ID),
            })
        };
        Some(Self {
            token: SignInToken {
                client_id: text(CLIENT_ID)?,
                region: Some(header.region.clone()),
                credentials: credentials(),
                refresh_token: secrets.get(REFRESH_TOKEN).cloned(),
                id_token: secrets.get(ID_TOKEN).cloned(),
                dpop_key: secrets.get(DPOP_KEY)?.clone(),
            },
            url: header.url.clone(),
            region: header.region.clone(),
            logged_in_at: header.logged_in_at,
            refreshed_at: header.refreshed_at,
            shared: header.shared,
        })
    }

    /// The record.
    pub(super) fn stored(&self, session: &str) -> StoredLogin {
        let token = &self.token;
        let credentials = token.credentials.as_ref();
        let plain = |text: &str| Some(Secret::new(text));
        StoredLogin {
            header: LoginHeader {
                kind: LoginKind::SignIn,
                name: Some(session.to_owned()),
                url: self.url.clone(),
                region: self.region.clone(),
                scopes: Vec::new(),
                logged_in_at: self.logged_in_at,
                refreshed_at: self.refreshed_at,
                expires_at: credentials.and_then(|credentials| credentials.expiration.at()),
                can_refresh: token.refresh_token.is_some(),
                registration_expires_at: None,
                shared: self.shared,
            },
            secrets: LoginSecrets::default()
                .with(CLIENT_ID, plain(&token.client_id))
                .with(ACCESS_KEY_ID, credentials.and_then(|found| plain(&found.access_key_id)))
                .with(SECRET_ACCESS_KEY, credentials.map(|found| found.secret_access_key.clone()))
                .with(SESSION_TOKEN, credentials.and_then(|found| found.session_token.clone()))
                .with(ACCOUNT_ID, credentials.and_then(|found| plain(found.account_id.as_deref()?)))
                .with(REFRESH_TOKEN, token.refresh_token.clone())
                .with(ID_TOKEN, token.id_token.clone())
                .with(DPOP_KEY, Some(token.dpop_key.clone())),
        }
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
        let kept = Kept {
            token,
            url: "https://eu-west-1.signin.aws.amazon.com".into(),
            region: "eu-west-1".into(),
            logged_in_at: noon,
            refreshed_at: noon,
            shared: true,
        };
        let stored = kept.stored("arn:aws:iam::1:user/a");
        assert!(stored.header.can_refresh);
        assert_eq!(stored.header.expires_at, Some(noon));
        let read = Kept::of(&stored).unwrap();
        // Debug shows no secret, so it is compared apart.
        assert_eq!(format!("{read:?}"), format!("{kept:?}"));
        let refresh_token = read.token.refresh_token.unwrap();
        assert_eq!(refresh_token.expose(), "planted-refresh");

        let dropped = SignInToken { credentials: None, refresh_token: None, ..kept.token.clone() };
        let stored = Kept { token: dropped, shared: false, ..kept }.stored("s");
        assert!(!stored.header.can_refresh && stored.header.expires_at.is_none());
        let read = Kept::of(&stored).unwrap();
        assert!(read.token.credentials.is_none() && !read.shared);
        let empty = StoredLogin { secrets: LoginSecrets::default(), ..stored };
        assert!(Kept::of(&empty).is_none());
    }
}
