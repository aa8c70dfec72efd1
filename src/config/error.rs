//! Why an AWS file cannot be used.

use std::io;
use std::path::PathBuf;

use super::parse::Expected;
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
    /// No AWS tool accepts this line.
    #[error("{location}: {expected}")]
    Syntax { location: Location, expected: Expected },
}

impl ConfigError {
    /// What to do about it, as a sentence fragment with the command where there is one.
    pub fn hint(&self) -> String {
        match self {
            Self::NotReadable { path, source } => match source.kind() {
                io::ErrorKind::PermissionDenied => {
                    format!("give yourself access: chmod u+rw {}", path.display())
                }
                _ => format!("check {} and the directories above it", path.display()),
            },
            Self::IsDirectory { path } => format!(
                "set AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE to a file, or move {} away",
                path.display()
            ),
            Self::TooLarge { path } => {
                format!("check that {} is the file you mean", path.display())
            }
            Self::NotUtf8 { location } => {
                format!("save {} in UTF-8", location.file.display())
            }
            Self::Syntax { location, .. } => format!("edit {location}"),
        }
    }
}
