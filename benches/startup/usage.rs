//! What the kernel says a process used.
#![expect(unsafe_code, reason = "neither std nor rustix has getrusage")]

use std::mem::MaybeUninit;
use std::process::{Command, ExitCode};
use std::time::Duration;

/// The processor time of every child that was waited for.
pub(crate) fn cpu_of_children() -> Duration {
    let used = children();
    [used.ru_utime, used.ru_stime]
        .iter()
        .map(|t| Duration::from_secs(t.tv_sec as u64) + Duration::from_micros(t.tv_usec as u64))
        .sum()
}

/// Runs the command and prints the most memory, in KiB, that it had before or after it became
/// another. For a process of its own: a child counts what its parent had when it was started.
#[expect(clippy::print_stdout, reason = "this is a program")]
pub(crate) fn print_peak_memory_of(command: &[String]) -> ExitCode {
    let [program, arguments @ ..] = command else { return ExitCode::FAILURE };
    match crate::silent(Command::new(program).args(arguments)).status() {
        Ok(status) if status.success() => {
            println!("{}", children().ru_maxrss);
            ExitCode::SUCCESS
        }
        _ => ExitCode::FAILURE,
    }
}

fn children() -> libc::rusage {
    let mut used = MaybeUninit::uninit();
    // SAFETY: the pointer is to enough room for what the call writes.
    let done = unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, used.as_mut_ptr()) };
    assert_eq!(done, 0, "getrusage fails only for arguments that are wrong");
    // SAFETY: the call succeeded, so it is filled in.
    unsafe { used.assume_init() }
}
