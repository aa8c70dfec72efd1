//! What guards say that they should not, and what they guard.

use std::path::Path;

use super::code::Code;
use super::finding::Finding;
use crate::guard::{GuardError, NamedGuard, find_rules};
use crate::profile::Profiles;

/// Lines of profiles that are no rule: nothing of such a profile is handed over.
pub(crate) fn check_guards(profiles: &Profiles) -> Vec<Finding> {
    let finding = |name: &str| match find_rules([name], profiles, &[]) {
        Err(error @ GuardError::Mistake { .. }) => {
            let GuardError::Mistake { at, .. } = &error else { return None };
            Some(Finding::of_failure(Code::BadGuard, at, &error).of(name))
        }
        // Of what a profile includes another rule tells.
        Ok(_) | Err(_) => None,
    };
    profiles.names().filter_map(finding).collect()
}

/// Guards of the settings file that no profile's name matches: a slip of the pen leaves the one that is meant without.
pub(crate) fn check_patterns(
    guards: &[NamedGuard],
    path: &Path,
    profiles: &Profiles,
) -> Vec<Finding> {
    let idle = guards
        .iter()
        .filter(|guard| !profiles.all_names().any(|name| guard.pattern.matches_in_any_case(name)));
    let finding = |guard: &NamedGuard| {
        let pattern = guard.pattern.text();
        let message = format!("[guard.\"{pattern}\"] guards nothing: no profile has such a name");
        match guard.rules.first() {
            Some(rule) => Finding::warning(Code::IdleGuard, &rule.at, message),
            None => Finding::warning(Code::IdleGuard, path, message),
        }
    };
    idle.map(finding).collect()
}
