//! In the browser that comes back to awsx.

use std::net::{TcpListener, TcpStream};

use super::{DONE, allow, is_shared, log_in, log_in_with, opened, operations, sandbox, status};
use crate::fake_aws::browser::{approve, deny, get};
use crate::sandbox::Sandbox;
use crate::terminal::{CTRL_C, Terminal};

/// A parameter of an address, still encoded.
fn parameter<'a>(url: &'a str, name: &str) -> &'a str {
    let (_, query) = url.split_once('?').unwrap();
    let found = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
    found.unwrap_or_else(|| panic!("{name} is not in {url}"))
}

/// The port of the callback.
fn port(url: &str) -> u16 {
    let callback = parameter(url, "redirect_uri");
    let rest = callback.strip_prefix("http%3A%2F%2F127.0.0.1%3A").unwrap();
    rest.strip_suffix("%2Foauth%2Fcallback").unwrap().parse().unwrap()
}

/// The address that the browser would come back with.
fn answer(url: &str) -> String {
    // The page's own redirect, taken without following it.
    let page = crate::fake_aws::browser::get(url);
    let allow = page.body.split_once("<a id=\"allow\" href=\"").unwrap().1;
    let origin = &url[..url[7..].find('/').unwrap() + 7];
    get(&format!("{origin}{}", allow.split_once('"').unwrap().0)).location.unwrap()
}

#[test]
fn a_login_serves_every_profile_of_its_session() {
    let sandbox = sandbox();
    let mut terminal = sandbox.awsx_on_terminal(&["login", "sso", "corp"]);
    let url = opened(&sandbox);
    assert!(url.starts_with(&format!("{}/authorize?", sandbox.aws.url())), "{url}");
    assert_eq!(parameter(&url, "scopes"), "sso%3Aaccount%3Aaccess");
    let page = approve(&url);
    assert!(page.body.contains("Allowed"), "{page:?}");
    terminal.expect(&url).expect(DONE);
    terminal.ends().ok();
    assert_eq!(operations(&sandbox), ["RegisterClient", "Authorize", "Allow", "CreateToken"]);
    let environment = std::fs::read_to_string(sandbox.home().join("browser/environment")).unwrap();
    assert!(environment.contains("HOME=") && !environment.contains("PASSPHRASE"));

    for words in [
        &["exec", "sso", "--", "env"][..],
        &["credential-process", "sso"],
        &["env", "behind"],
        &["exec", "--sso", "corp", "--account", "222222222222", "--role", "Developer", "--", "env"],
    ] {
        sandbox.awsx(words).ok();
    }
    assert_eq!(sandbox.aws.count("GetRoleCredentials"), 1, "one session for all of them");

    let login = status(&sandbox);
    for (field, expected) in
        [("name", "corp"), ("url", "https://corp.awsapps.com/start"), ("region", "eu-west-1")]
    {
        assert_eq!(login[field], expected, "{login}");
    }
    assert_eq!(login["can_refresh"], true, "{login}");
    let who = sandbox.awsx(&["whoami", "sso", "--json"]).ok().json();
    let explained = sandbox.awsx(&["explain", "behind", "--json"]).ok().json();
    for told in [&who["login"], &explained["login"]] {
        assert_eq!(told, &login);
    }
    for words in [&["login", "status"][..], &["whoami", "sso"], &["explain", "sso"]] {
        let said = sandbox.awsx(words).ok().stdout;
        assert!(said.contains("renews itself while AWS allows it"), "{words:?}: {said}");
    }
    assert!(!is_shared(&sandbox), "nobody asked for that");
}

/// Each with a login of its own.
#[test]
fn a_profile_with_a_start_url_and_a_start_url_without_a_profile() {
    let sandbox = sandbox();
    let url = "https://corp.awsapps.com/start";
    let named = format!("logged in to {url}");
    log_in_with(&sandbox, &["login", "sso", "--profile", "old"]).says(&named);
    sandbox.awsx(&["exec", "old", "--", "true"]).ok();
    sandbox.awsx(&["exec", "sso", "--", "true"]).fails(4, &["nobody is logged in"]);
    assert_eq!(status(&sandbox)["name"], serde_json::Value::Null);

    let words = ["login", "sso", "--start-url", url, "--sso-region", "eu-west-1"];
    log_in_with(&sandbox, &words).says(&named);
    assert_eq!(status(&sandbox)["url"], url);
    // The profile of an `[sso-session]` means that.
    log_in_with(&sandbox, &["login", "sso", "-p", "behind"]).says(DONE);
    // The only session needs no name.
    log_in_with(&sandbox, &["login", "sso"]).says(DONE);
}

