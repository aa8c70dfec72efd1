//! Reads what a command writes, within bounds.

use std::io::Read;
use std::process::{Child, ExitStatus};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

/// A SAML assertion has 100,000 characters at most, and line breaks between them.
const OUTPUT_LIMIT: usize = 128 * 1024;
const PIECE: usize = 4096;
/// How often the command is looked at while it writes nothing.
const TICK: Duration = Duration::from_millis(20);
/// So many times after it has ended, something that it has started keeps the pipe, and is not waited for.
const SILENT_TICKS: u32 = 10;

type Output = Zeroizing<Vec<u8>>;

/// The command's output and how it ended; else what is wrong, and it may still run.
pub(super) fn collect(child: &mut Child, limit: Duration) -> Result<(ExitStatus, Output), String> {
    let deadline = Instant::now() + limit;
    let too_long = || format!("did not end within {} s", limit.as_secs());
    let mut stdout = child.stdout.take().expect("stdout is piped");
    let (sender, pieces) = mpsc::channel();
    // A thread, because reading a pipe has no time limit.
    std::thread::spawn(move || {
        loop {
            let mut piece = Zeroizing::new(vec![0; PIECE]);
            let read = stdout.read(&mut piece);
            let is_end = !matches!(read, Ok(1..));
            // Nobody receives it after the time limit.
            let sent = sender.send(read.map(|length| {
                piece.truncate(length);
                piece
            }));
            if is_end || sent.is_err() {
                break;
            }
        }
    });
    let mut output = Zeroizing::new(Vec::with_capacity(OUTPUT_LIMIT + PIECE));
    let mut silent_ticks = 0;
    while silent_ticks < SILENT_TICKS {
        match pieces.recv_timeout(TICK) {
            Ok(Ok(piece)) => output.extend_from_slice(&piece),
            Ok(Err(error)) => return Err(format!("its output cannot be read: {error}")),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) if has_ended(child)?.is_some() => silent_ticks += 1,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if output.len() > OUTPUT_LIMIT {
            return Err("wrote more than 128 KiB".into());
        }
        if Instant::now() >= deadline {
            return Err(too_long());
        }
    }
    // The output has ended, so the command is about to end too.
    loop {
        match has_ended(child)? {
            Some(status) => return Ok((status, output)),
            None if Instant::now() < deadline => {
                std::thread::park_timeout(Duration::from_millis(1));
            }
            None => return Err(too_long()),
        }
    }
}

fn has_ended(child: &mut Child) -> Result<Option<ExitStatus>, String> {
    child.try_wait().map_err(|error| format!("cannot be waited for: {error}"))
}

/// Ends a command, and on Linux what it has started. It may have ended by itself in the meantime: nothing
/// is lost then.
pub(super) fn end(child: &mut Child) {
    #[cfg(target_os = "linux")]
    let below = below(child.id());
    let _ = child.kill();
    let _ = child.wait();
    #[cfg(target_os = "linux")]
    for process in below {
        let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
    }
}

/// The processes that this one has started, and those that they have started.
#[cfg(target_os = "linux")]
fn below(process: u32) -> Vec<rustix::process::Pid> {
    let mut found = Vec::new();
    let mut left = vec![process.to_string()];
    while let Some(process) = left.pop() {
        let tasks = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten();
        for task in tasks.flatten() {
            let children = std::fs::read_to_string(task.path().join("children"));
            left.extend(children.unwrap_or_default().split_whitespace().map(str::to_owned));
        }
        found.extend(process.parse().ok().and_then(rustix::process::Pid::from_raw));
    }
    found.split_off(1)
}
