//! What a guard says no with.

use crate::profile::{Location, ProfileError};

/// Why nothing is handed over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GuardError {
    #[error("{at}: {key} of profile \"{profile}\" {form}")]
    Mistake { at: Location, key: &'static str, profile: String, form: &'static str },
    #[error(transparent)]
    Include(#[from] ProfileError),
    #[error("role {role} in {account} is denied to profile \"{profile}\" by deny_roles ({at})")]
    Role { role: String, account: String, profile: String, at: Location },
    #[error(
        "no service is left to read: read_only of profile \"{profile}\" ({at}) has none of those of {other}"
    )]
    NothingToRead { profile: String, at: Location, other: Location },
    #[error(
        "scope {scope} may do more than read_only of profile \"{profile}\" ({at}) allows: {allowed}"
    )]
    Scope { scope: String, allowed: String, profile: String, at: Location },
    #[error("profile \"{profile}\" is to read alone (read_only, {at}), and {what}")]
    CannotNarrow { what: String, profile: String, at: Location },
    #[error(
        "profile \"{profile}\" is used for a reason that CloudTrail shows (reason, {at}), and {what}"
    )]
    CannotSayWhy { what: String, profile: String, at: Location },
    #[error(
        "profile \"{profile}\" is for {} alone, says regions ({at}), and {}", .allowed.join(", "), which(.region.as_deref())
    )]
    Region { region: Option<String>, allowed: Vec<String>, profile: String, at: Location },
}

fn which(region: Option<&str>) -> String {
    match region {
        Some(region) => format!("the region is {region}"),
        None => "no region is said".to_owned(),
    }
}
