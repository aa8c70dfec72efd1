//! Ctrl-C and Ctrl-Break on Windows, where they reach every process on the console.
#![expect(unsafe_code, reason = "std has no call for console control handlers")]

use std::io;

use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, CTRL_C_EVENT, SetConsoleCtrlHandler};

/// While it lives, they do not end awsx. By a handler, because ignoring them outright would be
/// inherited by a command that awsx runs.
pub(super) struct HeldInterrupts;

unsafe extern "system" fn hold(event: u32) -> i32 {
    i32::from(event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT)
}

impl HeldInterrupts {
    pub(super) fn hold() -> io::Result<Self> {
        // SAFETY: the handler touches nothing.
        match unsafe { SetConsoleCtrlHandler(Some(hold), 1) } {
            0 => Err(io::Error::last_os_error()),
            _ => Ok(Self),
        }
    }
}

impl Drop for HeldInterrupts {
    fn drop(&mut self) {
        // SAFETY: removes what `hold` added.
        unsafe { SetConsoleCtrlHandler(Some(hold), 0) };
    }
}

/// From now on the command that awsx waits for decides what they mean, and awsx returns its exit code.
pub(crate) fn leave_interrupts_to_the_child() -> io::Result<()> {
    std::mem::forget(HeldInterrupts::hold()?);
    Ok(())
}
