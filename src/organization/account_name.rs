//! The account that a person names. Administrators give names, and give them again: only a list of the
//! last 24 hours counts, and a name of several accounts is none.

use chrono::{DateTime, Utc};

use super::kept::{KeptRoles, is_fresh, key};
use crate::credentials::SsoLogin;
use crate::ports::Account;
use crate::state::{StateDir, StateDirError};

/// Why a name is no account.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountNameError {
    #[error("{login} gives no account called \"{name}\"")]
    Unknown { login: String, name: String },
    #[error("{login} gives several accounts called \"{name}\": {}", ids.join(", "))]
    Ambiguous { login: String, name: String, ids: Vec<String> },
    #[error(transparent)]
    StateDir(#[from] StateDirError),
}

/// The id of an account by its name, from the list of accounts of the last 24 hours; none where that
/// list does not have the name.
pub(crate) fn account_id_from_kept(
    state: Option<&StateDir>,
    login: &SsoLogin,
    name: &str,
    now: DateTime<Utc>,
) -> Result<Option<String>, AccountNameError> {
    let kept = KeptRoles::read(state, &key(login))?;
    match kept.named_at.is_some_and(|at| is_fresh(at, now)) {
        true => find(&kept, login, name),
        false => Ok(None),
    }
}

/// The id of an account by its name, from a new list of accounts, which is kept.
pub(crate) fn account_id_from_list(
    state: Option<&StateDir>,
    login: &SsoLogin,
    name: &str,
    accounts: &[Account],
    now: DateTime<Utc>,
) -> Result<String, AccountNameError> {
    let key = key(login);
    let mut kept = KeptRoles::read(state, &key)?;
    kept.set_names(accounts, now);
    if let Some(state) = state {
        // Where it cannot be kept, the next command lists the accounts again.
        let _ = kept.write(state, &key);
    }
    find(&kept, login, name)?.ok_or_else(|| AccountNameError::Unknown {
        login: login.to_string(),
        name: name.to_owned(),
    })
}

/// What the account was called when the accounts were last listed, be that long ago: for a person's eyes. A list that
/// takes long to read counts as none.
pub(crate) fn last_name_of(state: &StateDir, login: &SsoLogin, id: &str) -> Option<String> {
    /// 2,000 accounts and their names are half of it, and a millisecond.
    const QUICK: u64 = 256 * 1024;
    KeptRoles::read_within(QUICK, Some(state), &key(login)).ok()?.names.remove(id)
}

fn find(
    kept: &KeptRoles,
    login: &SsoLogin,
    wanted: &str,
) -> Result<Option<String>, AccountNameError> {
    let named = kept.names.iter().filter(|(_, name)| *name == wanted);
    let ids: Vec<String> = named.map(|(id, _)| id.clone()).collect();
    match ids.as_slice() {
        [] => Ok(None),
        [id] => Ok(Some(id.clone())),
        _ => {
            let (login, name) = (login.to_string(), wanted.to_owned());
            Err(AccountNameError::Ambiguous { login, name, ids })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::testing::sso_login;

    fn account(id: &str, name: &str) -> Account {
        Account { account_id: id.into(), account_name: name.into(), email: String::new() }
    }

    #[test]
    fn a_name_counts_while_it_is_unique_and_listed_within_a_day() {
        let root = tempfile::tempdir().unwrap();
        let state = StateDir::at(root.path());
        let (state, login) = (Some(&state), sso_login());
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(account_id_from_kept(state, &login, "Prod", now).unwrap(), None);
        let accounts = [account("1", "Prod"), account("2", "Lab"), account("3", "Lab")];
        let listed = |name| account_id_from_list(state, &login, name, &accounts, now);
        assert_eq!(listed("Prod").unwrap(), "1");
        for (docs, name, hours, expected) in [
            ("kept", "Prod", 0, "Some(\"1\")"),
            ("for a day", "Prod", 23, "Some(\"1\")"),
            ("no longer", "Prod", 24, "None"),
            ("not before it was listed", "Prod", -1, "None"),
            ("case counts", "prod", 0, "None"),
        ] {
            let then = now + chrono::TimeDelta::hours(hours);
            let found = account_id_from_kept(state, &login, name, then).unwrap();
            assert_eq!(format!("{found:?}"), expected, "{docs}");
        }
        assert_eq!(
            state.and_then(|state| last_name_of(state, &login, "3")).as_deref(),
            Some("Lab")
        );
        assert_eq!(state.and_then(|state| last_name_of(state, &login, "4")), None);
        for (name, expected) in [
            ("Lab", "sso-session \"corp\" gives several accounts called \"Lab\": 2, 3"),
            ("X", "sso-session \"corp\" gives no account called \"X\""),
        ] {
            assert_eq!(listed(name).unwrap_err().to_string(), expected);
        }
    }
}
