//! What came of it.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::report::Failure;
use crate::report::failure::Kind;
use crate::scan::{Hit, Rules, read};

/// A key, and where it is.
pub(crate) struct FoundKey {
    pub commit: Option<String>,
    pub path: String,
    pub hit: Hit,
}

/// What came of it.
#[derive(Default)]
pub(crate) struct Scanned {
    /// By path and line; of a history by commit, the newest first
    pub found: Vec<FoundKey>,
    /// How many files were looked at
    pub files: usize,
    /// How many commits
    pub commits: Option<u64>,
    /// What could not be read, and why
    pub unread: Vec<(PathBuf, String)>,
    /// Whose the keys are that somebody is known to have
    pub owners: Vec<Owner>,
}

/// Where awsx has a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// In the vault, under this name
    Stored(String),
    /// In the AWS files, in clear text, in the profile of this name
    InFile(String),
}

impl Scanned {
    pub(super) fn add(&mut self, commit: Option<&str>, path: &str, hits: Vec<Hit>) {
        let found =
            |hit| FoundKey { commit: commit.map(str::to_owned), path: path.to_owned(), hit };
        self.found.extend(hits.into_iter().map(found));
    }

    /// What was left out, where it was.
    pub(crate) fn failure(&self) -> Option<Failure> {
        let (first, cause) = self.unread.first()?;
        let first = display_path(first);
        let message = match self.unread.len() {
            1 => format!("{first} could not be read: {cause}"),
            count => format!("{count} files could not be read, the first is {first}: {cause}"),
        };
        let hint = "allow yourself to read it, or name the files that count: `awsx scan PATH`";
        Some(Failure::say(message, Kind::Unexpected.with(hint)))
    }
}

/// The keys in what is read; none where it is no text.
pub(super) fn read_text(from: impl Read, rules: &Rules) -> io::Result<Vec<Hit>> {
    Ok(read(from, rules)?.unwrap_or_default())
}

/// A path as it is shown: without the `./` that nobody typed.
pub(super) fn display_path(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}
