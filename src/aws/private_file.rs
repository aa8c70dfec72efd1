//! Files of the AWS CLI that hold secrets: replaced whole, for their owner alone.

use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Puts `text` into the file at once: whoever reads it meanwhile has the old or the new one.
/// Directories that are made for it are their owner's alone.
pub(super) fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)?;
    // For its owner alone (0600) from the start, and without `.json`: the AWS CLI would read it.
    let mut file = NamedTempFile::new_in(directory)?;
    file.write_all(text)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
