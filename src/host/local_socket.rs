//! Sockets in the file system, for this user alone: what a server listens at, and how awsx asks there.

use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::state::files;

/// How long a server that is there may take for an answer to awsx.
const PATIENCE: Duration = Duration::from_secs(5);

/// Bytes of an answer, at most.
const LIMIT: u64 = 256 * 1024;

/// The end of the name of a socket where nobody listens yet.
pub(crate) const NEW: &str = ".n";

/// A socket that goes when it is dropped.
pub(crate) struct LocalSocket {
    path: PathBuf,
    /// By which it is known to be still the same: a number alone is given again
    made: (u64, i64, i64),
}

impl LocalSocket {
    /// Listens at `path`, which is in a directory of this user alone. What an ended server left there goes.
    ///
    /// A socket refuses everybody before somebody listens there, as one does that was left over: it has another name
    /// until then.
    pub(crate) fn listen(path: &Path) -> io::Result<(UnixListener, Self)> {
        let mut new = path.as_os_str().to_owned();
        new.push(NEW);
        let new = PathBuf::from(new);
        for path in [path, &new] {
            if is_left_over(path) {
                files::remove(path)?;
            }
        }
        let listener = UnixListener::bind(&new)?;
        let put = || {
            fs::set_permissions(&new, fs::Permissions::from_mode(0o600))?;
            match fs::symlink_metadata(path) {
                Ok(_) => Err(ErrorKind::AddrInUse.into()),
                Err(_) => fs::rename(&new, path),
            }
        };
        put().inspect_err(|_| drop(fs::remove_file(&new)))?;
        let made = mark(path)?;
        Ok((listener, Self { path: path.to_owned(), made }))
    }
}

impl LocalSocket {
    /// The same where a person says; not where other users may write.
    pub(crate) fn listen_privately(path: &Path) -> io::Result<(UnixListener, Self)> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let found = fs::metadata(folder.unwrap_or(Path::new(".")))?;
        let is_own = found.uid() == rustix::process::geteuid().as_raw();
        if !is_own || found.mode() & 0o077 != 0 {
            return Err(io::Error::other("others may open what is in its directory"));
        }
        Self::listen(path)
    }
}

impl Drop for LocalSocket {
    fn drop(&mut self) {
        if mark(&self.path).is_ok_and(|found| found == self.made) {
            // Nobody is left to tell if this fails.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// What tells a file from the next one of its name.
fn mark(path: &Path) -> io::Result<(u64, i64, i64)> {
    let found = fs::symlink_metadata(path)?;
    Ok((found.ino(), found.ctime(), found.ctime_nsec()))
}

/// Whether somebody listens there whom this process may ask.
pub(crate) fn is_answered(path: &Path) -> bool {
    UnixStream::connect(path).is_ok()
}

/// Whether it is a socket where nobody listens any more.
pub(crate) fn is_left_over(path: &Path) -> bool {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
    let refuses = || {
        UnixStream::connect(path).is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
    };
    is_socket && refuses()
}

/// Asks the server at `path`: the status, and what it says.
pub(crate) fn ask(
    path: &Path,
    host: &str,
    method: &str,
    target: &str,
) -> io::Result<(u16, Zeroizing<Vec<u8>>)> {
    let mut stream = UnixStream::connect(path)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes())?;
    let mut answer = Zeroizing::new(Vec::with_capacity(16 * 1024));
    stream.take(LIMIT).read_to_end(&mut answer)?;
    let not_http = || io::Error::from(ErrorKind::InvalidData);
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(not_http)?;
    let status = answer.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok());
    let status = status.and_then(|digits| digits.parse().ok()).ok_or_else(not_http)?;
    Ok((status, Zeroizing::new(answer[end + 4..].to_vec())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_private_and_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let (listener, socket) = LocalSocket::listen(&path).unwrap();
        let mode = fs::metadata(&path).unwrap().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(!is_left_over(&path));
        assert!(LocalSocket::listen(&path).is_err(), "it is taken");
        drop(listener);
        assert!(is_left_over(&path));
        let (_listener, newer) = LocalSocket::listen(&path).unwrap();
        drop(socket);
        assert!(path.exists(), "it is another's by now");
        drop(newer);
        assert!(!path.exists());
    }

    #[test]
    fn a_file_of_somebody_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        fs::write(&path, "mine").unwrap();
        assert!(!is_left_over(&path));
        assert!(LocalSocket::listen(&path).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
    }

    #[test]
    fn an_answer_has_a_status_and_a_body() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let (listener, _socket) = LocalSocket::listen(&path).unwrap();
        for (answer, expected) in [
            ("HTTP/1.1 200 OK\r\na: b\r\n\r\n{}", Some((200, &b"{}"[..]))),
            ("HTTP/1.1 404 Not Found\r\n\r\n", Some((404, b""))),
            ("HTTP/1.1 200", None),
            ("", None),
        ] {
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    let (mut stream, _) = listener.accept().unwrap();
                    let mut asked = [0; 36];
                    stream.read_exact(&mut asked).unwrap();
                    assert_eq!(&asked, b"GET /status HTTP/1.1\r\nHost: awsx\r\n\r\n");
                    stream.write_all(answer.as_bytes()).unwrap();
                });
                let found = ask(&path, "awsx", "GET", "/status").ok();
                let found = found.as_ref().map(|(status, body)| (*status, &***body));
                assert_eq!(found, expected, "{answer}");
            });
        }
    }
}
