//! What holds for the profile of one role in one account: the settings of the session, changed by
//! every rule that matches, in the file's order.

use std::collections::BTreeMap;

use super::SsoPreferences;
use super::template::Template;

/// A role in an account, as the access portal lists it.
#[derive(Clone, Copy, Debug)]
pub struct Role<'a> {
    /// The `[sso-session]`
    pub session: &'a str,
    /// `accountId`, 12 digits
    pub account_id: &'a str,
    /// `accountName`
    pub account_name: &'a str,
    /// `emailAddress`; empty where the portal gives none
    pub email: &'a str,
    /// `roleName`
    pub role_name: &'a str,
}

/// `[[sso.NAME.rules]]`: for which roles, and what it says of their profiles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// `account_id`
    pub account_id: Option<Glob>,
    /// `account_name`
    pub account_name: Option<Glob>,
    /// `role_name`
    pub role_name: Option<Glob>,
    /// `skip`: no profile at all
    pub skip: Option<bool>,
    /// `profile_name`
    pub profile_name: Option<Template>,
    /// `region`
    pub region: Option<String>,
    /// `settings`: further lines of the profile, by key
    pub settings: BTreeMap<String, String>,
}

/// What the rules come to for one role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleProfile {
    /// How its profile is named
    pub profile_name: Template,
    /// `region`; none is written without
    pub region: Option<String>,
    /// Further settings, by key
    pub settings: BTreeMap<String, String>,
}

impl SsoPreferences {
    /// What the rules come to for a role; nothing if it is to have no profile.
    pub fn of(&self, role: &Role<'_>) -> Option<RoleProfile> {
        let mut skip = false;
        let mut found = RoleProfile::default();
        let matching = self.rules.iter().filter(|rule| rule.matches(role));
        for rule in std::iter::once(&self.common).chain(matching) {
            skip = rule.skip.unwrap_or(skip);
            if let Some(template) = &rule.profile_name {
                found.profile_name = template.clone();
            }
            if let Some(region) = &rule.region {
                found.region = Some(region.clone());
            }
            let settings = rule.settings.iter().map(|(key, value)| (key.clone(), value.clone()));
            found.settings.extend(settings);
        }
        (!skip).then_some(found)
    }
}

impl Rule {
    /// Whether every condition holds; without one it is about all roles.
    pub fn matches(&self, role: &Role<'_>) -> bool {
        let holds = |glob: &Option<Glob>, text| glob.as_ref().is_none_or(|glob| glob.matches(text));
        holds(&self.account_id, role.account_id)
            && holds(&self.account_name, role.account_name)
            && holds(&self.role_name, role.role_name)
    }
}

/// A pattern over a whole text: `*` is any run of characters, `?` any one; case counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    /// Takes a pattern; every text is one.
    pub fn new(pattern: &str) -> Self {
        Self(pattern.to_owned())
    }

    /// Whether the pattern is the whole `text`.
    pub fn matches(&self, text: &str) -> bool {
        let (pattern, text): (Vec<char>, Vec<char>) =
            (self.0.chars().collect(), text.chars().collect());
        let (mut p, mut t) = (0, 0);
        // Where the last `*` is, and how much of the text it takes so far.
        let mut star: Option<(usize, usize)> = None;
        while t < text.len() {
            match pattern.get(p) {
                Some('*') => {
                    star = Some((p, t));
                    p += 1;
                }
                Some(&c) if c == '?' || c == text[t] => {
                    p += 1;
                    t += 1;
                }
                _ => match star {
                    Some((at, taken)) => {
                        star = Some((at, taken + 1));
                        p = at + 1;
                        t = taken + 1;
                    }
                    None => return false,
                },
            }
        }
        pattern[p..].iter().all(|&c| c == '*')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (pattern, text, expected) in [
            ("sandbox", "sandbox", true),
            ("sandbox", "Sandbox", false),
            ("sandbox-*", "sandbox-a", true),
            ("sandbox-*", "sandbox-", true),
            ("sandbox-*", "my sandbox-a", false),
            ("*sand*box*", "a sand in a box", true),
            ("*a*b", "aXbXb", true),
            ("*a*b", "aXbXc", false),
            ("?", "ä", true),
            ("?", "", false),
            ("", "", true),
            ("*", "", true),
            ("**", "x", true),
            ("", "x", false),
            ("11111111111?", "111111111111", true),
        ] {
            assert_eq!(Glob::new(pattern).matches(text), expected, "{pattern} {text}");
        }
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
            let found = sso.of(&role).map(|found| {
                assert_eq!(found.settings["output"], "json", "{docs}");
                (found.profile_name.to_string(), found.region.unwrap(), found.settings["a"].clone())
            });
            let expected = expected.map(|(n, r, a)| (n.to_owned(), r.to_owned(), a.to_owned()));
            assert_eq!(found, expected, "{docs}");
        }
    }
}
