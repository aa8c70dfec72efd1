//! awsx's own settings, as the file says them.

use std::collections::BTreeMap;

use super::console::ConsolePreferences;
use super::template::{Role, Template};
use crate::guard::{AgentRules, NamedGuard};
use crate::text::Glob;

#[derive(Clone, Debug, Default)]
pub struct Preferences {
    pub(super) common: LoginPreferences,
    /// By the name of the `[sso-session]`
    pub(super) sso: BTreeMap<String, SsoPreferences>,
    /// `[scopes.NAME]`
    pub(super) scopes: BTreeMap<String, NamedScope>,
    /// For a session that the file does not name
    pub(super) default: SsoPreferences,
    /// `[registries]`: hosts of registries of ECR, and the profiles whose credentials open them
    pub(super) registries: Vec<(Glob, String)>,
    /// `[tags]`: profiles that go together, by the name of the tag
    pub(super) tags: BTreeMap<String, Vec<Glob>>,
    /// `[accounts]`: what accounts are called, by their ids
    pub(super) accounts: BTreeMap<String, String>,
    /// `[guard."PATTERN"]`, in the order of the file
    pub(super) guards: Vec<NamedGuard>,
    /// `[agents]`
    pub(super) agents: AgentRules,
    /// `audit`
    pub(super) audit: bool,
    /// `[console]`
    pub(super) console: ConsolePreferences,
    /// `[ssh]`: hosts, and the profiles that each may use
    pub(super) hosts: Vec<(Glob, Vec<Glob>)>,
    /// `favourites`: profiles that come first in a list
    pub(super) favourites: Vec<Glob>,
    /// `picker`, as a line
    pub(super) picker: Option<String>,
    /// `notify_command`, as a line
    pub(super) notify_command: Option<String>,
}

/// `[scopes.NAME]`: a policy that narrows sessions.
#[derive(Clone, Debug)]
pub(crate) enum NamedScope {
    /// `policy`, JSON
    Policy(String),
    /// `policy_file`, relative to the settings file
    File(String),
}

/// What can be said for all logins and for those of one `[sso-session]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LoginPreferences {
    pub(super) auto_login: Option<bool>,
    pub(super) share_sso_token: Option<bool>,
}

/// `[sso.NAME]`: the settings of `[sso-session NAME]`.
#[derive(Clone, Debug, Default)]
pub struct SsoPreferences {
    pub(super) login: LoginPreferences,
    /// `profile_name`, `region` and `settings` of all generated profiles
    pub common: Rule,
    /// `[[sso.NAME.rules]]` in the order of the file
    pub rules: Vec<Rule>,
}

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

impl Preferences {
    /// Whether a command that needs a login may open one by itself where a person is there.
    pub fn auto_login(&self, session: Option<&str>) -> bool {
        self.login(session, |login| login.auto_login).unwrap_or(true)
    }

    /// Whether a login is also written to the AWS CLI's cache.
    pub fn share_sso_token(&self, session: Option<&str>) -> bool {
        self.login(session, |login| login.share_sso_token).unwrap_or(false)
    }

    /// The profile whose credentials open a registry; of several patterns that fit, the longest counts.
    pub(crate) fn profile_of_registry(&self, host: &str) -> Option<&str> {
        let host = host.to_ascii_lowercase();
        let fitting = self.registries.iter().filter(|(pattern, _)| pattern.matches(&host));
        fitting.max_by_key(|(pattern, _)| pattern.text().len()).map(|(_, profile)| &**profile)
    }

    /// What an account is called.
    pub(crate) fn account_name(&self, id: &str) -> Option<&str> {
        self.accounts.get(id).map(String::as_str)
    }

    /// The profiles that a host may use; of several patterns that fit, the longest counts. None where the file has
    /// none of that host.
    #[cfg(unix)]
    pub(crate) fn profiles_of_host(&self, host: &str) -> Option<&[Glob]> {
        let host = host.to_ascii_lowercase();
        let fitting = self.hosts.iter().filter(|(pattern, _)| pattern.matches(&host));
        fitting.max_by_key(|(pattern, _)| pattern.text().len()).map(|(_, profiles)| &**profiles)
    }

