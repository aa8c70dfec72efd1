//! What the person should know although all is well.

use std::fmt;

use crate::profile::Location;

/// A sentence, and where its cause stands, if it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    message: String,
    at: Option<Location>,
}

impl Warning {
    pub(super) fn new(message: String) -> Self {
        Self { message, at: None }
    }

    pub(super) fn at(at: Location, message: String) -> Self {
        Self { message, at: Some(at) }
    }

    /// The sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where its cause stands.
    pub fn location(&self) -> Option<&Location> {
        self.at.as_ref()
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
