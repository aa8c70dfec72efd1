//! The state directory: where it is, that it is private, and how files in it are replaced and
//! locked. Knows nothing of what the files hold.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::seal::hex;
use crate::env::Env;

/// The directory that holds sealed sessions, locks and what the vault remembers:
/// `AWSX_STATE_DIR`, else `$XDG_STATE_HOME/awsx`, else `~/.local/state/awsx`
/// (macOS: `~/Library/Application Support/awsx`, Windows: `%LOCALAPPDATA%\awsx`).
#[derive(Clone, Debug)]
pub struct StateDir(PathBuf);

/// Why the state directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateDirError {
    /// There is no home directory and `AWSX_STATE_DIR` is not set.
    #[error("no home directory, and AWSX_STATE_DIR is not set")]
    NoHome,
    /// Somebody else could read or replace what awsx keeps there.
    #[error("{} is not safe to keep credentials in: {problem}", path.display())]
    Unsafe {
        /// The directory
        path: PathBuf,
        /// What is wrong with it
        problem: &'static str,
    },
    /// It cannot be written: a read-only file system or missing permission. Work can go on without
    /// a cache.
    #[error("{} cannot be written", path.display())]
    Unwritable {
        /// The file or directory
        path: PathBuf,
        /// What the system said
        source: io::Error,
    },
    /// Any other failure of the file system.
    #[error("{} failed", path.display())]
    Io {
        /// The file or directory
        path: PathBuf,
        /// What the system said
        source: io::Error,
    },
}

impl StateDirError {
    fn of(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| match source.kind() {
            io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded => Self::Unwritable { path, source },
            _ => Self::Io { path, source },
        }
    }
}

impl StateDir {
    /// The directory that the environment names. Touches no file.
    ///
    /// # Errors
    /// [`StateDirError::NoHome`]
    pub fn from_env(env: &Env) -> Result<Self, StateDirError> {
        if let Some(path) = env.path("AWSX_STATE_DIR") {
            return Ok(Self(env.working_directory().join(env.expand_home(path))));
        }
        let home = || env.home().map(Path::to_path_buf).ok_or(StateDirError::NoHome);
        let base = if cfg!(windows) {
            match env.path("LOCALAPPDATA") {
                Some(local) => local.to_path_buf(),
                None => home()?.join("AppData").join("Local"),
            }
        } else if cfg!(target_os = "macos") {
            home()?.join("Library").join("Application Support")
        } else {
            // The XDG specification has relative paths ignored.
            match env.path("XDG_STATE_HOME").filter(|path| path.is_absolute()) {
                Some(state) => state.to_path_buf(),
                None => home()?.join(".local").join("state"),
            }
        };
        Ok(Self(base.join("awsx")))
    }

    /// The directory itself; it may not exist yet.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// 16 hexadecimal digits that tell this directory from others of the same user.
    pub(super) fn id(&self) -> String {
        let path = fs::canonicalize(&self.0).unwrap_or_else(|_| self.0.clone());
        hex(&Sha256::digest(path.as_os_str().as_encoded_bytes())[..8])
    }

    /// Makes the directory and `folder` in it, for this user only.
    pub(super) fn ready(&self, folder: &str) -> Result<PathBuf, StateDirError> {
        if !self.is_there()? {
            make_private(&self.0)?;
        }
        let path = self.0.join(folder);
        if !path.is_dir() {
            make_private(&path)?;
        }
        Ok(path)
    }

    /// Whether the directory exists; if so, it is private.
    pub(super) fn is_there(&self) -> Result<bool, StateDirError> {
        match fs::symlink_metadata(&self.0) {
            Ok(found) => privacy(&self.0, &found).map(|()| true),
            Err(e) if is_missing(&e) => Ok(false),
            Err(e) => Err(StateDirError::of(&self.0)(e)),
        }
    }

    /// The content of a file, up to `limit` bytes; none if there is no such file.
    pub(super) fn read(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, StateDirError> {
        if !self.is_there()? {
            return Ok(None);
        }
        let path = self.0.join(name);
        let mut content = Vec::new();
        match File::open(&path).and_then(|file| file.take(limit).read_to_end(&mut content)) {
            Ok(_) => Ok(Some(content)),
            Err(e) if is_missing(&e) => Ok(None),
            Err(e) => Err(StateDirError::of(&path)(e)),
        }
    }

    /// Replaces a file at once: others see the old content or the new, never a part. 0600.
    pub(super) fn write(&self, name: &str, content: &[u8]) -> Result<(), StateDirError> {
        let (folder, _) = name.rsplit_once('/').unwrap_or_default();
        let folder = self.ready(folder)?;
        let path = self.0.join(name);
        let replace = || {
            let mut file = tempfile::NamedTempFile::new_in(&folder)?;
            file.write_all(content)?;
            file.as_file().sync_data()?;
            file.persist(&path).map_err(|e| e.error)
        };
        replace().map(drop).map_err(StateDirError::of(&path))
    }

    /// Removes a file; whether there was one.
    pub(super) fn remove(&self, name: &str) -> Result<bool, StateDirError> {
        let path = self.0.join(name);
        match fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(e) if is_missing(&e) => Ok(false),
            Err(e) => Err(StateDirError::of(&path)(e)),
        }
    }

    /// The names of the files in a folder, in no order.
    pub(super) fn names(&self, folder: &str) -> Result<Vec<OsString>, StateDirError> {
        if !self.is_there()? {
            return Ok(Vec::new());
        }
        let path = self.0.join(folder);
        match fs::read_dir(&path) {
            Ok(entries) => Ok(entries.filter_map(|entry| Some(entry.ok()?.file_name())).collect()),
            Err(e) if is_missing(&e) => Ok(Vec::new()),
            Err(e) => Err(StateDirError::of(&path)(e)),
        }
    }

