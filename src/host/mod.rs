//! The machine: clock, terminal, browser, process.

mod browser;
pub(crate) mod callback;
pub(crate) mod callers;
mod clipboard;
mod clock;
mod command_line;
#[cfg(unix)]
pub(crate) mod connection;
#[cfg(unix)]
pub(crate) mod crew;
pub(crate) mod editor;
#[cfg(unix)]
mod ends;
pub(crate) mod git;
pub(crate) mod hardening;
mod input;
#[cfg(windows)]
mod interrupts;
mod listener;
#[cfg(unix)]
pub(crate) mod local_socket;
mod output;
pub(crate) mod own_picker;
mod own_program;
mod peer;
pub(crate) mod process;
mod process_chain;
mod progress;
pub(crate) mod running;
pub(crate) mod server;
#[cfg(unix)]
pub(crate) mod sidecar;
pub(crate) mod terminal;
#[cfg(test)]
mod testing;
pub(crate) mod tree;
mod waiting;
#[cfg(unix)]
mod watched;
pub(crate) mod worktree;

pub(crate) use browser::{Apart, SystemBrowser, Window};
pub(crate) use clipboard::Clipboard;
pub(crate) use clock::SystemClock;
#[cfg(unix)]
pub(crate) use ends::Ends;
pub(crate) use input::read_stdin;
#[cfg(windows)]
pub(crate) use interrupts::leave_interrupts_to_the_child;
pub(crate) use own_program::own_program;
pub(crate) use progress::Progress;
pub(crate) use waiting::show_waiting;
