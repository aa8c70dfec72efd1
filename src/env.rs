//! One snapshot of what the process was started with: variables, home directory, working
//! directory. Nothing else in awsx reads the process environment.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A variable that is empty or blank counts as unset, as in the AWS SDKs.
#[derive(Clone, Default)]
pub struct Env {
    vars: BTreeMap<OsString, OsString>,
    home: Option<PathBuf>,
    working_directory: PathBuf,
    /// The file of the directory that has said more, see [`Env::with_directory`]
    directory_file: Option<Arc<Path>>,
}

impl Env {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn capture() -> Self {
        Self {
            vars: std::env::vars_os().map(|(name, value)| (key(&name), value)).collect(),
            home: std::env::home_dir().filter(|home| !home.as_os_str().is_empty()),
            working_directory: std::env::current_dir().unwrap_or_default(),
            directory_file: None,
        }
    }

    /// Builds an environment from the given variables; `HOME` is the home directory.
    pub fn from_pairs<K: Into<OsString>, V: Into<OsString>>(
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let vars: BTreeMap<OsString, OsString> =
            pairs.into_iter().map(|(k, v)| (key(&k.into()), v.into())).collect();
        let home = vars.get(OsStr::new("HOME")).map(PathBuf::from);
        Self { vars, home, working_directory: PathBuf::from("/"), directory_file: None }
    }

    fn value(&self, name: &str) -> Option<&OsString> {
        match cfg!(windows) {
            true => self.vars.get(&key(OsStr::new(name))),
            false => self.vars.get(OsStr::new(name)),
        }
    }

    /// The variable's value, if it is set, not blank and valid Unicode.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.value(name)?.to_str().filter(|value| !value.trim().is_empty())
    }

    /// Whether it is unset or valid Unicode.
    pub fn is_text(&self, name: &str) -> bool {
        self.value(name).is_none_or(|value| value.to_str().is_some())
    }

    /// The variable as a path, `~` not expanded. Any bytes are allowed.
    pub fn path(&self, name: &str) -> Option<&Path> {
        self.value(name).filter(|value| !value.is_empty()).map(Path::new)
    }

    /// The variable as the path of a file: `~` expanded, relative to where awsx was started.
    pub fn file(&self, name: &str) -> Option<PathBuf> {
        Some(self.working_directory.join(self.expand_home(self.path(name)?)))
    }

    /// The directory of the XDG specification, which has relative paths ignored, else `default` in the
    /// home directory.
    pub fn xdg(&self, name: &str, default: &str) -> Option<PathBuf> {
        match self.path(name).filter(|path| path.is_absolute()) {
            Some(path) => Some(path.to_path_buf()),
            None => self.in_home(default),
        }
    }

    /// Whether the variable is set to `true` or `1`, in any case.
    pub fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|v| v.trim() == "1" || v.trim().eq_ignore_ascii_case("true"))
    }

    /// Whether awsx runs in a CI job: nobody is there, and nothing need outlast it.
    pub(crate) fn is_of_ci_job(&self) -> bool {
        ["CI", "GITHUB_ACTIONS", "GITLAB_CI"].into_iter().any(|mark| self.flag(mark))
    }

    /// Whether the variable is present at all, blank included.
    pub fn is_present(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// Whether the access key is the one that an awsx around this one handed over: then what that one set
    /// beside it belongs to it.
    pub fn has_keys_of_awsx(&self) -> bool {
        let key = self.get("AWS_ACCESS_KEY_ID");
        key.is_some() && key == self.get("AWSX_ACCESS_KEY_ID")
    }

    /// Whether the server that gives container credentials is one of an awsx around this one, which serves this
    /// very command.
    pub fn has_server_of_awsx(&self) -> bool {
        let server = self.get("AWS_CONTAINER_CREDENTIALS_FULL_URI");
        server.is_some()
            && server == self.get("AWSX_CONTAINER_CREDENTIALS_FULL_URI")
            && self.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").is_none()
    }

    /// Whether the instance metadata service that is asked is one of `awsx serve --imds`.
    pub(crate) fn has_instance_of_awsx(&self) -> bool {
        let endpoint = self.get("AWS_EC2_METADATA_SERVICE_ENDPOINT");
        endpoint.is_some() && endpoint == self.get("AWSX_EC2_METADATA_SERVICE_ENDPOINT")
    }

    /// The profile that the credentials of an awsx around this one are of.
    pub fn profile_of_awsx(&self) -> Option<&str> {
        self.get("AWSX_PROFILE").filter(|_| self.has_keys_of_awsx() || self.has_server_of_awsx())
    }

    #[must_use]
    pub fn without<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut env = self.clone();
        for name in names {
            env.vars.remove(&key(OsStr::new(name)));
        }
        env
    }

    #[must_use]
    pub fn with<'a>(mut self, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        for (name, value) in pairs {
            self.vars.insert(key(OsStr::new(name)), value.into());
        }
        self
    }

    /// The same with what the file of a directory says, as if it was exported: variables that are set stay.
    #[must_use]
    pub(crate) fn with_directory<'a>(
        &self,
        file: &Arc<Path>,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let new = pairs.into_iter().filter(|(name, _)| self.get(name).is_none());
        let env = self.clone().with(new);
        Self { directory_file: Some(Arc::clone(file)), ..env }
    }

    /// The file of the directory that says which profile is selected.
    pub(crate) fn directory_file(&self) -> Option<&Path> {
        self.directory_file.as_deref()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.vars.iter().map(|(k, v)| (k.as_os_str(), v.as_os_str()))
    }

    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// Where awsx was started.
    pub(crate) fn working_directory(&self) -> &Path {
        &self.working_directory
    }

    /// `path` with a leading `~` or `~/` replaced by the home directory.
    pub fn expand_home(&self, path: &Path) -> PathBuf {
        match (path.strip_prefix("~"), &self.home) {
            (Ok(rest), Some(home)) if rest.as_os_str().is_empty() => home.clone(),
            (Ok(rest), Some(home)) => below(home, rest),
            _ => path.to_path_buf(),
        }
    }

    /// This path below the home directory.
    pub fn in_home(&self, path: &str) -> Option<PathBuf> {
        Some(below(self.home()?, Path::new(path)))
    }
}

