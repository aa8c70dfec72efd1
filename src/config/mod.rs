//! What the AWS files say: where they are, their dialect of INI, edits that keep every other byte.

pub(crate) mod block;
#[cfg(test)]
mod cases;
pub(crate) mod edit;
mod error;
mod header;
mod line;
pub(crate) mod location;
mod merge;
mod parse;
pub(crate) mod write;

use std::path::Path;

pub(crate) use error::{ConfigError, Expected};

use crate::env::Env;
use crate::profile::{FileKind, Location, Profiles};
use crate::state::files;

/// Reads both AWS files. A file that does not exist is an empty one. Mistakes in a single profile are found
/// when it is used.
pub(crate) fn load(env: &Env) -> Result<Profiles, ConfigError> {
    Ok(merge::merge(read(env, FileKind::Config)?, read(env, FileKind::Credentials)?))
}

/// The same, where a file that cannot be read counts as an empty one; and why it cannot.
pub(crate) fn load_what_can_be_read(
    env: &Env,
) -> Result<(Profiles, Vec<ConfigError>), ConfigError> {
    let mut errors = Vec::new();
    let mut read = |kind| match read(env, kind) {
        Err(error @ ConfigError::NotReadable { .. }) => {
            errors.push(error);
            parse::parse(kind, location::path(env, kind).into(), String::new())
        }
        read => read,
    };
    let (config, credentials) = (read(FileKind::Config)?, read(FileKind::Credentials)?);
    Ok((merge::merge(config, credentials), errors))
}

fn read(env: &Env, kind: FileKind) -> Result<parse::Parsed, ConfigError> {
    let path = location::path(env, kind);
    let text = text(&path)?;
    parse::parse(kind, path.into(), text)
}

/// The file's text; empty if there is no file.
fn text(path: &Path) -> Result<String, ConfigError> {
    let bytes = match files::read(path, parse::MAX_SIZE as u64 + 1) {
        Ok(bytes) => bytes,
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
