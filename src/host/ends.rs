//! The signals that end a program that serves until it is ended.

use std::io;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use libc::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use rustix::process::Signal;

use super::terminal::signals::{Signals, deliver};

/// While it lives, such a signal is told instead of ending awsx.
pub(crate) struct Ends {
    seen: Arc<OnceLock<Signal>>,
    thread: JoinHandle<io::Result<()>>,
}

impl Ends {
    /// Calls `end` at the first one, on a thread of its own.
    pub(crate) fn await_first(end: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let signals = Signals::hold_back_these(&[SIGHUP, SIGINT, SIGQUIT, SIGTERM])?;
        let seen = Arc::new(OnceLock::new());
        let told = Arc::clone(&seen);
        let wait = move || {
            let signal = signals.next()?;
            told.get_or_init(|| signal);
            end();
            Ok(())
        };
        let thread = std::thread::Builder::new().name("signals".into()).spawn(wait)?;
        Ok(Self { seen, thread })
    }

    /// Ends awsx as the signal would have, if there was one.
    pub(crate) fn leave(self) -> io::Result<()> {
        let Some(signal) = self.seen.get().copied() else { return Ok(()) };
        // What held it back is gone with the thread, which does not panic.
        let _ = self.thread.join();
        deliver(signal)
    }
}
