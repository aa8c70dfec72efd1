//! A pseudo-terminal, and a command on it.
//!
//! The command is the leader of its own session and the pty its controlling terminal, so that
//! Ctrl-C and `/dev/tty` work as they do for people.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

use rustix::process::{ioctl_tiocsctty, setsid};
use rustix::pty::{OpenptFlags, grantpt, openpt, unlockpt};
use rustix::termios::Winsize;

/// Both sides of a pty.
pub(crate) struct Pty {
    /// Where what is shown comes out, and what is typed goes in
    pub(crate) side: OwnedFd,
    of_command: OwnedFd,
}

impl Pty {
    pub(crate) fn open() -> io::Result<Self> {
        let side = open_side()?;
        grantpt(&side)?;
        unlockpt(&side)?;
        let of_command = open_other_side(&side)?;
        Ok(Self { side, of_command })
    }

    /// Starts the command on it. The command's side is closed here then: this one sees when its last user is gone.
    pub(crate) fn spawn(self, mut command: Command) -> io::Result<(File, Child)> {
        let stream = || self.of_command.try_clone();
        command.stdin(stream()?).stdout(stream()?).stderr(stream()?);
        let terminal = stream()?;
        #[expect(unsafe_code, reason = "the only way to run code between fork and exec")]
        // SAFETY: both are single system calls, async-signal-safe, and touch no memory.
        unsafe {
            command.pre_exec(move || {
                setsid()?;
                Ok(ioctl_tiocsctty(&terminal)?)
            });
        }
        let child = command.spawn()?;
        Ok((self.side.into(), child))
    }
}

/// Closed in whatever another thread starts meanwhile.
#[cfg(target_os = "linux")]
fn open_side() -> io::Result<OwnedFd> {
    Ok(openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?)
}

#[cfg(not(target_os = "linux"))]
fn open_side() -> io::Result<OwnedFd> {
    use rustix::io::{FdFlags, fcntl_setfd};
    let side = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    fcntl_setfd(&side, FdFlags::CLOEXEC)?;
    Ok(side)
}

#[cfg(target_os = "linux")]
fn open_other_side(side: &OwnedFd) -> io::Result<OwnedFd> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    Ok(rustix::pty::ioctl_tiocgptpeer(side, flags)?)
}

#[cfg(not(target_os = "linux"))]
fn open_other_side(side: &OwnedFd) -> io::Result<OwnedFd> {
    use rustix::fs::{Mode, OFlags, open};
    let name = rustix::pty::ptsname(side, Vec::new())?;
    Ok(open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?)
}

pub(crate) fn winsize(rows: u16, columns: u16) -> Winsize {
    Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }
}
