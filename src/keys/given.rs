//! An access key as somebody hands it over. No error quotes what was handed over.

use chrono::{DateTime, Utc};

use super::record::{StoredKeys, StoredKeysHeader};
use crate::credentials::document::{Fields, InvalidDocument, instant};
use crate::credentials::{Flaw, LongTermCredentials, Secret, check_word};

/// What may be handed over at once, in bytes.
pub(crate) const LONGEST: u64 = 64 * 1024;

/// An access key that is to be stored.
#[derive(Clone, Debug)]
pub(crate) struct NewKey {
    pub credentials: LongTermCredentials,
    /// IAM's `CreateDate`, where it came along
    pub created_at: Option<DateTime<Utc>>,
}

/// Why what was handed over is no access key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotAKey {
    /// `ASIA…`, or a token
    #[error("these are the credentials of a session, which ends by itself")]
    Session,
    #[error(
        "this is no access key: neither two lines (the access key id, the secret) nor the JSON of \
         credential_process or `aws iam create-access-key`"
    )]
    Unknown,
    #[error("this is no access key: {0}")]
    Document(#[from] InvalidDocument),
    #[error("the access key id is not 16 to 128 capital letters and digits, such as AKIA…")]
    Id,
    #[error("the secret access key is empty")]
    NoSecret,
    #[error("the secret access key {0}")]
    Secret(Flaw),
}

impl NewKey {
    /// An access key of these halves, without what blanks stand around them.
    pub(crate) fn new(access_key_id: &str, secret: &Secret) -> Result<Self, NotAKey> {
        let (access_key_id, secret) = (access_key_id.trim(), secret.expose().trim());
        check_id(access_key_id)?;
        if secret.is_empty() {
            return Err(NotAKey::NoSecret);
        }
        check_word(secret).map_err(NotAKey::Secret)?;
        Ok(Self {
            credentials: LongTermCredentials {
                access_key_id: access_key_id.to_owned(),
                secret_access_key: Secret::new(secret),
                account_id: None,
            },
            created_at: None,
        })
    }

    /// The record of this key under a name, not proved yet.
    pub(crate) fn into_record(self, name: &str, added_at: DateTime<Utc>) -> StoredKeys {
        let LongTermCredentials { access_key_id, secret_access_key, .. } = self.credentials;
        let header = StoredKeysHeader {
            name: name.to_owned(),
            access_key_id,
            owner: None,
            created_at: self.created_at,
            added_at,
            rotation: None,
            digests: Vec::new(),
        };
        StoredKeys { header, secret_access_key, secret_beside: None }
    }

    /// Reads two lines, or JSON: that of `credential_process`
    /// (<https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>), or of
    /// `aws iam create-access-key`
    /// (<https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html>).
    pub(crate) fn parse(text: &str) -> Result<Self, NotAKey> {
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.starts_with('{') {
            return Self::of_document(Fields::parse(text.as_bytes())?);
        }
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        match lines[..] {
            [id, secret] => Self::new(id, &Secret::new(secret)),
            _ => Err(NotAKey::Unknown),
        }
    }

    fn of_document(mut fields: Fields) -> Result<Self, NotAKey> {
        if let Some(key) = fields.object("AccessKey") {
            fields = key;
        } else if fields.object("Credentials").is_some() {
            // What STS answers with.
            return Err(NotAKey::Session);
        }
        let id = fields.require("AccessKeyId")?;
        let secret = Secret::new(fields.require("SecretAccessKey")?);
        if fields.string("SessionToken")?.is_some() {
            return Err(NotAKey::Session);
        }
        let created_at = fields.string("CreateDate")?.and_then(|text| instant(&text));
        Ok(Self { created_at, ..Self::new(&id, &secret)? })
    }
}

/// Checks the access key id alone: who gives the secret in its place must not see it again.
pub(crate) fn check_id(id: &str) -> Result<(), NotAKey> {
    let is_legal = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    match id.trim() {
        id if !(16..=128).contains(&id.len()) || !id.bytes().all(is_legal) => Err(NotAKey::Id),
        id if id.starts_with("ASIA") => Err(NotAKey::Session),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "AKIAIOSFODNN7EXAMPLE";

    #[test]
    fn keys_are_read_in_the_forms_in_which_people_have_them() {
        let created = "2026-01-02T03:04:05+00:00";
        for (docs, text, expected) in [
            ("two lines", format!("{ID}\npl/anted+secret"), Ok("-")),
            (
                "CRLF, blanks, blank lines",
                format!("\r\n {ID} \r\n\r\n\tpl/anted+secret\r\n"),
                Ok("-"),
            ),
            ("a byte order mark", format!("\u{feff}{ID}\npl/anted+secret\n"), Ok("-")),
            (
                "credential_process",
                format!(
                    r#"{{"Version":1,"AccessKeyId":"{ID}","SecretAccessKey":"pl/anted+secret"}}"#
                ),
                Ok("-"),
            ),
            (
                "aws iam create-access-key",
                format!(
                    r#"{{"AccessKey":{{"UserName":"u","AccessKeyId":"{ID}","Status":"Active",
                    "SecretAccessKey":"pl/anted+secret","CreateDate":"{created}"}}}}"#
                ),
                Ok(created),
            ),
            (
                "a time that nobody can read is not known",
                format!(
                    r#"{{"AccessKey":{{"AccessKeyId":"{ID}","SecretAccessKey":"pl/anted+secret","CreateDate":"x"}}}}"#
                ),
                Ok("-"),
            ),
            (
                "a session's key",
                "ASIAIOSFODNN7EXAMPLE\nplanted".to_owned(),
                Err("these are the cred"),
            ),
            (
                "a token",
                format!(
                    r#"{{"AccessKeyId":"{ID}","SecretAccessKey":"planted","SessionToken":"planted"}}"#
                ),
                Err("these are the cred"),
            ),
            (
                "an answer of STS",
                format!(
                    r#"{{"Credentials":{{"AccessKeyId":"{ID}","SecretAccessKey":"planted"}}}}"#
                ),
                Err("these are the cred"),
            ),
            ("nothing", String::new(), Err("this is no access key: neither")),
            ("one line", ID.to_owned(), Err("this is no access key: neither")),
            (
                "three lines",
                format!("{ID}\nplanted\nplanted"),
                Err("this is no access key: neither"),
            ),
            (
                "the other way round",
                format!("planted/secret\n{ID}"),
                Err("the access key id is not"),
            ),
            (
                "a secret with a blank",
                format!("{ID}\nplanted secret"),
                Err("the secret access key has a blank"),
            ),
            ("half a document", "{".to_owned(), Err("this is no access key: not JSON")),
            (
                "no secret in it",
                format!(r#"{{"AccessKeyId":"{ID}"}}"#),
                Err("this is no access key: `SecretAccessKey` is missing or empty"),
            ),
        ] {
            match (NewKey::parse(&text), expected) {
                (Ok(key), Ok(at)) => {
                    assert_eq!(key.credentials.access_key_id, ID, "{docs}");
                    assert_eq!(
                        key.credentials.secret_access_key.expose(),
                        "pl/anted+secret",
                        "{docs}"
                    );
                    let found = key.created_at.map_or("-".to_owned(), |at| at.to_rfc3339());
                    assert_eq!(found, at, "{docs}");
                }
                (Err(error), Err(said)) => {
                    let error = error.to_string();
                    assert!(
                        error.starts_with(said) && !error.contains("planted"),
                        "{docs}: {error}"
                    );
                }
                (found, _) => panic!("{docs}: {found:?}"),
            }
        }
    }
}
