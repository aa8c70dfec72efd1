//! One thing that is wrong.

use std::error::Error;
use std::path::Path;

use super::code::Code;
use crate::profile::Location;
use crate::report::failure::Advise;
use crate::text::with_causes;

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// It leaves a profile without credentials for one reader at least.
    Error,
    Warning,
}

impl Severity {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Where a finding is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Line(Location),
    /// A file as a whole, or a directory
    File(Box<Path>),
    /// In no file
    Nowhere,
}

/// What is wrong, and where. Never a secret.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) code: Code,
    pub(crate) severity: Severity,
    pub(crate) place: Place,
    /// The profiles that have it, where that is known
    pub(crate) profiles: Vec<String>,
    /// One sentence
    pub(crate) message: String,
    /// What to do
    pub(crate) hint: Option<String>,
    /// Whether `--fix` does it
    pub(crate) is_mechanical: bool,
}

impl Finding {
    pub(super) fn error(code: Code, place: impl Into<Place>, message: impl Into<String>) -> Self {
        let (place, message) = (place.into(), message.into());
        let (severity, profiles) = (Severity::Error, Vec::new());
        Self { code, severity, place, profiles, message, hint: None, is_mechanical: false }
    }

    pub(super) fn warning(code: Code, place: impl Into<Place>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    /// What an error of the files says, with its advice.
    pub(super) fn of_failure<E: Advise>(code: Code, place: impl Into<Place>, error: &E) -> Self {
        let (place, said) = (place.into(), with_causes(error as &dyn Error));
        let message = match &place {
            Place::Line(at) => said.strip_prefix(&format!("{at}: ")).unwrap_or(&said).to_owned(),
            Place::File(_) | Place::Nowhere => said,
        };
        Self { hint: error.advice().hint, ..Self::error(code, place, message) }
    }

    pub(super) fn of(mut self, profile: &str) -> Self {
        self.profiles.push(profile.to_owned());
        self
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Whether the other one says the same of the same line.
    fn is_same(&self, other: &Self) -> bool {
        self.code == other.code && self.place == other.place && self.message == other.message
    }
}

impl Place {
    /// The file and, if it is known, the line.
    pub(crate) fn parts(&self) -> Option<(&Path, Option<u32>)> {
        match self {
            Self::Line(at) => Some((&at.file, Some(at.line))),
            Self::File(path) => Some((path, None)),
            Self::Nowhere => None,
        }
    }
}

impl From<Location> for Place {
    fn from(at: Location) -> Self {
        Self::Line(at)
    }
}

impl From<&Location> for Place {
    fn from(at: &Location) -> Self {
        Self::Line(at.clone())
    }
}

impl From<Option<Location>> for Place {
    fn from(at: Option<Location>) -> Self {
        at.map_or(Self::Nowhere, Self::Line)
    }
}

impl From<&Path> for Place {
    fn from(path: &Path) -> Self {
        Self::File(path.into())
    }
}

/// Each finding once, with all the profiles that have it, in the order of the files and their lines.
pub(crate) fn join_findings(found: Vec<Finding>, files: &[&Path]) -> Vec<Finding> {
    let mut joined: Vec<Finding> = Vec::new();
    let place = |finding: &Finding| match finding.place.parts() {
        Some((file, line)) => {
            let file = files.iter().position(|known| *known == file).unwrap_or(files.len());
            (file, line.unwrap_or_default())
        }
        None => (usize::MAX, 0),
    };
    let mut found = found;
    found.sort_by_key(|finding| place(finding));
    for finding in found {
        let near = joined.iter_mut().rev().take_while(|other| place(other) == place(&finding));
        match near.into_iter().find(|other| other.is_same(&finding)) {
            Some(same) => {
                let new = finding.profiles.into_iter();
                let new: Vec<_> = new.filter(|name| !same.profiles.contains(name)).collect();
                same.profiles.extend(new);
            }
            None => joined.push(finding),
        }
    }
    joined
}
