//! What the person should know although all is well.

use std::fmt;

use crate::profile::{self, Location, WarningKind};

/// A sentence, and where its cause stands, if it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Warning {
    pub about: About,
    pub message: String,
    pub at: Option<Location>,
}

/// What a warning is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// How a line is written
    Line(WarningKind),
    /// What no file says: variables and flags
    Moment,
    /// A source that gives way to another one of the profile
    OtherSource,
    /// A setting that is there and blank
    Blank,
    /// A value in quotes
    Quotes,
    /// A command that only a shell can mean
    Shell,
    /// A duration with a unit
    Unit,
    /// A session token beside a long-term access key
    Token,
    /// What aws-mfa wrote
    AwsMfa,
    /// A device that cannot present a code
    Device,
    /// How long a session lasts
    Length,
}

impl Warning {
    /// A warning of what no file says.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { about: About::Moment, message: message.into(), at: None }
    }
}

impl From<&profile::Warning> for Warning {
    fn from(warning: &profile::Warning) -> Self {
        Self {
            about: About::Line(warning.kind),
            message: warning.kind.to_string(),
            at: Some(warning.location.clone()),
        }
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
