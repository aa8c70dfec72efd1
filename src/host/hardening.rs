//! What keeps secrets inside this process when something goes wrong.

use std::io::{self, Write};

use super::terminal;
use crate::ports::note_panic;

/// Disables core dumps of this process, and denies other processes of the same user the right to
/// read its memory (`ptrace`, `/proc/PID/mem`).
///
/// A command that awsx becomes or starts is not affected on Linux: `execve` makes a process
/// dumpable again.
#[cfg(target_os = "linux")]
pub(crate) fn disable_core_dumps() -> io::Result<()> {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

/// Disables core dumps of this process, by its soft limit, which a child inherits until
/// [`give_back_core_limit`].
#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) fn disable_core_dumps() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let before = getrlimit(Resource::Core);
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: before.maximum })?;
    CORE_LIMIT.get_or_init(|| before);
    Ok(())
}

/// Windows makes no dump of a process unless its administrator asks for them.
#[cfg(not(unix))]
pub(crate) fn disable_core_dumps() -> io::Result<()> {
    Ok(())
}

#[cfg(all(unix, not(target_os = "linux")))]
static CORE_LIMIT: std::sync::OnceLock<rustix::process::Rlimit> = std::sync::OnceLock::new();

/// Undoes [`disable_core_dumps`] for the command that follows.
#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) fn give_back_core_limit() -> io::Result<()> {
    if let Some(before) = CORE_LIMIT.get() {
        rustix::process::setrlimit(rustix::process::Resource::Core, *before)?;
    }
    Ok(())
}

/// Makes a panic restore the terminal, print one sentence and end awsx with exit code 1
/// (`unexpected`), unless it is caught. Only the place is printed: the message may quote a value.
pub(crate) fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        if note_panic(panic.location()) {
            return;
        }
        terminal::restore();
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let version = env!("CARGO_PKG_VERSION");
        // Nobody is left to tell if this fails.
        let _ = writeln!(
            io::stderr(),
            "awsx: this is a bug in awsx {version}, at {place}; please report it"
        );
        #[expect(clippy::disallowed_methods, reason = "an abort would leave exit code 134")]
        std::process::exit(1);
    }));
}
