//! The pages of a login in a real browser: those that ask, and those that awsx shows at the end.

use serde_json::{Value, json};

use crate::chromium::Chromium;
use crate::sandbox::Sandbox;
use crate::terminal::Terminal;

/// A login, and the browser that it opens.
fn start<'a>(sandbox: &'a Sandbox, flags: &[&str]) -> (Chromium, Terminal<'a>) {
    let chromium = Chromium::of(sandbox);
    (chromium, sandbox.awsx_on_terminal(&[&["login", "sso", "corp"], flags].concat()))
}

fn assert_reads(chromium: &mut Chromium, words: &str) {
    let text = chromium.finds("document.body.innerText");
    assert!(text.as_str().is_some_and(|text| text.contains(words)), "{words:?} is not in {text}");
}

/// What every page of awsx must be, whatever it says.
fn assert_is_of_awsx(chromium: &mut Chromium) {
    for (docs, expression, expected) in [
        ("on this machine", "location.hostname", "127.0.0.1"),
        ("the callback", "location.pathname", "/oauth/callback"),
        ("its script ran: the address is bare", "location.search + location.hash", ""),
        ("its style holds", "getComputedStyle(document.body).maxWidth !== 'none'", "true"),
        ("its title begins so", "document.title.split(' ')[0]", "awsx:"),
        ("nothing was loaded", "performance.getEntriesByType('resource').length", "0"),
    ] {
        let found = match chromium.finds(expression) {
            Value::String(text) => text,
            other => other.to_string(),
        };
        assert_eq!(found, expected, "{docs}");
    }
    // Nor does "back" lead to the code.
    for url in chromium.history() {
        assert!(!url.contains("?code=") && !url.contains("?error="), "{url}");
    }
}

/// The login gives its role, and the vault has it.
fn assert_is_logged_in(sandbox: &Sandbox) {
    sandbox.env_of("sso").prints("AWS_ACCOUNT_ID=222222222222");
    let status = sandbox.awsx(&["login", "status", "--json"]).ok().json();
    assert_eq!(status["logins"][0]["name"], "corp", "{status}");
}

#[test]
fn allowing_awsx_logs_in() {
    let sandbox = Sandbox::new().sso_profiles();
    let (mut chromium, mut terminal) = start(&sandbox, &[]);
    assert_reads(chromium.shows("Allow access?"), "sso:account:access");
    chromium.clicks("#allow").shows("Allowed");
    assert_reads(
        &mut chromium,
        "awsx has your answer. Close this page and go back to the terminal, which says how it went on.",
    );
    assert_is_of_awsx(&mut chromium);
    terminal.end().ok().says("logged in to ");
    assert_is_logged_in(&sandbox);
    assert_eq!(chromium.closes(), [""; 0]);
}

#[test]
fn denying_awsx_does_not_log_in() {
    let sandbox = Sandbox::new().sso_profiles();
    let (mut chromium, mut terminal) = start(&sandbox, &[]);
    chromium.shows("Allow access?").clicks("#deny").shows("Not logged in");
    assert_reads(&mut chromium, "AWS said: access_denied");
    assert_is_of_awsx(&mut chromium);
    terminal.end().fails(5, &["access_denied", "hint: run `awsx login sso corp` again"]);
    assert_eq!(sandbox.aws.count("CreateToken"), 0);
    assert_eq!(chromium.closes(), [""; 0]);
}

/// What AWS would say comes from the address, which any page can lead to.
#[test]
fn a_forged_answer_is_refused_and_the_login_goes_on() {
    let sandbox = Sandbox::new().sso_profiles();
    let (mut chromium, mut terminal) = start(&sandbox, &[]);
    chromium.shows("Allow access?");
    let redirect_uri = "new URLSearchParams(location.search).get('redirect_uri')";
    for forged in ["?code=forged&state=forged", "?error=<script>alert(1)</script>&state=forged"] {
        let address = json!([chromium.finds("location.href"), chromium.finds(redirect_uri)]);
        let [asks, callback] = [0, 1].map(|index| address[index].as_str().unwrap());
        chromium.goes_to(&format!("{callback}{forged}"));
        chromium.shows("This is not the answer to this login");
        assert_reads(
            &mut chromium,
            "awsx still waits for the answer to the login that it started.",
        );
        assert_is_of_awsx(&mut chromium);
        chromium.goes_to(asks).shows("Allow access?");
    }
    chromium.clicks("#allow").shows("Allowed");
    terminal.end().ok();
    assert_is_logged_in(&sandbox);
    let refused = "network: Failed to load resource: the server responded with a status of 400 \
                   (Bad Request)";
    assert_eq!(chromium.closes(), [refused; 2]);
}

#[test]
fn confirming_a_code_logs_in() {
    let sandbox = Sandbox::new().sso_profiles();
    let (mut chromium, mut terminal) = start(&sandbox, &["--device-code"]);
    chromium.shows("Allow access?");
    let codes = sandbox.aws.control(|state| state.oidc.user_codes());
    let [code] = &codes[..] else { panic!("{codes:?}") };
    terminal.expect(code);
    assert_reads(&mut chromium, &format!("the device that shows {code}"));
    chromium.clicks("#allow").shows("Request approved");
    terminal.end().ok();
    assert_is_logged_in(&sandbox);
    assert_eq!(chromium.closes(), [""; 0]);
}