/// With one kind of separator.
fn below(home: &Path, path: &Path) -> PathBuf {
    if cfg!(windows) { home.join(path.components().collect::<PathBuf>()) } else { home.join(path) }
}

/// A variable's name as it is compared: Windows makes no difference between `Path` and `PATH`.
fn key(name: &OsStr) -> OsString {
    if cfg!(windows) { name.to_ascii_uppercase() } else { name.to_owned() }
}

/// Names only: values may be secrets.
impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Env")
            .field("names", &self.vars.keys().collect::<Vec<_>>())
            .field("home", &self.home)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_counts_as_unset() {
        let env = Env::from_pairs([("A", ""), ("B", "  "), ("C", " x")]);
        assert_eq!((env.get("A"), env.get("B"), env.get("C")), (None, None, Some(" x")));
        assert!(env.is_present("A"));
    }

    #[test]
    fn names_are_compared_as_the_system_does() {
        let env = Env::from_pairs([("Aws_Profile", "bob")]);
        assert_eq!(env.get("AWS_PROFILE"), cfg!(windows).then_some("bob"));
        assert_eq!(env.without(["AWS_PROFILE"]).get("aws_profile"), None);
        assert_eq!(env.get("Aws_Profile"), Some("bob"));
    }

    #[test]
    fn home_is_expanded_at_the_start_only() {
        let env = Env::from_pairs([("HOME", "/h")]);
        for (typed, expected) in
            [("~", "/h"), ("~/a", "/h/a"), ("~user/a", "~user/a"), ("/a/~", "/a/~")]
        {
            assert_eq!(env.expand_home(Path::new(typed)), Path::new(expected), "{typed}");
        }
    }

    #[test]
    fn debug_shows_no_value() {
        let env = Env::from_pairs([("AWS_SECRET_ACCESS_KEY", "planted")]);
        assert!(!format!("{env:?}").contains("planted"));
    }
}
