//! What a guard demands.

use crate::text::{Colour, Glob};

/// What a rule demands.
#[derive(Clone, Debug)]
pub(crate) enum Demand {
    /// The credentials are of one of these accounts
    Account(Vec<String>),
    /// They are of a role with one of these names
    Role(Vec<Glob>),
    /// No role with one of these names is on the way
    NoRole(Vec<Glob>),
    /// The region is one of these
    Region(Vec<Glob>),
    /// A person types the name of the profile
    Confirm,
    /// A person says what it is for, and CloudTrail shows that
    Reason,
    /// It can do no more than read, in these services; empty: in all
    Read(Vec<String>),
    /// Nothing: where awsx shows the name of the profile, it has this colour
    Colour(Colour),
}

impl Demand {
    /// What is named, as it stands there.
    pub(crate) fn values(&self) -> Vec<&str> {
        match self {
            Self::Account(accounts) => accounts.iter().map(String::as_str).collect(),
            Self::Role(globs) | Self::NoRole(globs) | Self::Region(globs) => {
                globs.iter().map(Glob::text).collect()
            }
            Self::Read(services) => services.iter().map(String::as_str).collect(),
            Self::Colour(colour) => vec![colour.name()],
            Self::Confirm | Self::Reason => Vec::new(),
        }
    }
}
