//! Rules: what they say of the profiles of the roles that they match.

use std::collections::BTreeMap;

use super::glob::Glob;
use super::role::Role;
use super::template::Template;

/// `[[sso.NAME.rules]]`. Also the settings of all profiles of a session, which have no condition.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    pub account_id: Option<Glob>,
    pub account_name: Option<Glob>,
    pub role_name: Option<Glob>,
    pub skip: Option<bool>,
    pub profile_name: Option<Template>,
    pub region: Option<String>,
    /// Further lines of the profile, by key
    pub settings: BTreeMap<String, String>,
}

impl Rule {
    /// Whether every condition holds; a rule without one matches all roles.
    pub fn matches(&self, role: &Role<'_>) -> bool {
        let holds = |glob: &Option<Glob>, text| glob.as_ref().is_none_or(|glob| glob.matches(text));
        holds(&self.account_id, role.account_id)
            && holds(&self.account_name, role.account_name)
            && holds(&self.role_name, role.role_name)
    }
}

/// The profile of one role, as the settings and the rules of its session make it.
#[derive(Clone, Debug, Default)]
pub struct RoleProfile {
    pub profile_name: Template,
    pub region: Option<String>,
    pub settings: BTreeMap<String, String>,
}
