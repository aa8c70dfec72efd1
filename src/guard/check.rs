//! What a guard says no to, before any call.

use super::demand::Demand;
use super::error::GuardError;
use super::identity::Identity;
use super::rule::{Guard, Guards};

/// Refuses a role that a guard denies.
pub(crate) fn check_roles<'r>(
    guards: &Guards,
    roles: impl IntoIterator<Item = &'r Identity>,
) -> Result<(), GuardError> {
    for role in roles {
        for Guard { rule, profile, .. } in &guards.0 {
            let Demand::NoRole(denied) = &rule.demand else { continue };
            if denied.iter().any(|pattern| role.has_role(pattern)) {
                return Err(GuardError::Role {
                    role: role.role_name().unwrap_or_default().to_owned(),
                    account: role.account.clone(),
                    profile: profile.clone(),
                    at: rule.at.clone(),
                });
            }
        }
    }
    Ok(())
}

/// Refuses a region that a guard does not name; also that none is said, for then a tool may have one of its own.
pub(crate) fn check_region(guards: &Guards, region: Option<&str>) -> Result<(), GuardError> {
    for Guard { rule, profile, .. } in &guards.0 {
        let Demand::Region(allowed) = &rule.demand else { continue };
        let is_allowed = |region| allowed.iter().any(|pattern| pattern.matches(region));
        if !region.is_some_and(is_allowed) {
            return Err(GuardError::Region {
                region: region.map(str::to_owned),
                allowed: allowed.iter().map(|pattern| pattern.text().to_owned()).collect(),
                profile: profile.clone(),
                at: rule.at.clone(),
            });
        }
    }
    Ok(())
}
