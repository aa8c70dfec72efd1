//! What the AWS files say: where they are, their dialect of INI, edits that keep every other byte.

pub(crate) mod block;
#[cfg(test)]
mod cases;
pub(crate) mod edit;
mod error;
mod header;
mod line;
pub(crate) mod location;
pub(crate) mod mend;
mod merge;
pub(crate) mod nested;
mod parse;
mod reach;
pub(crate) mod remove;
pub(crate) mod replace;
pub(crate) mod rewrite;
pub(crate) mod sections;
pub(crate) mod survey;
pub(crate) mod unset;
pub(crate) mod write;

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

pub(crate) use error::{ConfigError, Expected};

use crate::env::Env;
use crate::profile::{FileKind, Location, Profiles, Roots};
use crate::state::files;

/// Reads both AWS files. A file that does not exist is an empty one. Mistakes in a single profile are found
/// when it is used.
pub(crate) fn load(env: &Env) -> Result<Profiles, ConfigError> {
    load_as(env, None, None)
}

/// The same; only what the roots reach, and with `forgive` told of a file that cannot be read, which counts as
/// an empty one then.
pub(crate) fn load_as(
    env: &Env,
    roots: Option<&Roots>,
    forgive: Option<&dyn Fn(&ConfigError)>,
) -> Result<Profiles, ConfigError> {
    let read = |kind| {
        let path = location::path(env, kind);
        let text = match (text(&path), forgive) {
            (Err(error @ ConfigError::NotReadable { .. }), Some(tell)) => {
                tell(&error);
                String::new()
            }
            (text, _) => text?,
        };
        Ok((kind, path.into(), text))
    };
    parse_and_merge([read(FileKind::Config)?, read(FileKind::Credentials)?], roots)
}

/// Fails where a file with this text cannot be read.
pub(crate) fn check_text(kind: FileKind, path: &Path, text: &str) -> Result<(), ConfigError> {
    parse::parse(kind, path.into(), text.to_owned()).map(drop)
}

impl Profiles {
    /// Reads profiles from the texts of a config and a credentials file, which locations call
    /// `config` and `credentials`.
    pub fn from_texts(config: &str, credentials: &str) -> Result<Self, ConfigError> {
        Self::of_texts(config, credentials, None)
    }

    /// The same, of what the roots reach alone.
    pub(crate) fn of_texts(
        config: &str,
        credentials: &str,
        roots: Option<&Roots>,
    ) -> Result<Self, ConfigError> {
        let file = |kind, name: &str, text: &str| (kind, Path::new(name).into(), text.to_owned());
        let config = file(FileKind::Config, "config", config);
        let credentials = file(FileKind::Credentials, "credentials", credentials);
        parse_and_merge([config, credentials], roots)
    }
}

fn parse_and_merge(
    files: [(FileKind, Arc<Path>, String); 2],
    roots: Option<&Roots>,
) -> Result<Profiles, ConfigError> {
    let [config, credentials] = match roots {
        Some(roots) => reach::parse_reached(files, roots)?,
        None => {
            let [config, credentials] =
                files.map(|(kind, path, text)| parse::parse(kind, path, text));
            [config?, credentials?]
        }
    };
    Ok(merge::merge(config, credentials))
}

/// The file's text; empty if there is no file.
fn text(path: &Path) -> Result<String, ConfigError> {
    let bytes = match files::read(path, parse::MAX_SIZE as u64) {
        Ok(bytes) => bytes,
        Err(source) if source.kind() == ErrorKind::FileTooLarge => {
            return Err(ConfigError::TooLarge { path: path.to_path_buf() });
        }
        Err(source) if files::is_missing(&source) => Vec::new(),
        // Windows says that access is denied.
        Err(_) if path.is_dir() => {
            return Err(ConfigError::IsDirectory { path: path.to_path_buf() });
        }
        Err(source) => return Err(ConfigError::NotReadable { path: path.to_path_buf(), source }),
    };
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let text = str::from_utf8(valid).expect("everything up to the error is valid");
        let ends = line::lines(text).filter(|line| !line.ending.is_empty()).count();
        let line = u32::try_from(ends + 1).unwrap_or(u32::MAX);
        ConfigError::NotUtf8 { location: Location { file: path.into(), line } }
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn env(directory: &Path) -> Env {
        Env::from_pairs([("HOME", directory)])
    }

    #[test]
    fn files_that_do_not_exist_are_empty() {
        let home = tempfile::tempdir().unwrap();
        let profiles = load(&env(home.path())).unwrap();
        assert_eq!(profiles.names().count(), 0);
        assert_eq!(profiles.config_file(), home.path().join(".aws/config"));
        assert_eq!(profiles.credentials_file(), home.path().join(".aws/credentials"));
        fs::write(home.path().join(".aws"), "").unwrap();
        assert_eq!(load(&env(home.path())).unwrap().names().count(), 0);
    }

    #[test]
    fn both_files_are_read() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join(".aws")).unwrap();
        fs::write(home.path().join(".aws/config"), "[default]\n").unwrap();
        fs::write(home.path().join(".aws/credentials"), "[keys]\n").unwrap();
        let profiles = load(&env(home.path())).unwrap();
        assert_eq!(profiles.names().collect::<Vec<_>>(), ["default", "keys"]);
    }

    #[test]
    fn what_cannot_be_read_is_an_error_with_its_place() {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join(".aws").join("config");
        fs::create_dir_all(&config).unwrap();
        let error = load(&env(home.path())).unwrap_err();
        assert_eq!(error.to_string(), format!("{} is a directory, not a file", config.display()));

        fs::remove_dir(&config).unwrap();
        fs::write(&config, b"[default]\r\n# \xc3\xb8\r\na = \xff\n").unwrap();
        let error = load(&env(home.path())).unwrap_err();
        let place = format!("{}:3", config.display());
        assert_eq!(error.to_string(), format!("{place}: expected UTF-8 text, found other bytes"));

        fs::write(&config, "[default]\nhunter2\n").unwrap();
        let error = load(&env(home.path())).unwrap_err();
        assert!(error.to_string().starts_with(&format!("{}:2: ", config.display())));
        assert!(!format!("{error} {error:?}").contains("hunter2"));

        let file = fs::File::create(&config).unwrap();
        file.set_len(parse::MAX_SIZE as u64 + 1).unwrap();
        assert!(matches!(load(&env(home.path())), Err(ConfigError::TooLarge { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn other_failures_name_the_file_and_their_cause() {
        use std::error::Error as _;
        use std::os::unix::fs::symlink;

        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("circle");
        symlink(&config, &config).unwrap();
        let env = Env::from_pairs([("AWS_CONFIG_FILE", &config)]);
        let error = load(&env).unwrap_err();
        assert_eq!(error.to_string(), format!("cannot read {}", config.display()));
        assert!(error.source().is_some());

        let env = Env::from_pairs([("AWS_CONFIG_FILE", "/dev/null")]);
        assert_eq!(load(&env).unwrap().names().count(), 0);
        let env = Env::from_pairs([("AWS_CONFIG_FILE", "/dev/zero")]);
        assert!(matches!(load(&env), Err(ConfigError::TooLarge { .. })));
    }
}
