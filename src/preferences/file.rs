//! The settings file: where it is, and how its mistakes are told.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::DeTable;

use super::read::{Mistake, read_preferences};
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

    /// Every mistake of the settings file at this path, as far as no other one hides it: the rest is read without the
    /// line, or without the table, that is wrong.
    pub(crate) fn mistakes(path: &Path) -> Vec<PreferencesError> {
        match text(path) {
            Ok(text) => Self::mistakes_of_text(path, text.unwrap_or_default()),
            Err(error) => vec![error],
        }
    }

    fn mistakes_of_text(path: &Path, mut text: String) -> Vec<PreferencesError> {
        const MOST: usize = 100;
        let mut found = Vec::new();
        while found.len() < MOST
            && let Err(error) = Self::from_text(path, &text)
        {
            let rest = match &error {
                PreferencesError::Invalid { line, .. } => without_line(&text, *line),
                PreferencesError::NotReadable { .. } => None,
            };
            // What comes of a value on several lines, of which one is left out, is no mistake.
            let is_torn =
                |rest: &String| DeTable::parse(&text).is_ok() && DeTable::parse(rest).is_err();
            let rest = rest.filter(|rest| !is_torn(rest));
            found.push(error);
            match rest {
                Some(rest) => text = rest,
                None => break,
            }
        }
        found
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
        of_text(path, text, |place| read_preferences(text, place))
    }
}

/// What `read` makes of the text of a file; it is told where something stands, by its offset.
pub(super) fn of_text<T>(
    path: &Path,
    text: &str,
    read: impl FnOnce(&dyn Fn(usize) -> Location) -> Result<T, Mistake>,
) -> Result<T, PreferencesError> {
    let file: Arc<Path> = path.into();
    let place = |at| {
        let line = line_and_column(text, at).0.try_into().unwrap_or(u32::MAX);
        Location { file: Arc::clone(&file), line }
    };
    read(&place).map_err(|mistake| invalid(path, text, mistake.at, mistake.problem))
}

/// The text of the file; none where there is no file.
fn text(path: &Path) -> Result<Option<String>, PreferencesError> {
    let failed = |source| PreferencesError::NotReadable { path: path.to_path_buf(), source };
    let bytes = match files::read(path, FILE_LIMIT) {
        Err(error) if files::is_missing(&error) => return Ok(None),
        bytes => bytes.map_err(failed)?,
    };
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = str::from_utf8(&error.as_bytes()[..valid]).unwrap_or_default();
        invalid(path, text, valid, "expected UTF-8 text, found other bytes".into())
    })?;
    Ok(Some(text))
}

/// The text with nothing on a line; where that begins a table, nothing in its lines either. `None` where there is
/// nothing left to leave out.
fn without_line(text: &str, number: usize) -> Option<String> {
    let lines: Vec<&str> = text.split('\n').collect();
    let first = lines.get(number.checked_sub(1)?).filter(|line| !line.trim().is_empty())?;
    let is_header = |line: &str| line.trim_start().starts_with('[');
    let mut more = lines[number..].iter().take_while(|line| is_header(first) && !is_header(line));
    let last = number + more.by_ref().count();
    let kept = |(at, line): (usize, &&str)| match (number - 1..last).contains(&at) {
        true => String::new(),
        false => (*line).to_owned(),
    };
    Some(lines.iter().enumerate().map(kept).collect::<Vec<_>>().join("\n"))
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
    fn every_mistake_is_found() {
        for (docs, text, lines) in [
            ("none", "auto_login = true\n", &[][..]),
            ("keys", "auto_login = 1\nshare_sso_token = false\nnonsense = 2\n", &[1, 3]),
            ("syntax", "auto_login = true\nhunter2\nshare_sso_token = 1\n", &[2, 3]),
            (
                "a table and what is in it",
                "[scopes.a]\nx = 1\n[scopes.b]\npolicy = \"p\"\n[sso.c]\nregoin = 1\n",
                &[1, 2, 6],
            ),
            ("a table alone", "[nobody]\nx = 1\ny = 2\n[sso.c]\nregoin = 1\n", &[1, 5]),
            (
                "a value on several lines",
                "[sso.c]\nrules = \"\"\"\nx\n\"\"\"\nregoin = 1\n",
                &[2, 5],
            ),
        ] {
            let found = Preferences::mistakes_of_text(Path::new("c"), text.to_owned());
            let mut at: Vec<usize> = found
                .iter()
                .map(|mistake| match mistake {
                    PreferencesError::Invalid { line, .. } => *line,
                    PreferencesError::NotReadable { .. } => 0,
                })
                .collect();
            at.sort_unstable();
            assert_eq!(at, lines, "{docs}: {found:?}");
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
