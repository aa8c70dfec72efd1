//! Logins at IAM Identity Center from end to end: awsx at a terminal, the pages of the stand-in, and
//! the test as the person who reads both.

mod browser;
mod device;
mod leaks;
mod logout;
mod presence;
mod refresh;
mod refused;
mod share;

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::fake_aws::browser::{Page, approve};
use crate::fake_aws::fault::Fault;
use crate::fake_aws::portal::Assignment;
use crate::fake_aws::sample;
use crate::sandbox::{Ran, Running, Sandbox, files_below};

/// What awsx says once the login is there.
const DONE: &str = "awsx: logged in to sso-session \"corp\"";

/// What awsx says to who must log in.
const LOGIN_NEEDED: [&str; 2] =
    ["sso-session \"corp\" needs a login", "hint: run `awsx login sso corp`"];

/// A bound for a test that hangs; nothing is measured against it.
const PATIENCE: u32 = 60_000;

/// Shows the person an address: the script that stands for the browser leaves it, and the
/// environment that it was given, in a file.
const BROWSER: &str = "\
#!/bin/sh
env > \"$HOME/browser/environment\"
printf '%s' \"$1\" > \"$HOME/browser/part.$$\"
mv \"$HOME/browser/part.$$\" \"$HOME/browser/opened.$$\"
";

/// A person with a browser, an `[sso-session]`, and no login.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    furnish(&sandbox);
    sandbox
}

fn furnish(sandbox: &Sandbox) {
    sandbox.config(crate::sso::CONFIG);
    let script = sandbox.write("browser/script", BROWSER);
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
    sandbox.set("AWSX_BROWSER", script.to_str().unwrap());
    sandbox.aws.control(|state| {
        state.portal.tokens.clear();
        let role = state.iam.role(sample::READ_ONLY).unwrap();
        role.trust.principals.push(sample::SSO_ROLE.into());
    });
}

/// Asks until there is an answer.
fn awaited<T>(what: &str, answer: impl Fn() -> Option<T>) -> T {
    for _ in 0..PATIENCE {
        if let Some(answer) = answer() {
            return answer;
        }
        pause();
    }
    panic!("{what} did not come");
}

#[expect(clippy::disallowed_methods, reason = "a test has no clock")]
pub(crate) fn pause() {
    std::thread::sleep(std::time::Duration::from_millis(1));
}

/// The addresses that browsers were opened with and nobody took yet.
fn unseen(sandbox: &Sandbox) -> Vec<PathBuf> {
    let mut files = files_below(&sandbox.home().join("browser"));
    files.retain(|file| file.file_name().unwrap().to_str().unwrap().starts_with("opened."));
    files
}

/// The address that the browser was opened with; waits until it is.
fn opened(sandbox: &Sandbox) -> String {
    let file = awaited("the browser", || unseen(sandbox).pop());
    let address = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(file).unwrap();
    address
}

/// The person allows awsx in the browser that was opened; the last page.
fn allow(sandbox: &Sandbox) -> Page {
    let page = approve(&opened(sandbox));
    assert_eq!(page.status, 200, "{page:?}");
    page
}

/// Logs in with these words, from the command to the page.
fn log_in_with(sandbox: &Sandbox, words: &[&str]) -> Ran {
    let mut terminal = sandbox.awsx_on_terminal(words);
    allow(sandbox);
    terminal.ends().ok()
}

/// `awsx login sso corp`
fn log_in(sandbox: &Sandbox) {
    log_in_with(sandbox, &["login", "sso", "corp"]).says(DONE);
}

/// Logs in, and gets access tokens that are over for awsx at once; later ones last.
fn log_in_shortly(sandbox: &Sandbox, seconds: i64, words: &[&str]) {
    let usual =
        sandbox.aws.control(|state| std::mem::replace(&mut state.oidc.token_seconds, seconds));
    log_in_with(sandbox, words).says(DONE);
    sandbox.aws.control(|state| {
        state.oidc.token_seconds = usual;
        state.forget_calls();
    });
}

/// What the portal was asked last, and everyone before.
fn operations(sandbox: &Sandbox) -> Vec<String> {
    sandbox.aws.calls().into_iter().map(|call| call.operation).collect()
}

/// The command that programs run; never asks.
fn credentials(sandbox: &Sandbox) -> Ran {
    sandbox.awsx(&["credential-process", "sso", "--refresh"])
}

/// `awsx login status --json` of the only login.
fn status(sandbox: &Sandbox) -> serde_json::Value {
    let mut json = sandbox.awsx(&["login", "status", "--json"]).ok().json();
    assert_eq!(json["logins"].as_array().unwrap().len(), 1, "{json}");
    json["logins"][0].take()
}

/// Starts an awsx whose next `call` never gets an answer, and waits until it has sent it.
fn hanging<'a>(sandbox: &'a Sandbox, call: &str, words: &[&str]) -> Running<'a> {
    sandbox.aws.control(|state| state.fail(call, Fault::Hang, 1));
    let before = sandbox.aws.count(call);
    let running = sandbox.start(words);
    awaited(call, || (sandbox.aws.count(call) > before).then_some(()));
    running
}

/// Profiles `r0`, `r1`, … of as many roles behind one login.
fn many_roles(sandbox: &Sandbox, count: usize) -> Vec<String> {
    let names: Vec<String> = (0..count).map(|number| format!("r{number}")).collect();
    let mut config = crate::sso::CONFIG.to_owned();
    for name in &names {
        config += &format!(
            "[profile {name}]\nsso_session = corp\nsso_account_id = 222222222222\n\
             sso_role_name = {name}\n"
        );
        let role = sample::SSO_ROLE.replace("Developer", name);
        sandbox.aws.control(|state| {
            state.portal.assignments.push(Assignment {
                user: sample::SSO_USER.into(),
                role_name: name.clone(),
                role,
                seconds: 3600,
            });
        });
    }
    sandbox.config(&config);
    names
}

/// Leaves the endpoints to the profile `sso`; its config file.
fn endpoints_of_its_own(sandbox: &Sandbox) -> String {
    let url = sandbox.aws.url();
    // Whoever does not ask the profile leaves for AWS, and gets no further than this machine.
    sandbox.unset("AWS_ENDPOINT_URL");
    sandbox.set("HTTPS_PROXY", "http://127.0.0.1:9");
    let config = format!(
        "{}[services here]\nsso =\n  endpoint_url = {url}/\nsso_oidc =\n  endpoint_url = {url}/\n",
        crate::sso::CONFIG.replace("[profile old]", "services = here\n[profile old]")
    );
    sandbox.config(&config);
    config
}

/// The file of the AWS CLI for the `[sso-session]`.
fn shared_file(sandbox: &Sandbox) -> PathBuf {
    sandbox.home().join(format!(".aws/sso/cache/{}.json", sample::SSO_SESSION.1))
}

/// Whether there is anything in the AWS CLI's cache.
fn is_shared(sandbox: &Sandbox) -> bool {
    let cache = sandbox.home().join(".aws/sso/cache");
    cache.exists() && !files_below(&cache).is_empty()
}
