//! Whose credentials somebody expects: `--allowed-account`, `expected_account` and `expected_role`.

use super::identity::Identity;
use crate::profile::Location;
use crate::text::Glob;

/// Of which credentials it is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// Those that are handed over
    Result,
    /// Those of this profile, of which others are made
    Profile(String),
}

/// What somebody expects of credentials.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    pub whose: Whose,
    pub wanted: Wanted,
    /// The profile that has it; none for the flag
    pub profile: Option<String>,
    /// `--allowed-account`, `expected_account`
    pub said_by: &'static str,
    /// Where; none for the flag
    pub at: Option<Location>,
}

#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    /// One of these accounts
    Account(Vec<String>),
    /// A role with one of these names
    Role(Vec<Glob>),
}

/// The credentials are another's.
#[derive(Debug, thiserror::Error)]
#[error("the credentials{} are {found}, but {said_by}{} says {}", of(.profile.as_deref()), place(.at.as_ref()), .wanted.join(", "))]
pub(crate) struct NotExpected {
    pub profile: Option<String>,
    /// `of account 333333333333`, `of no role`
    pub found: String,
    pub said_by: &'static str,
    pub at: Option<Location>,
    pub wanted: Vec<String>,
}

fn of(profile: Option<&str>) -> String {
    profile.map(|profile| format!(" of profile \"{profile}\"")).unwrap_or_default()
}

fn place(at: Option<&Location>) -> String {
    at.map(|at| format!(" ({at})")).unwrap_or_default()
}

impl Expected {
    pub(crate) fn check(&self, identity: &Identity) -> Result<(), NotExpected> {
        let (holds, found, wanted) = match &self.wanted {
            Wanted::Account(accounts) => (
                accounts.contains(&identity.account),
                format!("of account {}", identity.account),
                accounts.clone(),
            ),
            Wanted::Role(roles) => (
                roles.iter().any(|role| identity.has_role(role)),
                match identity.role_name() {
                    Some(name) => format!("of role {name} in {}", identity.account),
                    None => format!("of no role, in {}", identity.account),
                },
                roles.iter().map(|role| role.text().to_owned()).collect(),
            ),
        };
        match holds {
            true => Ok(()),
            false => Err(NotExpected {
                profile: self.profile.clone(),
                found,
                said_by: self.said_by,
                at: self.at.clone(),
                wanted,
            }),
        }
    }
}
