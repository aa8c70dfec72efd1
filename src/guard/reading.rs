//! `read_only`: what of a profile reads, as all its guards allow it together.

use super::demand::Demand;
use super::error::GuardError;
use super::rule::{Guard, Guards};
use crate::profile::Location;

/// A scope that reads.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// In these services; empty: in all
    services: Vec<String>,
    /// The profile of the first guard that says so
    pub profile: String,
    pub at: Location,
}

impl Reading {
    /// What all guards together allow; nothing where none says so.
    pub(crate) fn of(guards: &Guards) -> Result<Option<Self>, GuardError> {
        let mut found: Option<Self> = None;
        for Guard { rule, profile, .. } in &guards.0 {
            let Demand::Read(services) = &rule.demand else { continue };
            let Some(reading) = &mut found else {
                let (services, at) = (services.clone(), rule.at.clone());
                found = Some(Self { services, profile: profile.clone(), at });
                continue;
            };
            match (&*reading.services, &**services) {
                (_, []) => {}
                ([], others) => reading.services = others.to_vec(),
                (own, others) => {
                    let common = own.iter().filter(|service| others.contains(service));
                    reading.services = common.cloned().collect();
                    if reading.services.is_empty() {
                        let (profile, at) = (profile.clone(), rule.at.clone());
                        let other = reading.at.clone();
                        return Err(GuardError::NothingToRead { profile, at, other });
                    }
                }
            }
        }
        Ok(found)
    }

    /// The scope, as `--scope` has it.
    pub(crate) fn scope(&self) -> String {
        match &*self.services {
            [] => "read".to_owned(),
            services => format!("read:{}", services.join(",")),
        }
    }

    /// Whether a scope that somebody asks for does no more.
    pub(crate) fn allows(&self, scope: &str) -> bool {
        match scope.trim().strip_prefix("read") {
            Some("") => self.services.is_empty(),
            Some(rest) => rest.strip_prefix(':').is_some_and(|services| {
                let is_allowed = |service: &str| {
                    self.services.is_empty()
                        || self.services.iter().any(|own| own == service.trim())
                };
                services.split(',').all(is_allowed)
            }),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::find_rules;
    use crate::profile::Profiles;

    #[test]
    fn what_reads_is_what_all_guards_allow() {
        for (own, below, scope, asked) in [
            (
                "read_only = true",
                "",
                "read",
                [("read", true), ("read:s3", true), ("deploy", false)],
            ),
            (
                "read_only = true",
                "read_only = s3, logs",
                "read:s3,logs",
                [("read:logs", true), ("read", false), ("read:s3,ec2", false)],
            ),
            (
                "read_only = s3,logs",
                "read_only = logs",
                "read:logs",
                [("read:logs", true), ("read:s3", false), ("reads", false)],
            ),
            (
                "read_only = false",
                "read_only = s3",
                "read:s3",
                [("read:s3", true), ("{}", false), ("read:", false)],
            ),
        ] {
            let config = format!("[profile a]\n{own}\n[profile b]\n{below}\n");
            let profiles = Profiles::from_texts(&config, "").unwrap();
            let guards = find_rules(["a", "b"], &profiles, &[]).unwrap();
            let reading = Reading::of(&guards).unwrap().unwrap();
            assert_eq!(reading.scope(), scope);
            for (asked, expected) in asked {
                assert_eq!(reading.allows(asked), expected, "{own} {below}: {asked}");
            }
        }
        let profiles = "[profile a]\nread_only = s3\n[profile b]\nread_only = ec2\n";
        let profiles = Profiles::from_texts(profiles, "").unwrap();
        let guards = find_rules(["a", "b"], &profiles, &[]).unwrap();
        assert_eq!(
            Reading::of(&guards).unwrap_err().to_string(),
            "no service is left to read: read_only of profile \"b\" (config:4) has none of those of config:2"
        );
    }
}
