//! Why an AWS file cannot be used.

use std::io;
use std::path::PathBuf;

use crate::profile::Location;

/// An AWS file that cannot be read or understood. Never holds a file's content.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {}", path.display())]
    NotReadable { path: PathBuf, source: io::Error },
    #[error("{} is a directory, not a file", path.display())]
    IsDirectory { path: PathBuf },
    #[error("{} is larger than 64 MiB, no AWS configuration file is", path.display())]
    TooLarge { path: PathBuf },
    /// `location` is the line of the first byte that is no UTF-8.
    #[error("{location}: expected UTF-8 text, found other bytes")]
    NotUtf8 { location: Location },
    #[error("{location}: {expected}")]
    Syntax { location: Location, expected: Expected },
}

/// What should be in a line that no AWS tool accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Expected {
    #[error("expected a section such as [default] before the first setting")]
    Section,
    #[error("expected `]` at the end of the section's name")]
    ClosingBracket,
    #[error("expected `key = value`, found no `=`")]
    Equals,
    #[error("expected `key = value`, found no key before the `=`")]
    Key,
    /// An indented line below `s3 =` that is no setting
    #[error("expected an indented `key = value`, because the key above has no value of its own")]
    NestedSetting,
}
