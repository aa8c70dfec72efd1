//! A setting of the client that cannot work, and where it is written.

use std::fmt;

use crate::profile::{Location, ServicesError};

/// A setting that cannot work. Names where it is written; an endpoint may hold a password, so no
/// value is shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientSettingsError {
    #[error("{origin} is not a region, such as eu-west-1: letters, digits and hyphens only")]
    Region { origin: Origin },
    #[error("{origin} is not a URL of the form https://HOST[:PORT][/PATH]")]
    Endpoint { origin: Origin },
    #[error("{origin} is neither true nor false")]
    Boolean { origin: Origin },
    /// `services` names a section that does not exist
    #[error("{origin} names the section [services {name}], which does not exist")]
    MissingServices { origin: Origin, name: String },
    /// The `services` section does not say what it should
    #[error(transparent)]
    Services(#[from] ServicesError),
}

/// Where a value is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A flag of the command line
    Flag(&'static str),
    Variable(&'static str),
    /// A line of an AWS file
    File {
        at: Location,
        key: String,
        /// The profile whose setting it is
        profile: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Variable(name) => f.write_str(name),
            Self::File { at, key, profile } => write!(f, "{at}: {key} of profile \"{profile}\""),
        }
    }
}
