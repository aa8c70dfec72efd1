//! One thing that a tool left, and what becomes of it.

use clap::ValueEnum;

use crate::generate::{GeneratedProfile, GeneratedSession};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tool {
    Granted,
    AwsSsoCli,
    AwsSsoUtil,
    AwsVault,
    AwsMfa,
    Aws2Wrap,
    Saml2aws,
    Atmos,
    Awsume,
    Yawsso,
    Leapp,
    #[value(name = "1password")]
    OnePassword,
}

#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub tool: Tool,
    /// A file, with the line where there is one
    pub place: String,
    /// `profile dev: Admin in 111111111111`
    pub what: String,
    pub fate: Fate,
}

#[derive(Clone, Debug)]
pub(crate) enum Fate {
    /// Lines of the config file
    Lines(Box<Move>),
    /// A line of `[sso.SESSION]` in awsx's own settings
    Setting { session: String, key: &'static str, value: String, becomes: String },
    /// Access keys go into the vault
    Keys(KeySource),
    /// It stays, and awsx reads it as it is: how
    Works(String),
    /// It cannot come along
    Stays { why: String, hint: String },
}

/// Where access keys come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// The section of this key's name in the credentials file
    LongTerm(String),
    /// What aws-vault keeps, by the name of its backend
    AwsVault(&'static str),
}

/// What becomes of the config file.
#[derive(Clone, Debug)]
pub(crate) struct Move {
    /// An `[sso-session]` that is not there yet
    pub session: Option<GeneratedSession>,
    /// The profile and its new lines
    pub profile: Option<GeneratedProfile>,
    /// Keys of its lines that go
    pub gone: Vec<&'static str>,
    /// In a few words
    pub becomes: String,
}

impl Fate {
    pub(super) fn stays(why: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Stays { why: why.into(), hint: hint.into() }
    }

    /// What it becomes, in a few words.
    pub(crate) fn becomes(&self) -> Option<&str> {
        match self {
            Self::Lines(lines) => Some(&lines.becomes),
            Self::Setting { becomes, .. } => Some(becomes),
            Self::Keys(_) => Some("access keys in the vault"),
            Self::Works(how) => Some(how),
            Self::Stays { .. } => None,
        }
    }

    /// As JSON names it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Lines(_) => "profile",
            Self::Setting { .. } => "setting",
            Self::Keys(_) => "keys",
            Self::Works(_) => "works",
            Self::Stays { .. } => "stays",
        }
    }

    /// Whether something is to be done.
    pub(crate) fn is_move(&self) -> bool {
        matches!(self, Self::Lines(_) | Self::Setting { .. } | Self::Keys(_))
    }
}

impl Tool {
    /// As it is typed.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}
