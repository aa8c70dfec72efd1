//! `[agents]`: which profiles an agent may use. Pure.

use std::time::Duration;

use crate::profile::Location;
use crate::text::Glob;

/// What awsx's own settings say of agents.
#[derive(Clone, Debug, Default)]
pub(crate) struct AgentRules {
    /// `allow`: the profile that is asked for has one of these names; none said: any
    pub allow: Option<NameRule>,
    /// `deny`: no profile of the chain has one of these names
    pub deny: Option<NameRule>,
    /// `scope`: what the sessions of agents may do, whatever else narrows them
    pub scope: Option<(String, Location)>,
    /// `max_duration`: how long they last at most
    pub max_duration: Option<(Duration, Location)>,
}

/// Names of profiles, in any case, and where they stand.
#[derive(Clone, Debug)]
pub(crate) struct NameRule {
    pub patterns: Vec<Glob>,
    pub at: Location,
}

/// An agent may not use a profile.
#[derive(Debug, thiserror::Error)]
#[error("profile \"{profile}\" is not for agents: {} ({at})", .why)]
pub(crate) struct NotForAgents {
    pub profile: String,
    pub why: &'static str,
    pub at: Location,
}

impl NameRule {
    fn has(&self, name: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches_in_any_case(name))
    }
}

impl AgentRules {
    /// Refuses a profile that was asked for, and those below it in its `chain`.
    pub(crate) fn check<'n>(
        &self,
        asked: &'n str,
        chain: impl IntoIterator<Item = &'n str>,
    ) -> Result<(), NotForAgents> {
        let refuse = |name: &str, why, rule: &NameRule| {
            let (profile, at) = (name.to_owned(), rule.at.clone());
            Err(NotForAgents { profile, why, at })
        };
        if let Some(deny) = &self.deny
            && let Some(name) = [asked].into_iter().chain(chain).find(|name| deny.has(name))
        {
            return refuse(name, "deny names it", deny);
        }
        match &self.allow {
            Some(allow) if !allow.has(asked) => refuse(asked, "allow does not name it", allow),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn rule(patterns: &[&str], line: u32) -> Option<NameRule> {
        let patterns: Vec<_> = patterns.iter().map(|pattern| Glob::new(pattern)).collect();
        let at = Location { file: Path::new("c").into(), line };
        (!patterns.is_empty()).then_some(NameRule { patterns, at })
    }

    #[test]
    fn deny_counts_for_the_chain_and_allow_for_what_is_asked_for() {
        for (allow, deny, chain, expected) in [
            (&[][..], &[][..], &["prod", "base"][..], ""),
            (&["*-dev", "ro-*"], &[], &["app-dev", "base"], ""),
            (
                &["*-dev", "ro-*"],
                &[],
                &["base"],
                "\"base\" is not for agents: allow does not name it (c:1)",
            ),
            (
                &[],
                &["*prod*"],
                &["app-PROD"],
                "\"app-PROD\" is not for agents: deny names it (c:2)",
            ),
            (
                &[],
                &["*prod*"],
                &["app", "prod-base"],
                "\"prod-base\" is not for agents: deny names it (c:2)",
            ),
            (&["*"], &["*prod*"], &["prod"], "deny names it"),
            (&["x"], &["*prod*"], &["prod"], "deny names it"),
        ] {
            let rules =
                AgentRules { allow: rule(allow, 1), deny: rule(deny, 2), ..AgentRules::default() };
            let said = rules.check(chain[0], chain[1..].iter().copied());
            let said = said.map_or_else(|refused| refused.to_string(), |()| String::new());
            assert!(said.contains(expected) && said.is_empty() == expected.is_empty(), "{said}");
        }
    }
}
