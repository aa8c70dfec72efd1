//! Profiles for every role of an organization: their names, their settings, and what that changes
//! in the block of the config file that awsx keeps for them. Pure; the file is read and written by
//! [`crate::config`], and the roles are listed by [`crate::organization`].

mod change;

pub(crate) use change::{Change, ProfileChange, change, with_profile, with_session};

use std::path::PathBuf;

use crate::config::edit::EditError;
use crate::credentials::arn::is_account_id;
use crate::preferences::{Role, RoleProfile, SsoPreferences, Template};
use crate::profile::Location;

#[derive(Clone, Copy, Debug)]
pub(crate) struct AccountRoles<'a> {
    pub account_id: &'a str,
    pub account_name: &'a str,
    pub email: &'a str,
    /// `roleName`s; none where they could not be listed: then the profiles in the block stay
    pub roles: Option<&'a [String]>,
}

/// A profile as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GeneratedProfile {
    pub name: String,
    /// Its lines, in their order
    pub settings: Vec<(String, String)>,
}

/// An `[sso-session]` as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GeneratedSession {
    pub name: String,
    /// Its lines, in their order
    pub settings: Vec<(String, String)>,
}

/// The lines of a section; those of a nested value are indented.
pub(crate) fn section_lines(
    header: &str,
    settings: &[(String, String)],
) -> impl Iterator<Item = String> {
    let settings = settings.iter().flat_map(|(key, value)| {
        let text = format!("{key} = {}", value.replace('\n', "\n    "));
        text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>()
    });
    std::iter::once(format!("[{header}]")).chain(settings)
}

/// Settings that say which role a profile is for.
const ROLE_KEYS: [&str; 3] = ["sso_session", "sso_account_id", "sso_role_name"];

impl GeneratedProfile {
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.settings.iter().find(|(own, _)| own == key).map(|(_, value)| &**value)
    }

    /// What stands between the brackets of its section.
    pub(crate) fn header(&self) -> String {
        match &*self.name {
            "default" => "default".to_owned(),
            name => format!("profile {name}"),
        }
    }

    /// The keys that do not name its role.
    fn own_keys(&self) -> impl Iterator<Item = String> {
        let keys = self.settings.iter().map(|(key, _)| key);
        keys.filter(|key| !ROLE_KEYS.contains(&&***key)).cloned()
    }

    fn has_role_of(&self, other: &Self) -> bool {
        ROLE_KEYS.iter().all(|key| self.get(key) == other.get(key))
    }

    /// `Admin in 111111111111`
    fn role(&self) -> String {
        let value = |key| self.get(key).unwrap_or("?");
        format!("{} in {}", value("sso_role_name"), value("sso_account_id"))
    }
}

/// No profiles can be made; nothing was written. Roles are named as in `Admin in 111111111111`; `others`
/// is how many more names have the same problem.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GenerateError {
    #[error("two roles would both be profile \"{name}\": {first}, and {second}{}", more(*.others))]
    Duplicate { name: String, first: String, second: String, others: usize },
    #[error(
        "{at}: profile \"{name}\" is defined there already, and {role} would have the same \
         name{}", more(*.others)
    )]
    Taken { name: String, at: Location, role: String, others: usize },
    #[error("the template {template} gives {role} no name: one of its values is empty")]
    NoName { template: String, role: String },
    /// The portal lists what is no account id or no role name; `role` is escaped.
    #[error("the access portal lists a role that no profile can hold: {role}")]
    NotARole { role: String },
    #[error("{} cannot be edited", file.display())]
    Edit { file: PathBuf, source: EditError },
    /// The AWS tools would read something else than what was meant.
    #[error("profile \"{name}\" would not be read as it is written")]
    NotReadBack { name: String },
}

fn more(others: usize) -> String {
    match others {
        0 => String::new(),
        others => format!(" (and {others} more such names)"),
    }
}

/// The profiles of all roles that are known and that no rule skips, sorted by name; two may have the same
/// one. And why a role has none, with its account and name.
fn profiles<'a>(
    session: &str,
    accounts: &[AccountRoles<'a>],
    preferences: &SsoPreferences,
) -> (Vec<GeneratedProfile>, Vec<(&'a str, &'a str, GenerateError)>) {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for account in accounts {
        for role_name in account.roles.unwrap_or_default() {
            let role = Role {
                session,
                account_id: account.account_id,
                account_name: account.account_name,
                email: account.email,
                role_name,
            };
            if !preferences.skips(&role) {
                match profile(&role, preferences.profile(&role)) {
                    Ok(profile) => found.push(profile),
                    Err(error) => problems.push((account.account_id, &**role_name, error)),
                }
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    (found, problems)
}

pub(crate) fn profile(
    role: &Role<'_>,
    wanted: RoleProfile,
) -> Result<GeneratedProfile, GenerateError> {
    let name = profile_name(role, &wanted.profile_name)?;
    let own = [
        ("sso_session", Some(role.session)),
        ("sso_account_id", Some(role.account_id)),
        ("sso_role_name", Some(role.role_name)),
        ("region", wanted.region.as_deref()),
    ];
    let own = own.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned())));
    Ok(GeneratedProfile { name, settings: own.chain(wanted.settings).collect() })
}

pub(crate) fn profile_name(role: &Role<'_>, template: &Template) -> Result<String, GenerateError> {
    if !is_role(role.account_id, role.role_name) {
        let role = format!("{:?} in {:?}", role.role_name, role.account_id);
        return Err(GenerateError::NotARole { role });
    }
    template.name(role).ok_or_else(|| GenerateError::NoName {
        template: template.to_string(),
        role: format!("{} in {}", role.role_name, role.account_id),
    })
}

/// Whether this is an account id and the name of a permission set, as AWS allows them: what others say of them
/// becomes lines of the file.
pub(crate) fn is_role(account_id: &str, role_name: &str) -> bool {
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    is_account_id(account_id) && !role_name.is_empty() && role_name.bytes().all(is_name)
}
