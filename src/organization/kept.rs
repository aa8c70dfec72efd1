//! What an access portal said of the accounts and roles of a person, kept in the state directory. No
//! secret, but nobody else's business (0600). A record that cannot be read counts as absent.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::credentials::{SessionKey, SsoLogin};
use crate::ports::Account;
use crate::state::{StateDir, StateDirError, encode_record, parse_record};

/// 10,000 accounts with 50 roles each are half of it.
pub(super) const FILE_LIMIT: u64 = 64 * 1024 * 1024;

/// Lists that are older are asked for again.
const MAX_AGE: TimeDelta = TimeDelta::hours(24);
/// How far in the future a list may be: a clock that is set right goes back a little.
const TOLERANCE: TimeDelta = TimeDelta::seconds(1);

/// The roles of an organization, as far as they were listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptRoles {
    pub accounts: BTreeMap<String, RolesOfAccount>,
    /// `accountName` by account id, from the last list of accounts
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    /// When the accounts were last listed, UTC
    #[serde(default)]
    pub named_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RolesOfAccount {
    /// `roleName`s, in the portal's order
    pub roles: Vec<String>,
    /// When the portal listed them, UTC
    pub listed_at: DateTime<Utc>,
}

impl KeptRoles {
    /// Reads what is kept under this key: nothing where there is no state directory, no record, or
    /// one of another version.
    pub(super) fn read(state: Option<&StateDir>, key: &SessionKey) -> Result<Self, StateDirError> {
        Self::read_within(FILE_LIMIT, state, key)
    }

    /// The same; a record of more bytes counts as absent.
    pub(super) fn read_within(
        limit: u64,
        state: Option<&StateDir>,
        key: &SessionKey,
    ) -> Result<Self, StateDirError> {
        let Some(state) = state else { return Ok(Self::default()) };
        let content = match state.read(&file(key, "json"), limit) {
            Err(error @ StateDirError::Disk { .. }) => {
                tracing::info!(target: crate::text::DETAIL, %error, "it counts as absent");
                Vec::new()
            }
            content => content?.unwrap_or_default(),
        };
        Ok(Self::parse(&content))
    }

    /// What is kept of a login's organization, however old; nothing where it cannot be read.
    pub(crate) fn recall(state: Option<&StateDir>, login: &SsoLogin) -> Self {
        Self::read(state, &key(login)).unwrap_or_default()
    }

    pub(crate) fn parse(content: &[u8]) -> Self {
        parse_record(content).unwrap_or_default()
    }

    /// Keeps the roles in place of what was there, at once and whole.
    pub(super) fn write(&self, state: &StateDir, key: &SessionKey) -> Result<(), StateDirError> {
        state.write(&file(key, "json"), &encode_record(self))
    }

    /// Replaces the names by those of a new list of accounts.
    pub(super) fn set_names(&mut self, accounts: &[Account], now: DateTime<Utc>) {
        let name = |account: &Account| (account.account_id.clone(), account.account_name.clone());
        self.names = accounts.iter().map(name).collect();
        self.named_at = Some(now);
    }
}

/// The key of a login's organization. Scopes are left out: they do not change the list.
pub(super) fn key(login: &SsoLogin) -> SessionKey {
    SessionKey::builder("organization")
        .optional("session", login.session.as_deref())
        .field("start_url", &login.start_url)
        .field("region", &login.region)
        .build()
}

/// Whether a list of this time is new enough. A time in the future is of a clock that was wrong.
pub(super) fn is_fresh(listed_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    (-TOLERANCE..MAX_AGE).contains(&(now - listed_at))
}

pub(super) fn file(key: &SessionKey, extension: &str) -> String {
    format!("organizations/{}.{extension}", key.to_hex())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreadable_record_counts_as_absent() {
        let root = tempfile::tempdir().unwrap();
        let state = StateDir::at(root.path());
        let key = SessionKey::builder("organization").build();
        assert_eq!(KeptRoles::read(Some(&state), &key).unwrap(), KeptRoles::default());
        let roles = RolesOfAccount {
            roles: vec!["Admin".into()],
            listed_at: DateTime::from_timestamp(1_767_268_800, 0).unwrap(),
        };
        let kept = KeptRoles {
            accounts: [("111111111111".to_owned(), roles)].into(),
            ..KeptRoles::default()
        };
        kept.write(&state, &key).unwrap();
        assert_eq!(KeptRoles::read(Some(&state), &key).unwrap(), kept);
        let path = root.path().join(file(&key, "json"));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(r#"{"version":1,"accounts":{"111111111111":{"roles":["Admin"],"#));
        for (docs, text) in [
            ("cut off", &text[..text.len() / 2]),
            ("a later version", &text.replace("\"version\":1", "\"version\":2")),
            ("empty", ""),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(
                KeptRoles::read(Some(&state), &key).unwrap(),
                KeptRoles::default(),
                "{docs}"
            );
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            kept.write(&state, &key).unwrap();
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
