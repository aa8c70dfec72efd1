//! Turns: who asks a person something, one process at a time.
//!
//! A person may leave a question unanswered, or stop awsx at it (Ctrl-Z). So the process that has the turn
//! shows each second that it runs, by touching the lock's file; whoever waits takes the turn of one that
//! no longer does.

use std::fs::{self, File};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::file_lock::{FileLock, MOMENT};
use super::files;
use super::state_dir::{StateDir, StateDirError};

/// How often the process that has the turn shows that it runs.
const BEAT: Duration = Duration::from_millis(if cfg!(test) { 5 } else { 1000 });
/// How long it may fail to before it counts as stopped.
const STOPPED: Duration = Duration::from_millis(if cfg!(test) { 200 } else { 5000 });
/// How often whoever waits looks.
const LOOK: Duration = Duration::from_millis(if cfg!(test) { 2 } else { 100 });

/// Had until it is dropped, or its process ends or is stopped.
#[derive(Debug)]
#[must_use = "the turn is had only as long as this lives"]
pub(crate) struct Turn {
    _lock: FileLock,
    /// Dropped, it ends the thread that touches the file.
    _running: mpsc::Sender<()>,
}

impl StateDir {
    /// Takes the turn `locks/<name>.lock`; `None` where it turns out meanwhile that it is not needed any
    /// longer. `on_wait` is told once who has it, if somebody has it for more than a moment:
    /// "awsx in pts/3 (pid 4711)".
    pub(crate) fn take_turn(
        &self,
        name: &str,
        on_wait: impl FnOnce(&str),
        mut is_needed: impl FnMut() -> bool,
    ) -> Result<Option<Turn>, StateDirError> {
        let path = self.lock_path(name)?;
        let began = Instant::now();
        let mut on_wait = Some(on_wait);
        let mut seen = (last_touch(&path), began);
        loop {
            match self.try_lock(name)? {
                Some(lock) => return Ok(Some(Turn::begin(lock))),
                None if !is_needed() => return Ok(None),
                None => pause(LOOK),
            }
            let touched = last_touch(&path);
            if touched != seen.0 {
                seen = (touched, Instant::now());
            }
            if began.elapsed() >= MOMENT
                && let Some(say) = on_wait.take()
            {
                say(&holder(&path));
            }
            if seen.1.elapsed() >= STOPPED {
                let _alone = self.lock("turns", || ())?;
                if last_touch(&path) == seen.0 {
                    // Who is stopped keeps the lock of a file that has no name any longer.
                    files::remove(&path).map_err(self.error("written", &path))?;
                }
            }
        }
    }
}

impl Turn {
    fn begin(lock: FileLock) -> Self {
        let (running, ended) = mpsc::channel();
        // Without that, others take the turn of a process that waits for the person: both ask.
        let _ = lock.leave_note(&this_process());
        if let Ok(file) = lock.file() {
            let beat = move || {
                while ended.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
                    touch(&file);
                }
            };
            let _ = thread::Builder::new().name("turn".into()).spawn(beat);
        }
        Self { _lock: lock, _running: running }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the state has no clock; nothing depends on the time"
)]
fn touch(file: &File) {
    let _ = file.set_modified(SystemTime::now());
}

#[expect(
    clippy::disallowed_methods,
    reason = "the state has no clock; nothing depends on the time"
)]
fn pause(length: Duration) {
    thread::sleep(length);
}

fn last_touch(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|found| found.modified()).ok()
}

/// Who this process is, for those who wait for it.
fn this_process() -> String {
    let terminal = terminal().unwrap_or_default();
    let place = match terminal.strip_prefix("/dev/").unwrap_or(&terminal) {
        "" => String::new(),
        name => format!(" in {name}"),
    };
    format!("awsx{place} (pid {})", std::process::id())
}

/// The terminal that this process speaks through, if it is one.
#[cfg(unix)]
fn terminal() -> Option<String> {
    use rustix::stdio::{stderr, stdin, stdout};
    let name = [stderr(), stdin(), stdout()]
        .into_iter()
        .find_map(|stream| rustix::termios::ttyname(stream, Vec::new()).ok())?;
    name.into_string().ok()
}

#[cfg(not(unix))]
fn terminal() -> Option<String> {
    None
}

/// Who has the turn.
fn holder(path: &Path) -> String {
    let note = files::read_prefix(path, 256).unwrap_or_default();
    String::from_utf8(note).ok().filter(|note| !note.is_empty()).unwrap_or("another awsx".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_the_turn_and_who_waits_knows_who() {
        let root = tempfile::tempdir().unwrap();
        let state = StateDir::at(root.path());
        let first = state.take_turn("a", |_| panic!("nobody has it"), || true).unwrap();
        let (waits, wait) = mpsc::channel();
        let other = state.clone();
        let waiter = thread::spawn(move || {
            let on_wait = |holder: &str| waits.send(holder.to_owned()).unwrap();
            drop(other.take_turn("a", on_wait, || true).unwrap());
        });
        let holder = wait.recv().unwrap();
        assert!(holder.starts_with("awsx"), "{holder}");
        assert!(holder.ends_with(&format!("(pid {})", std::process::id())), "{holder}");
        pause(STOPPED * 2);
        assert!(!waiter.is_finished(), "it runs, however long it takes");
        assert!(state.take_turn("a", |_| (), || false).unwrap().is_none(), "not needed");
        drop(first);
        waiter.join().unwrap();
    }

    /// Under Wine 8 the name of an open file that is removed stays until it is closed.
    #[cfg_attr(windows, ignore = "cannot be seen under Wine")]
    #[test]
    fn the_turn_of_a_stopped_process_is_taken_by_one() {
        let root = tempfile::tempdir().unwrap();
        let state = StateDir::at(root.path());
        let stopped = state.lock("a", || ()).unwrap();
        let turns = std::sync::atomic::AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let _turn = state.take_turn("a", |_| (), || true).unwrap();
                    assert_eq!(turns.fetch_add(1, std::sync::atomic::Ordering::SeqCst), 0);
                    pause(BEAT * 4);
                    turns.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                });
            }
        });
        drop(stopped);
    }
}
