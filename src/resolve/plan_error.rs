//! Why there is no plan for a chain.

use std::time::Duration;

use super::settings::LONGEST_POLICY;
use crate::credentials::SerialFlaw;
use crate::profile::{Location, display_duration};

/// Why there is no plan for a chain.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlanError {
    #[error("--duration {} is out of bounds: AWS allows {} to {} for {call}", display_duration(*asked), display_duration(*least), display_duration(*most))]
    Duration { asked: Duration, least: Duration, most: Duration, call: &'static str },
    #[error("--min-ttl {} cannot be had: a session of {subject} lasts {}{because}", display_duration(*asked), display_duration(*duration))]
    MinTtl { asked: Duration, duration: Duration, subject: String, because: &'static str },
    #[error("{at}: {key} of profile \"{profile}\" {flaw}")]
    NoDevice { at: Location, key: String, profile: String, flaw: SerialFlaw },
    #[error(
        "{}scope read needs a role to assume, which takes AWS's ReadOnlyAccess: to narrow another session, AWS takes a \
         policy of {LONGEST_POLICY} characters, and the actions of all services are ten times that", place(.at.as_ref())
    )]
    ReadWithoutRole { at: Option<Location> },
    #[error(
        "scope read and managed session policies exclude each other: AWS joins them, and the session could do what \
         either allows"
    )]
    ReadBesidePolicies,
    #[error("a scope narrows a session, and {because} hands over the access keys themselves")]
    ScopeOfKeys {
        because: String,
        /// The line that says so; none for the flag
        at: Option<Location>,
    },
    #[error("the policy of {name} has {length} characters, and AWS takes {LONGEST_POLICY}")]
    PolicyTooLong { name: String, length: usize },
}

fn place(at: Option<&Location>) -> String {
    at.map(|at| format!("{at}: ")).unwrap_or_default()
}
