//! The state directory: where it is, that it is private, and how files in it are read and replaced.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{files, owner};
use crate::env::Env;
use crate::text::hex;

/// The directory that holds sealed sessions, locks and what the vault remembers:
/// `AWSX_STATE_DIR`, else `$XDG_STATE_HOME/awsx`, else `~/.local/state/awsx`
/// (macOS: `~/Library/Application Support/awsx`, Windows: `%LOCALAPPDATA%\awsx`).
#[derive(Clone, Debug)]
pub struct StateDir(PathBuf);

#[derive(Debug, thiserror::Error)]
pub enum StateDirError {
    #[error("no home directory, and AWSX_STATE_DIR is not set")]
    NoHome,
    #[error("{} is not safe to keep credentials in: {problem}", path.display())]
    Unsafe { path: PathBuf, problem: &'static str },
    /// The disk says no. Work can go on without a cache, and without a lock.
    #[error("{} cannot be {what}", path.display())]
    Disk { what: &'static str, path: PathBuf, state: StateDir, source: io::Error },
}

impl StateDirError {
    /// What gives the user back what is somebody else's, as a command; `None` where that is not it.
    pub(crate) fn remedy(&self) -> Option<String> {
        match self {
            Self::Disk { path, state, source, .. } => owner::remedy(path, state.path(), source),
            Self::NoHome | Self::Unsafe { .. } => None,
        }
    }
}

/// A folder that was there, and private.
pub(crate) struct Folder<'a> {
    state: &'a StateDir,
    path: PathBuf,
}

impl Folder<'_> {
    /// The first `limit` bytes of a file; none if there is no such file.
    pub(crate) fn read(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, StateDirError> {
        let path = self.path.join(name);
        self.state.unless_missing(files::read_prefix(&path, limit), &path)
    }

    /// The names of the files, in no order.
    fn names(&self) -> Result<Vec<OsString>, StateDirError> {
        let found = self.state.unless_missing(fs::read_dir(&self.path), &self.path)?;
        let entries = found.into_iter().flatten();
        Ok(entries.filter_map(|entry| Some(entry.ok()?.file_name())).collect())
    }
}

impl StateDir {
    /// The directory that the environment names. Touches no file.
    pub fn from_env(env: &Env) -> Result<Self, StateDirError> {
        if let Some(path) = env.file("AWSX_STATE_DIR") {
            return Ok(Self(path));
        }
        let base = if cfg!(windows) {
            let local = env.path("LOCALAPPDATA").map(Path::to_path_buf);
            local.or_else(|| env.in_home("AppData/Local"))
        } else if cfg!(target_os = "macos") {
            env.in_home("Library/Application Support")
        } else {
            env.xdg("XDG_STATE_HOME", ".local/state")
        };
        Ok(Self(base.ok_or(StateDirError::NoHome)?.join("awsx")))
    }

    /// This directory, for tests.
    #[cfg(test)]
    pub(crate) fn at(path: &Path) -> Self {
        Self(path.to_path_buf())
    }

    /// The directory itself; it may not exist yet.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// 16 hexadecimal digits that tell this directory from others of the same user.
    pub(crate) fn id(&self) -> String {
        let path = fs::canonicalize(&self.0).unwrap_or_else(|_| self.0.clone());
        hex(&Sha256::digest(path.as_os_str().as_encoded_bytes())[..8])
    }

    /// The path of a file by its name here, such as `sessions/x`: with one kind of separator.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        name.split('/').fold(self.0.clone(), |path, part| path.join(part))
    }

    /// Makes the directory and `folder` in it, for this user only.
    pub(crate) fn ready(&self, folder: &str) -> Result<PathBuf, StateDirError> {
        let path = self.folder_path(folder);
        if self.folder(folder)?.is_none() {
            files::create_private(&path).map_err(self.error("written", &path))?;
        }
        Ok(path)
    }

