//! Profiles for every role of an organization: their names, their settings, and what that changes
//! in the block of the config file that awsx keeps for them. Pure; the file is read and written by
//! [`crate::config`], and the roles are listed by [`crate::organization`].

mod change;
mod one;

pub use change::{Change, Changed, change};
pub use one::{NewSession, with_profile};

use crate::config::edit::EditError;
use crate::preferences::{Role, SsoPreferences};
use crate::profile::Location;

/// An account, and its roles as far as they are known.
#[derive(Clone, Copy, Debug)]
pub struct AccountRoles<'a> {
    /// `accountId`
    pub account_id: &'a str,
    /// `accountName`
    pub account_name: &'a str,
    /// `emailAddress`
    pub email: &'a str,
    /// `roleName`s; none where they could not be listed: the profiles there are then stay
    pub roles: Option<&'a [String]>,
}

/// A profile as it stands in the block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedProfile {
    /// The profile's name
    pub name: String,
    /// Its lines, in their order
    pub settings: Vec<(String, String)>,
}

impl GeneratedProfile {
    /// The setting with this key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.settings.iter().find(|(own, _)| own == key).map(|(_, value)| &**value)
    }

    /// `Admin in 111111111111`
    fn role(&self) -> String {
        let value = |key| self.get(key).unwrap_or("?");
        format!("{} in {}", value("sso_role_name"), value("sso_account_id"))
    }
}

/// No profiles can be made; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// Two roles would have profiles of one name
    #[error("two roles would both be profile \"{name}\": {first}, and {second}{}", more(*.others))]
    Duplicate {
        /// The name
        name: String,
        /// `Admin in 111111111111`
        first: String,
        /// The same of the other one
        second: String,
        /// So many more names have the same problem
        others: usize,
    },
    /// A profile of that name is there already, and not awsx's
    #[error(
        "{at}: profile \"{name}\" is defined there already, and {role} would have the same \
         name{}", more(*.others)
    )]
    Taken {
        /// The name
        name: String,
        /// The section that is not awsx's
        at: Location,
        /// `Admin in 111111111111`
        role: String,
        /// So many more names have the same problem
        others: usize,
    },
    /// The template leaves nothing of a value
    #[error("the template {template} gives {role} no name: one of its values is empty")]
    NoName {
        /// The template
        template: String,
        /// `Admin in 111111111111`
        role: String,
    },
    /// The portal said something that is no account id or no role name
    #[error("the access portal lists a role that no profile can hold: {role}")]
    NotARole {
        /// What it said, escaped
        role: String,
    },
    /// The file cannot hold the block
    #[error("{} cannot be edited", file.display())]
    Edit {
        /// The config file
        file: std::path::PathBuf,
        /// Why
        source: EditError,
    },
    /// The AWS tools would read something else than what was meant
    #[error("profile \"{name}\" would not be read as it is written")]
    NotReadBack {
        /// Its name
        name: String,
    },
}

fn more(others: usize) -> String {
    match others {
        0 => String::new(),
        others => format!(" (and {others} more such names)"),
    }
}

/// The profiles of all roles that are known, sorted by name. Of names that come twice nothing is
/// said here.
fn profiles(
    session: &str,
    accounts: &[AccountRoles<'_>],
    preferences: &SsoPreferences,
) -> Result<Vec<GeneratedProfile>, GenerateError> {
    let mut found = Vec::new();
    for account in accounts {
        for role_name in account.roles.unwrap_or_default() {
            let role = Role {
                session,
                account_id: account.account_id,
                account_name: account.account_name,
                email: account.email,
                role_name,
            };
            found.extend(profile(&role, preferences)?);
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// The profile of one role; none where a rule leaves it out.
///
/// # Errors
/// [`GenerateError::NotARole`], [`GenerateError::NoName`]
pub fn profile(
    role: &Role<'_>,
    preferences: &SsoPreferences,
) -> Result<Option<GeneratedProfile>, GenerateError> {
    if !is_role(role) {
        let role = format!("{:?} in {:?}", role.role_name, role.account_id);
        return Err(GenerateError::NotARole { role });
    }
    let Some(wanted) = preferences.for_role(role) else { return Ok(None) };
    let name = wanted.profile_name.name(role).ok_or_else(|| GenerateError::NoName {
        template: wanted.profile_name.to_string(),
        role: format!("{} in {}", role.role_name, role.account_id),
    })?;
    let own = [
        ("sso_session", Some(role.session)),
        ("sso_account_id", Some(role.account_id)),
        ("sso_role_name", Some(role.role_name)),
        ("region", wanted.region.as_deref()),
    ];
    let own = own.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned())));
    Ok(Some(GeneratedProfile { name, settings: own.chain(wanted.settings).collect() }))
}

/// Whether it is what AWS calls an account id and a permission set's name: the portal's words become
/// lines of the file.
fn is_role(role: &Role<'_>) -> bool {
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    role.account_id.len() == 12
        && role.account_id.bytes().all(|b| b.is_ascii_digit())
        && !role.role_name.is_empty()
        && role.role_name.bytes().all(is_name)
}
