//! The machine: clock, terminal, process. The edge towards the operating system; what is asked of
//! it, and when, is decided elsewhere.

mod clock;
mod command_line;
pub mod hardening;
#[cfg(windows)]
mod interrupts;
pub mod process;
pub mod terminal;

pub use clock::SystemClock;
#[cfg(windows)]
pub use interrupts::leave_interrupts_to_the_child;
