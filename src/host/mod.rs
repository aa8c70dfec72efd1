//! This machine: clock, terminal, processes.

mod command_line;
pub mod process;
