//! `awsx` resolves AWS profiles, mints session credentials and hands them to commands.
//!
//! The layers, in reading order; each one uses only those below it in its own line of
//! `docs/architecture.md`:
//!
//! 1. [`cli`]: what the user typed, one file per command.
//! 2. [`config`] and [`profile`]: what the AWS files say, and what a profile means.
//!    [`preferences`]: what awsx's own settings file says;
//!    [`generate`]: the profiles of an organization's roles.
//! 3. [`resolve`]: which calls lead to a session. Pure.
//! 4. [`session`]: carries the plan out: cache, lock, prompt, call.
//! 5. [`vault`]: where secrets rest.
//! 6. [`deliver`]: where a session leaves: a child's environment, or text for a shell.
//! 7. [`aws`] and [`host`]: the edges, the only code that touches network and machine.

mod app;
pub mod aws;
pub mod aws_cli;
pub mod cli;
pub mod client_settings;
pub mod config;
pub mod credentials;
pub mod deliver;
pub mod env;
pub mod generate;
pub mod host;
pub mod login;
pub mod organization;
pub mod ports;
pub mod preferences;
pub mod profile;
pub mod report;
pub mod resolve;
pub mod session;
pub mod state;
mod text;
pub mod vault;

use std::ffi::OsString;
use std::process::ExitCode;

/// Runs one awsx command line in one environment; the exit code is the contract's.
pub fn run(args: impl IntoIterator<Item = OsString>, env: env::Env) -> ExitCode {
    host::hardening::install_panic_hook();
    // A kernel that refuses is no reason to refuse work.
    let _ = host::hardening::disable_core_dumps();
    cli::run(args, env)
}
