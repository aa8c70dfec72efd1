//! Which rules hold for a chain of profiles: those that the settings have for their names, and their own.

use super::demand::Demand;
use super::error::GuardError;
use super::expected::{Expected, Wanted, Whose};
use super::key::{KEYS, Key, Said};
use crate::profile::{Location, Profiles, Setting};
use crate::text::{Colour, Glob};

/// A demand, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub key: &'static str,
    pub demand: Demand,
    pub at: Location,
}

/// `[guard."PATTERN"]` of awsx's own settings
#[derive(Clone, Debug)]
pub(crate) struct NamedGuard {
    /// Of the names of profiles, in any case
    pub pattern: Glob,
    pub rules: Vec<Rule>,
}

/// A rule that holds for a chain.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    pub rule: Rule,
    /// The profile of the chain that has it
    pub profile: String,
    /// Which credentials it is about, where it is about some
    pub whose: Whose,
}

/// All that hold for a chain.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guards(pub Vec<Guard>);

/// The rules of a chain's profiles, `asked` for first, and of those that they include. Of several colours the first
/// holds, of the profile that is asked for alone.
pub(crate) fn find_rules<'n>(
    chain: impl IntoIterator<Item = &'n str>,
    profiles: &Profiles,
    named: &[NamedGuard],
) -> Result<Guards, GuardError> {
    let mut guards = Guards::default();
    for (place, name) in chain.into_iter().enumerate() {
        let whose = match place {
            0 => Whose::Result,
            _ => Whose::Profile(name.to_owned()),
        };
        for (profile, rule) in rules_of(name, profiles, named, &NAMES)? {
            let is_colour = matches!(rule.demand, Demand::Colour(_));
            if !is_colour || (place == 0 && guards.colour().is_none()) {
                guards.0.push(Guard { rule, profile, whose: whose.clone() });
            }
        }
    }
    Ok(guards)
}

/// In which colour the name of a profile is shown, wherever that is; the same as [`find_rules`] finds for it.
pub(crate) fn colour_of(name: &str, profiles: &Profiles, named: &[NamedGuard]) -> Option<Colour> {
    let rules = rules_of(name, profiles, named, &["colour"]).ok()?;
    rules.iter().find_map(|(_, rule)| rule.colour())
}

/// What the rules with these keys say of one profile, each with the profile that has it: those of the settings, in
/// the order of their guards, for its name and then for the names of those that it includes; then the lines of these
/// profiles in the same order.
fn rules_of(
    name: &str,
    profiles: &Profiles,
    named: &[NamedGuard],
    keys: &[&str],
) -> Result<Vec<(String, Rule)>, GuardError> {
    let own = profiles.as_known(name);
    let included = match &own {
        Some(own) => profiles.includes_of(own)?,
        None => Vec::new(),
    };
    let mut rules = Vec::new();
    for name in std::iter::once(name).chain(included.iter().map(|profile| profile.name())) {
        let matching = named.iter().filter(|guard| guard.pattern.matches_in_any_case(name));
        let wanted =
            matching.flat_map(|guard| &guard.rules).filter(|rule| keys.contains(&rule.key));
        rules.extend(wanted.map(|rule| (name.to_owned(), rule.clone())));
    }
    for profile in own.iter().chain(&included) {
        for setting in profile.all_of(keys).filter(|setting| !setting.is_blank()) {
            let rule = read_setting(profile.name(), setting)?;
            rules.extend(rule.map(|rule| (profile.name().to_owned(), rule)));
        }
    }
    Ok(rules)
}

const NAMES: [&str; KEYS.len()] = {
    let mut names = [""; KEYS.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = KEYS[at].name;
        at += 1;
    }
    names
};

/// The rule that a line of a profile is, if it demands something.
fn read_setting(profile: &str, setting: &Setting) -> Result<Option<Rule>, GuardError> {
    let Some(Key { name, form, read }) = KEYS.iter().find(|key| key.name == setting.key) else {
        return Ok(None);
    };
    let at = setting.location.clone();
    match read(&Said::Line(&setting.value)) {
        Some(demand) => Ok(demand.map(|demand| Rule { key: name, demand, at })),
        None => Err(GuardError::Mistake { at, key: name, profile: profile.to_owned(), form }),
    }
}

impl Rule {
    fn colour(&self) -> Option<Colour> {
        match self.demand {
            Demand::Colour(colour) => Some(colour),
            _ => None,
        }
    }
}

impl Guards {
    /// In which the name of the profile is shown.
    pub(crate) fn colour(&self) -> Option<Colour> {
        self.0.iter().find_map(|guard| guard.rule.colour())
    }