    /// The profiles that the file names in whole for hosts.
    pub(crate) fn profiles_of_hosts(&self) -> impl Iterator<Item = &str> {
        whole(self.hosts.iter().flat_map(|(_, profiles)| profiles))
    }

    /// The patterns of a tag's profiles.
    #[cfg(unix)]
    pub(crate) fn tag(&self, name: &str) -> Option<&[Glob]> {
        self.tags.get(name).map(Vec::as_slice)
    }

    /// The tags that a profile has.
    pub(crate) fn tags_of<'a>(&'a self, profile: &'a str) -> impl Iterator<Item = &'a str> {
        let has = move |patterns: &[Glob]| patterns.iter().any(|pattern| pattern.matches(profile));
        self.tags.iter().filter(move |(_, patterns)| has(patterns)).map(|(name, _)| &**name)
    }

    /// The patterns of the profiles that come first in a list.
    pub(crate) fn favourites(&self) -> &[Glob] {
        &self.favourites
    }

    /// The program of the person's that picks a line of a list.
    pub(crate) fn picker(&self) -> Option<&str> {
        self.picker.as_deref()
    }

    /// The names of all tags.
    pub(crate) fn tags(&self) -> impl Iterator<Item = &str> {
        self.tags.keys().map(String::as_str)
    }

    /// The profiles that the file names in whole for tags.
    pub(crate) fn profiles_of_tags(&self) -> impl Iterator<Item = &str> {
        whole(self.tags.values().flatten())
    }

    /// The registries that the file names in whole.
    pub(crate) fn whole_registries(&self) -> impl Iterator<Item = &str> {
        whole(self.registries.iter().map(|(pattern, _)| pattern))
    }

    /// The profiles that open registries.
    pub(crate) fn profiles_of_registries(&self) -> impl Iterator<Item = &str> {
        self.registries.iter().map(|(_, profile)| &**profile)
    }

    /// `notify_command`: the line that is run when a renewal waits for a person
    pub(crate) fn notify_command(&self) -> Option<&str> {
        self.notify_command.as_deref()
    }

    /// Whether it is written down what is handed over.
    pub(crate) fn audit(&self) -> bool {
        self.audit
    }

    /// How browsers are opened for the console.
    pub(crate) fn console(&self) -> &ConsolePreferences {
        &self.console
    }

    /// What guards profiles, by their names.
    pub(crate) fn guards(&self) -> &[NamedGuard] {
        &self.guards
    }

    /// What agents may do.
    pub(crate) fn agents(&self) -> &AgentRules {
        &self.agents
    }

    /// The names that the file has settings for.
    pub(crate) fn sessions(&self) -> impl Iterator<Item = &str> {
        self.sso.keys().map(String::as_str)
    }

    /// The scope of that name.
    pub(crate) fn scope(&self, name: &str) -> Option<&NamedScope> {
        self.scopes.get(name)
    }

    /// The names of all scopes.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scopes.keys().map(String::as_str)
    }

    /// The settings of `[sso-session NAME]`; the defaults where the file does not name it.
    pub fn sso(&self, session: &str) -> &SsoPreferences {
        self.sso.get(session).unwrap_or(&self.default)
    }

    fn login(
        &self,
        session: Option<&str>,
        of: impl Fn(&LoginPreferences) -> Option<bool>,
    ) -> Option<bool> {
        let own = session.and_then(|name| of(&self.sso(name).login));
        own.or_else(|| of(&self.common))
    }
}

/// Those that are a name.
fn whole<'a>(patterns: impl Iterator<Item = &'a Glob>) -> impl Iterator<Item = &'a str> {
    patterns.map(Glob::text).filter(|name| !name.contains(['*', '?']))
}

impl SsoPreferences {
    /// Whether the role gets no profile: the last rule that says so, or the contrary, counts.
    pub fn skips(&self, role: &Role<'_>) -> bool {
        self.rules_for(role).filter_map(|rule| rule.skip).last().unwrap_or(false)
    }

    /// The profile of a role, also of one that is skipped. Every rule that matches changes what the rules
    /// before it say, in the order of the file.
    pub fn profile(&self, role: &Role<'_>) -> RoleProfile {
        let mut profile = RoleProfile::default();
        for rule in self.rules_for(role) {
            if let Some(template) = &rule.profile_name {
                profile.profile_name = template.clone();
            }
            if let Some(region) = &rule.region {
                profile.region = Some(region.clone());
            }
            let settings = rule.settings.iter().map(|(key, value)| (key.clone(), value.clone()));
            profile.settings.extend(settings);
        }
        profile
    }

