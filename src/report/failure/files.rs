//! Files that cannot be used as they are.

use std::fs;
use std::io;
use std::path::Path;

use super::{Advice, Advise, Kind, word};
use crate::client_settings::ClientSettingsError;
use crate::config::edit::EditError;
use crate::config::write::WriteError;
use crate::config::{ConfigError, Expected};
use crate::preferences::PreferencesError;
use crate::profile::ProfileError;
use crate::state::{files, owner};

impl Advise for ConfigError {
    fn advice(&self) -> Advice {
        Kind::Config.with(config_hint(self))
    }
}

/// What gives the AWS CLI's files to who runs awsx.
pub(crate) const MAKE_AWS_FILES_YOURS: &str = match cfg!(windows) {
    true => "make it yours and writable",
    false => "make it yours and writable (`sudo chown -R \"$USER\" ~/.aws`)",
};

fn config_hint(error: &ConfigError) -> String {
    match error {
        ConfigError::NotReadable { path, source } => match source.kind() {
            io::ErrorKind::PermissionDenied => match owner::remedy(path, path, source) {
                Some(remedy) => remedy,
                None if cfg!(windows) => {
                    format!("allow yourself to read {}", path.display())
                }
                None if fs::symlink_metadata(path).is_ok() => {
                    format!("`chmod u+rw {}` gives you access", word(&path.display().to_string()))
                }
                None => {
                    "set AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE to files of your own, or \
                         HOME to your directory"
                        .to_owned()
                }
            },
            _ => format!("check {} and the directories above it", path.display()),
        },
        ConfigError::IsDirectory { .. } => {
            "set AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE to a file".to_owned()
        }
        ConfigError::TooLarge { path } => {
            format!("check that {} is the file you mean", path.display())
        }
        ConfigError::NotUtf8 { location } => {
            format!("save {} in UTF-8", location.file.display())
        }
        ConfigError::Syntax { expected, .. } => syntax_hint(*expected).to_owned(),
    }
}

/// What the line should be.
fn syntax_hint(expected: Expected) -> &'static str {
    match expected {
        Expected::Section => "write a line such as [default] above it",
        Expected::ClosingBracket => "close the bracket: [profile NAME]",
        Expected::Equals | Expected::Key => {
            "write `key = value` there, or make it a comment with # in column 1"
        }
        Expected::NestedSetting => "write `key = value` there, or begin the line in column 1",
    }
}

/// What to do where a file cannot be edited.
pub(super) fn edit_hint(error: &EditError, file: &Path) -> String {
    let file = file.display();
    match error {
        EditError::Syntax { expected, .. } => syntax_hint(*expected).to_owned(),
        EditError::IndentedSection { line } => format!("begin {file}:{line} in column 1"),
        EditError::IndentedBelow { line } => format!("begin {file}:{line} in column 1"),
        EditError::OpenBlock { line } => {
            format!("remove the line {file}:{line}, or add its counterpart")
        }
        EditError::HasValue { line } => format!("take the value out of {file}:{line} first"),
        EditError::Taken => "give it another name".to_owned(),
        EditError::TooLarge
        | EditError::Meaning
        | EditError::Block
        | EditError::Key
        | EditError::Value
        | EditError::Name => {
            format!("check {file}")
        }
    }
}

impl Advise for WriteError {
    fn advice(&self) -> Advice {
        Kind::Config.with(match self {
            Self::Read(config) => config_hint(config),
            Self::Edit { path, source } => edit_hint(source, path),
            Self::NoFile { path } => {
                let variable = "AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE";
                format!("name a file in {variable}; awsx changes nothing at {}", path.display())
            }
            Self::Protected { path } if cfg!(windows) => {
                format!("`attrib -r \"{}\"` allows it", path.display())
            }
            Self::Protected { path } => {
                format!("`chmod u+w {}` allows it", word(&path.display().to_string()))
            }
            Self::Changing { path } => {
                format!("run it again once nothing else writes {}", path.display())
            }
            Self::Write { path, source } => {
                let directory = files::directory(path);
                let remedy = owner::remedy(path, path, source)
                    .or_else(|| owner::remedy(directory, directory, source));
                remedy.unwrap_or_else(|| {
                    format!("check that you can write {} and its directory", path.display())
                })
            }
        })
    }
}

impl Advise for PreferencesError {
    fn advice(&self) -> Advice {
        Kind::Config.with(match self {
            Self::NotReadable { path, .. } => {
                format!("check {} and the directories above it", path.display())
            }
            Self::Invalid { path, line, .. } => format!("edit {}:{line}", path.display()),
        })
    }
}

impl Advise for ProfileError {
    fn advice(&self) -> Advice {
        Kind::Config.with("correct include_profile in that line")
    }
}

impl Advise for ClientSettingsError {
    fn advice(&self) -> Advice {
        Kind::Config.with(match self {
            Self::Region { .. } => "correct it, or give --region",
            Self::MissingServices { .. } | Self::Services(_) => {
                "see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html"
            }
            Self::Endpoint { .. }
            | Self::Boolean { .. }
            | Self::NotText { .. }
            | Self::Lines { .. } => "correct it, or leave it out",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Expected;
    use crate::profile::Location;
    use crate::report::Failure;

    #[test]
    fn a_file_that_cannot_be_used_says_what_to_do() {
        let path = || "/h/config".into();
        let location = Location { file: Path::new("/h/config").into(), line: 2 };
        // Not with a real file: the tests may run as root, who has access to all.
        let source = io::ErrorKind::PermissionDenied.into();
        for (error, hint) in [
            (
                ConfigError::IsDirectory { path: path() },
                "set AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE to a file",
            ),
            (
                ConfigError::Syntax { location, expected: Expected::Equals },
                "write `key = value` there, or make it a comment with # in column 1",
            ),
            (
                ConfigError::NotReadable { path: path(), source },
                match cfg!(unix) {
                    true => {
                        "set AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE to files of your own, or \
                         HOME to your directory"
                    }
                    false => "allow yourself to read /h/config",
                },
            ),
        ] {
            assert_eq!(Failure::from(error).hint.as_deref(), Some(hint));
        }
    }
}
