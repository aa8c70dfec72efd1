//! What a sealed record says: the header of a session (never a secret) and its body. The only
//! code that serialises secrets. How files are sealed is [`super::envelope`]'s job, where they
//! are is `store`'s.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::envelope::{Envelope, Unreadable, sealed};
use super::seal::DataKey;
use crate::credentials::{Expiration, Secret, SessionCredentials, SessionKey};

/// A session as it is kept.
#[derive(Clone, Debug)]
pub struct StoredSession {
    /// The session; it states when it expires.
    pub credentials: SessionCredentials,
    /// What it is, for lists: `AssumeRole arn:… for profile prod`. Kept in clear text.
    pub label: String,
    /// When it was minted. Kept in clear text.
    pub minted_at: DateTime<Utc>,
    /// The login that it was minted from, itself or through other sessions. Kept in clear text.
    pub login: Option<SessionKey>,
}

/// What is known of a kept session without opening it. Proved only when it is opened: for lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The request that the session answers
    pub key: SessionKey,
    /// What it is
    pub label: String,
    /// When it was minted
    pub minted_at: DateTime<Utc>,
    /// When it expires
    pub expires_at: DateTime<Utc>,
    /// The login that it was minted from
    pub login: Option<SessionKey>,
}

/// The header as the file has it; times are RFC 3339.
#[derive(Serialize, Deserialize)]
struct HeaderText {
    key: String,
    label: String,
    minted_at: String,
    expires_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    login: Option<String>,
}

impl Header {
    /// The header of the record at `name`. Needs no key.
    ///
    /// # Errors
    /// Says why the record is unreadable.
    pub fn read(file: &[u8], key: &SessionKey) -> Result<Self, Unreadable> {
        Self::of(&Envelope::parse(file)?, key)
    }

    fn of(envelope: &Envelope<'_>, key: &SessionKey) -> Result<Self, Unreadable> {
        let text: HeaderText =
            serde_json::from_slice(envelope.header()).map_err(|_| Unreadable::Header)?;
        let time = |text: &str| {
            let time = DateTime::parse_from_rfc3339(text).map_err(|_| Unreadable::Header)?;
            Ok(time.to_utc())
        };
        if text.label.chars().any(char::is_control) {
            return Err(Unreadable::Header);
        }
        if SessionKey::from_hex(&text.key).as_ref() != Some(key) {
            return Err(Unreadable::Renamed);
        }
        Ok(Self {
            key: *key,
            label: text.label,
            minted_at: time(&text.minted_at)?,
            expires_at: time(&text.expires_at)?,
            login: text.login.as_deref().and_then(SessionKey::from_hex),
        })
    }

    fn to_json(&self) -> Vec<u8> {
        let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        let text = HeaderText {
            key: self.key.to_hex(),
            label: self.label.replace(char::is_control, " "),
            minted_at: time(self.minted_at),
            expires_at: time(self.expires_at),
            login: self.login.map(SessionKey::to_hex),
        };
        serde_json::to_vec(&text).expect("four strings become JSON")
    }
}

impl StoredSession {
    /// The record of this session, sealed for the file at `name`; none if the session states no
    /// expiry.
    pub(super) fn sealed(
        &self,
        data_key: &DataKey,
        name: &str,
        key: &SessionKey,
    ) -> Option<Vec<u8>> {
        let header = Header {
            key: *key,
            label: self.label.clone(),
            minted_at: self.minted_at,
            expires_at: self.credentials.expiration.at()?,
            login: self.login,
        };
        Some(sealed(data_key, name, &header.to_json(), &body(&self.credentials)))
    }

