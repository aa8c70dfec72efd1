//! The command-line tests.

#[path = "../fake_aws/mod.rs"]
mod fake_aws;

mod exec;
mod sandbox;
mod shells;
