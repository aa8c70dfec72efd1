//! Changes an AWS file on disk: one writer at a time, all of the new text or none of it.

mod access;
mod swap;

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use access::Access;
use swap::swap;

use super::edit::EditError;
use super::error::ConfigError;
use crate::state::{FileLock, StateDir, files};
use crate::text::{hex, with_causes};

/// A file that could not be changed; it is as it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    #[error(transparent)]
    Read(#[from] ConfigError),
    #[error("cannot edit {}", path.display())]
    Edit { path: PathBuf, source: EditError },
    /// A device or a pipe, which must not be replaced.
    #[error("{} is no regular file", path.display())]
    NoFile { path: PathBuf },
    #[error("{} is write-protected", path.display())]
    Protected { path: PathBuf },
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    /// By a program that takes no lock, each time before it could be replaced.
    #[error("another program keeps changing {}", path.display())]
    Changing { path: PathBuf },
}

/// Keeps what a file said before it is changed.
pub(crate) trait Keeper {
    /// Told before the file is replaced. `file` is absolute, and no link.
    fn keep(&self, file: &Path, before: &str, after: &str);
    /// The file is as it was.
    fn drop_last(&self, file: &Path);
}

/// How often a change is made anew where another program was faster.
const MOST_TRIES: usize = 10;

/// Changes files.
pub(crate) struct Writer<'a> {
    /// Where the locks are; nothing is locked where there is no such place
    pub(crate) state: Option<StateDir>,
    pub(crate) tell: &'a dyn Fn(&str),
    /// Nobody, where a change has its own way back
    pub(crate) keeper: Option<&'a dyn Keeper>,
}

impl Writer<'_> {
    /// Replaces the file's text by what `edit` makes of it; `""` is the text of a file that does not
    /// exist. Returns whether the text changed.
    ///
    /// Waits while another awsx changes the file; where a program that knows no lock changed it meanwhile, `edit` is
    /// asked again. Symbolic links stay: the file behind them is replaced, and keeps its permissions, owner and
    /// extended attributes. A new file is for the user alone (0600).
    pub(crate) fn update(
        &self,
        path: &Path,
        edit: impl FnMut(&str) -> Result<String, EditError>,
    ) -> Result<bool, WriteError> {
        self.change(path, Access::AsBefore, edit)
    }

    /// The same, for a text with secrets: only the user may read the file from then on.
    pub(crate) fn update_in_private(
        &self,
        path: &Path,
        edit: impl FnMut(&str) -> Result<String, EditError>,
    ) -> Result<bool, WriteError> {
        self.change(path, Access::Private, edit)
    }

    fn change(
        &self,
        path: &Path,
        access: Access,
        mut edit: impl FnMut(&str) -> Result<String, EditError>,
    ) -> Result<bool, WriteError> {
        let failed = |source| WriteError::Write { path: path.to_path_buf(), source };
        let file = behind_links(path).map_err(failed)?;
        // Before it is read: a pipe may never end.
        refuse(&file)?;
        files::create_private(files::directory(&file)).map_err(failed)?;
        // Held until the end.
        let _lock = self.lock(&file);
        for _ in 0..MOST_TRIES {
            let found = refuse(&file)?;
            let old = super::text(&file)?;
            let new = edit(&old)
                .map_err(|source| WriteError::Edit { path: path.to_path_buf(), source })?;
            if new == old {
                return Ok(false);
            }
            if self.put(&file, found.as_ref(), access, (&old, &new)).map_err(failed)? {
                self.tell_of(path, found.as_ref(), access);
                return Ok(true);
            }
        }
        Err(WriteError::Changing { path: path.to_path_buf() })
    }

    /// Puts the new text in the place of the old one; whether that was still there.
    fn put(
        &self,
        file: &Path,
        found: Option<&Metadata>,
        access: Access,
        (old, new): (&str, &str),
    ) -> io::Result<bool> {
        let kept = self.keeper.zip(whole_path(file));
        if let Some((keeper, file)) = &kept {
            keeper.keep(file, old, new);
        }
        let is_old = || super::text(file).is_ok_and(|now| now == old);
        let done = swap(file, found, access, new, is_old);
        if let (Ok(false) | Err(_), Some((keeper, file))) = (&done, kept) {
            keeper.drop_last(&file);
        }
        done
    }

    /// What is another thing now than the text.
    fn tell_of(&self, path: &Path, found: Option<&Metadata>, access: Access) {
        let Some(found) = found else { return };
        if access.of(found) != found.permissions() {
            (self.tell)(&format!("others could read {}; now only you can", path.display()));
        }
        if has_other_names(found) {
            (self.tell)(&format!(
                "{} was a hard link: its other names keep the text that it had",
                path.display()
            ));
        }
    }

    /// Fails where the file cannot be changed, before a person does something that is then for nothing.
    pub(crate) fn check(&self, path: &Path) -> Result<(), WriteError> {
        let failed = |source| WriteError::Write { path: path.to_path_buf(), source };
        let file = behind_links(path).map_err(failed)?;
        refuse(&file)?;
        files::create_private(files::directory(&file)).map_err(failed)?;
        let _lock = self.lock(&file);
        files::new_beside(&file).map(drop).map_err(failed)
    }

    /// Replaces the file's text `old` by `new`, unless somebody changed the file meanwhile. Returns whether
    /// the text still was `old`.
    pub(crate) fn unless_changed(
        &self,
        path: &Path,
        old: &str,
        new: &str,
    ) -> Result<bool, WriteError> {
        let mut is_old = false;
        self.update(path, |text| {
            is_old = text == old;
            Ok(if is_old { new.to_owned() } else { text.to_owned() })
        })?;
        Ok(is_old)
    }

    /// Among the other locks: whoever may only read the file cannot hold it up there.
    fn lock(&self, file: &Path) -> Option<FileLock> {
        let whole = whole_path(file)?;
        let digest = Sha256::digest(whole.as_os_str().as_encoded_bytes());
        let waiting = || {
            (self.tell)(&format!("waiting for another awsx that changes {}", file.display()));
        };
        match self.state.as_ref()?.lock(&format!("config-{}", hex(&digest[..8])), waiting) {
            Ok(lock) => Some(lock),
            Err(error) => {
                (self.tell)(&format!("going on without a lock: {}", with_causes(&error)));
                None
            }
        }
    }
}

/// The path from the root.
fn whole_path(file: &Path) -> Option<PathBuf> {
    Some(fs::canonicalize(files::directory(file)).ok()?.join(file.file_name()?))
}

/// The file that a chain of symbolic links ends at, which need not exist.
fn behind_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_path_buf();
    // As many as Linux follows.
    for _ in 0..40 {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// Refuses what must stay as it is; the file as it was found, if there is one.
fn refuse(file: &Path) -> Result<Option<Metadata>, WriteError> {
    let path = || file.to_path_buf();
    match fs::metadata(file) {
        Err(error) if files::is_missing(&error) => Ok(None),
        Err(source) => Err(WriteError::Write { path: path(), source }),
        Ok(found) if found.is_dir() => Err(ConfigError::IsDirectory { path: path() }.into()),
        Ok(found) if !found.is_file() => Err(WriteError::NoFile { path: path() }),
        Ok(found) if found.permissions().readonly() => Err(WriteError::Protected { path: path() }),
        Ok(found) => Ok(Some(found)),
    }
}

#[cfg(unix)]
fn has_other_names(old: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(old) > 1
}

#[cfg(not(unix))]
fn has_other_names(_: &Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests;
