//! A login as a sealed record: what `awsx login status` lists in the clear, the tokens and keys
//! sealed. What the secrets of a login are called, and when they are renewed, is the session's.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::envelope::{Envelope, Unreadable, sealed};
use super::seal::DataKey;
use crate::credentials::{Secret, SessionKey};

/// A login as it is kept.
#[derive(Clone, Debug)]
pub struct StoredLogin {
    /// What is known without opening it
    pub header: LoginHeader,
    /// Tokens, registration, keys
    pub secrets: LoginSecrets,
}

/// Where one logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoginKind {
    /// IAM Identity Center
    Sso,
    /// AWS sign-in: `login_session`
    SignIn,
}

/// What is known of a kept login without opening anything. Proved only when it is opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginHeader {
    /// Where one logs in
    pub kind: LoginKind,
    /// The `[sso-session]`, or the ARN of the `login_session`; none for a start URL of a profile
    pub name: Option<String>,
    /// `sso_start_url`; the endpoint of AWS sign-in
    pub url: String,
    /// `sso_region`; the region of AWS sign-in
    pub region: String,
    /// `sso_registration_scopes`; none for AWS sign-in
    #[serde(default)]
    pub scopes: Vec<String>,
    /// When the person logged in
    pub logged_in_at: DateTime<Utc>,
    /// When awsx last got a new access token, by login or refresh
    pub refreshed_at: DateTime<Utc>,
    /// Until when AWS takes the access token; none if it was dropped
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether there is a refresh token
    pub can_refresh: bool,
    /// Until when the client registration holds; none where there is no registration
    pub registration_expires_at: Option<DateTime<Utc>>,
    /// Whether the AWS CLI's cache has it too, and is kept in step
    #[serde(default)]
    pub shared: bool,
}

/// The secrets of a login, by name, in the order they were set.
#[derive(Clone, Debug, Default)]
pub struct LoginSecrets(Vec<(String, Secret)>);

impl LoginSecrets {
    /// The secret of this name.
    pub fn get(&self, name: &str) -> Option<&Secret> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, secret)| secret)
    }

    /// The same with one more; an absent one changes nothing.
    #[must_use]
    pub fn with(mut self, name: &str, secret: Option<Secret>) -> Self {
        self.0.extend(secret.map(|secret| (name.to_owned(), secret)));
        self
    }
}

/// The header as the file has it.
#[derive(Serialize, Deserialize)]
struct HeaderText {
    key: String,
    #[serde(flatten)]
    header: LoginHeader,
}

impl LoginHeader {
    /// The header of the record of `key`. Needs no key of the vault.
    ///
    /// # Errors
    /// Says why the record is unreadable.
    pub(super) fn read(file: &[u8], key: &SessionKey) -> Result<Self, Unreadable> {
        Self::of(&Envelope::parse(file)?, key)
    }

    fn of(envelope: &Envelope<'_>, key: &SessionKey) -> Result<Self, Unreadable> {
        let text: HeaderText =
            serde_json::from_slice(envelope.header()).map_err(|_| Unreadable::Header)?;
        if SessionKey::from_hex(&text.key).as_ref() != Some(key) {
            return Err(Unreadable::Renamed);
        }
        let header = text.header;
        let scopes = header.scopes.iter().map(String::as_str);
        let shown = header.name.as_deref().into_iter().chain(scopes);
        let steers =
            shown.chain([&*header.url, &*header.region]).flat_map(str::chars).any(char::is_control);
        if steers { Err(Unreadable::Header) } else { Ok(header) }
    }
}

impl StoredLogin {
    /// The record, sealed for the file at `name`.
    pub(super) fn sealed(&self, data_key: &DataKey, name: &str, key: &SessionKey) -> Vec<u8> {
        let text = HeaderText { key: key.to_hex(), header: self.header.clone() };
        let header = serde_json::to_vec(&text).expect("strings and times become JSON");
        sealed(data_key, name, &header, &body(&self.secrets))
    }

    /// Opens the record in the file at `name`.
    ///
    /// # Errors
    /// Says why the record is unreadable.
    pub(super) fn open(
        file: &[u8],
        data_key: &DataKey,
        name: &str,
        key: &SessionKey,
    ) -> Result<Self, Unreadable> {
        let envelope = Envelope::parse(file)?;
        let header = LoginHeader::of(&envelope, key)?;
        let secrets = secrets(&envelope.open(data_key, name)?).ok_or(Unreadable::Body)?;
        Ok(Self { header, secrets })
    }
}

