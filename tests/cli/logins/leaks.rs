//! What a login is made of stays where it belongs. That nothing of it is found elsewhere is for
//! every sandbox to check when it ends; here are those that give it the most to find.

use super::{allow, credentials, log_in, log_in_with, sandbox};
use crate::sandbox::Sandbox;

fn count(sandbox: &Sandbox) -> usize {
    sandbox.aws.secrets().len()
}

/// Else nothing would be searched for.
#[test]
fn every_secret_of_a_login_is_known_to_the_search() {
    let sandbox = sandbox();
    let mut known = count(&sandbox);
    let mut adds = |what: &str, expected: usize| {
        let now = count(&sandbox);
        assert_eq!(now - known, expected, "{what}");
        known = now;
    };
    log_in(&sandbox);
    // The access token is the portal's and the login's.
    adds("client secret, code, verifier, access token twice, refresh token", 6);
    sandbox.awsx(&["logout"]).ok();
    let left = count(&sandbox);
    assert_eq!(known - left, 1, "what is used up is still known, if not to the portal");
}

#[test]
fn whatever_is_logged() {
    for log in ["trace", "debug"] {
        let sandbox = sandbox();
        sandbox.set("AWSX_LOG", log);
        let ran = log_in_with(&sandbox, &["login", "sso", "corp", "-vv"]);
        assert!(ran.stderr.contains("sso-oidc:CreateToken"), "{ran:?}");
        sandbox.aws.control(|state| state.expire_access_tokens());
        credentials(&sandbox).ok().says("sso-oidc:CreateToken");
        sandbox.aws.control(|state| state.end_logins());
        credentials(&sandbox).fails(4, &["needs a login"]);
        let ran = log_in_with(&sandbox, &["login", "sso", "corp", "-vv"]);
        assert!(ran.stderr.contains("RegisterClient"), "{ran:?}");
        let mut terminal = sandbox.awsx_on_terminal(&["login", "sso", "--device-code", "-vv"]);
        allow(&sandbox);
        terminal.ends().ok();
        sandbox.awsx(&["logout", "-vv"]).ok();
    }
}

/// The browser is no command of the person's profile: what awsx and others keep in the environment
/// is not for it.
#[test]
fn the_browser_is_given_no_credentials() {
    let sandbox = sandbox();
    let planted = [
        ("AWS_ACCESS_KEY_ID", "planted-access-key-id-1"),
        ("AWS_SECRET_ACCESS_KEY", "planted-secret-access-key"),
        ("AWS_SESSION_TOKEN", "planted-session-token-1"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "planted-container-token"),
    ];
    for (name, value) in planted {
        sandbox.set(name, value);
        sandbox.plant(value);
    }
    log_in(&sandbox);
    let environment = std::fs::read_to_string(sandbox.home().join("browser/environment")).unwrap();
    for name in planted.map(|(name, _)| name).into_iter().chain(["AWSX_PASSPHRASE"]) {
        assert!(!environment.contains(name), "{name}: {environment}");
    }
    assert!(environment.contains("\nHOME=") || environment.starts_with("HOME="));
}
