//! The `awsx` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    awsx::run(std::env::args_os(), awsx::Env::capture())
}
