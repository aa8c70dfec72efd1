//! A session as the vault keeps it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::sweep::sweep;
use super::token::forget_tokens;
use super::{Fields, Header, Lock, Record, Vault, VaultError, key_hex};
use crate::credentials::{
    Expiration, Lifetime, Secret, SessionCredentials, SessionKey, check_line, check_word,
};

/// What lists show of a session. Proved only when the session is opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionHeader {
    /// What it is: `prod: sts:AssumeRole arn:…`
    pub label: String,
    pub minted_at: DateTime<Utc>,
    /// When AWS refuses it from
    pub expires_at: DateTime<Utc>,
    /// The login, or the record of stored keys, that it was minted from, itself or through other sessions
    #[serde(default, skip_serializing_if = "Option::is_none", with = "key_hex")]
    pub login: Option<SessionKey>,
    #[serde(default)]
    pub of: SessionOf,
}

/// What a session is of. A session answers by its key, so other profiles may use it too. Of what an earlier
/// awsx kept nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionOf {
    /// The profile that it was minted for
    pub profile: Option<String>,
    /// AWS's name of the call: `sts:AssumeRole`
    pub call: Option<String>,
    pub account_id: Option<String>,
    pub role_arn: Option<String>,
    /// The name of the role, at IAM Identity Center that of the permission set
    pub role_name: Option<String>,
    /// The device whose code the call had
    pub mfa_serial: Option<String>,
    /// Whose AWS says the credentials are of which it was made, where somebody asked
    pub source_arn: Option<String>,
    /// How full its token is, in percent, where AWS said so
    pub token_percent: Option<u8>,
    /// How many scopes lie on it, one on the other
    pub scopes: Option<u8>,
}

impl SessionOf {
    /// The same without what could steer a terminal: a header with that is not read.
    fn in_plain(self) -> Self {
        let plain = |text: Option<String>| text.map(|text| in_plain(&text));
        Self {
            profile: plain(self.profile),
            call: plain(self.call),
            account_id: plain(self.account_id),
            role_arn: plain(self.role_arn),
            role_name: plain(self.role_name),
            mfa_serial: plain(self.mfa_serial),
            source_arn: plain(self.source_arn),
            ..self
        }
    }
}

