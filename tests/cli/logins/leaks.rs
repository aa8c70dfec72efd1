//! What a login is made of stays where it belongs. That nothing of it is found elsewhere is for
//! every sandbox to check when it ends; here are those that give it the most to find.

use super::credentials;
use crate::sandbox::Sandbox;

/// Else nothing would be searched for.
#[test]
fn the_search_knows_every_secret_of_a_login() {
    let sandbox = Sandbox::not_logged_in();
    let count = || sandbox.aws.secrets().len();
    let before = count();
    sandbox.log_in();
    let known = count();
    // Client secret, code, verifier, refresh token; the access token is the portal's and the login's.
    assert_eq!(known - before, 6);
    sandbox.awsx(&["logout"]).ok();
    assert_eq!(known - count(), 1, "what is used up is still known, if not to the portal");
}

#[test]
fn the_log_tells_no_secret_of_a_login() {
    for log in ["trace", "debug"] {
        let sandbox = Sandbox::not_logged_in();
        sandbox.set("AWSX_LOG", log);
        sandbox.log_in_with(&["login", "sso", "corp", "-vv"]).says("sso-oidc:CreateToken");
        sandbox.aws.control(|state| state.expire_access_tokens());
        credentials(&sandbox).ok().says("sso-oidc:CreateToken");
        sandbox.aws.control(|state| state.end_logins());
        credentials(&sandbox).fails(4, &["needs a login"]);
        sandbox.log_in_with(&["login", "sso", "corp", "-vv"]).says("RegisterClient");
        let mut terminal = sandbox.awsx_on_terminal(&["login", "sso", "--device-code", "-vv"]);
        sandbox.allow();
        terminal.end().ok();
        sandbox.awsx(&["logout", "-vv"]).ok();
    }
}

/// The browser is no command of the person's profile: what awsx and others keep in the environment
/// is not for it.
#[test]
fn the_browser_gets_no_credentials() {
    let sandbox = Sandbox::not_logged_in();
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
    sandbox.log_in();
    let environment = sandbox.read("browser/environment");
    for name in planted.map(|(name, _)| name).into_iter().chain(["AWSX_PASSPHRASE"]) {
        assert!(!environment.contains(name), "{name}: {environment}");
    }
    assert!(environment.contains("\nHOME=") || environment.starts_with("HOME="));
}
