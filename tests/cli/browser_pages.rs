//! The pages of a login in a real browser: the one that asks, and the one that awsx shows at the end.

use serde_json::json;

use crate::chromium::Chromium;
use crate::sandbox::Sandbox;

/// What the page that awsx shows must be, whatever it says.
fn assert_is_awsxs(chromium: &mut Chromium) {
    let address = chromium.finds("[location.protocol, location.hostname, location.pathname]");
    assert_eq!(address, json!(["http:", "127.0.0.1", "/oauth/callback"]));
    // Neither the address bar nor what a reload or "back" leads to has the code or the state.
    assert_eq!(chromium.finds("location.search + location.hash"), "");
    for url in chromium.history() {
        let query = url.split_once('?').map_or("", |(_, query)| query);
        assert!(!query.contains("code=") && !query.contains("error="), "{url}");
    }
    // The policy lets the page's own style in.
    assert_eq!(chromium.finds("getComputedStyle(document.querySelector('h1')).fontSize"), "24.64px");
    assert_eq!(chromium.finds("document.compatMode + document.characterSet"), "CSS1CompatUTF-8");
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.config(crate::sso::CONFIG);
    sandbox
}

/// Exactly one login, and the role that it gives.
fn assert_is_logged_in(sandbox: &Sandbox) {
    let ran = sandbox.awsx(&["exec", "sso", "--", "env"]).ok();
    assert!(ran.stdout.contains("AWS_ACCOUNT_ID=222222222222"), "{ran:?}");
    let status = sandbox.awsx(&["login", "status", "--json"]).ok().json();
    assert_eq!(status["logins"][0]["name"], "corp", "{status}");
}

#[test]
fn a_person_allows_awsx_and_comes_back() {
    let sandbox = sandbox();
    let mut chromium = Chromium::of(&sandbox);
    let mut terminal = sandbox.awsx_on_terminal(&["login", "sso", "corp"]);
    chromium.shows("Allow access?");
    let asked = chromium.finds("document.body.innerText");
    assert!(asked.as_str().unwrap().contains("sso:account:access"), "{asked}");

    chromium.clicks("#allow").shows("Logged in");
    let text = chromium.finds("document.body.innerText");
    let words = "awsx has the login. You can close this page and go back to the terminal.";
    assert!(text.as_str().unwrap().contains(words), "{text}");
    assert_eq!(chromium.finds("document.title"), "awsx: Logged in");
    assert_is_awsxs(&mut chromium);

    terminal.ends().ok().says("logged in to ");
    assert_is_logged_in(&sandbox);
    assert_eq!(chromium.closes(), [""; 0]);
}