/// Names and secrets in turn, each with its length before it.
fn body(secrets: &LoginSecrets) -> Zeroizing<Vec<u8>> {
    let texts = || secrets.0.iter().flat_map(|(name, secret)| [name.as_str(), secret.expose()]);
    // Room for all of it at once: a buffer that grows leaves copies behind.
    let mut body = Zeroizing::new(Vec::with_capacity(texts().map(|text| 4 + text.len()).sum()));
    for text in texts() {
        let length = u32::try_from(text.len()).expect("tokens are far below 4 GiB");
        body.extend_from_slice(&length.to_be_bytes());
        body.extend_from_slice(text.as_bytes());
    }
    body
}

/// Reads an opened body; none unless it is what awsx writes.
pub fn secrets(body: &[u8]) -> Option<LoginSecrets> {
    let mut rest = body;
    let mut secrets = LoginSecrets::default();
    let text = |rest: &mut &[u8]| {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (text, after) = after.split_at_checked(length)?;
        *rest = after;
        Some(Secret::new(std::str::from_utf8(text).ok()?))
    };
    while !rest.is_empty() {
        let name = text(&mut rest)?;
        secrets = secrets.with(name.expose(), Some(text(&mut rest)?));
    }
    Some(secrets)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use proptest::prelude::*;

    use super::*;

    const NAME: &str = "logins/x.rec";

    fn key() -> SessionKey {
        SessionKey::builder("t").build()
    }

    fn login() -> StoredLogin {
        let noon = Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).unwrap();
        StoredLogin {
            header: LoginHeader {
                kind: LoginKind::Sso,
                name: Some("corp".into()),
                url: "https://corp.awsapps.com/start".into(),
                region: "eu-west-1".into(),
                scopes: vec!["sso:account:access".into()],
                logged_in_at: noon,
                refreshed_at: noon,
                expires_at: Some(noon),
                can_refresh: true,
                registration_expires_at: None,
                shared: false,
            },
            secrets: LoginSecrets::default()
                .with("access_token", Some(Secret::new("planted-access")))
                .with("absent", None)
                .with("refresh_token", Some(Secret::new(""))),
        }
    }

    #[test]
    fn a_login_is_read_back_and_nothing_secret_is_in_the_file() {
        let data_key = DataKey::generate();
        let file = login().sealed(&data_key, NAME, &key());
        assert!(!String::from_utf8_lossy(&file).contains("planted"));
        let opened = StoredLogin::open(&file, &data_key, NAME, &key()).unwrap();
        assert_eq!(opened.header, login().header);
        assert_eq!(LoginHeader::read(&file, &key()).unwrap(), login().header);
        let text = |name| opened.secrets.get(name).map(|secret| secret.expose().to_owned());
        assert_eq!(text("access_token").as_deref(), Some("planted-access"));
        assert_eq!(text("refresh_token").as_deref(), Some(""));
        assert_eq!(text("absent"), None);
    }

    #[test]
    fn headers_are_checked() {
        let data_key = DataKey::generate();
        let other = SessionKey::builder("other").build();
        let file = login().sealed(&data_key, NAME, &other);
        assert_eq!(LoginHeader::read(&file, &key()), Err(Unreadable::Renamed));
        let mut steering = login();
        steering.header.url = "https://x/\u{1b}[2J".into();
        let file = steering.sealed(&data_key, NAME, &key());
        assert_eq!(LoginHeader::read(&file, &key()), Err(Unreadable::Header));
        let file = sealed(&data_key, NAME, b"{}", b"");
        assert_eq!(LoginHeader::read(&file, &key()), Err(Unreadable::Header));
    }

    #[test]
    fn a_body_is_names_and_secrets() {
        let good = body(&login().secrets);
        assert!(secrets(&good).is_some());
        for length in 1..good.len() {
            // A cut between two pairs is a shorter list; the seal finds it.
            let whole = length == 4 + 12 + 4 + 14;
            assert_eq!(secrets(&good[..length]).is_some(), whole, "{length}");
        }
        assert!(secrets(b"\x00\x00\x00\x01a\x00\x00\x00\x01\xff").is_none());
    }

    proptest! {
        #[test]
        fn no_bytes_cause_a_panic(bytes: Vec<u8>, header: Vec<u8>) {
            let data_key = DataKey::from_slice(&[1; 32]).unwrap();
            let _ = secrets(&bytes);
            let file = sealed(&data_key, NAME, &header, &bytes);
            let _ = StoredLogin::open(&file, &data_key, NAME, &key());
        }
    }
}
