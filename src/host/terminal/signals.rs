//! Signals that arrive while the terminal is changed. They are held back until it is restored.
#![expect(unsafe_code, reason = "std and rustix have no safe call for signal handlers")]

use std::cell::Cell;
use std::io::{self, PipeReader, PipeWriter, Read, pipe};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::ptr;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

use libc::c_int;
use rustix::process::{Signal, getpid, kill_process};

use super::wait::wait;

/// What a person or a supervisor ends or stops a program with, and what says that the terminal has
/// another size.
const HELD_BACK: [c_int; 6] =
    [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGTSTP, libc::SIGWINCH];

/// Where the handler writes each signal's number.
static PIPE: AtomicI32 = AtomicI32::new(-1);

extern "C" fn note(signal: c_int) {
    let byte = u8::try_from(signal).unwrap_or_default();
    // SAFETY: write(2) is async-signal-safe and reads one byte that outlives the call. `Signals`
    // keeps the pipe open for as long as this handler is installed.
    unsafe { libc::write(PIPE.load(Ordering::Relaxed), ptr::from_ref(&byte).cast(), 1) };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ready {
    Input,
    /// The other file can be read, or its other end is closed.
    Woken,
    Signal,
    /// The terminal has another size.
    Resized,
    Late,
}

/// While it lives, signals go into a pipe, which wakes [`ready`](Self::ready) on any thread.
pub(in crate::host) struct Signals {
    before: Vec<(c_int, libc::sigaction)>,
    reader: PipeReader,
    _writer: PipeWriter,
    /// The first one that ends or stops awsx, once it is read
    first: Cell<Option<Signal>>,
}

impl Signals {
    /// Holds signals back. One that the process ignores (`nohup`) stays ignored.
    pub(super) fn hold_back() -> io::Result<Self> {
        Self::hold_back_these(&HELD_BACK)
    }

    /// The same of these alone.
    pub(in crate::host) fn hold_back_these(held: &[c_int]) -> io::Result<Self> {
        let (reader, writer) = pipe()?;
        PIPE.store(writer.as_raw_fd(), Ordering::Relaxed);
        let mut signals =
            Self { before: Vec::new(), reader, _writer: writer, first: Cell::new(None) };
        for &signal in held {
            let before = disposition(signal)?;
            if before.sa_sigaction == libc::SIG_DFL {
                // SAFETY: all zeros is a valid `sigaction`: no flags, nothing masked. Without
                // SA_RESTART, a read on a terminal that cannot be polled ends too.
                let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
                action.sa_sigaction = note as *const () as usize;
                dispose(signal, &action)?;
                signals.before.push((signal, before));
            }
        }
        Ok(signals)
    }

    /// Waits for `input`, until `other` can be read, a signal comes, or it is late.
    pub(super) fn ready(
        &self,
        input: BorrowedFd<'_>,
        other: Option<BorrowedFd<'_>>,
        until: Option<Instant>,
    ) -> io::Result<Ready> {
        if self.first.get().is_some() {
            return Ok(Ready::Signal);
        }
        let mut files = vec![self.reader.as_fd(), input];
        files.extend(other);
        loop {
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            let seen = match wait(&files, left) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                seen => seen?,
            };
            return Ok(match seen[..] {
                [true, ..] => match self.read()? {
                    Some(Signal::WINCH) => Ready::Resized,
                    other => {
                        self.first.set(other);
                        Ready::Signal
                    }
                },
                [_, _, true] => Ready::Woken,
                [_, true, ..] => Ready::Input,
                _ => Ready::Late,
            });
        }
    }

    /// The first signal that ends or stops awsx.
    pub(super) fn first(&self) -> io::Result<Option<Signal>> {
        while self.first.get().is_none()
            && wait(&[self.reader.as_fd()], Some(Duration::ZERO))? == [true]
        {
            self.first.set(self.read()?.filter(|signal| *signal != Signal::WINCH));
        }
        Ok(self.first.get())
    }

    /// Waits for the next one that ends or stops awsx.
    pub(in crate::host) fn next(&self) -> io::Result<Signal> {
        loop {
            match self.read() {
                Ok(Some(signal)) if signal != Signal::WINCH => return Ok(signal),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn read(&self) -> io::Result<Option<Signal>> {
        let mut number = [0];
        (&self.reader).read_exact(&mut number)?;
        Ok(Signal::from_named_raw(number[0].into()))
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        for (signal, before) in &self.before {
            // It was in force a moment ago, so it is valid.
            let _ = dispose(*signal, before);
        }
    }
}

/// From now on nobody stops awsx with Ctrl-Z.
pub(super) fn ignore_stop() {
    // SAFETY: nothing runs when the signal comes.
    unsafe { libc::signal(libc::SIGTSTP, libc::SIG_IGN) };
}

pub(in crate::host) fn deliver(signal: Signal) -> io::Result<()> {
    Ok(kill_process(getpid(), signal)?)
}

fn disposition(signal: c_int) -> io::Result<libc::sigaction> {
    let mut action = MaybeUninit::uninit();
    // SAFETY: with a null new action the call only fills in the old one.
    match unsafe { libc::sigaction(signal, ptr::null(), action.as_mut_ptr()) } {
        // SAFETY: the call succeeded, so the old action is filled in.
        0 => Ok(unsafe { action.assume_init() }),
        _ => Err(io::Error::last_os_error()),
    }
}

fn dispose(signal: c_int, action: &libc::sigaction) -> io::Result<()> {
    // SAFETY: `action` is valid: either read from the system or `note`, which is
    // async-signal-safe.
    match unsafe { libc::sigaction(signal, action, ptr::null_mut()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
