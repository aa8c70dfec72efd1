//! A process beside a command.
//!
//! awsx becomes the command (`execve`), and so cannot serve it. So it splits at its start, before there is any
//! thread: the *original* keeps its process id, waits for the command's environment, and becomes the command; the
//! *side process* makes the environment, as awsx does without it, and stays until the original has ended. It is
//! no child of the command: a process between the two has ended at once.
#![expect(unsafe_code, reason = "std has no call to split a process")]

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Write, pipe};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, RawFd};
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, setsid, waitpid};
use zeroize::Zeroizing;

use super::SystemClock;
use super::callers::{Original, stand_for};
use super::terminal;
use super::watched::Watched;
use crate::ports::Clock;

/// What the side process says first.
const ENVIRONMENT: u8 = b'e';
const FAILED: u8 = b'f';

/// Room for the message at once: a buffer that grows leaves copies behind.
const ROOM: usize = 64 * 1024;

/// How long the side process may take to end itself as SIGTERM has it.
const TO_END: Duration = Duration::from_secs(1);

/// Which of the two processes this is.
pub(crate) enum Split {
    Original(Waiting),
    Side(Sidecar),
}

/// The original, until the side process has spoken.
pub(crate) struct Waiting {
    said: PipeReader,
    held: HeldBack,
}

/// What came of the side process.
pub(crate) enum Said {
    Environment(Zeroizing<Vec<u8>>),
    /// It failed, has said why, and this is the exit code
    Failed(u8),
    /// It ended without a word
    Nothing,
}

/// What is done at the end.
type AtEnd = Arc<Mutex<Option<Box<dyn FnOnce() + Send>>>>;

fn lock(at_end: &AtEnd) -> MutexGuard<'_, Option<Box<dyn FnOnce() + Send>>> {
    at_end.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for the end of the original; then this process ends.
fn end_with(original: &Watched, at_end: &AtEnd) {
    original.await_end();
    let end = lock(at_end).take();
    let is_prepared = end.is_some();
    match end {
        Some(end) => end(),
        // At a question the terminal is restored by that.
        None => drop(kill_process(getpid(), Signal::TERM)),
    }
    SystemClock.sleep(TO_END);
    terminal::restore();
    #[expect(clippy::disallowed_methods, reason = "what it is busy with is for nobody any more")]
    std::process::exit(i32::from(!is_prepared))
}

/// The side process.
pub(crate) struct Sidecar {
    say: Option<PipeWriter>,
    at_end: AtEnd,
    /// The files that the original got from who started it, and that the command gets
    inherited: Vec<RawFd>,
}

/// Splits this process. Nothing of awsx may run beside the caller.
pub(crate) fn split() -> io::Result<Split> {
    debug_assert!(is_alone(), "a thread would be missing in the side process");
    let (said, say) = pipe()?;
    let watched = Watched::this_process()?;
    let inherited = open_files(&[said.as_raw_fd(), say.as_raw_fd()], &watched);
    let original = Original::this_process();
    // Ctrl-C at a question cancels the question; the side process says what becomes of both.
    let held = HeldBack::hold(&[libc::SIGINT, libc::SIGQUIT])?;
    // SAFETY: there is one thread, so the new process has all of this one.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            // SAFETY: as above.
            match unsafe { libc::fork() } {
                0 => {
                    held.release();
                    stand_for(original);
                    let at_end = AtEnd::default();
                    let end = Arc::clone(&at_end);
                    let watch = move || end_with(&watched, &end);
                    std::thread::Builder::new().name("original".into()).spawn(watch)?;
                    Ok(Split::Side(Sidecar { say: Some(say), at_end, inherited }))
                }
                child => {
                    // SAFETY: it ends, and runs nothing of what the original has to.
                    unsafe { libc::_exit(i32::from(child == -1)) }
                }
            }
        }
        between => {
            drop((say, watched));
            await_between(between)?;
            Ok(Split::Original(Waiting { said, held }))
        }
    }
}

/// Waits for the process between the two, which ends at once.
fn await_between(pid: i32) -> io::Result<()> {
    loop {
        return match waitpid(Pid::from_raw(pid), WaitOptions::empty()) {
            Err(Errno::INTR) => continue,
            // Who ignores SIGCHLD is not told.
            Err(Errno::CHILD) => Ok(()),
            Err(error) => Err(error.into()),
            Ok(Some((_, status))) if status.exit_status() == Some(0) => Ok(()),
            Ok(_) => Err(io::Error::other("no second process could be started")),
        };
    }
}

