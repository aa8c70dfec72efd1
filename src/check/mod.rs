//! What is wrong with the AWS files and awsx's own, as a table of findings: what `awsx config check` and
//! `awsx doctor` tell.

mod access;
mod chains;
mod code;
mod finding;
mod guards;
mod lines;
mod mended;
mod own;
mod reading;
mod settings;
#[cfg(test)]
mod tests;
mod tools;

pub(crate) use access::check_access;
pub(crate) use chains::check_chains;
pub(crate) use code::Code;
pub use code::finding_codes;
pub(crate) use finding::{Finding, Place, Severity, join_findings};
pub(crate) use guards::{check_guards, check_patterns};
pub(crate) use lines::{check_lines, mistake_of_file};
pub(crate) use mended::mark_mechanical;
pub(crate) use own::{check_own_settings, strangers};
pub(crate) use settings::check_settings;
pub(crate) use tools::{Tool, check_for_tool};
