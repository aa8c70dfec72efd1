//! awsx's own settings: when it may open a login, and how the profiles of an organization are named
//! and furnished. What the AWS files say is [`crate::config`]'s.
//!
//! - `read`: from the file's text to the settings, each mistake with line and column.
//! - `rule`: what holds for one role in one account. `template`: its profile's name.
//!
//! The file holds no secret and is read only by commands that need it.

mod read;
mod rule;
mod template;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::state::files;

pub use rule::{Glob, Role, RoleProfile, Rule};
pub use template::{Template, TemplateError};

/// No settings file is larger.
const FILE_LIMIT: u64 = 1024 * 1024;

/// awsx's own settings.
#[derive(Clone, Debug, Default)]
pub struct Preferences {
    common: Login,
    sso: BTreeMap<String, SsoPreferences>,
    /// What holds for a session that the file does not name
    unnamed: SsoPreferences,
}

/// What can be said for all logins and for those of one `[sso-session]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Login {
    auto_login: Option<bool>,
    share_sso_token: Option<bool>,
}

/// `[sso.NAME]`: what holds for `[sso-session NAME]`.
#[derive(Clone, Debug, Default)]
pub struct SsoPreferences {
    login: Login,
    /// `profile_name`, `region` and `settings` of all generated profiles
    pub common: Rule,
    /// `[[sso.NAME.rules]]` in the file's order
    pub rules: Vec<Rule>,
}

impl Preferences {
    /// Reads the settings file: `AWSX_CONFIG`, else `$XDG_CONFIG_HOME/awsx/config.toml`, else
    /// `~/.config/awsx/config.toml`. A file that does not exist says nothing.
    ///
    /// # Errors
    /// The file cannot be read, is no TOML, or says what awsx does not know.
    pub fn load(env: &Env) -> Result<Self, PreferencesError> {
        let Some(path) = path(env) else { return Ok(Self::default()) };
        match text(&path)? {
            Some(text) => Self::from_text(&path, &text),
            None => Ok(Self::default()),
        }
    }

    /// Reads the settings from a file's text; `path` is what its mistakes are said to be in.
    ///
    /// # Errors
    /// [`PreferencesError::Invalid`]
    pub fn from_text(path: &Path, text: &str) -> Result<Self, PreferencesError> {
        read::preferences(text).map_err(|mistake| PreferencesError::Invalid {
            place: Place::of(path, text, mistake.at),
            problem: mistake.problem,
        })
    }

    /// `auto_login`: whether a command that needs a login may open one by itself where a person is
    /// there. True unless the file says otherwise.
    pub fn auto_login(&self, session: Option<&str>) -> bool {
        self.login(session, |login| login.auto_login).unwrap_or(true)
    }

    /// `share_sso_token`: whether a login is also written to the AWS CLI's cache. False unless the
    /// file says otherwise.
    pub fn share_sso_token(&self, session: Option<&str>) -> bool {
        self.login(session, |login| login.share_sso_token).unwrap_or(false)
    }

    /// What the file says of `[sso-session NAME]`; nothing where it does not name it.
    pub fn sso(&self, session: &str) -> &SsoPreferences {
        self.sso.get(session).unwrap_or(&self.unnamed)
    }

    fn login(&self, session: Option<&str>, of: impl Fn(&Login) -> Option<bool>) -> Option<bool> {
        let own = session.and_then(|name| of(&self.sso(name).login));
        own.or_else(|| of(&self.common))
    }
}

/// Where the settings file is or would be; nowhere without a home directory.
pub fn path(env: &Env) -> Option<PathBuf> {
    if let Some(path) = env.path("AWSX_CONFIG") {
        return Some(env.working_directory().join(env.expand_home(path)));
    }
    // The XDG specification has relative paths ignored.
    let base = match env.path("XDG_CONFIG_HOME").filter(|path| path.is_absolute()) {
        Some(base) => base.to_path_buf(),
        None => env.home()?.join(".config"),
    };
    Some(base.join("awsx").join("config.toml"))
}

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
        PreferencesError::Invalid {
            place: Place::of(path, text, valid),
            problem: "expected UTF-8 text, found other bytes".into(),
        }
    })?;
    Ok(Some(text))
}

/// A place in the settings file. Shown as `/home/x/.config/awsx/config.toml:3:14`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file
    pub file: PathBuf,
    /// The line, counted from 1
    pub line: usize,
    /// The column in characters, counted from 1
    pub column: usize,
}

impl Place {
    fn of(file: &Path, text: &str, at: usize) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self { file: file.to_path_buf(), line, column: before[start..].chars().count() + 1 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.display(), self.line, self.column)
    }
}

/// The settings file cannot be used. Holds no value of it.
#[derive(Debug, thiserror::Error)]
pub enum PreferencesError {
    /// The operating system does not let us read it
    #[error("cannot read {}", path.display())]
    NotReadable {
        /// The file
        path: PathBuf,
        /// Why
        source: io::Error,
    },
    /// It is no TOML, or says what awsx does not know
    #[error("{place}: {problem}")]
    Invalid {
        /// Where
        place: Place,
        /// The key and what is wrong with it
        problem: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_file_is() {
        for (docs, pairs, expected) in [
            ("the variable", vec![("AWSX_CONFIG", "~/a"), ("HOME", "/h")], Some("/h/a")),
            ("relative to where awsx was started", vec![("AWSX_CONFIG", "a")], Some("/a")),
            ("XDG", vec![("XDG_CONFIG_HOME", "/x")], Some("/x/awsx/config.toml")),
            (
                "a relative XDG path is ignored",
                vec![("XDG_CONFIG_HOME", "x"), ("HOME", "/h")],
                Some("/h/.config/awsx/config.toml"),
            ),
            ("nowhere", vec![("A", "b")], None),
        ] {
            let found = path(&Env::from_pairs(pairs));
            assert_eq!(found.as_deref(), expected.map(Path::new), "{docs}");
        }
    }

    #[test]
    fn a_session_says_otherwise_than_all() {
        let text = "auto_login = false\nshare_sso_token = true\n\
                    [sso.corp]\nauto_login = true\n[sso.lab]\nshare_sso_token = false\n";
        let said = Preferences::from_text(Path::new("c"), text).unwrap();
        let nothing = Preferences::default();
        for (docs, preferences, session, auto_login, share) in [
            ("nothing is said", &nothing, Some("corp"), true, false),
            ("of all", &said, None, false, true),
            ("of this one", &said, Some("corp"), true, true),
            ("of another", &said, Some("lab"), false, false),
            ("not named", &said, Some("other"), false, true),
        ] {
            assert_eq!(preferences.auto_login(session), auto_login, "{docs}");
            assert_eq!(preferences.share_sso_token(session), share, "{docs}");
        }
    }

    #[test]
    fn a_missing_file_says_nothing_and_an_unreadable_one_is_an_error() {
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