    /// Holds the lock `locks/<name>.lock`. `on_wait` is called once if somebody else holds it.
    /// The system frees it when its process ends in any way.
    pub(crate) fn lock(
        &self,
        name: &str,
        on_wait: impl FnOnce(),
    ) -> Result<FileLock, StateDirError> {
        let path = self.lock_path(name)?;
        let mut on_wait = Some(on_wait);
        loop {
            let file = lock_file(&path)?;
            let held = match file.try_lock() {
                Err(TryLockError::WouldBlock) => {
                    if let Some(say) = on_wait.take() {
                        say();
                    }
                    file.lock()
                }
                Err(TryLockError::Error(e)) => Err(e),
                Ok(()) => Ok(()),
            };
            match held {
                Ok(()) if is_still(&file, &path) => return Ok(FileLock { file, path }),
                Ok(()) => {}
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(StateDirError::of(&path)(e)),
            }
        }
    }

    /// Holds the lock if nobody else does.
    pub(super) fn try_lock(&self, name: &str) -> Option<FileLock> {
        let path = self.lock_path(name).ok()?;
        let file = lock_file(&path).ok()?;
        (file.try_lock().is_ok() && is_still(&file, &path)).then_some(FileLock { file, path })
    }

    fn lock_path(&self, name: &str) -> Result<PathBuf, StateDirError> {
        debug_assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{name}");
        Ok(self.ready("locks")?.join(format!("{name}.lock")))
    }
}

/// A lock that is held until this value is dropped or its process ends.
#[derive(Debug)]
pub(crate) struct FileLock {
    file: File,
    path: PathBuf,
}

impl FileLock {
    /// Frees the lock and removes its file. Whoever waits for it sees that the file is gone and
    /// begins anew.
    pub(super) fn remove(self) {
        // Windows refuses while the file is open elsewhere: then it stays, which does no harm.
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(path = %self.path.display(), %error, "lock file stays");
        }
        drop(self.file);
    }
}

fn lock_file(path: &Path) -> Result<File, StateDirError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(StateDirError::of(path))
}

/// Whether the locked file still has its name: it may have been removed while we waited.
#[cfg(unix)]
fn is_still(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |found: io::Result<fs::Metadata>| found.map(|m| (m.dev(), m.ino())).ok();
    id(file.metadata()).is_some_and(|held| id(fs::metadata(path)) == Some(held))
}

#[cfg(not(unix))]
fn is_still(_: &File, _: &Path) -> bool {
    true
}

fn make_private(path: &Path) -> Result<(), StateDirError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(StateDirError::of(path))
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Refuses a directory that others could change. On Windows the profile's access list guards it.
#[cfg(unix)]
fn privacy(path: &Path, found: &fs::Metadata) -> Result<(), StateDirError> {
    use std::os::unix::fs::MetadataExt;

    let unsafe_because = |problem| Err(StateDirError::Unsafe { path: path.to_path_buf(), problem });
    let user = rustix::process::geteuid().as_raw();
    // Root often works on a directory of the user who called it (sudo, bind mounts).
    let is_foreign = |m: &fs::Metadata| m.uid() != user && m.uid() != 0 && user != 0;

    if found.is_symlink() && is_foreign(found) {
        return unsafe_because("it is a symbolic link that another user made");
    }
    let directory = fs::metadata(path).map_err(StateDirError::of(path))?;
    if !directory.is_dir() {
        return unsafe_because("it is not a directory");
    }
    if is_foreign(&directory) {
        return unsafe_because("it belongs to another user");
    }
    if directory.mode() & 0o022 != 0 {
        return unsafe_because("other users may write to it (chmod 700 would end that)");
    }
    Ok(())
}

#[cfg(not(unix))]
fn privacy(_: &Path, _: &fs::Metadata) -> Result<(), StateDirError> {
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::sync::mpsc;

    use super::*;

    fn state(path: &Path) -> StateDir {
        StateDir(path.to_path_buf())
    }

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
        let state = state(&root.path().join("a/b"));
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
    fn a_directory_that_others_can_write_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("s");
        for (bits, is_safe) in
            [(0o700, true), (0o755, true), (0o770, false), (0o707, false), (0o1777, false)]
        {
            fs::create_dir_all(&path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(bits)).unwrap();
            assert_eq!(state(&path).write("x", b"").is_ok(), is_safe, "{bits:o}");
            assert_eq!(state(&path).read("x", 1).is_ok(), is_safe, "{bits:o}");
        }
        let own_link = root.path().join("link");
        fs::create_dir_all(root.path().join("t")).unwrap();
        fs::set_permissions(root.path().join("t"), fs::Permissions::from_mode(0o700)).unwrap();
        symlink(root.path().join("t"), &own_link).unwrap();
        state(&own_link).write("x", b"").unwrap();
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        let refused = state(&file).write("x", b"");
        assert!(matches!(refused, Err(StateDirError::Unsafe { .. })), "{refused:?}");
    }

    #[test]
    fn a_lock_excludes_and_says_once_that_it_waits() {
        let root = tempfile::tempdir().unwrap();
        let state = state(root.path());
        let held = state.lock("a", || panic!("nobody holds it")).unwrap();
        assert!(state.try_lock("a").is_none());
        assert!(state.try_lock("b").is_some());
        let (waits, wait) = mpsc::channel();
        let other = state.clone();
        let waiter = std::thread::spawn(move || {
            drop(other.lock("a", || waits.send(()).unwrap()).unwrap());
        });
        wait.recv().unwrap();
        held.remove();
        waiter.join().unwrap();
        assert!(wait.recv().is_err(), "said once");
        assert!(state.path().join("locks/a.lock").exists(), "the waiter made its own file");
    }
}