impl Waiting {
    /// Waits until the side process has spoken, or is gone. Signals that were held back come now.
    pub(crate) fn listen(mut self) -> io::Result<Said> {
        let mut said = Zeroizing::new(Vec::with_capacity(ROOM));
        self.said.read_to_end(&mut said)?;
        self.held.release();
        Ok(match &said[..] {
            [ENVIRONMENT, rest @ ..] => Said::Environment(Zeroizing::new(rest.to_vec())),
            [FAILED, code] => Said::Failed(*code),
            _ => Said::Nothing,
        })
    }
}

impl Sidecar {
    /// What is done when the original, or the command that it became, has ended. Until something is said here
    /// this process ends with it as it would by SIGTERM.
    pub(crate) fn at_end(&self, end: impl FnOnce() + Send + 'static) {
        *lock(&self.at_end) = Some(Box::new(end));
    }

    /// What the command becomes of this: the exit code of a failure that was told. The original goes on when this
    /// process has ended.
    pub(crate) fn fail(&mut self, code: u8) {
        if let Some(say) = &mut self.say {
            // Who is gone needs no answer.
            let _ = say.write_all(&[FAILED, code]);
        }
    }

    /// Lets go of all that is the command's, its terminal too; then the original becomes the command.
    pub(crate) fn hand_over(&mut self, environment: &[u8]) -> io::Result<()> {
        setsid()?;
        let nothing = File::options().read(true).write(true).open("/dev/null")?;
        rustix::stdio::dup2_stdin(&nothing)?;
        rustix::stdio::dup2_stdout(&nothing)?;
        rustix::stdio::dup2_stderr(&nothing)?;
        for file in self.inherited.drain(..) {
            // SAFETY: it was open before awsx opened anything, and nothing here knows it.
            unsafe { libc::close(file) };
        }
        rustix::process::chdir("/")?;
        let Some(mut say) = self.say.take() else { return Ok(()) };
        say.write_all(&[ENVIRONMENT])?;
        say.write_all(environment)
    }
}

/// The terminal, to be written to from any session; `None` where there is none. One that is stopped (Ctrl-S) stops
/// nobody who writes.
pub(crate) fn terminal_to_write() -> Option<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = File::options();
    options.write(true).custom_flags(libc::O_NOCTTY | libc::O_NONBLOCK);
    let open = |path: &std::path::Path| options.open(path).ok();
    let found = open(std::path::Path::new("/dev/tty"))?;
    if cfg!(target_os = "linux") {
        return Some(found);
    }
    // Elsewhere that file means the terminal of whoever writes.
    use std::os::unix::ffi::OsStrExt;
    let named =
        |name: std::ffi::CString| open(std::ffi::OsStr::from_bytes(name.as_bytes()).as_ref());
    let streams = [rustix::stdio::stderr(), rustix::stdio::stdin(), rustix::stdio::stdout()];
    streams.into_iter().find_map(|stream| named(rustix::termios::ttyname(stream, Vec::new()).ok()?))
}

/// Signals that wait.
struct HeldBack(libc::sigset_t);

impl HeldBack {
    fn hold(signals: &[i32]) -> io::Result<Self> {
        let (mut held, mut before) = (MaybeUninit::uninit(), MaybeUninit::uninit());
        // SAFETY: both sets are there to be filled in, and the signals exist.
        let failed = unsafe {
            libc::sigemptyset(held.as_mut_ptr());
            for signal in signals {
                libc::sigaddset(held.as_mut_ptr(), *signal);
            }
            libc::pthread_sigmask(libc::SIG_BLOCK, held.as_ptr(), before.as_mut_ptr())
        };
        match failed {
            // SAFETY: the call succeeded, so it is filled in.
            0 => Ok(Self(unsafe { before.assume_init() })),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }

    /// Lets those come that came meanwhile.
    fn release(self) {
        // SAFETY: it is the set that was in force.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.0, ptr::null_mut()) };
    }
}

/// Whether this is the only thread, as far as the system tells.
fn is_alone() -> bool {
    std::fs::read_dir("/proc/self/task").map_or(true, |threads| threads.count() == 1)
}

/// The files that are open, but the standard three and awsx's own.
fn open_files(own: &[RawFd], watched: &Watched) -> Vec<RawFd> {
    let own = own.iter().copied().chain(watched.file());
    let own: Vec<RawFd> = own.collect();
    // SAFETY: the call looks at a number.
    let is_open = |file: &RawFd| unsafe { libc::fcntl(*file, libc::F_GETFD) } != -1;
    let listed: Vec<RawFd> = match std::fs::read_dir("/dev/fd") {
        Ok(files) => {
            files.filter_map(|file| file.ok()?.file_name().to_str()?.parse().ok()).collect()
        }
        Err(_) => (0..1024).collect(),
    };
    // That of the list itself is closed by now.
    listed.into_iter().filter(|file| *file > 2 && !own.contains(file)).filter(is_open).collect()
}
