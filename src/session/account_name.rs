//! The account that a person names. Names are the administrator's to give, and to give again: one
//! that was listed lately counts, and one that several accounts have counts for none.

use chrono::{DateTime, Utc};

use super::organization::{is_new, key, name};
use crate::credentials::SsoLogin;
use crate::ports::{Account, Clock};
use crate::state::{StateDir, StateDirError};
use crate::vault::KnownRoles;

/// Why a name is no account.
#[derive(Debug, thiserror::Error)]
pub enum AccountNameError {
    /// None is called so
    #[error("{login} gives no account called \"{name}\"")]
    Unknown {
        /// Where
        login: String,
        /// The name
        name: String,
    },
    /// Several are
    #[error("{login} gives several accounts called \"{name}\": {}", ids.join(", "))]
    Ambiguous {
        /// Where
        login: String,
        /// The name
        name: String,
        /// Their ids
        ids: Vec<String>,
    },
    /// The state directory is not safe
    #[error(transparent)]
    StateDir(#[from] StateDirError),
}

/// The id of an account by its name, from the list of accounts of the last 24 hours; none where that
/// list does not have the name.
///
/// # Errors
/// [`AccountNameError::Ambiguous`]; the state directory is not safe.
pub fn known_id(
    state: Option<&StateDir>,
    login: &SsoLogin,
    wanted: &str,
    now: DateTime<Utc>,
) -> Result<Option<String>, AccountNameError> {
    let Some(state) = state else { return Ok(None) };
    let known = state.known_roles(&key(login))?;
    match known.named_at.is_some_and(|at| is_new(at, now)) {
        true => id(&known, login, wanted),
        false => Ok(None),
    }
}

/// The id of an account by its name, from a new list of accounts, which is kept.
///
/// # Errors
/// [`AccountNameError`]
pub fn listed_id(
    state: Option<&StateDir>,
    login: &SsoLogin,
    wanted: &str,
    accounts: &[Account],
    clock: &dyn Clock,
) -> Result<String, AccountNameError> {
    let mut known = match state {
        Some(state) => state.known_roles(&key(login))?,
        None => KnownRoles::default(),
    };
    name(&mut known, accounts, clock.now());
    if let Some(state) = state {
        // The next one asks again, then.
        let _ = state.keep_known_roles(&key(login), &known);
    }
    id(&known, login, wanted)?.ok_or_else(|| AccountNameError::Unknown {
        login: login.to_string(),
        name: wanted.to_owned(),
    })
}

fn id(
    known: &KnownRoles,
    login: &SsoLogin,
    wanted: &str,
) -> Result<Option<String>, AccountNameError> {
    let called_so = |(_, name): &(&String, &String)| *name == wanted;
    let ids: Vec<String> = known.names.iter().filter(called_so).map(|(id, _)| id.clone()).collect();
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
    use super::super::testing::{FakeClock, login, noon};
    use super::*;

    fn account(id: &str, name: &str) -> Account {
        Account { account_id: id.into(), account_name: name.into(), email: String::new() }
    }

    #[test]
    fn a_name_is_an_account_while_it_is_the_only_one_and_was_listed_lately() {
        let root = tempfile::tempdir().unwrap();
        let state = StateDir::at(root.path());
        let (state, login) = (Some(&state), login());
        let now = noon();
        assert_eq!(known_id(state, &login, "Prod", now).unwrap(), None);
        let accounts = [account("1", "Prod"), account("2", "Lab"), account("3", "Lab")];
        let listed = |name| listed_id(state, &login, name, &accounts, &FakeClock::at(0));
        assert_eq!(listed("Prod").unwrap(), "1");
        for (docs, name, hours, expected) in [
            ("kept", "Prod", 0, "Some(\"1\")"),
            ("for a day", "Prod", 23, "Some(\"1\")"),
            ("no longer", "Prod", 24, "None"),
            ("not before it was listed", "Prod", -1, "None"),
            ("case counts", "prod", 0, "None"),
        ] {
            let then = now + chrono::TimeDelta::hours(hours);
            let found = known_id(state, &login, name, then).unwrap();
            assert_eq!(format!("{found:?}"), expected, "{docs}");
        }
        for (name, expected) in [
            ("Lab", "sso-session \"corp\" gives several accounts called \"Lab\": 2, 3"),
            ("X", "sso-session \"corp\" gives no account called \"X\""),
        ] {
            assert_eq!(listed(name).unwrap_err().to_string(), expected);
        }
    }
}
