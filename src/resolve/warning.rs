//! What the person should know although all is well.

use std::fmt;

use crate::profile::{self, Location};

/// A sentence, and where its cause stands, if it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Warning {
    pub message: String,
    pub at: Option<Location>,
}

impl Warning {
    /// A warning of what no file says.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), at: None }
    }
}

impl From<&profile::Warning> for Warning {
    fn from(warning: &profile::Warning) -> Self {
        Self { message: warning.kind.to_string(), at: Some(warning.location.clone()) }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            Some(at) => write!(f, "{at}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}
