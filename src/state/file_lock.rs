//! Locks between processes: files in the state directory.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::state_dir::{StateDir, StateDirError};
use super::{files, owner};

impl StateDir {
    /// Holds the lock `locks/<name>.lock`. `on_wait` is called once if somebody else holds it for
    /// more than a moment.
    pub(crate) fn lock(
        &self,
        name: &str,
        on_wait: impl FnOnce(),
    ) -> Result<FileLock, StateDirError> {
        let path = self.lock_path(name)?;
        // Of the folder: what keeps one lock from being held keeps all.
        let failed = |error| self.error("locked", files::directory(&path))(error);
        let mut on_wait = Some(on_wait);
        let mut waited = false;
        loop {
            let file = lock_file(&path).map_err(failed)?;
            let held = match file.try_lock() {
                Err(TryLockError::WouldBlock) => {
                    waited = true;
                    wait_for(&file, &mut on_wait)
                }
                Err(TryLockError::Error(e)) => Err(e),
                Ok(()) => Ok(()),
            };
            match held {
                Ok(()) if is_still(&file, &path) => {
                    return Ok(FileLock { file, path, waited });
                }
                Ok(()) => {}
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }

    /// Holds the lock if nobody else does.
    pub(crate) fn try_lock(&self, name: &str) -> Result<Option<FileLock>, StateDirError> {
        let path = self.lock_path(name)?;
        let failed = |error| self.error("locked", files::directory(&path))(error);
        let file = lock_file(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(is_still(&file, &path).then_some(FileLock { file, path, waited: false })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    pub(super) fn lock_path(&self, name: &str) -> Result<PathBuf, StateDirError> {
        debug_assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{name}");
        Ok(self.ready("locks")?.join(format!("{name}.lock")))
    }
}

/// A lock that is held until this value is dropped, or its process ends in any way: a killed awsx
/// blocks nobody.
#[derive(Debug)]
#[must_use = "the lock is held only as long as this lives"]
pub(crate) struct FileLock {
    file: File,
    path: PathBuf,
    /// Whether somebody else had it when it was asked for
    pub(crate) waited: bool,
}

impl FileLock {
    /// What whoever held it last left for those who wait.
    pub(crate) fn read_note(&self) -> io::Result<String> {
        let mut note = String::new();
        (&self.file).seek(SeekFrom::Start(0))?;
        (&self.file).take(NOTE_LIMIT).read_to_string(&mut note)?;
        Ok(note)
    }

    /// Leaves a note for those who wait, in place of an older one.
    pub(crate) fn leave_note(&self, note: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        (&self.file).seek(SeekFrom::Start(0))?;
        (&self.file).write_all(note.as_bytes())
    }

    /// The file, to touch it.
    pub(super) fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Frees the lock and removes its file. Whoever waits for it sees that the file is gone and
    /// begins anew; where that cannot be seen, the file stays.
    pub(crate) fn remove(self) {
        if cfg!(unix)
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::info!(target: crate::text::DETAIL, path = %self.path.display(), %error, "a lock's file stays");
        }
        drop(self.file);
    }
}

/// Waits for the lock on a thread of its own, as `flock` has no time limit, so that this one can
/// speak up meanwhile.
fn wait_for(file: &File, on_wait: &mut Option<impl FnOnce()>) -> io::Result<()> {
    let same = file.try_clone()?;
    let (locked, lock) = mpsc::channel();
    thread::Builder::new().name("lock".into()).spawn(move || locked.send(same.lock()))?;
    let held = lock.recv_timeout(MOMENT).or_else(|_| {
        if let Some(say) = on_wait.take() {
            say();
        }
        lock.recv()
    });
    held.unwrap_or_else(|_| Err(io::Error::other("the waiting thread panicked")))
}

/// More than a note has, in bytes.
const NOTE_LIMIT: u64 = 64 * 1024;

/// How long a wait may be before it is worth a word.
pub(super) const MOMENT: Duration = Duration::from_millis(if cfg!(test) { 1 } else { 1000 });

fn lock_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    owner::give(&file, files::directory(path))?;
    Ok(file)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_excludes_and_says_once_that_it_waits() {
        let root = tempfile::tempdir().unwrap();
        let state = StateDir::at(root.path());
        let held = state.lock("a", || panic!("nobody holds it")).unwrap();
        assert!(state.try_lock("a").unwrap().is_none());
        assert!(state.try_lock("b").unwrap().is_some());
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