    /// A folder in the directory, or itself, where it is there; then both are private.
    pub(crate) fn folder(&self, name: &str) -> Result<Option<Folder<'_>>, StateDirError> {
        let is_private = |path: &Path| {
            let Some(found) = self.unless_missing(fs::symlink_metadata(path), path)? else {
                return Ok(false);
            };
            if path != self.0 && !found.is_dir() && !path.is_dir() {
                return Err(self.error("used", path)(io::ErrorKind::NotADirectory.into()));
            }
            self.refuse_open(path, &found).map(|()| true)
        };
        let path = self.folder_path(name);
        let is_there = is_private(&self.0)? && (name.is_empty() || is_private(&path)?);
        Ok(is_there.then_some(Folder { state: self, path }))
    }

    fn folder_path(&self, folder: &str) -> PathBuf {
        if folder.is_empty() { self.0.clone() } else { self.0.join(folder) }
    }

    /// The first `limit` bytes of a file; none if there is no such file.
    pub(crate) fn read(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, StateDirError> {
        let (folder, name) = name.rsplit_once('/').unwrap_or(("", name));
        match self.folder(folder)? {
            Some(folder) => folder.read(name, limit),
            None => Ok(None),
        }
    }

    /// Replaces a file at once: others see the old content or the new, never a part. 0600.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> Result<(), StateDirError> {
        let folder = self.ready(folder(name))?;
        let path = self.file(name);
        let new = files::new_in(&folder);
        new.and_then(|new| files::put(new, &path, content)).map_err(self.error("written", &path))
    }

    /// The same of a file that must not be there yet: of several that make it, one does. Whether this
    /// one did.
    pub(crate) fn create(&self, name: &str, content: &[u8]) -> Result<bool, StateDirError> {
        let folder = self.ready(folder(name))?;
        let path = self.file(name);
        let new = files::new_in(&folder);
        new.and_then(|new| files::put_first(new, &path, content))
            .map_err(self.error("written", &path))
    }

    /// Fails where a file of so many bytes cannot be written into `folder`.
    pub(crate) fn room_for(&self, folder: &str, bytes: usize) -> Result<(), StateDirError> {
        let folder = self.ready(folder)?;
        let rehearse = || {
            let new = files::new_in(&folder)?;
            let mut file = new.as_file();
            file.write_all(&vec![0; bytes])?;
            file.sync_data()
        };
        rehearse().map_err(self.error("written", &folder))
    }

    /// Removes a file; whether there was one.
    pub(crate) fn remove(&self, name: &str) -> Result<bool, StateDirError> {
        let path = self.file(name);
        files::remove(&path).map_err(self.error("written", &path))
    }

    /// Removes the temporary files that were last written before `limit`: what a killed process left half
    /// written. Never fails.
    pub(crate) fn remove_left_over(&self, limit: DateTime<Utc>) {
        let top = self.names("").unwrap_or_default();
        let folders = top.iter().filter_map(|name| name.to_str());
        let folders = folders.filter(|name| self.file(name).is_dir());
        for folder in folders.chain([""]) {
            for name in self.names(folder).unwrap_or_default() {
                let path = self.0.join(folder).join(&name);
                let written = || path.symlink_metadata().ok()?.modified().ok();
                let is_left_over = || written().is_some_and(|at| DateTime::<Utc>::from(at) < limit);
                if name.as_encoded_bytes().starts_with(b".tmp") && is_left_over() {
                    let _ = fs::remove_file(&path);
                }
            }
        }
    }

    /// The names of the files in a folder, in no order.
    pub(crate) fn names(&self, folder: &str) -> Result<Vec<OsString>, StateDirError> {
        self.folder(folder)?.map_or(Ok(Vec::new()), |folder| folder.names())
    }

    pub(super) fn error(
        &self,
        what: &'static str,
        path: &Path,
    ) -> impl FnOnce(io::Error) -> StateDirError {
        let (path, state) = (path.to_path_buf(), self.clone());
        move |source| StateDirError::Disk { what, path, state, source }
    }

    /// What was read at `path`; `None` where there is no such thing.
    fn unless_missing<T>(
        &self,
        read: io::Result<T>,
        path: &Path,
    ) -> Result<Option<T>, StateDirError> {
        match read {
            Err(error) if files::is_missing(&error) => Ok(None),
            read => read.map(Some).map_err(self.error("read", path)),
        }
    }

    /// Refuses a directory that others could change. Root often works on a directory of the user who
    /// called it (sudo, bind mounts).
    #[cfg(unix)]
    fn refuse_open(&self, path: &Path, found: &fs::Metadata) -> Result<(), StateDirError> {
        use std::os::unix::fs::MetadataExt;

        let unsafe_because =
            |problem| Err(StateDirError::Unsafe { path: path.to_path_buf(), problem });
        let user = owner::user();
        let is_foreign = |m: &fs::Metadata| m.uid() != user && m.uid() != 0 && user != 0;
        if found.is_symlink() && is_foreign(found) {
            return unsafe_because("it is a symbolic link that another user made");
        }
        let directory = match found.is_symlink() {
            true => &fs::metadata(path).map_err(self.error("read", path))?,
            false => found,
        };
        if !directory.is_dir() {
            return unsafe_because("it is not a directory");
        }
        if is_foreign(directory) {
            return unsafe_because("it belongs to another user");
        }
        if directory.mode() & 0o022 != 0 {
            return unsafe_because("other users may write to it (chmod 700 would end that)");
        }
        Ok(())
    }

    /// The profile's access list guards it.
    #[cfg(not(unix))]
    fn refuse_open(&self, _: &Path, _: &fs::Metadata) -> Result<(), StateDirError> {
        Ok(())
    }
}

