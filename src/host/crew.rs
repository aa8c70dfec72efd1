//! Commands that run beside each other, with what they print.
//!
//! Each is the leader of a process group, so that an interrupt of the terminal reaches awsx alone, and that all of a
//! command can be ended.
#![cfg_attr(
    target_os = "linux",
    expect(unsafe_code, reason = "the only way to run code between fork and exec")
)]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use libc::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use rustix::process::{Pid, Signal, kill_process_group};

use super::terminal::signals::Signals;
use crate::env::Env;

/// As much of a line is handed on in one piece.
const PIECE: u64 = 64 * 1024;

/// How long something that a command has left behind may keep its output open.
const TO_CLOSE: Duration = Duration::from_millis(200);

/// Where a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

/// How long a command that is told to end may take for it.
const TO_END: Duration = Duration::from_secs(3);

/// What happens while they run.
#[derive(Debug)]
pub(crate) enum Event {
    /// A line, or a piece of a long one
    Line { run: usize, stream: Stream, bytes: Vec<u8> },
    /// 128 and the number of the signal that ended it
    Ended { run: usize, code: i32, lasted: Duration },
    /// awsx got a signal: 128 and its number. Ctrl-C alone leaves it to a second one whether what runs is ended.
    Signal { code: i32, is_interrupt: bool },
}

/// Those that run.
pub(crate) struct Crew {
    env: Env,
    sender: Sender<Event>,
    events: Receiver<Event>,
    groups: BTreeSet<(usize, i32)>,
    /// When those that are told to end have had their time
    killed_at: Option<Instant>,
}

impl Crew {
    /// Nobody runs yet. Signals that would end awsx are events from now on.
    pub(crate) fn new(env: &Env) -> io::Result<Self> {
        let signals = Signals::hold_back_these(&[SIGHUP, SIGINT, SIGQUIT, SIGTERM])?;
        let (sender, events) = channel();
        let told = sender.clone();
        thread::Builder::new().name("signals".into()).spawn(move || {
            while let Ok(signal) = signals.next() {
                let code = 128 + signal.as_raw();
                let event = Event::Signal { code, is_interrupt: signal == Signal::INT };
                if told.send(event).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { env: env.clone(), sender, events, groups: BTreeSet::new(), killed_at: None })
    }

    /// How many run.
    pub(crate) fn count(&self) -> usize {
        self.groups.len()
    }

    /// Starts one.
    pub(crate) fn start(
        &mut self,
        run: usize,
        program: &str,
        words: &[OsString],
    ) -> io::Result<()> {
        let mut command = Command::new(program);
        command.args(words).env_clear().envs(self.env.iter()).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        end_with_parent(&mut command);
        let mut child = command.spawn()?;
        let group = i32::try_from(child.id()).unwrap_or_default();
        let began = Instant::now();
        let (closed, closes) = channel();
        let stdout = child.stdout.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>);
        let stderr = child.stderr.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>);
        for (stream, from) in [(Stream::Stdout, stdout), (Stream::Stderr, stderr)] {
            let (sender, closed) = (self.sender.clone(), closed.clone());
            thread::spawn(move || {
                if let Some(from) = from {
                    hand_on(run, stream, from, &sender);
                }
                // Who waits for it has ended where it is late.
                let _ = closed.send(());
            });
        }
        let sender = self.sender.clone();
        thread::spawn(move || {
            let status = child.wait();
            let lasted = began.elapsed();
            for _ in 0..2 {
                if closes.recv_timeout(TO_CLOSE).is_err() {
                    break;
                }
            }
            // Nobody is told where awsx is about to end.
            let _ = sender.send(Event::Ended { run, code: status.map_or(1, code), lasted });
        });
        self.groups.insert((run, group));
        Ok(())
    }

    /// What happens next; nothing where it does not happen before `until`.
    pub(crate) fn next(&mut self, until: Option<Instant>) -> io::Result<Option<Event>> {
        loop {
            let now = Instant::now();
            if self.killed_at.is_some_and(|at| at <= now) {
                self.killed_at = None;
                self.signal(Signal::KILL);
            }
            let first = self.killed_at.into_iter().chain(until).min();
            let left = first.map_or(Duration::MAX, |at| at.saturating_duration_since(now));
            match self.events.recv_timeout(left) {
                Ok(event) => {
                    if let Event::Ended { run, .. } = event {
                        self.groups.retain(|(other, _)| *other != run);
                    }
                    return Ok(Some(event));
                }
                Err(RecvTimeoutError::Timeout) if until.is_some_and(|at| at <= Instant::now()) => {
                    return Ok(None);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(ErrorKind::BrokenPipe.into()),
            }
        }
    }

    /// Tells all of them, and what they have started, to end: with SIGTERM, and with SIGKILL what has not ended in time.
    pub(crate) fn end(&mut self) {
        self.signal(Signal::TERM);
        self.killed_at.get_or_insert_with(|| Instant::now() + TO_END);
    }

    fn signal(&self, signal: Signal) {
        for group in self.groups.iter().filter_map(|(_, group)| Pid::from_raw(*group)) {
            // One that has ended meanwhile needs none.
            let _ = kill_process_group(group, signal);
        }
    }
}

fn hand_on(run: usize, stream: Stream, from: impl Read, to: &Sender<Event>) {
    let mut from = BufReader::new(from);
    loop {
        let mut bytes = Vec::new();
        match (&mut from).take(PIECE).read_until(b'\n', &mut bytes) {
            Ok(1..) if to.send(Event::Line { run, stream, bytes }).is_ok() => {}
            _ => return,
        }
    }
}

fn code(status: ExitStatus) -> i32 {
    status.code().or(status.signal().map(|signal| 128 + signal)).unwrap_or(1)
}

/// A command does not outlive an awsx that is killed.
fn end_with_parent(command: &mut Command) {
    #[cfg(target_os = "linux")]
    // SAFETY: it is one system call, async-signal-safe, and touches no memory.
    unsafe {
        command
            .pre_exec(|| Ok(rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?));
    }
    #[cfg(not(target_os = "linux"))]
    let _ = command;
}
