//! Who may use a file, from the old one to the new one.

use std::fs::{File, Metadata, Permissions};
use std::io;
use std::path::Path;

/// Who may use a file that was changed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    AsBefore,
    /// The user alone, of those who could
    Private,
}

impl Access {
    pub(super) fn of(self, old: &Metadata) -> Permissions {
        #[cfg(unix)]
        if self == Self::Private {
            use std::os::unix::fs::PermissionsExt;
            return Permissions::from_mode(old.permissions().mode() & !0o077);
        }
        old.permissions()
    }
}

/// Gives the new file what decides who may use the old one.
pub(super) fn keep_access(
    file: &Path,
    old: &Metadata,
    permissions: &Permissions,
    new: &File,
) -> io::Result<()> {
    keep_owner(old, new)?;
    keep_attributes(file, new)?;
    // The last, since an access list says more than they.
    new.set_permissions(permissions.clone())
}

#[cfg(unix)]
fn keep_owner(old: &Metadata, new: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let created = new.metadata()?;
    if (created.uid(), created.gid()) == (old.uid(), old.gid()) {
        return Ok(());
    }
    fchown(new, Some(old.uid()), Some(old.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_: &Metadata, _: &File) -> io::Result<()> {
    Ok(())
}

/// Access lists, labels, and what people attach.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn keep_attributes(file: &Path, new: &File) -> io::Result<()> {
    use rustix::fs::{XattrFlags, fsetxattr, getxattr, listxattr};
    let mut names = vec![0; 64 * 1024];
    let length = match listxattr(file, &mut names[..]) {
        Err(rustix::io::Errno::NOTSUP) => 0,
        length => length?,
    };
    for name in names[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let mut value = vec![0; 64 * 1024];
        let length = getxattr(file, name, &mut value[..])?;
        fsetxattr(new, name, &value[..length], XattrFlags::empty())?;
    }
    Ok(())
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn keep_attributes(_: &Path, _: &File) -> io::Result<()> {
    Ok(())
}
