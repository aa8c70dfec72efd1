//! The machine: clock, terminal, browser, process. Implements the ports of the person, the browser and the
//! clock.

mod browser;
pub mod callback;
mod clock;
mod command_line;
pub mod hardening;
#[cfg(windows)]
mod interrupts;
pub mod process;
mod progress;
pub mod terminal;

pub use browser::SystemBrowser;
pub use clock::SystemClock;
#[cfg(windows)]
pub use interrupts::leave_interrupts_to_the_child;
pub use progress::Progress;