    fn rules_for(&self, role: &Role<'_>) -> impl Iterator<Item = &Rule> {
        let matching = self.rules.iter().filter(|rule| rule.matches(role));
        std::iter::once(&self.common).chain(matching)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn settings_of_a_session_beat_the_common_ones() {
        let text = "auto_login = false\nshare_sso_token = true\n\
                    [sso.corp]\nauto_login = true\n[sso.lab]\nshare_sso_token = false\n";
        let said = Preferences::from_text(Path::new("c"), text).unwrap();
        let nothing = Preferences::default();
        for (docs, preferences, session, auto_login, share) in [
            ("nothing is said", &nothing, Some("corp"), true, false),
            ("of all", &said, None, false, true),
            ("of this one", &said, Some("corp"), true, true),
            ("of another", &said, Some("lab"), false, false),
            ("not named", &said, Some("other"), false, true),
        ] {
            assert_eq!(preferences.auto_login(session), auto_login, "{docs}");
            assert_eq!(preferences.share_sso_token(session), share, "{docs}");
        }
    }

    #[test]
    fn the_longest_pattern_says_whose_registry_it_is() {
        let text = "[registries]\n\"1*\" = \"a\"\n\"1.dkr.ECR.*.amazonaws.com\" = \"b\"\n\
                    \"public.ecr.aws\" = \"c\"\n";
        let said = Preferences::from_text(Path::new("c"), text).unwrap();
        for (host, expected) in [
            ("1.dkr.ecr.eu-west-1.amazonaws.com", Some("b")),
            ("12.dkr.ecr.eu-west-1.amazonaws.com", Some("a")),
            ("Public.ecr.aws", Some("c")),
            ("2.dkr.ecr.eu-west-1.amazonaws.com", None),
        ] {
            assert_eq!(said.profile_of_registry(host), expected, "{host}");
        }
        assert_eq!(said.whole_registries().collect::<Vec<_>>(), ["public.ecr.aws"]);
    }

    #[test]
    fn later_rules_add_to_earlier_ones() {
        let text = |text: &str| Some(text.to_owned());
        let settings = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
        };
        let template = |text| Some(Template::parse(text).unwrap());
        let sso = SsoPreferences {
            common: Rule {
                region: text("eu-west-1"),
                settings: settings(&[("output", "json"), ("a", "1")]),
                ..Rule::default()
            },
            rules: vec![
                Rule {
                    account_name: Some(Glob::new("sandbox-*")),
                    skip: Some(true),
                    ..Rule::default()
                },
                Rule {
                    account_name: Some(Glob::new("sandbox-mine")),
                    role_name: Some(Glob::new("Admin*")),
                    skip: Some(false),
                    profile_name: template("mine"),
                    ..Rule::default()
                },
                Rule {
                    role_name: Some(Glob::new("ReadOnly")),
                    region: text("us-east-1"),
                    settings: settings(&[("a", "2")]),
                    ..Rule::default()
                },
            ],
            ..SsoPreferences::default()
        };
        for (docs, account_name, role_name, expected) in [
            ("no rule", "prod", "Admin", Some(("{account_name}/{role_name}", "eu-west-1", "1"))),
            ("skipped", "sandbox-a", "Admin", None),
            ("brought back", "sandbox-mine", "Admin", Some(("mine", "eu-west-1", "1"))),
            ("every condition must hold", "sandbox-mine", "Other", None),
            (
                "a setting replaced",
                "prod",
                "ReadOnly",
                Some(("{account_name}/{role_name}", "us-east-1", "2")),
            ),
        ] {
            let role =
                Role { session: "corp", account_id: "1", account_name, email: "", role_name };
            let found = (!sso.skips(&role)).then(|| sso.profile(&role)).map(|found| {
                assert_eq!(found.settings["output"], "json", "{docs}");
                (found.profile_name.to_string(), found.region.unwrap(), found.settings["a"].clone())
            });
            let expected = expected.map(|(n, r, a)| (n.to_owned(), r.to_owned(), a.to_owned()));
            assert_eq!(found, expected, "{docs}");
        }
    }
}
