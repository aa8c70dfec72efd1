//! Logins at IAM Identity Center from end to end: awsx at a terminal, the pages of the stand-in, and
//! the test as the person who reads both.

mod browser;
mod device;
mod first;
mod leaks;
mod logout;
mod presence;
mod refresh;
mod refused;
mod share;

use std::path::PathBuf;

use crate::given::{LOGGED_IN, token_files};
use crate::ran::Ran;
use crate::sandbox::{Sandbox, files_below};

/// `awsx login sso corp`
const LOGIN: [&str; 3] = ["login", "sso", "corp"];

/// What awsx says to who must log in.
const LOGIN_NEEDED: [&str; 2] =
    ["sso-session \"corp\" needs a login", "hint: run `awsx login sso corp`"];

/// Logs in, and gets access tokens that are over for awsx at once; later ones last.
fn log_in_for(sandbox: &Sandbox, seconds: i64, words: &[&str]) {
    let usual =
        sandbox.aws.control(|state| std::mem::replace(&mut state.oidc.token_seconds, seconds));
    sandbox.log_in_with(words).says(LOGGED_IN);
    sandbox.aws.control(|state| state.oidc.token_seconds = usual);
    sandbox.aws.forget_calls();
}

/// A person with a browser who has logged in so.
fn logged_in_for(seconds: i64, words: &[&str]) -> Sandbox {
    let sandbox = Sandbox::not_logged_in();
    log_in_for(&sandbox, seconds, words);
    sandbox
}

/// The command that programs run; never asks.
fn credentials(sandbox: &Sandbox) -> Ran {
    sandbox.awsx(&["credential-process", "sso", "--refresh"])
}

/// The same, where a person must log in, for this reason.
fn credentials_need_login(sandbox: &Sandbox, reason: &str) {
    let [error, hint] = LOGIN_NEEDED;
    credentials(sandbox).fails(4, &[error, reason, hint]);
}

/// `awsx login status --json` of the only login.
fn status(sandbox: &Sandbox) -> serde_json::Value {
    let mut json = sandbox.awsx(&["login", "status", "--json"]).ok().json();
    assert_eq!(json["logins"].as_array().unwrap().len(), 1, "{json}");
    json["logins"][0].take()
}

/// The file of the AWS CLI for the `[sso-session]`.
fn shared_file(sandbox: &Sandbox) -> PathBuf {
    let [of_session, _] = token_files();
    sandbox.home().join(of_session)
}

/// Whether there is anything in the AWS CLI's cache.
fn is_shared(sandbox: &Sandbox) -> bool {
    !files_below(&sandbox.home().join(".aws/sso/cache")).is_empty()
}
