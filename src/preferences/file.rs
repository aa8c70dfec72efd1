//! The settings file: where it is, and how its mistakes are told.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::read::read_preferences;
use super::settings::Preferences;
use crate::env::Env;
use crate::profile::Location;
use crate::state::files;

const FILE_LIMIT: u64 = 1024 * 1024;

impl Preferences {
    /// Reads the settings file: `AWSX_CONFIG`, else `$XDG_CONFIG_HOME/awsx/config.toml`, else
    /// `~/.config/awsx/config.toml` (Windows: `%APPDATA%\awsx\config.toml`, unless only that one is there).
    /// Without a file all settings have their defaults.
    pub fn load(env: &Env) -> Result<Self, PreferencesError> {
        let Some(path) = Self::path(env) else { return Ok(Self::default()) };
        match text(&path)? {
            Some(text) => Self::from_text(&path, &text),
            None => Ok(Self::default()),
        }
    }

    /// Where the settings file is or would be; nowhere without a home directory.
    pub(crate) fn path(env: &Env) -> Option<PathBuf> {
        let below = |directory: PathBuf| directory.join("awsx").join("config.toml");
        let of_xdg = || env.xdg("XDG_CONFIG_HOME", ".config").map(below);
        let of_windows = || {
            let of_system = below(env.path("APPDATA").filter(|_| cfg!(windows))?.to_path_buf());
            let is_elsewhere = of_xdg().is_some_and(|other| other.exists() && !of_system.exists());
            (!is_elsewhere).then_some(of_system)
        };
        env.file("AWSX_CONFIG").or_else(of_windows).or_else(of_xdg)
    }

    pub fn from_text(path: &Path, text: &str) -> Result<Self, PreferencesError> {
        let file: Arc<Path> = path.into();
        let place = |at| {
            let line = line_and_column(text, at).0.try_into().unwrap_or(u32::MAX);
            Location { file: Arc::clone(&file), line }
        };
        read_preferences(text, &place)
            .map_err(|mistake| invalid(path, text, mistake.at, mistake.problem))
    }
}

/// The text of the file; none where there is no file.
fn text(path: &Path) -> Result<Option<String>, PreferencesError> {
    let failed = |source| PreferencesError::NotReadable { path: path.to_path_buf(), source };
    let bytes = match files::read(path, FILE_LIMIT + 1) {
        Err(error) if files::is_missing(&error) => return Ok(None),
        bytes => bytes.map_err(failed)?,
    };
    if bytes.len() as u64 > FILE_LIMIT {
        return Err(failed(io::Error::other("it is larger than 1 MiB")));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = str::from_utf8(&error.as_bytes()[..valid]).unwrap_or_default();
        invalid(path, text, valid, "expected UTF-8 text, found other bytes".into())
    })?;
    Ok(Some(text))
}

/// Holds no value of the file.
#[derive(Debug, thiserror::Error)]
pub enum PreferencesError {
    #[error("cannot read {}", path.display())]
    NotReadable { path: PathBuf, source: io::Error },
    /// `line` and `column`, which counts characters, begin with 1.
    #[error("{}:{line}:{column}: {problem}", path.display())]
    Invalid { path: PathBuf, line: usize, column: usize, problem: String },
}

fn invalid(path: &Path, text: &str, at: usize, problem: String) -> PreferencesError {
    let (line, column) = line_and_column(text, at);
    PreferencesError::Invalid { path: path.to_path_buf(), line, column, problem }
}

fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_names_the_file() {
        let absolute = if cfg!(windows) { "C:/x" } else { "/x" };
        let in_absolute = format!("{absolute}/awsx/config.toml");
        for (docs, pairs, expected) in [
            ("the variable", vec![("AWSX_CONFIG", "~/a"), ("HOME", "/h")], Some("/h/a")),
            ("relative to where awsx was started", vec![("AWSX_CONFIG", "a")], Some("/a")),
            ("XDG", vec![("XDG_CONFIG_HOME", absolute)], Some(&*in_absolute)),
            (
                "a relative XDG path is ignored",
                vec![("XDG_CONFIG_HOME", "x"), ("HOME", "/h")],
                Some("/h/.config/awsx/config.toml"),
            ),
            ("nowhere", vec![("A", "b")], None),
        ] {
            let found = Preferences::path(&Env::from_pairs(pairs));
            assert_eq!(found.as_deref(), expected.map(Path::new), "{docs}");
        }
    }

    #[test]
    fn a_missing_file_means_defaults_and_an_unreadable_one_is_an_error() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("config.toml");
        let env = Env::from_pairs([("AWSX_CONFIG", &file)]);
        assert!(Preferences::load(&env).unwrap().auto_login(None));
        std::fs::write(&file, "auto_login = false\n").unwrap();
        assert!(!Preferences::load(&env).unwrap().auto_login(None));
        std::fs::write(&file, b"# \xc3\xb8\na = \xff").unwrap();
        let error = Preferences::load(&env).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("{}:2:5: expected UTF-8 text, found other bytes", file.display())
        );
        std::fs::remove_file(&file).unwrap();
        std::fs::create_dir(&file).unwrap();
        let error = Preferences::load(&env).unwrap_err();
        assert!(matches!(error, PreferencesError::NotReadable { .. }), "{error}");
    }
}
