//! Whose files are whose. Under sudo awsx works in directories of somebody who wants to use what is in them
//! afterwards.

#[cfg(unix)]
pub(crate) use unix::remedy;
#[cfg(unix)]
pub(super) use unix::{give, user};

#[cfg(unix)]
mod unix {
    use std::fs::{self, File};
    use std::io;
    use std::os::unix::fs::{MetadataExt, fchown};
    use std::path::Path;

    use crate::text::word;

    pub(in super::super) fn user() -> u32 {
        rustix::process::geteuid().as_raw()
    }

    /// Gives what root has just made to the owner of the directory that it is in.
    pub(in super::super) fn give(new: &File, directory: &Path) -> io::Result<()> {
        if user() != 0 {
            return Ok(());
        }
        let owner = fs::metadata(directory)?;
        match owner.uid() != 0 && new.metadata()?.uid() == 0 {
            true => fchown(new, Some(owner.uid()), Some(owner.gid())),
            false => Ok(()),
        }
    }

    /// How the user gets `all` back, if it is because `path` is somebody else's that it was denied. `None`
    /// too where it is far more that is somebody else's.
    pub(crate) fn remedy(path: &Path, all: &Path, error: &io::Error) -> Option<String> {
        let owner = |path: &Path| Some(fs::symlink_metadata(path).ok()?.uid());
        let (denied, owner_of_it) =
            path.ancestors().find_map(|above| Some((above, owner(above)?)))?;
        let is_foreign = error.kind() == io::ErrorKind::PermissionDenied && owner_of_it != user();
        let is_own_above = || denied.parent().and_then(owner) == Some(user());
        let given = match denied.starts_with(all) {
            true => all,
            false => Some(denied).filter(|_| is_own_above())?,
        };
        let given = given.display().to_string();
        let owner =
            if owner_of_it == 0 { "root".to_owned() } else { format!("user {owner_of_it}") };
        is_foreign
            .then(|| format!("it belongs to {owner}: `sudo chown -R {} {}`", user(), word(&given)))
    }
}

#[cfg(not(unix))]
pub(super) use elsewhere::give;
#[cfg(not(unix))]
pub(crate) use elsewhere::remedy;

#[cfg(not(unix))]
mod elsewhere {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    pub(in super::super) fn give(_: &File, _: &Path) -> io::Result<()> {
        Ok(())
    }

    pub(crate) fn remedy(_: &Path, _: &Path, _: &io::Error) -> Option<String> {
        None
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::io::ErrorKind;
    use std::os::unix::fs::chown;
    use std::path::Path;

    use super::{remedy, user};

    #[test]
    fn whose_it_is_is_said_with_the_command_that_helps() {
        let denied = || ErrorKind::PermissionDenied.into();
        let root = tempfile::tempdir().unwrap();
        let (state, record) = (root.path().join("a b"), root.path().join("a b/r"));
        fs::create_dir(&state).unwrap();
        fs::write(&record, "").unwrap();
        assert_eq!(remedy(&record, &state, &denied()), None, "it is one's own");
        if user() != 0 {
            assert_eq!(remedy(Path::new("/etc/passwd"), &state, &denied()), None, "far more");
            return;
        }
        chown(&record, Some(1), None).unwrap();
        let expected = format!("it belongs to user 1: `sudo chown -R 0 '{}'`", state.display());
        assert_eq!(remedy(&record, &state, &denied()).as_ref(), Some(&expected));
        chown(&state, Some(1), None).unwrap();
        let missing = state.join("sessions/x");
        assert_eq!(remedy(&missing, &missing, &denied()).as_ref(), Some(&expected));
        assert_eq!(remedy(&record, &state, &ErrorKind::StorageFull.into()), None);
    }
}
