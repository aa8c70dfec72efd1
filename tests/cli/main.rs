//! The command-line tests.

#[path = "../fake_aws/mod.rs"]
mod fake_aws;
#[path = "../fake_aws/itself/mod.rs"]
mod fake_aws_itself;

mod exec;
mod sandbox;
mod shells;
mod start;
