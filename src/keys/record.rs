//! Stored keys: an IAM user's access key under the name of a profile.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::rotation::{Journal, Role};
use crate::credentials::{LongTermCredentials, Secret, SessionKey, check_line, check_word};
use crate::scan::digest;
use crate::vault::{
    Fields, Header, Record, SessionHeader, Vault, VaultError, forget_session, forget_tokens,
};

const SECRET_ACCESS_KEY: &str = "secret_access_key";
const SECRET_BESIDE: &str = "secret_access_key_beside";

pub(crate) const WAITING_FOR_KEYS: &str =
    "waiting for another awsx that changes the same stored keys";

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
    /// What a rotation has begun
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation: Option<Journal>,
    /// By which `awsx scan` knows the secrets; only beside a sealed record
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub digests: Vec<String>,
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
    /// That of the key beside it, while a rotation needs two
    pub secret_beside: Option<Secret>,
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

    /// The key that the vault keeps beside it for a rotation that is not finished.
    pub(crate) fn id_beside(&self) -> Option<&str> {
        let journal = self.rotation.as_ref().filter(|journal| journal.is_unfinished())?;
        journal.beside.as_ref().map(|beside| &*beside.access_key_id)
    }

    /// Forgets the sessions and tokens that came from the keys of this name.
    pub(crate) fn forget_sessions(vault: &Vault, name: &str) -> Result<(), VaultError> {
        let record = Self::key(name);
        forget_tokens(vault, |token| token.login == Some(record))?;
        for (session, header) in vault.headers::<SessionHeader>()? {
            if header.login == Some(record) {
                forget_session(vault, &session)?;
            }
        }
        Ok(())
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

    /// The key beside it.
    pub(super) fn beside(&self) -> Option<LongTermCredentials> {
        let beside = self.header.rotation.as_ref()?.beside.as_ref()?;
        Some(LongTermCredentials {
            access_key_id: beside.access_key_id.clone(),
            secret_access_key: self.secret_beside.clone()?,
            account_id: self.header.owner.as_ref().map(|owner| owner.account_id.clone()),
        })
    }

    /// Lets the key and the one beside it change places.
    pub(super) fn change_places(&mut self) {
        let Self { header, secret_access_key, secret_beside } = self;
        let beside = header.rotation.as_mut().and_then(|journal| journal.beside.as_mut());
        if let (Some(beside), Some(secret)) = (beside, secret_beside) {
            std::mem::swap(&mut header.access_key_id, &mut beside.access_key_id);
            std::mem::swap(&mut header.created_at, &mut beside.created_at);
            std::mem::swap(secret_access_key, secret);
            beside.is = if beside.is == Role::New { Role::Old } else { Role::New };
        }
    }

    /// Whether both say the same, secrets included.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let secrets = |keys: &Self| {
            let beside = keys.secret_beside.as_ref().map(|secret| secret.expose().to_owned());
            (keys.secret_access_key.expose().to_owned(), beside)
        };
        self.header == other.header && secrets(self) == secrets(other)
    }
}

impl Record for StoredKeys {
    type Header = StoredKeysHeader;

    fn to_parts(&self) -> (StoredKeysHeader, Fields) {
        let fields = [
            (SECRET_ACCESS_KEY, Some(self.secret_access_key.clone())),
            (SECRET_BESIDE, self.secret_beside.clone()),
        ];
        let secrets = fields.iter().filter_map(|(_, secret)| secret.as_ref());
        let digests = secrets.map(|secret| digest(secret.expose().as_bytes())).collect();
        (StoredKeysHeader { digests, ..self.header.clone() }, Fields::by_name(fields))
    }

    fn from_parts(header: StoredKeysHeader, fields: Fields) -> Option<Self> {
        let secret_access_key = fields.get(SECRET_ACCESS_KEY)?.clone();
        let secret_beside = fields.get(SECRET_BESIDE).cloned();
        check_word(&header.access_key_id).ok()?;
        for secret in [Some(&secret_access_key), secret_beside.as_ref()].into_iter().flatten() {
            check_line(secret.expose()).ok()?;
        }
        let header = StoredKeysHeader { digests: Vec::new(), ..header };
        Some(Self { header, secret_access_key, secret_beside })
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
                rotation: None,
                digests: Vec::new(),
            },
            secret_access_key: Secret::new("planted-secret"),
            secret_beside: None,
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
