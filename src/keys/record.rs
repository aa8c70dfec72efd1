//! Stored keys: an IAM user's access key under the name of a profile.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::credentials::{LongTermCredentials, Secret, SessionKey, check_line, check_word};
use crate::vault::{Fields, Header, Record, Vault, VaultError};

const SECRET_ACCESS_KEY: &str = "secret_access_key";

/// What is known of stored keys without opening the vault. Proved only when the record is opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredKeysHeader {
    /// The profile that draws on them
    pub name: String,
    /// `AKIA…`
    pub access_key_id: String,
    /// Whose the key is, as AWS last said
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<KeyOwner>,
    /// IAM's `CreateDate`, where it is known
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<DateTime<Utc>>,
    pub added_at: DateTime<Utc>,
}

/// Whose a key is, as `sts:GetCallerIdentity` said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyOwner {
    /// 12 digits
    pub account_id: String,
    /// `arn:aws:iam::…:user/NAME`
    pub arn: String,
    pub proved_at: DateTime<Utc>,
}

/// An access key as the vault keeps it.
#[derive(Clone, Debug)]
pub(crate) struct StoredKeys {
    pub header: StoredKeysHeader,
    pub secret_access_key: Secret,
}

impl StoredKeysHeader {
    /// The key of the record of this name.
    pub(crate) fn key(name: &str) -> SessionKey {
        SessionKey::builder("stored keys").field("name", name).build()
    }

    /// The access key id, and whose it is if that is known.
    pub(crate) fn describe(&self) -> String {
        match &self.owner {
            Some(owner) => format!("{} of {owner}", self.access_key_id),
            None => self.access_key_id.clone(),
        }
    }

    /// What is known of the keys of this name. Opens nothing.
    pub(crate) fn find(vault: &Vault, name: &str) -> Result<Option<Self>, VaultError> {
        vault.header(&Self::key(name))
    }
}

impl fmt::Display for KeyOwner {
    /// `dev in 123456789012`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { arn, account_id, .. } = self;
        match arn.rsplit(['/', ':']).next() {
            Some("root") => write!(f, "the root user of {account_id}"),
            Some(name) => write!(f, "{name} in {account_id}"),
            None => f.write_str(arn),
        }
    }
}

impl Header for StoredKeysHeader {
    const FOLDER: &'static str = "keys";
    const IS_CACHE: bool = false;
    const OUTLIVES_REBOOT: bool = true;
}

impl StoredKeys {
    /// Whether it is this key.
    pub(crate) fn holds(&self, key: &LongTermCredentials) -> bool {
        self.header.access_key_id == key.access_key_id
            && self.secret_access_key.expose() == key.secret_access_key.expose()
    }

    /// What signs a request.
    pub(crate) fn into_credentials(self) -> LongTermCredentials {
        LongTermCredentials {
            access_key_id: self.header.access_key_id,
            secret_access_key: self.secret_access_key,
            account_id: self.header.owner.map(|owner| owner.account_id),
        }
    }
}

impl Record for StoredKeys {
    type Header = StoredKeysHeader;

    fn to_parts(&self) -> (StoredKeysHeader, Fields) {
        let fields = [(SECRET_ACCESS_KEY, Some(self.secret_access_key.clone()))];
        (self.header.clone(), Fields::by_name(fields))
    }

    fn from_parts(header: StoredKeysHeader, fields: Fields) -> Option<Self> {
        let secret_access_key = fields.get(SECRET_ACCESS_KEY)?.clone();
        check_word(&header.access_key_id).ok()?;
        check_line(secret_access_key.expose()).ok()?;
        Some(Self { header, secret_access_key })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn keys() -> StoredKeys {
        let at = |hour| Utc.with_ymd_and_hms(2026, 1, 1, hour, 0, 0).unwrap();
        let owner = KeyOwner {
            account_id: "123456789012".to_owned(),
            arn: "arn:aws:iam::123456789012:user/dev".to_owned(),
            proved_at: at(1),
        };
        StoredKeys {
            header: StoredKeysHeader {
                name: "dev".to_owned(),
                access_key_id: "AKIAEXAMPLE".to_owned(),
                owner: Some(owner),
                created_at: Some(at(0)),
                added_at: at(1),
            },
            secret_access_key: Secret::new("planted-secret"),
        }
    }

    #[test]
    fn keys_are_read_back_and_the_secret_is_not_in_the_clear() {
        let whole = keys();
        let mut bare = keys();
        (bare.header.owner, bare.header.created_at) = (None, None);
        for keys in [whole, bare] {
            let (header, fields) = keys.to_parts();
            let json = serde_json::to_string(&header).unwrap();
            assert!(!json.contains("planted"), "{json}");
            let read = StoredKeys::from_parts(serde_json::from_str(&json).unwrap(), fields);
            let read = read.unwrap();
            assert_eq!(read.header, keys.header);
            assert_eq!(read.secret_access_key.expose(), "planted-secret");
        }
    }

    #[test]
    fn what_no_header_can_carry_is_no_key() {
        for (docs, id, secret) in [
            ("a line break in the id", "AKIA\nX", "s"),
            ("a blank in the id", "AKIA X", "s"),
            ("a line break in the secret", "AKIAX", "a\nb"),
        ] {
            let mut header = keys().header;
            header.access_key_id = id.to_owned();
            let fields = Fields::by_name([(SECRET_ACCESS_KEY, Some(Secret::new(secret)))]);
            assert!(StoredKeys::from_parts(header, fields).is_none(), "{docs}");
        }
        assert!(StoredKeys::from_parts(keys().header, Fields::default()).is_none());
    }

    #[test]
    fn names_have_records_of_their_own() {
        assert_ne!(StoredKeysHeader::key("dev"), StoredKeysHeader::key("Dev"));
    }
}
