//! Files of the AWS CLI that hold secrets: replaced whole, for their owner alone.

use std::io::{self, Write};
use std::path::Path;

/// Puts `text` into the file at once: whoever reads it meanwhile has the old or the new one.
/// Directories that are made for it are their owner's alone.
pub(super) fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)?;
    // For its owner alone (0600) from the start, and without `.json`: the AWS CLI would read it. One
    // name, which the login's lock keeps to one process: what a killed awsx left does not stay.
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_stem().unwrap_or_default());
    name.push(".awsx.new");
    match std::fs::remove_file(directory.join(&name)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = tempfile::Builder::new().prefix(&name).rand_bytes(0).tempfile_in(directory)?;
    file.write_all(text)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_file_stays() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("cache/a.json");
        replace(&path, b"one").unwrap();
        std::fs::write(home.path().join("cache/.a.awsx.new"), "left by a killed awsx").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(home.path().join("cache")).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
