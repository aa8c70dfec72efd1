//! The command-line tests. They rest on Linux: its keyring, its terminals, `strace`.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "this is a test")]

/// Of how many attacks one is tried; `--test adversary` tries all.
const EVERY: usize = 8;

#[path = "../fake_aws/mod.rs"]
mod fake_aws;
#[path = "../fake_aws/itself/mod.rs"]
mod fake_aws_itself;

mod acceptance;
mod agents;
mod aws_mfa;
mod browser_pages;
mod children;
mod chromium;
mod ci;
mod ci_steps;
mod completion;
mod config_check;
mod config_generated;
mod config_get;
mod config_sections;
mod config_set;
mod config_undo;
mod console;
mod desktop;
mod directories;
mod disk;
mod doctor;
mod documents;
mod each;
mod every_command;
mod exec;
mod faults;
mod given;
mod guard;
mod identity;
mod inner;
mod journeys;
mod keys;
mod keys_import;
mod killed;
mod large_tokens;
mod logins;
mod machine;
mod mfa;
mod mfa_enable;
mod network;
mod organization;
mod pages;
mod parallel;
mod picker;
mod portable;
mod processes;
mod prompt_segment;
mod prompts;
mod ran;
mod replies;
mod rotation;
mod running;
mod saml;
mod sandbox;
mod scan;
mod scope;
mod screens;
mod secrets;
mod sentences;
mod serve;
mod serve_containers;
mod server;
mod sessions;
mod shell_functions;
mod shells;
mod sign_in;
mod sign_in_profile;
mod sign_in_shared;
mod ssh;
mod sso;
mod sso_role;
mod start;
mod sts;
mod sts_decode;
mod sts_examples;
mod sts_tokens;
mod style;
mod table;
mod terminal;
mod token_ecr;
mod token_eks;
mod token_signed;
mod vault;
mod vaults;
mod web_identity;
mod wizard;
mod words;