/// Whatever comes to the callback: only the answer of this login ends it.
#[test]
fn who_comes_to_the_callback_with_anything_else_is_refused_and_the_login_goes_on() {
    let sandbox = sandbox();
    let mut terminal = sandbox.awsx_on_terminal(&["login", "sso", "corp"]);
    let url = opened(&sandbox);
    let port = port(&url);
    assert!(TcpStream::connect(("127.0.0.2", port)).is_err(), "127.0.0.1 alone is listened on");
    let callback = format!("http://127.0.0.1:{port}");
    let state = parameter(&url, "state");
    for (docs, target, status) in [
        ("another path", format!("/?code=c&state={state}"), 404),
        ("the browser's own wish", "/favicon.ico".to_owned(), 404),
        ("no state", "/oauth/callback?code=c".to_owned(), 400),
        ("another state", "/oauth/callback?code=c&state=wrong".to_owned(), 400),
        (
            "a denial of another state",
            "/oauth/callback?error=access_denied&state=x".to_owned(),
            400,
        ),
        ("no code", format!("/oauth/callback?state={state}"), 400),
        ("two codes", format!("/oauth/callback?code=a&code=b&state={state}"), 400),
    ] {
        assert_eq!(get(&format!("{callback}{target}")).status, status, "{docs}");
    }
    assert_eq!(sandbox.aws.count("CreateToken"), 0);
    let page = approve(&url);
    assert_eq!(page.status, 200, "{page:?}");
    terminal.expect(DONE);
    terminal.ends().ok();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "the listener is gone");
}

/// The first answer is the one; who guessed the state has ended the login, and got nothing.
#[test]
fn a_code_that_aws_did_not_give_is_refused_by_aws() {
    let sandbox = sandbox();
    let mut terminal = sandbox.awsx_on_terminal(&["login", "sso", "corp"]);
    let url = opened(&sandbox);
    let target = format!("/oauth/callback?code=planted&state={}", parameter(&url, "state"));
    assert_eq!(get(&format!("http://127.0.0.1:{}{target}", port(&url))).status, 200);
    terminal.ends().fails(5, &["sso-oidc:CreateToken", "InvalidGrantException", "hint: "]);
    sandbox.awsx(&["exec", "sso", "--", "true"]).fails(4, &super::LOGIN_NEEDED);
}

#[test]
fn denied_on_the_page() {
    let sandbox = sandbox();
    let mut terminal = sandbox.awsx_on_terminal(&["login", "sso", "corp"]);
    let page = deny(&opened(&sandbox));
    assert!(page.status == 200 && page.body.contains("Not logged in"), "{page:?}");
    let words = [
        "error: sso-session \"corp\": the login was denied: access_denied",
        "hint: run `awsx login sso corp` again, and allow awsx",
    ];
    terminal.ends().fails(5, &words);
    assert_eq!(sandbox.aws.count("CreateToken"), 0);
    let none = sandbox.awsx(&["login", "status"]).ok().says("nobody is logged in");
    assert_eq!(none.stdout, "");
}

#[test]
fn ctrl_c_while_the_browser_is_waited_for() {
    for (docs, words) in
        [("opened", &["login", "sso", "corp"][..]), ("not", &["login", "sso", "--no-browser"])]
    {
        let sandbox = sandbox();
        let mut terminal = sandbox.awsx_on_terminal(words);
        terminal.expect("Paste the address here");
        if docs == "opened" {
            opened(&sandbox);
        }
        let ran = terminal.type_text(CTRL_C).ends();
        assert_eq!(ran.code, 130, "{docs}: {ran:?}");
        assert!(!ran.stderr.contains("panicked"), "{docs}: {ran:?}");
        // Nothing of it is in the way of the next.
        log_in(&sandbox);
    }
}

/// The terminal and the address that it shows; no browser is opened.
fn shown<'a>(sandbox: &'a Sandbox, words: &[&str]) -> (Terminal<'a>, String) {
    let mut terminal = sandbox.awsx_on_terminal(words);
    terminal.expect("to log in to sso-session \"corp\", open\r\n");
    let url = terminal.next_line();
    terminal.expect("Paste the address here");
    (terminal, url)
}

