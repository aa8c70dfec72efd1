//! What the AWS files say: where they are, their dialect of INI, and edits that keep every other
//! byte. What a profile means for credentials is left to [`crate::resolve`].

#[cfg(test)]
mod cases;
mod header;
mod line;
pub mod location;
mod merge;
mod parse;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

pub use parse::Expected;

use crate::env::Env;
use crate::profile::{FileKind, Location, Profiles};

/// An AWS file that cannot be read or understood. Never holds a file's content.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The operating system does not let us read it
    #[error("cannot read {}", path.display())]
    NotReadable {
        /// The file
        path: PathBuf,
        /// Why
        source: io::Error,
    },
    /// A directory where a file should be
    #[error("{} is a directory, not a file", path.display())]
    IsDirectory {
        /// The directory
        path: PathBuf,
    },
    /// More than 64 MiB
    #[error("{} is larger than 64 MiB, no AWS configuration file is", path.display())]
    TooLarge {
        /// The file
        path: PathBuf,
    },
    /// Bytes that are no UTF-8
    #[error("{location}: expected UTF-8 text, found other bytes")]
    NotUtf8 {
        /// The line of the first such byte
        location: Location,
    },
    /// A line that no AWS tool accepts
    #[error("{location}: {expected}")]
    Syntax {
        /// The line
        location: Location,
        /// What it should have been
        expected: Expected,
    },
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

/// Reads both AWS files. A file that does not exist is an empty one.
///
/// # Errors
/// A file that exists cannot be read, is no UTF-8, or has a line that no AWS tool accepts. What
/// is wrong with a single profile is no error here.
pub fn load(env: &Env) -> Result<Profiles, ConfigError> {
    Ok(merge::merged(read(env, FileKind::Config)?, read(env, FileKind::Credentials)?))
}

fn read(env: &Env, kind: FileKind) -> Result<parse::Parsed, ConfigError> {
    let path = location::path(env, kind);
    let text = text(&path)?;
    parse::parse(kind, path.into(), text)
}

/// The file's text; empty if there is no file.
fn text(path: &Path) -> Result<String, ConfigError> {
    let bytes = bytes(path).or_else(|source| match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(Vec::new()),
        io::ErrorKind::IsADirectory => Err(ConfigError::IsDirectory { path: path.to_path_buf() }),
        _ => Err(ConfigError::NotReadable { path: path.to_path_buf(), source }),
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let text = str::from_utf8(valid).expect("everything up to the error is valid");
        let ends = line::lines(text).filter(|line| !line.ending.is_empty()).count();
        let line = u32::try_from(ends + 1).unwrap_or(u32::MAX);
        ConfigError::NotUtf8 { location: Location { file: path.into(), line } }
    })
}

/// The file's bytes, one more than [`parse::MAX_SIZE`] at most: `/dev/zero` must not fill the
/// memory. Pipes work, so that `AWS_CONFIG_FILE=<(…)` does.
fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0).min(parse::MAX_SIZE) + 1);
    file.by_ref().take(parse::MAX_SIZE as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
