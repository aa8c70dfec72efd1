//! Whether a process still runs. Numbers are given anew, so one is known by when it was started, too.

/// When a process was started, in the system's own unit; none where it has ended, or the system does not say.
#[cfg(target_os = "linux")]
pub(crate) fn start_of(pid: u32) -> Option<u64> {
    use std::io::Read;
    // A read is all of it; the program's name, which is no longer than 64 bytes, stands in brackets and may hold any.
    let mut text = [0; 1024];
    let length = std::fs::File::open(format!("/proc/{pid}/stat")).ok()?.read(&mut text).ok()?;
    let behind = text[..length].rsplit(|byte| *byte == b')').next()?;
    let mut fields = str::from_utf8(behind).ok()?.split_ascii_whitespace();
    // Of what has ended, and waits for its parent, nothing runs. proc(5): the state is the third field, the start the 22nd.
    let state = fields.next()?;
    fields.nth(18)?.parse().ok().filter(|_| !["Z", "X"].contains(&state))
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn start_of(_: u32) -> Option<u64> {
    None
}

/// Whether the process that was `started` then runs; where the system does not say that, whether one of this number does.
#[cfg(target_os = "linux")]
pub(crate) fn is_running(pid: u32, started: Option<u64>) -> bool {
    start_of(pid).is_some_and(|now| started.is_none_or(|then| now == then))
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) fn is_running(pid: u32, _: Option<u64>) -> bool {
    use rustix::process::{Pid, test_kill_process};
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    // Somebody else's may not be signalled, and runs.
    pid.is_some_and(|pid| !matches!(test_kill_process(pid), Err(rustix::io::Errno::SRCH)))
}

#[cfg(windows)]
pub(crate) fn is_running(pid: u32, _: Option<u64>) -> bool {
    super::callers::runs(pid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_its_start() {
        let pid = std::process::id();
        let started = start_of(pid);
        assert_eq!(started.is_some(), cfg!(target_os = "linux"));
        assert!(is_running(pid, started) && is_running(pid, None));
        assert_eq!(is_running(pid, started.map(|start| start + 1)), started.is_none());
        assert!(!is_running(u32::MAX >> 1, None));
    }

    /// What has ended and was not waited for has a number still.
    #[cfg(target_os = "linux")]
    #[test]
    fn what_has_ended_does_not_run() {
        let mut child = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
        let started = start_of(child.id());
        assert!(started.is_some());
        child.kill().unwrap();
        while is_running(child.id(), started) {
            std::thread::yield_now();
        }
        child.wait().unwrap();
        assert!(!is_running(child.id(), started));
    }
}