fn in_plain(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// A session and what lists show of it. It states when it expires.
#[derive(Clone, Debug)]
pub struct KeptSession {
    header: SessionHeader,
    credentials: SessionCredentials,
}

impl SessionHeader {
    pub fn lifetime(&self) -> Lifetime {
        Lifetime { began: self.minted_at, ends: self.expires_at }
    }
}

impl Header for SessionHeader {
    const FOLDER: &'static str = "sessions";
    const IS_CACHE: bool = true;
}

impl KeptSession {
    /// `None` if it does not state when it expires: such a session is never kept.
    pub fn new(
        credentials: SessionCredentials,
        label: &str,
        minted_at: DateTime<Utc>,
        login: Option<SessionKey>,
        of: SessionOf,
    ) -> Option<Self> {
        let expires_at = credentials.expiration.at()?;
        let (label, of) = (in_plain(label), of.in_plain());
        let header = SessionHeader { label, minted_at, expires_at, login, of };
        Some(Self { header, credentials })
    }

    pub fn header(&self) -> &SessionHeader {
        &self.header
    }

    pub fn into_credentials(self) -> SessionCredentials {
        self.credentials
    }

    /// Keeps the session in place of an older one, and removes some that have expired since.
    pub fn keep(&self, vault: &Vault, key: &SessionKey) -> Result<(), VaultError> {
        vault.put(key, self)?;
        sweep(vault, self.header.minted_at, |header: &SessionHeader| header.expires_at);
        Ok(())
    }
}

impl Record for KeptSession {
    type Header = SessionHeader;

    fn to_parts(&self) -> (SessionHeader, Fields) {
        let SessionCredentials {
            access_key_id, secret_access_key, session_token, account_id, ..
        } = &self.credentials;
        let fields = Fields::in_order([
            Some(Secret::new(&**access_key_id)),
            Some(secret_access_key.clone()),
            session_token.clone(),
            account_id.as_deref().map(Secret::new),
        ]);
        (self.header.clone(), fields)
    }

    fn from_parts(header: SessionHeader, fields: Fields) -> Option<Self> {
        let [access_key_id, secret_access_key, session_token, account_id] = fields.into_array()?;
        // What an earlier awsx kept was not checked.
        let word = |field: Secret| check_word(field.expose()).is_ok().then_some(field);
        let text = |field: Secret| field.expose().to_owned();
        let credentials = SessionCredentials {
            access_key_id: text(word(access_key_id?)?),
            secret_access_key: secret_access_key.filter(|key| check_line(key.expose()).is_ok())?,
            session_token: match session_token {
                Some(token) => Some(word(token)?),
                None => None,
            },
            expiration: Expiration::new(header.expires_at)?,
            account_id: account_id.map(text),
        };
        Some(Self { header, credentials })
    }
}

/// The header of a kept session. One that cannot be read is minted anew.
pub(crate) fn session_header(vault: &Vault, key: &SessionKey) -> Option<SessionHeader> {
    vault.header(key).ok().flatten()
}

/// Forgets a session, the tokens that it made, and its lock unless another awsx holds it; whether there was one.
pub(crate) fn forget_session(vault: &Vault, key: &SessionKey) -> Result<bool, VaultError> {
    forget_tokens(vault, |token| token.signer == Some(*key))?;
    let lock = vault.durable().and_then(|state| Lock::Session(key).try_hold(state));
    let was_kept = vault.remove::<SessionHeader>(key)?;
    if let Some(lock) = lock {
        lock.remove();
    }
    Ok(was_kept)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn credentials(expiration: Expiration) -> SessionCredentials {
        SessionCredentials {
            access_key_id: "ASIAEXAMPLE".into(),
            secret_access_key: Secret::new("planted-secret"),
            session_token: Some(Secret::new("planted-token")),
            expiration,
            account_id: Some("123456789012".into()),
        }
    }

    fn minted_at() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap()
    }

    #[test]
    fn a_session_is_read_back() {
        let end = Expiration::At(minted_at() + chrono::Duration::milliseconds(3_600_500));
        let login = Some(SessionKey::builder("t").build());
        let whole = credentials(end);
        let bare = SessionCredentials { session_token: None, account_id: None, ..whole.clone() };
        for credentials in [whole, bare] {
            let label = "AssumeRole arn:aws:iam::123456789012:role/a for profile p\u{1b}[31m";
            let profile = Some("p\n".to_owned());
            let of = SessionOf { profile, ..SessionOf::default() };
            let kept =
                KeptSession::new(credentials.clone(), label, minted_at(), login, of).unwrap();
            let (header, fields) = kept.to_parts();
            assert_eq!(header.label, label.replace('\u{1b}', " "));
            assert_eq!(header.of.profile.as_deref(), Some("p "));
            let json = serde_json::to_string(&header).unwrap();
            let header: SessionHeader = serde_json::from_str(&json).unwrap();
            assert_eq!(&header, kept.header());
            let fields = Fields::parse(&fields.to_body()).unwrap();
            let read = KeptSession::from_parts(header, fields).unwrap().into_credentials();
            let text = |secret: &Secret| secret.expose().to_owned();
            assert_eq!(read.access_key_id, credentials.access_key_id);
            assert_eq!(text(&read.secret_access_key), "planted-secret");
            assert_eq!(
                read.session_token.as_ref().map(text),
                credentials.session_token.as_ref().map(text)
            );
            assert_eq!(read.expiration, credentials.expiration);
            assert_eq!(read.account_id, credentials.account_id);
        }
    }

    #[test]
    fn a_session_without_an_end_is_not_kept() {
        let unstated = credentials(Expiration::Unstated);
        assert!(KeptSession::new(unstated, "l", minted_at(), None, SessionOf::default()).is_none());
    }

    #[test]
    fn headers_of_earlier_and_later_versions_are_read() {
        let read = |text: &str| serde_json::from_str::<SessionHeader>(text).ok();
        let header = |time: &str, more: &str| {
            format!(r#"{{"label":"l","minted_at":"{time}","expires_at":"{time}"{more}}}"#)
        };
        for (docs, text, is_read) in [
            ("good", header("2026-01-01T00:00:00Z", ""), true),
            (
                "what it is of",
                header("2026-01-01T00:00:00Z", r#","of":{"profile":"p","new":1}"#),
                true,
            ),
            ("a new field", header("2026-01-01T00:00:00Z", r#","a":1"#), true),
            ("another time zone", header("2026-01-01T00:00:00+02:00", ""), true),
            ("a login that is no key", header("2026-01-01T00:00:00Z", r#","login":"x""#), true),
            ("not a time", header("yesterday", ""), false),
            ("a field is missing", r#"{"label":"l"}"#.to_owned(), false),
        ] {
            assert_eq!(read(&text).is_some(), is_read, "{docs}");
        }
    }

    #[test]
    fn a_body_is_exactly_four_fields() {
        let end = Expiration::At(minted_at());
        let of = SessionOf::default();
        let kept = KeptSession::new(credentials(end), "l", minted_at(), None, of).unwrap();
        let secret = || Some(Secret::new("s"));
        for (docs, fields, is_read) in [
            ("four", vec![secret(), secret(), None, None], true),
            ("three", vec![secret(), secret(), None], false),
            ("five", vec![secret(), secret(), None, None, None], false),
            ("without a key id", vec![None, secret(), None, None], false),
            ("without a secret", vec![secret(), None, None, None], false),
        ] {
            let read = KeptSession::from_parts(kept.header().clone(), Fields::in_order(fields));
            assert_eq!(read.is_some(), is_read, "{docs}");
        }
    }
}
