//! Small files: read up to a limit, and replaced at once. What a failure means is up to the callers.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;
use zeroize::Zeroizing;

use super::owner;
use crate::text::{hex, random, size_in_words};

/// The content of a file. One of more than `most` bytes is refused: `/dev/zero` must not fill the memory, and what is
/// cut would be taken for the whole. Pipes work, such as `AWS_CONFIG_FILE=<(…)`.
///
/// # Errors
///
/// Those of the system, and [`ErrorKind::FileTooLarge`].
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let size = file.metadata().map_or(0, |found| found.len());
    read_whole(&file, size, most)
}

/// All that comes, `most` bytes as in [`read`]. `room`: how many are expected.
pub(crate) fn read_whole(from: impl Read, room: u64, most: u64) -> io::Result<Vec<u8>> {
    let mut content = Zeroizing::new(read_up_to(from, room, most + 1)?);
    if content.len() as u64 > most {
        let problem = format!("it is larger than {}", size_in_words(most));
        return Err(io::Error::new(ErrorKind::FileTooLarge, problem));
    }
    Ok(std::mem::take(&mut *content))
}

fn read_up_to(from: impl Read, room: u64, limit: u64) -> io::Result<Vec<u8>> {
    // Room for all of it at once: a buffer that grows takes time, and leaves copies of secrets behind.
    let mut content = Vec::with_capacity(usize::try_from(room.min(limit)).unwrap_or(0) + 1);
    from.take(limit).read_to_end(&mut content)?;
    Ok(content)
}

/// The same of a file that only programs write: a pipe in its place would be waited for without end.
pub(crate) fn read_regular(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let (file, size) = open_regular(path)?;
    read_whole(&file, size, most)
}

/// The first `limit` bytes of such a file, for who needs no more or sees himself where it ends.
pub(crate) fn read_prefix(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let (file, size) = open_regular(path)?;
    read_up_to(&file, size, limit)
}

/// The file, and what it has by now.
fn open_regular(path: &Path) -> io::Result<(File, u64)> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    let file = options.open(path)?;
    let found = file.metadata()?;
    match found.is_file() {
        true => Ok((file, found.len())),
        false => Err(io::Error::other("it is no regular file")),
    }
}

/// Whether there is no such file, or no directory that it could be in.
pub(crate) fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Removes a file; whether there was one.
pub(crate) fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if is_missing(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Creates a directory and those above it, for the user alone (0700). One that exists stays as it is.
pub(crate) fn create_private(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    create_private(directory(path))?;
    match make_private(path) {
        // Somebody else was first.
        Err(_) if path.is_dir() => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(ErrorKind::NotADirectory.into())
        }
        made => made.and_then(|()| give_directory(path)),
    }
}

#[cfg(unix)]
fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    DirBuilder::new().mode(0o700).create(path)
}

/// Those of a user's profile are for the user alone.
#[cfg(not(unix))]
fn make_private(path: &Path) -> io::Result<()> {
    DirBuilder::new().create(path)
}

#[cfg(unix)]
fn give_directory(path: &Path) -> io::Result<()> {
    let mut options = File::options();
    let flags = libc::O_DIRECTORY | libc::O_NOFOLLOW;
    std::os::unix::fs::OpenOptionsExt::custom_flags(options.read(true), flags);
    owner::give(&options.open(path)?, directory(path))
}

#[cfg(not(unix))]
fn give_directory(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A name that no other file has: 16 hexadecimal digits.
pub(crate) fn random_name() -> String {
    hex(&*random::<8>())
}

/// The directory that a file is in, which may be the working directory.
pub(crate) fn directory(path: &Path) -> &Path {
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
    directory.unwrap_or(Path::new("."))
}

/// `.config.awsx.SUFFIX` beside `config`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".awsx.{suffix}"));
    path.with_file_name(name)
}

/// A new, empty file for its owner alone (0600) that [`put`] can put in the place of `path`. It has one
/// name, so that what a killed awsx left there goes; a lock must keep that name to one process.
pub(crate) fn new_beside(path: &Path) -> io::Result<NamedTempFile> {
    let new = beside(path, "new");
    remove(&new)?;
    let name = new.file_name().unwrap_or_default();
    make_in(directory(path), tempfile::Builder::new().prefix(name).rand_bytes(0))
}

