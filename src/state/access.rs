//! Who may use a file, as Unix says.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// A file or a directory that is there.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    /// Behind links
    pub path: PathBuf,
    pub is_directory: bool,
    /// The permission bits of Unix, without those of a group that the owner has alone
    pub mode: u32,
    owner: Option<u32>,
}

impl Access {
    /// `None` where it is not there.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let found = fs::metadata(path).ok()?;
        let (mode, owner) = mode_and_owner(&found);
        // A device such as /dev/null is everybody's.
        let is_directory = found.is_dir();
        (is_directory || found.is_file()).then(|| Self {
            path: path.to_path_buf(),
            is_directory,
            mode,
            owner,
        })
    }

    /// The user that it belongs to, where that is somebody else. To root all files are its own.
    pub(crate) fn stranger(&self) -> Option<u32> {
        self.owner
    }
}

/// Takes these permission bits away from a file or a directory; the mode before and now.
pub(crate) fn take_bits(path: &Path, bits: u32) -> std::io::Result<(u32, u32)> {
    let old = fs::metadata(path)?.permissions().mode() & 0o7777;
    let new = old & !bits;
    fs::set_permissions(path, fs::Permissions::from_mode(new))?;
    Ok((old, new))
}

fn mode_and_owner(found: &fs::Metadata) -> (u32, Option<u32>) {
    let user = super::owner::user();
    let owner = Some(found.uid()).filter(|owner| user != 0 && *owner != user);
    // Where each user has a group of the same number, nobody else is in it.
    let group = if found.gid() == found.uid() { 0o070 } else { 0 };
    (found.mode() & 0o7777 & !group, owner)
}