/// The folder of a file in the state directory; empty for the directory itself.
fn folder(name: &str) -> &str {
    name.rsplit_once('/').unwrap_or_default().0
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_environment_names_the_directory() {
        let linux = cfg!(target_os = "linux");
        for (docs, pairs, expected) in [
            ("the variable wins", vec![("AWSX_STATE_DIR", "/s"), ("XDG_STATE_HOME", "/x")], "/s"),
            ("~ is the home directory", vec![("AWSX_STATE_DIR", "~/s"), ("HOME", "/h")], "/h/s"),
            ("relative to where awsx was started", vec![("AWSX_STATE_DIR", "s")], "/s"),
            ("XDG", vec![("XDG_STATE_HOME", "/x"), ("HOME", "/h")], "/x/awsx"),
            (
                "a relative XDG path is ignored",
                vec![("XDG_STATE_HOME", "x"), ("HOME", "/h")],
                "/h/.local/state/awsx",
            ),
            ("the default", vec![("HOME", "/h")], "/h/.local/state/awsx"),
        ] {
            if linux || docs.contains("variable") {
                let found = StateDir::from_env(&Env::from_pairs(pairs)).unwrap();
                assert_eq!(found.path(), Path::new(expected), "{docs}");
            }
        }
        let nowhere = StateDir::from_env(&Env::from_pairs([("A", "b")]));
        assert!(matches!(nowhere, Err(StateDirError::NoHome)));
    }

    #[test]
    fn everything_is_private() {
        let root = tempfile::tempdir().unwrap();
        let state = StateDir::at(&root.path().join("a/b"));
        assert_eq!(state.read("sessions/x", 9).unwrap(), None);
        assert!(!state.path().exists(), "reading makes nothing");
        state.write("sessions/x", b"1").unwrap();
        state.write("sessions/x", b"22").unwrap();
        drop(state.lock("l", || ()).unwrap());
        for (name, expected) in [
            ("", 0o700),
            ("sessions", 0o700),
            ("locks", 0o700),
            ("sessions/x", 0o600),
            ("locks/l.lock", 0o600),
        ] {
            assert_eq!(mode(&state.path().join(name)), expected, "{name}");
        }
        assert_eq!(state.read("sessions/x", 9).unwrap().unwrap(), b"22");
        assert_eq!(state.names("sessions").unwrap(), ["x"], "no temporary file stays");
        assert!(state.remove("sessions/x").unwrap());
        assert!(!state.remove("sessions/x").unwrap());
    }

    #[test]
    fn of_several_that_make_a_file_one_does() {
        let root = tempfile::tempdir().unwrap();
        let state = StateDir::at(root.path());
        assert!(state.create("x", b"1").unwrap());
        assert!(!state.create("x", b"2").unwrap());
        assert_eq!(state.read("x", 9).unwrap().unwrap(), b"1");
        assert_eq!(state.names("").unwrap(), ["x"]);
    }

    #[test]
    fn what_a_killed_awsx_left_is_removed_in_every_folder() {
        let root = tempfile::tempdir().unwrap();
        let state = StateDir::at(root.path());
        let left = [".tmpABC", "sessions/.tmpABC", "logins/.tmpABC", "notes/.tmpABC"];
        for name in left.iter().chain(&["logins/kept"]) {
            state.write(name, b"half").unwrap();
        }
        state.remove_left_over(DateTime::UNIX_EPOCH);
        assert!(left.iter().all(|name| state.path().join(name).exists()), "somebody writes them");
        state.remove_left_over(DateTime::<Utc>::MAX_UTC);
        assert!(!left.iter().any(|name| state.path().join(name).exists()));
        assert!(state.path().join("logins/kept").exists());
    }

    #[test]
    fn room_is_proved_without_leaving_anything() {
        let root = tempfile::tempdir().unwrap();
        let state = StateDir::at(root.path());
        state.room_for("logins", 4096).unwrap();
        assert!(state.names("logins").unwrap().is_empty());
        fs::write(root.path().join("file"), "").unwrap();
        let refused = state.room_for("file", 1);
        assert!(matches!(refused, Err(StateDirError::Disk { .. })), "{refused:?}");
    }

    #[test]
    fn a_directory_that_others_can_write_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("s");
        for (bits, is_safe) in
            [(0o700, true), (0o755, true), (0o770, false), (0o707, false), (0o1777, false)]
        {
            fs::create_dir_all(&path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(bits)).unwrap();
            assert_eq!(StateDir::at(&path).write("x", b"").is_ok(), is_safe, "{bits:o}");
            assert_eq!(StateDir::at(&path).read("x", 1).is_ok(), is_safe, "{bits:o}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        fs::create_dir(path.join("sessions")).unwrap();
        fs::set_permissions(path.join("sessions"), fs::Permissions::from_mode(0o777)).unwrap();
        let state = StateDir::at(&path);
        for refused in [state.write("sessions/x", b""), state.read("sessions/x", 1).map(drop)] {
            assert!(matches!(refused, Err(StateDirError::Unsafe { .. })), "{refused:?}");
        }
        let own_link = root.path().join("link");
        fs::create_dir_all(root.path().join("t")).unwrap();
        fs::set_permissions(root.path().join("t"), fs::Permissions::from_mode(0o700)).unwrap();
        symlink(root.path().join("t"), &own_link).unwrap();
        StateDir::at(&own_link).write("x", b"").unwrap();
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        let refused = StateDir::at(&file).write("x", b"");
        assert!(matches!(refused, Err(StateDirError::Unsafe { .. })), "{refused:?}");
    }
}