    /// Opens the record in the file at `name`.
    ///
    /// # Errors
    /// Says why the record is unreadable.
    pub fn open(
        file: &[u8],
        data_key: &DataKey,
        name: &str,
        key: &SessionKey,
    ) -> Result<Self, Unreadable> {
        let envelope = Envelope::parse(file)?;
        let header = Header::of(&envelope, key)?;
        let body = envelope.open(data_key, name)?;
        let credentials = credentials(&body, header.expires_at).ok_or(Unreadable::Body)?;
        let Header { label, minted_at, login, .. } = header;
        Ok(Self { credentials, label, minted_at, login })
    }
}

/// The secrets of a session: four fields, each with its length; an absent one has a length of
/// `ABSENT`.
fn body(session: &SessionCredentials) -> Zeroizing<Vec<u8>> {
    let fields = [
        Some(session.access_key_id.as_str()),
        Some(session.secret_access_key.expose()),
        session.session_token.as_ref().map(Secret::expose),
        session.account_id.as_deref(),
    ];
    let length = fields.iter().map(|field| 4 + field.map_or(0, str::len)).sum();
    // Room for all of it at once: a buffer that grows leaves copies behind.
    let mut body = Zeroizing::new(Vec::with_capacity(length));
    for field in fields {
        let length = field.map_or(ABSENT, |text| {
            u32::try_from(text.len()).expect("credentials are far below 4 GiB")
        });
        body.extend_from_slice(&length.to_be_bytes());
        body.extend_from_slice(field.unwrap_or_default().as_bytes());
    }
    body
}

const ABSENT: u32 = u32::MAX;

