//! Changes an AWS file on disk: one writer at a time, all of the new text or none of it.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::edit::EditError;
use super::error::ConfigError;
use crate::state::files;

/// A file that could not be changed; it is as it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    #[error(transparent)]
    Read(#[from] ConfigError),
    #[error("cannot edit {}", path.display())]
    Edit { path: PathBuf, source: EditError },
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// Replaces the file's text by what `edit` makes of it; `""` is the text of a file that does not
/// exist. Returns whether the text changed.
///
/// Waits while another awsx changes the file. Symbolic links stay: the file behind them is replaced, and
/// keeps its permissions and owner. A new file is for the user alone (0600).
pub(crate) fn update(
    path: &Path,
    edit: impl FnOnce(&str) -> Result<String, EditError>,
) -> Result<bool, WriteError> {
    let failed = |source| WriteError::Write { path: path.to_path_buf(), source };
    let file = behind_links(path).map_err(failed)?;
    files::create_private(files::directory(&file)).map_err(failed)?;
    // Held until the end. It is not the file itself, which gets replaced.
    let _lock = lock(&file).map_err(failed)?;
    let old = super::text(&file)?;
    let new = edit(&old).map_err(|source| WriteError::Edit { path: path.to_path_buf(), source })?;
    if new == old {
        return Ok(false);
    }
    replace(&file, &new).map_err(failed)?;
    Ok(true)
}

/// Replaces the file's text `old` by `new`, unless somebody changed the file meanwhile. Returns whether
/// the text still was `old`.
pub(crate) fn unless_changed(path: &Path, old: &str, new: &str) -> Result<bool, WriteError> {
    let mut is_old = false;
    update(path, |text| {
        is_old = text == old;
        Ok(if is_old { new.to_owned() } else { text.to_owned() })
    })?;
    Ok(is_old)
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

/// Locks `.config.awsx.lock` beside the file until it is dropped. The lock file stays: whoever removed it
/// would let a third process in beside one that waits for it.
fn lock(file: &Path) -> io::Result<File> {
    let path = files::beside(file, "lock");
    let lock = File::options().create(true).truncate(false).write(true).open(path)?;
    lock.lock()?;
    Ok(lock)
}

fn replace(file: &Path, text: &str) -> io::Result<()> {
    let new = files::new_beside(file)?;
    match fs::metadata(file) {
        Ok(old) => keep_access(&old, new.as_file())?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    files::put(new, file, text.as_bytes())
}

/// Gives the new file the permissions and the owner of the old one: under sudo it must not become
/// root's.
fn keep_access(old: &Metadata, new: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let created = new.metadata()?;
        if (created.uid(), created.gid()) != (old.uid(), old.gid()) {
            fchown(new, Some(old.uid()), Some(old.gid()))?;
        }
    }
    new.set_permissions(old.permissions())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::edit::{Target, with_setting};
    use crate::profile::FileKind;

    fn set(path: &Path, key: &str) -> Result<bool, WriteError> {
        update(path, |text| {
            with_setting(FileKind::Config, text, Target::Profile("default"), key, "v")
        })
    }

    #[test]
    fn a_new_file_and_its_directory_are_for_the_user_alone() {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join(".aws/config");
        assert!(set(&config, "k").unwrap());
        assert!(!set(&config, "k").unwrap(), "nothing to change");
        assert_eq!(fs::read_to_string(&config).unwrap(), "[default]\nk = v\n");
        #[cfg(unix)]
        for (path, mode) in [(home.path().join(".aws"), 0o700), (config, 0o600)] {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, mode);
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        fs::create_dir(at("real")).unwrap();
        fs::write(at("real/config"), "# c\n").unwrap();
        fs::set_permissions(at("real/config"), fs::Permissions::from_mode(0o640)).unwrap();
        symlink("real/config", at("middle")).unwrap();
        symlink(at("middle"), at("config")).unwrap();
        symlink("real/new", at("dangling")).unwrap();
        assert!(set(&at("config"), "k").unwrap());
        assert!(set(&at("dangling"), "k").unwrap());
        assert!(at("config").is_symlink() && at("middle").is_symlink());
        let text = fs::read_to_string(at("real/config")).unwrap();
        assert_eq!(text, "# c\n\n[default]\nk = v\n");
        assert_eq!(fs::metadata(at("real/config")).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(at("real/new").is_file());
        let mut left: Vec<_> =
            fs::read_dir(at("real")).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, [".config.awsx.lock", ".new.awsx.lock", "config", "new"]);
        symlink(at("circle"), at("circle")).unwrap();
        assert!(matches!(set(&at("circle"), "k"), Err(WriteError::Write { .. })));
    }

    #[test]
    fn no_change_of_several_writers_is_lost() {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("config");
        std::thread::scope(|scope| {
            for n in 0..8 {
                let config = &config;
                scope.spawn(move || set(config, &format!("k{n}")).unwrap());
            }
        });
        let text = fs::read_to_string(&config).unwrap();
        assert!((0..8).all(|n| text.contains(&format!("k{n} = v\n"))), "{text}");
    }

    #[test]
    fn what_a_killed_awsx_left_half_written_is_replaced() {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("config");
        fs::write(files::beside(&config, "new"), "[half").unwrap();
        assert!(set(&config, "k").unwrap());
        assert_eq!(fs::read_to_string(&config).unwrap(), "[default]\nk = v\n");
        assert!(!files::beside(&config, "new").exists());
    }

    #[test]
    fn a_refused_edit_leaves_the_file_as_it_was() {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("config");
        fs::write(&config, "[default\n").unwrap();
        let error = set(&config, "k").unwrap_err();
        assert_eq!(error.to_string(), format!("cannot edit {}", config.display()));
        assert_eq!(fs::read_to_string(&config).unwrap(), "[default\n");
    }
}