#[test]
fn the_address_is_pasted_where_the_browser_cannot_come_back() {
    let words = ["login", "sso", "corp", "--no-browser"];
    type Typed = fn(&str) -> String;
    let whole: Typed = |url| url.to_owned();
    let query: Typed = |url| url.split_once('?').unwrap().1.to_owned();
    for (docs, typed) in [("all of it", whole), ("its query", query)] {
        let sandbox = sandbox();
        // A browser could be opened; nobody wants one.
        let (mut terminal, url) = shown(&sandbox, &words);
        let right = answer(&url);
        for (wrong, why) in [
            ("http://127.0.0.1:1/oauth/callback?code=c&state=wrong", "its `state` is not that"),
            ("ls -l", "it has no `state`"),
            (&right[..right.len() - 10], "This is not the address"),
            (&url, "it has no `code`"),
        ] {
            terminal.type_line(wrong).expect(why).expect("Paste the address here");
        }
        assert!(!terminal.echoes(), "{docs}: it holds a code");
        terminal.type_line(&typed(&right)).expect(DONE);
        let ran = terminal.ends().ok();
        let code = parameter(&right, "code");
        assert!(!ran.stdout.contains(code), "{docs}: {ran:?}");
        assert!(super::unseen(&sandbox).is_empty(), "{docs}");
    }
}

/// The browser of this machine may come back all the same, and a denial can be pasted.
#[test]
fn without_a_browser_of_awsx_any_answer_counts() {
    let sandbox = sandbox();
    let (mut terminal, url) = shown(&sandbox, &["login", "sso", "corp", "--no-browser"]);
    assert!(approve(&url).body.contains("Allowed"));
    terminal.expect(DONE);
    terminal.ends().ok();
    let (mut terminal, url) = shown(&sandbox, &["login", "sso", "corp", "--no-browser"]);
    let denial = format!("error=access_denied&state={}", parameter(&url, "state"));
    terminal.type_line(&denial).ends().fails(5, &["the login was denied: access_denied"]);
    // The login before is what it was.
    sandbox.awsx(&["exec", "sso", "--", "true"]).ok();
}

#[test]
fn the_port_is_the_one_that_is_asked_for() {
    let sandbox = sandbox();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let free = listener.local_addr().unwrap().port();
    let words = ["login", "sso", "corp", "--port", &free.to_string()];
    let problem = format!("127.0.0.1:{free} cannot be listened on");
    let hint = "hint: free the port, leave --port out, or run `awsx login sso corp --device-code`";
    sandbox.awsx_on_terminal(&words).ends().fails(1, &["sso-session \"corp\"", &problem, hint]);
    assert!(sandbox.aws.calls().is_empty() && super::unseen(&sandbox).is_empty());
    drop(listener);
    let mut terminal = sandbox.awsx_on_terminal(&words);
    let url = opened(&sandbox);
    assert_eq!(port(&url), free);
    approve(&url);
    terminal.expect(DONE);
    terminal.ends().ok();
}

/// It is said, and the address is there to be opened by hand.
#[test]
fn a_browser_that_does_not_open() {
    for (docs, browser, why) in [
        ("not there", "/no/such/browser", "it is not found"),
        ("fails", "false", "it failed with exit status: 1"),
        ("unbalanced", "'open", "AWSX_BROWSER did not open the browser"),
    ] {
        let sandbox = sandbox();
        sandbox.set("AWSX_BROWSER", browser);
        let mut terminal = sandbox.awsx_on_terminal(&["login", "sso", "corp"]);
        terminal.expect("if none opens, open\r\n");
        let url = terminal.next_line();
        terminal.expect(why);
        assert!(approve(&url).body.contains("Allowed"), "{docs}");
        terminal.expect(DONE);
        terminal.ends().ok();
    }
}

/// One login between them, and one answer for both.
#[test]
fn two_that_log_in_at_once() {
    let sandbox = sandbox();
    let words = ["login", "sso", "corp"];
    let mut first = sandbox.awsx_on_terminal(&words);
    first.expect("Paste the address here");
    let mut second = sandbox.awsx_on_terminal(&words);
    second.expect("waiting for another awsx that is logging in");
    allow(&sandbox);
    for terminal in [&mut first, &mut second] {
        terminal.expect(DONE);
        terminal.ends().ok();
    }
    assert_eq!(sandbox.aws.count("RegisterClient"), 1);
    // Later, it is a new login, also where the old one is good.
    log_in(&sandbox);
    assert_eq!(sandbox.aws.count("RegisterClient"), 2);
}