/// The same with a name of its own, in the directory that `path` will be in.
pub(crate) fn new_in(directory: &Path) -> io::Result<NamedTempFile> {
    make_in(directory, &tempfile::Builder::new())
}

fn make_in(directory: &Path, builder: &tempfile::Builder<'_, '_>) -> io::Result<NamedTempFile> {
    // Without the name, which nobody knows.
    let new = builder.tempfile_in(directory).map_err(|error| {
        let text = error.to_string();
        let cause = text.split(" at path ").next().unwrap_or_default();
        io::Error::new(error.kind(), cause)
    })?;
    owner::give(new.as_file(), directory)?;
    Ok(new)
}

/// Puts `new` with this content in the place of `path`, at once: whoever reads that file meanwhile has
/// the old content or the new, never a part.
pub(crate) fn put(new: NamedTempFile, path: &Path, content: &[u8]) -> io::Result<()> {
    fill(&new, content)?;
    persist(new, path)
}

/// The same, if `is_still` is true once all of it is written; whether it was.
pub(crate) fn put_if(
    new: NamedTempFile,
    path: &Path,
    content: &[u8],
    is_still: impl FnOnce() -> bool,
) -> io::Result<bool> {
    fill(&new, content)?;
    match is_still() {
        true => persist(new, path).map(|()| true),
        false => Ok(false),
    }
}

/// On Windows nobody else may have the old file open: a reader is soon done, or a virus scanner.
fn persist(mut new: NamedTempFile, path: &Path) -> io::Result<()> {
    let begun = Instant::now();
    loop {
        match new.persist(path) {
            Ok(_) => return Ok(()),
            Err(failed) if is_in_use(&failed.error) && begun.elapsed() < PATIENCE => {
                new = failed.file;
                #[expect(clippy::disallowed_methods, reason = "no test waits for it")]
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(failed) => return Err(failed.error),
        }
    }
}

/// How long a file that somebody has open is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// `ERROR_ACCESS_DENIED` and `ERROR_SHARING_VIOLATION`,
/// <https://learn.microsoft.com/windows/win32/debug/system-error-codes--0-499->
fn is_in_use(error: &io::Error) -> bool {
    cfg!(windows) && matches!(error.raw_os_error(), Some(5 | 32))
}

/// The same, unless there is a file already; whether it was put there.
pub(super) fn put_first(new: NamedTempFile, path: &Path, content: &[u8]) -> io::Result<bool> {
    fill(&new, content)?;
    match new.persist_noclobber(path) {
        Ok(_) => Ok(true),
        Err(failed) if failed.error.kind() == ErrorKind::AlreadyExists => Ok(false),
        // Not every file system can do that.
        Err(failed) => persist(failed.file, path).map(|()| true),
    }
}

fn fill(new: &NamedTempFile, content: &[u8]) -> io::Result<()> {
    // Of the file itself: its errors do not speak of a name that nobody knows.
    let mut file = new.as_file();
    file.write_all(content)?;
    file.sync_all()
}

/// Puts `content` in the place of `path`, for the user alone; so are the directories that are made for
/// it. A lock must keep other processes away.
pub(crate) fn replace_private(path: &Path, content: &[u8]) -> io::Result<()> {
    create_private(directory(path))?;
    put(new_beside(path)?, path, content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_new_file_stays() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("cache/a.json");
        replace_private(&path, b"one").unwrap();
        fs::write(home.path().join("cache/.a.json.awsx.new"), "left by a killed awsx").unwrap();
        replace_private(&path, b"two").unwrap();
        assert_eq!(read(&path, 3).unwrap(), b"two");
        assert_eq!(fs::read_dir(home.path().join("cache")).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!((remove(&path).unwrap(), remove(&path).unwrap()), (true, false));
    }

    #[test]
    fn what_is_cut_is_not_taken_for_the_whole() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a");
        fs::write(&path, "three").unwrap();
        for read in [read, read_regular] {
            assert_eq!(read(&path, 5).unwrap(), b"three");
            let error = read(&path, 4).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::FileTooLarge);
            assert_eq!(error.to_string(), "it is larger than 4 bytes");
        }
        assert_eq!(read_prefix(&path, 2).unwrap(), b"th");
    }
}
