//! The command-line tests.
#![expect(clippy::unwrap_used, reason = "this is a test")]

#[path = "../fake_aws/mod.rs"]
mod fake_aws;
#[path = "../fake_aws/itself/mod.rs"]
mod fake_aws_itself;

mod documents;
mod exec;
mod faults;
mod parallel;
mod prompts;
mod sandbox;
mod shells;
mod table;
mod terminal;