/// Reads an opened body; none unless it is exactly what awsx writes.
pub fn credentials(body: &[u8], expires_at: DateTime<Utc>) -> Option<SessionCredentials> {
    let mut rest = body;
    let mut field = || {
        let (length, after) = rest.split_first_chunk::<4>()?;
        rest = after;
        let length = u32::from_be_bytes(*length);
        if length == ABSENT {
            return Some(None);
        }
        let (text, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        rest = after;
        Some(Some(std::str::from_utf8(text).ok()?.to_owned()))
    };
    // Each field becomes a `Secret` at once, so that it is wiped if a later one is malformed.
    let access_key_id = field()??;
    let secret_access_key = Secret::new(field()??);
    let session_token = field()?.map(Secret::new);
    let account_id = field()?;
    rest.is_empty().then_some(SessionCredentials {
        access_key_id,
        secret_access_key,
        session_token,
        expiration: Expiration::At(expires_at),
        account_id,
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use proptest::prelude::*;

    use super::*;

    const NAME: &str = "sessions/x.rec";

    fn session() -> StoredSession {
        let minted_at = Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap();
        StoredSession {
            credentials: SessionCredentials {
                access_key_id: "ASIAEXAMPLE".into(),
                secret_access_key: Secret::new("planted-secret"),
                session_token: Some(Secret::new("planted-token")),
                expiration: Expiration::At(minted_at + chrono::Duration::milliseconds(3_600_500)),
                account_id: Some("123456789012".into()),
            },
            label: "AssumeRole arn:aws:iam::123456789012:role/a for profile p\u{1b}[31m".into(),
            minted_at,
            login: Some(id()),
        }
    }

    fn id() -> SessionKey {
        SessionKey::builder("t").build()
    }

    fn same(a: &SessionCredentials, b: &SessionCredentials) -> bool {
        let fields = |s: &SessionCredentials| {
            (
                s.access_key_id.clone(),
                s.secret_access_key.expose().to_owned(),
                s.session_token.as_ref().map(|token| token.expose().to_owned()),
                s.expiration,
                s.account_id.clone(),
            )
        };
        fields(a) == fields(b)
    }

    #[test]
    fn a_session_is_read_back_and_nothing_secret_is_in_the_file() {
        let data_key = DataKey::generate();
        let bare = SessionCredentials {
            session_token: None,
            account_id: None,
            ..session().credentials.clone()
        };
        for credentials in [session().credentials, bare] {
            let stored = StoredSession { credentials, ..session() };
            let file = stored.sealed(&data_key, NAME, &id()).unwrap();
            let text = String::from_utf8_lossy(&file);
            assert!(!text.contains("planted") && !text.contains("ASIA"), "{text}");
            let opened = StoredSession::open(&file, &data_key, NAME, &id()).unwrap();
            assert!(same(&opened.credentials, &stored.credentials));
            let header = Header::read(&file, &id()).unwrap();
            assert_eq!(Some(header.expires_at), stored.credentials.expiration.at());
            assert_eq!((header.minted_at, &header.label), (stored.minted_at, &opened.label));
            assert_eq!((header.login, opened.login), (stored.login, stored.login));
            assert_eq!(header.label, session().label.replace('\u{1b}', " "));
        }
    }

    #[test]
    fn a_session_without_expiry_is_not_sealed() {
        let mut stored = session();
        stored.credentials.expiration = Expiration::Unstated;
        assert!(stored.sealed(&DataKey::generate(), NAME, &id()).is_none());
    }

    #[test]
    fn headers_are_checked() {
        let data_key = DataKey::generate();
        let id_hex = id().to_hex();
        let header = |text: &str| sealed(&data_key, NAME, text.as_bytes(), b"");
        let good = |label: &str, time: &str| {
            format!(
                r#"{{"key":"{id_hex}","label":"{label}","minted_at":"{time}","expires_at":"{time}"}}"#
            )
        };
        let other = good("l", "2026-01-01T00:00:00Z").replace(&id_hex, &"0".repeat(64));
        for (docs, text, expected) in [
            ("good", good("l", "2026-01-01T00:00:00Z"), None),
            ("a new field", good("l", "2026-01-01T00:00:00Z").replace('{', r#"{"a":1,"#), None),
            ("another time zone", good("l", "2026-01-01T00:00:00+02:00"), None),
            ("not JSON", "{".into(), Some(Unreadable::Header)),
            ("a field is missing", "{}".into(), Some(Unreadable::Header)),
            ("not a time", good("l", "yesterday"), Some(Unreadable::Header)),
            (
                "escapes in the label",
                good(r"\u001b[2J", "2026-01-01T00:00:00Z"),
                Some(Unreadable::Header),
            ),
            ("another key", other, Some(Unreadable::Renamed)),
        ] {
            assert_eq!(Header::read(&header(&text), &id()).err(), expected, "{docs}");
        }
        let empty = header(&good("l", "2026-01-01T00:00:00Z"));
        let opened = StoredSession::open(&empty, &data_key, NAME, &id());
        assert_eq!(opened.unwrap_err(), Unreadable::Body);
    }

    #[test]
    fn a_body_is_exactly_four_fields() {
        let good = body(&session().credentials);
        let expires_at = session().minted_at;
        assert!(credentials(&good, expires_at).is_some());
        for length in 0..good.len() {
            assert!(credentials(&good[..length], expires_at).is_none(), "{length}");
        }
        assert!(credentials(&[&good[..], &[0]].concat(), expires_at).is_none());
        let absent_id = [&ABSENT.to_be_bytes(), &good[15..]].concat();
        assert!(credentials(&absent_id, expires_at).is_none(), "the first two are required");
        let not_unicode = [&2_u32.to_be_bytes(), &b"\xff\xff"[..], &good[15..]].concat();
        assert!(credentials(&not_unicode, expires_at).is_none());
    }

    proptest! {
        #[test]
        fn no_bytes_cause_a_panic(bytes: Vec<u8>, sealed_header: Vec<u8>) {
            let data_key = DataKey::from_slice(&[1; 32]).unwrap();
            let _ = credentials(&bytes, DateTime::UNIX_EPOCH);
            for file in [
                bytes.clone(),
                [b"awsxrec\x01", &bytes[..]].concat(),
                sealed(&data_key, NAME, &sealed_header, &bytes),
            ] {
                let _ = StoredSession::open(&file, &data_key, NAME, &id());
                let _ = Header::read(&file, &id());
            }
        }
    }
}
