//! What there is to look through.

use crate::preferences::Preferences;
use crate::profile::{Profile, Profiles};

/// The files, as they were read.
pub(crate) struct Looked<'a> {
    pub profiles: &'a Profiles,
    /// Access keys that aws-mfa reads
    pub long_terms: &'a [LongTerm],
    /// Where aws-vault keeps its items, if that can be seen without opening anything
    pub store: Option<&'a Store>,
    /// awsx's own settings, if they can be read
    pub preferences: Option<&'a Preferences>,
}

/// What is where a tool has its own file.
pub(crate) enum Own {
    Nothing,
    File(OwnFile),
    /// For people: which, and why it cannot be read
    Unreadable {
        place: String,
        problem: String,
    },
}

/// A file of a tool.
pub(crate) struct OwnFile {
    /// For people
    pub place: String,
    pub text: String,
}

/// An access key of `[NAME-long-term]`.
pub(crate) struct LongTerm {
    /// What it is stored under
    pub name: String,
    pub place: String,
    /// Why it cannot be taken
    pub problem: Option<String>,
}

/// A place of aws-vault's.
pub(crate) struct Store {
    pub place: String,
    /// One that awsx opens, by its name; else its name
    pub backend: Result<&'static str, String>,
    /// How aws-vault itself hands a key over
    pub hand_over: String,
}

impl Looked<'_> {
    /// All profiles of the files, as they are written there.
    pub(super) fn all_profiles(&self) -> impl Iterator<Item = Profile> {
        self.profiles.names().filter_map(|name| self.profiles.as_written(name))
    }
}
