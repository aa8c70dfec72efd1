//! A new text in the place of the old one, as a new file or within the old one.

use std::fs::{File, Metadata, Permissions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use super::access::{Access, keep_access};
use crate::state::files;

/// Puts a new file in the place of the old one, if that `is_old` at the last moment; whether it was. Where that would
/// give the file to somebody else, or cannot be done because the file is a mount, the old one is written.
pub(super) fn swap(
    file: &Path,
    old: Option<&Metadata>,
    access: Access,
    text: &str,
    is_old: impl Fn() -> bool,
) -> io::Result<bool> {
    let new = files::new_beside(file)?;
    let permissions = old.map(|old| access.of(old));
    let keeps_all = match (old, &permissions) {
        (Some(old), Some(permissions)) => {
            keep_access(file, old, permissions, new.as_file()).is_ok()
        }
        _ => true,
    };
    if !keeps_all {
        return overwrite(file, permissions, text, is_old);
    }
    match files::put_if(new, file, text.as_bytes(), &is_old) {
        Err(error)
            if matches!(error.kind(), ErrorKind::ResourceBusy | ErrorKind::CrossesDevices) =>
        {
            overwrite(file, permissions, text, is_old)
        }
        done => done,
    }
}

/// Writes the old file, with a copy beside it until that is done.
fn overwrite(
    file: &Path,
    permissions: Option<Permissions>,
    text: &str,
    is_old: impl Fn() -> bool,
) -> io::Result<bool> {
    let copy = files::beside(file, "copy");
    files::put(files::new_beside(&copy)?, &copy, text.as_bytes())?;
    if !is_old() {
        return files::remove(&copy).map(|_| false);
    }
    let mut old = File::options().write(true).open(file)?;
    if let Some(permissions) = permissions {
        old.set_permissions(permissions)?;
    }
    old.write_all(text.as_bytes())?;
    old.set_len(text.len() as u64)?;
    old.sync_all()?;
    files::remove(&copy).map(|_| true)
}
