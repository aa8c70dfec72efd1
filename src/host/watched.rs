//! A process whose end is waited for by one that is not its parent.

use std::io;
use std::os::fd::RawFd;

use rustix::process::{Pid, getpid};

/// A process, named before it could end: its number may be another's afterwards.
pub(super) struct Watched {
    pid: Pid,
    #[cfg(target_os = "linux")]
    file: Option<std::os::fd::OwnedFd>,
}

impl Watched {
    pub(super) fn this_process() -> io::Result<Self> {
        let pid = getpid();
        #[cfg(target_os = "linux")]
        let file = match rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()) {
            Ok(file) => Some(file),
            // A kernel before 5.3, or a sandbox without the call
            Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM) => None,
            Err(error) => return Err(error.into()),
        };
        Ok(Self {
            pid,
            #[cfg(target_os = "linux")]
            file,
        })
    }

    /// The file that stands for it, if one does.
    pub(super) fn file(&self) -> Option<RawFd> {
        #[cfg(target_os = "linux")]
        return self.file.as_ref().map(std::os::fd::AsRawFd::as_raw_fd);
        #[cfg(not(target_os = "linux"))]
        None
    }

    /// Waits for its end.
    pub(super) fn await_end(&self) {
        if self.await_event().is_err() {
            self.look_for_end();
        }
    }

    /// <https://man7.org/linux/man-pages/man2/pidfd_open.2.html>
    #[cfg(target_os = "linux")]
    fn await_event(&self) -> io::Result<()> {
        use rustix::event::{PollFd, PollFlags, poll};
        use rustix::io::Errno;
        let file = self.file.as_ref().ok_or(io::ErrorKind::Unsupported)?;
        loop {
            match poll(&mut [PollFd::new(file, PollFlags::IN)], None) {
                Ok(_) => return Ok(()),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// <https://man.freebsd.org/cgi/man.cgi?kqueue>: `EVFILT_PROC`
    #[cfg(target_os = "macos")]
    #[expect(unsafe_code, reason = "rustix has no kqueue on macOS without its feature")]
    fn await_event(&self) -> io::Result<()> {
        use std::mem::MaybeUninit;
        use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
        use std::ptr;
        // SAFETY: it takes nothing, and gives a file that is nobody else's.
        let queue = unsafe { libc::kqueue() };
        if queue == -1 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: as above.
        let queue = unsafe { OwnedFd::from_raw_fd(queue) };
        // SAFETY: all zeros is a valid event.
        let mut event: libc::kevent = unsafe { MaybeUninit::zeroed().assume_init() };
        event.ident = usize::try_from(self.pid.as_raw_pid()).unwrap_or_default();
        event.filter = libc::EVFILT_PROC;
        event.flags = libc::EV_ADD | libc::EV_ONESHOT;
        event.fflags = libc::NOTE_EXIT;
        loop {
            let mut came = event;
            // SAFETY: one event goes in, and there is room for the one that comes out.
            let count =
                unsafe { libc::kevent(queue.as_raw_fd(), &event, 1, &mut came, 1, ptr::null()) };
            match count {
                -1 => match io::Error::last_os_error() {
                    error if error.kind() == io::ErrorKind::Interrupted => {}
                    error => return Err(error),
                },
                // That there is no such process any more comes as an error, too.
                _ => return Ok(()),
            }
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    fn await_event(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Looks for it again and again.
    fn look_for_end(&self) {
        use crate::ports::Clock;
        while rustix::process::test_kill_process(self.pid) != Err(rustix::io::Errno::SRCH) {
            super::SystemClock.sleep(std::time::Duration::from_millis(200));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_process_is_seen() {
        let mut child =
            std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let watched = Watched {
            pid: Pid::from_child(&child),
            #[cfg(target_os = "linux")]
            file: Some(
                rustix::process::pidfd_open(
                    Pid::from_child(&child),
                    rustix::process::PidfdFlags::empty(),
                )
                .unwrap(),
            ),
        };
        drop(child.stdin.take());
        watched.await_end();
        assert!(child.wait().unwrap().success());
        // It is gone, and looked for.
        watched.look_for_end();
    }
}
