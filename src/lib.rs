//! `awsx` resolves AWS profiles, mints session credentials and hands them to commands.
//!
//! In reading order; who may name whom is in `docs/architecture.md`:
//!
//! 1. `cli`: what the user typed, one file per command. `app`: every part made on first use.
//! 2. `config` and `profile`: what the AWS files say, and what a profile means. `preferences`: what awsx's
//!    own settings file says; `generate`: the profiles of an organization's roles. `migrate`: what other tools left; `shims`: how they are called. `check`: what is wrong with
//!    all that.
//! 3. `resolve`: which calls lead to a session. Pure.
//!    `console`: what of AWS's console is shown. `prompt`: what a shell's prompt says.
//! 4. `session`: carries the plan out: cache, lock, MFA code, call. `login`: what a person logs in to.
//!    `keys`: access keys that rest in the vault. `mfa`: devices whose seed does, and their codes.
//! 5. `vault`: where secrets rest.
//! 6. `deliver`: where a session leaves: a child's environment, or text for a shell. `server`: how a
//!    program that asks for it is answered. `mcp`: what an agent's client asks. `report`: what a person is told.
//! 7. `aws`, `aws_cli` and `host`: the edges, the only code that touches network and machine.

mod agent;
mod app;
mod approval;
mod aws;
mod aws_cli;
mod check;
mod cli;
mod client_settings;
mod config;
mod console;
mod credentials;
mod deliver;
mod env;
mod generate;
mod guard;
mod history;
mod host;
mod keys;
mod login;
mod mcp;
mod mfa;
mod migrate;
mod organization;
mod ports;
mod preferences;
mod profile;
mod prompt;
mod report;
mod resolve;
mod saml;
mod scan;
mod server;
mod session;
mod shell;
mod shims;
#[cfg(unix)]
mod ssh;
mod state;
mod text;
mod token;
mod vault;

use std::ffi::OsString;
use std::process::ExitCode;

pub use env::Env;

/// What the tests, examples, fuzz targets and benches of this package use. Nothing else may rely on it.
#[doc(hidden)]
pub mod for_tests {
    pub use crate::aws_cli::login_cache::parse as parse_sign_in;
    pub use crate::aws_cli::sso_cache::parse as parse_sso_token;
    pub use crate::check::finding_codes;
    pub use crate::cli::command_tree;
    pub use crate::config::block::with_block;
    pub use crate::config::edit::{Target, with_setting};
    pub use crate::config::nested::with_nested_setting;
    pub use crate::config::rewrite::with_settings;
    pub use crate::config::sections::{
        with_copy, with_new_section, with_other_name, without_sections,
    };
    pub use crate::config::unset::without_setting;
    pub use crate::credentials::document::{parse_container_body, parse_process_output};
    pub use crate::credentials::{Secret, SessionKey};
    pub use crate::deliver::Overlay;
    pub use crate::deliver::format::Format;
    pub use crate::env::Env;
    pub use crate::host::callback::answer_in_page_code;
    pub use crate::preferences::{Preferences, Role, Template};
    pub use crate::profile::{FileKind, Profiles, is_portable_name};
    pub use crate::report::failure::Kind;
    pub use crate::text::{printable, word};
    pub use crate::vault::envelope::Envelope;
    pub use crate::vault::record::{open_record, read_header};
    pub use crate::vault::seal::DataKey;
    pub use crate::vault::{Fields, KeptSession, SessionHeader};

    /// Reads a text as each of the small files that a state directory has besides records.
    pub fn read_state_files(text: &[u8]) {
        let _ = crate::organization::kept::KeptRoles::parse(text);
        let _ = crate::vault::unlock::Wrapped::parse(text);
        if let Ok(note) = std::str::from_utf8(text) {
            let _ = <crate::ports::CallError as crate::vault::Shared>::from_note(note);
        }
    }

    /// The lines that keys are found in, of a text and of what `git log -p` prints, each with the key as it is shown.
    pub fn keys_in(text: &[u8]) -> Vec<(u64, String)> {
        let rules = crate::scan::Rules::default();
        let hits = crate::scan::read(text, &rules).expect("a slice is read").unwrap_or_default();
        let log = crate::scan::read_log(text, &rules, None).expect("a slice is read").hits;
        let hits = hits.into_iter().chain(log.into_iter().map(|found| found.hit));
        hits.map(|hit| (hit.line, hit.masked)).collect()
    }

    /// The roles of a SAML assertion in base 64, or why it is none.
    pub fn roles_of_assertion(given: &Secret) -> Result<Vec<[String; 2]>, String> {
        let assertion =
            crate::saml::Assertion::read(given).map_err(|flaw| format!("{flaw} {flaw:?}"))?;
        let roles = assertion.roles.into_iter().map(|role| [role.role_arn, role.principal_arn]);
        Ok(roles.collect())
    }

    /// The calls that lead to a profile's session, or why there are none.
    pub fn plan_of(profiles: &Profiles, profile: &str, env: &Env) -> String {
        use crate::resolve::{Request, SessionRules, chain, plan};
        let made = chain(profiles, env, &Request::of_profile(profile))
            .map_err(|error| crate::text::with_causes(&error))
            .and_then(|chain| {
                plan(chain, None, SessionRules::default(), Default::default(), env)
                    .map_err(|error| crate::text::with_causes(&error))
            });
        match made {
            Ok(plan) => format!("{:?} {:?}", plan.steps().collect::<Vec<_>>(), plan.warnings()),
            Err(error) => error,
        }
    }
}

/// Runs one awsx command line in one environment; the exit code is the contract's.
pub fn run(args: impl IntoIterator<Item = OsString>, env: Env) -> ExitCode {
    host::hardening::install_panic_hook();
    // A kernel that refuses is no reason to refuse work.
    let _ = host::hardening::disable_core_dumps();
    cli::run(args, env)
}
