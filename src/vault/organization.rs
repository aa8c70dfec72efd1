//! What an access portal said of the accounts and roles of a person, kept beside the vault: no
//! secret, and nobody else's business (0600). A record that cannot be read counts as absent.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::credentials::SessionKey;
use crate::state::{StateDir, StateDirError};

const VERSION: u32 = 1;
/// 10,000 accounts with 50 roles each are half of it.
const FILE_LIMIT: u64 = 64 * 1024 * 1024;

/// The roles of an organization, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownRoles {
    /// By account id
    pub accounts: BTreeMap<String, RolesOfAccount>,
    /// `accountName` by account id, as of the last list of accounts
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// When that was, UTC
    #[serde(default)]
    pub named_at: Option<DateTime<Utc>>,
}

/// The roles of one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolesOfAccount {
    /// `roleName`s, in the portal's order
    pub roles: Vec<String>,
    /// When the portal said so, UTC
    pub listed_at: DateTime<Utc>,
}

#[derive(Serialize, Deserialize)]
struct Record<T> {
    version: u32,
    #[serde(flatten)]
    known: T,
}

impl StateDir {
    /// What is kept under this key; nothing where there is no record, or one of another version.
    ///
    /// # Errors
    /// The state directory is not safe, or the file cannot be read.
    pub fn known_roles(&self, key: &SessionKey) -> Result<KnownRoles, StateDirError> {
        let Some(content) = self.read(&name(key), FILE_LIMIT)? else {
            return Ok(KnownRoles::default());
        };
        match serde_json::from_slice::<Record<KnownRoles>>(&content) {
            Ok(record) if record.version == VERSION => Ok(record.known),
            _ => Ok(KnownRoles::default()),
        }
    }

    /// Keeps it in place of what was there, at once and whole.
    ///
    /// # Errors
    /// The state directory is not safe or cannot be written.
    pub fn keep_known_roles(
        &self,
        key: &SessionKey,
        known: &KnownRoles,
    ) -> Result<(), StateDirError> {
        let record = Record { version: VERSION, known };
        let content = serde_json::to_vec(&record).expect("plain data is always JSON");
        self.write(&name(key), &content)
    }
}

fn name(key: &SessionKey) -> String {
    format!("organizations/{}.json", key.to_hex())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_absent() {
        let root = tempfile::tempdir().unwrap();
        let state = StateDir::at(root.path());
        let key = SessionKey::builder("organization").build();
        assert_eq!(state.known_roles(&key).unwrap(), KnownRoles::default());
        let roles = RolesOfAccount {
            roles: vec!["Admin".into()],
            listed_at: DateTime::from_timestamp(1_767_268_800, 0).unwrap(),
        };
        let known = KnownRoles {
            accounts: [("111111111111".to_owned(), roles)].into(),
            ..KnownRoles::default()
        };
        state.keep_known_roles(&key, &known).unwrap();
        assert_eq!(state.known_roles(&key).unwrap(), known);
        let file = root.path().join(name(&key));
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.starts_with(r#"{"version":1,"accounts":{"111111111111":{"roles":["Admin"],"#));
        for (docs, text) in [
            ("cut off", &text[..text.len() / 2]),
            ("a later version", &text.replace("\"version\":1", "\"version\":2")),
            ("empty", ""),
        ] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(state.known_roles(&key).unwrap(), KnownRoles::default(), "{docs}");
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            state.keep_known_roles(&key, &known).unwrap();
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
