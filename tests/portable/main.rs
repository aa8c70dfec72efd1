//! What awsx does on every system. On Linux this is a part of `tests/cli`.
#![cfg(not(target_os = "linux"))]
#![expect(clippy::unwrap_used, reason = "this is a test")]

#[expect(dead_code, reason = "Linux's tests use the rest")]
#[path = "../fake_aws/mod.rs"]
mod fake_aws;
#[path = "../cli/portable.rs"]
mod portable;
#[expect(dead_code, reason = "Linux's tests use the rest")]
#[path = "../cli/ran.rs"]
mod ran;
#[expect(dead_code, reason = "Linux's tests use the rest")]
#[path = "../cli/running.rs"]
mod running;
#[expect(dead_code, reason = "Linux's tests use the rest")]
#[path = "../cli/sandbox.rs"]
mod sandbox;
