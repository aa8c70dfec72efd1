//! Ctrl-C on Windows, where awsx waits for the command that it runs.
#![expect(unsafe_code, reason = "std has no call for console control handlers")]

use std::io;

use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, CTRL_C_EVENT, SetConsoleCtrlHandler};

unsafe extern "system" fn leave(event: u32) -> i32 {
    i32::from(event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT)
}

/// From now on Ctrl-C and Ctrl-Break, which reach every process on the console, do not end awsx:
/// the command decides what they mean, and awsx returns its exit code. A handler, because ignoring
/// them outright would be inherited by the command.
pub fn leave_interrupts_to_the_child() -> io::Result<()> {
    // SAFETY: the handler touches nothing.
    match unsafe { SetConsoleCtrlHandler(Some(leave), 1) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
