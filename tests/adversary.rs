//! All attacks of which `--test cli` tries a sample. Takes minutes, so it runs when it is asked for:
//! `cargo test --test adversary`.
#![expect(clippy::unwrap_used, reason = "this is a test")]
#![allow(dead_code, reason = "what the tests share is more than these need")]

/// Of how many attacks one is tried.
const EVERY: usize = 1;

#[path = "fake_aws/mod.rs"]
mod fake_aws;

#[path = "cli/browser_pages.rs"]
mod browser_pages;
#[path = "cli/chromium.rs"]
mod chromium;
#[path = "cli/desktop.rs"]
mod desktop;
#[path = "cli/given.rs"]
mod given;
#[path = "cli/keys.rs"]
mod keys;
#[path = "cli/killed.rs"]
mod killed;
#[path = "cli/mfa_enable.rs"]
mod mfa_enable;
#[path = "cli/pty.rs"]
mod pty;
#[path = "cli/ran.rs"]
mod ran;
#[path = "cli/replies.rs"]
mod replies;
#[path = "cli/rotation.rs"]
mod rotation;
#[path = "cli/running.rs"]
mod running;
#[path = "cli/sandbox.rs"]
mod sandbox;
#[path = "cli/table.rs"]
mod table;
#[path = "cli/terminal.rs"]
mod terminal;