    /// Whose credentials they expect.
    pub(crate) fn expectations(&self) -> impl Iterator<Item = Expected> {
        self.0.iter().filter_map(|Guard { rule, profile, whose }| {
            let wanted = match &rule.demand {
                Demand::Account(accounts) => Wanted::Account(accounts.clone()),
                Demand::Role(roles) => Wanted::Role(roles.clone()),
                Demand::NoRole(_)
                | Demand::Region(_)
                | Demand::Confirm
                | Demand::Reason
                | Demand::Read(_)
                | Demand::Colour(_) => return None,
            };
            Some(Expected {
                whose: whose.clone(),
                wanted,
                profile: Some(profile.clone()),
                said_by: rule.key,
                at: Some(rule.at.clone()),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn named(pattern: &str, key: &str, value: Said<'_>, line: u32) -> NamedGuard {
        let key = KEYS.iter().find(|known| known.name == key).unwrap();
        let demand = (key.read)(&value).unwrap().unwrap();
        let at = Location { file: Path::new("c").into(), line };
        NamedGuard { pattern: Glob::new(pattern), rules: vec![Rule { key: key.name, demand, at }] }
    }

    /// Each as `PROFILE KEY PLACE`.
    #[test]
    fn all_rules_that_match_hold_for_all_profiles_of_the_chain() {
        let profiles = Profiles::from_texts(
            "[profile prod]\ninclude_profile = common\nregions = eu-*\n\
             [profile common]\nregions = eu-west-1\nexpected_role =\n\
             [profile base]\ndeny_roles = a, b\n",
            "[prod]\nregions = us-*\n",
        )
        .unwrap();
        let settings = [
            named("*PROD", "regions", Said::List(vec!["eu-*"]), 1),
            named("com?on", "expected_account", Said::List(vec!["111111111111"]), 2),
            named("base", "expected_account", Said::Line("111111111111"), 3),
            named("other", "regions", Said::Line("eu-*"), 4),
        ];
        let found = find_rules(["prod", "base"], &profiles, &settings).unwrap();
        let shown: Vec<_> = found
            .0
            .iter()
            .map(|guard| format!("{} {} {}", guard.profile, guard.rule.key, guard.rule.at))
            .collect();
        assert_eq!(
            shown,
            [
                "prod regions c:1",
                "common expected_account c:2",
                "prod regions config:3",
                "prod regions credentials:2",
                "common regions config:5",
                "base expected_account c:3",
                "base deny_roles config:8",
            ]
        );
        let whose: Vec<_> = found.expectations().map(|expected| expected.whose).collect();
        assert_eq!(whose, [Whose::Result, Whose::Profile("base".into())]);
        assert!(find_rules(["gone"], &profiles, &settings).unwrap().0.is_empty());
    }

    #[test]
    fn of_several_colours_the_first_holds() {
        let profiles = Profiles::from_texts(
            "[profile prod]\ninclude_profile = common\n[profile common]\ncolour = Cyan\n\
             [profile base]\ncolour = red\ncolour = blue\n[profile none]\ncolour =\n\
             [profile odd]\nconfirm = maybe\ncolour = magenta\n",
            "",
        )
        .unwrap();
        let said = |pattern, colour| named(pattern, "colour", Said::List(vec![colour]), 1);
        let settings = [said("p*", "yellow"), said("prod", "green")];
        for (name, named, expected) in [
            ("prod", &settings[..], Some(Colour::Yellow)),
            ("prod", &settings[1..], Some(Colour::Green)),
            ("prod", &[], Some(Colour::Cyan)),
            ("base", &settings, Some(Colour::Red)),
            ("none", &settings, None),
            ("corp/1/Pad", &settings, None),
            // Its other lines are read where something is handed over.
            ("odd", &settings, Some(Colour::Magenta)),
        ] {
            assert_eq!(colour_of(name, &profiles, named), expected, "{name}");
            if name != "odd" {
                // What it draws on has no part in it.
                let chain = find_rules([name, "base"], &profiles, named).unwrap();
                assert_eq!(chain.colour(), expected, "{name}");
            }
        }
    }

    #[test]
    fn a_value_that_is_none_is_a_mistake() {
        for (line, problem) in [
            (
                "expected_account = 1234",
                "must be an account of 12 digits in quotes, or a list of such",
            ),
            ("deny_roles = a,,b", "must be the name of a role, or a list of such"),
            ("colour = pink", "must be blue, cyan, green, magenta, red or yellow"),
            ("colour = red, blue", "must be blue, cyan, green, magenta, red or yellow"),
            ("expected_role = ,", "must be the name of a role, or a list of such"),
            (
                "regions = eu west",
                "must be a region, such as \"eu-west-1\" or \"eu-*\", or a list of such",
            ),
        ] {
            let config = format!("[profile p]\n{line}\n");
            let profiles = Profiles::from_texts(&config, "").unwrap();
            let error = find_rules(["p"], &profiles, &[]).unwrap_err().to_string();
            let key = line.split(' ').next().unwrap();
            assert_eq!(error, format!("config:2: {key} of profile \"p\" {problem}"));
        }
    }
}
