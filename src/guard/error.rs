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
