//! In the browser that comes back to awsx.

use std::net::{TcpListener, TcpStream};

use serde_json::json;

use super::{LOGIN, is_shared, status};
use crate::fake_aws::browser::{Browser, approve, deny, get, open};
use crate::given::{LOGGED_IN, wait_for_free};
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
    let page = get(url);
    let allow = page.body.split_once("<a id=\"allow\" href=\"").unwrap().1;
    let origin = &url[..url[7..].find('/').unwrap() + 7];
    get(&format!("{origin}{}", allow.split_once('"').unwrap().0)).location.unwrap()
}

/// A login that waits for the browser, and AWS's address to which this was led.
fn start_in_browser(sandbox: &Sandbox) -> (Terminal<'_>, Browser, String) {
    let terminal = sandbox.awsx_on_terminal(&LOGIN);
    let mut browser = Browser::default();
    let url = browser.open(&sandbox.next_page()).url;
    (terminal, browser, url)
}

/// A login, and the addresses that it shows, awsx's own and AWS's; no browser is opened.
fn start_without_browser(sandbox: &Sandbox) -> (Terminal<'_>, [String; 2]) {
    // A browser could be opened; nobody wants one.
    let mut terminal = sandbox.awsx_on_terminal(&["login", "sso", "corp", "--no-browser"]);
    terminal.expect("to log in to sso-session \"corp\", open\r\n");
    let own = terminal.next_line();
    terminal.expect("or, where that does not reach this machine,\r\n");
    let url = terminal.next_line();
    terminal.expect("Paste the address that it ended at, http://127.0.0.1:");
    (terminal, [own, url])
}

#[test]
fn a_login_serves_every_profile_of_its_session() {
    let sandbox = Sandbox::not_logged_in();
    let mut terminal = sandbox.awsx_on_terminal(&LOGIN);
    let page = approve(&sandbox.next_page());
    assert!(page.body.contains("Allowed"), "{page:?}");
    terminal.expect(LOGGED_IN).end().ok();
    assert_eq!(sandbox.aws.operations(), ["RegisterClient", "Authorize", "Allow", "CreateToken"]);
    let environment = sandbox.read("browser/environment");
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

    let mut login = status(&sandbox);
    assert_eq!(login.as_object_mut().unwrap().remove("lost"), Some(json!(false)));
    let facts = ["name", "url", "region", "can_refresh"].map(|field| &login[field]);
    let url = "https://corp.awsapps.com/start";
    assert_eq!(json!(facts), json!(["corp", url, "eu-west-1", true]), "{login}");
    let who = sandbox.whoami("sso");
    let explained = sandbox.awsx(&["explain", "behind", "--json"]).ok().json();
    assert_eq!((&who["login"], &explained["login"]), (&login, &login));
    for (words, name) in
        [("login status", "corp  "), ("whoami sso", "corp, "), ("explain sso", "corp, ")]
    {
        let words: Vec<_> = words.split(' ').collect();
        let login = format!("{name}logged in just now, renews itself\n");
        // An organization's session ends long before the client's registration does.
        sandbox.awsx(&words).ok().prints(&login).prints_no(" days");
    }
    let ran = sandbox.awsx(&["login", "status", "-v"]).ok();
    ran.prints("  access token  ").prints("  registration  ").prints("(in 90 days)");
    for key in ["logged_in_at", "refreshed_at", "expires_at", "registration_expires_at"] {
        let at = login[key].as_str().unwrap();
        assert_eq!(at.len(), "2026-01-31T12:00:00Z".len(), "whole seconds: {key} {at}");
    }
    assert!(!is_shared(&sandbox), "nobody asked for that");
}

/// A profile's, and one without a profile.
#[test]
fn a_start_url_has_a_login_of_its_own() {
    let sandbox = Sandbox::not_logged_in();
    let url = "https://corp.awsapps.com/start";
    let named = format!("logged in to {url}");
    sandbox.log_in_with(&["login", "sso", "--profile", "old"]).says(&named);
    sandbox.exec("old", &[]).ok();
    sandbox.exec("sso", &[]).fails(4, &["nobody is logged in"]);
    assert_eq!(status(&sandbox)["name"], serde_json::Value::Null);

    let words = ["login", "sso", "--start-url", url, "--sso-region", "eu-west-1"];
    sandbox.log_in_with(&words).says(&named);
    assert_eq!(status(&sandbox)["url"], url);
    // The profile of an `[sso-session]` means that.
    sandbox.log_in_with(&["login", "sso", "-p", "behind"]).says(LOGGED_IN);
    // The only session needs no name.
    sandbox.log_in_with(&["login", "sso"]).says(LOGGED_IN);
}

#[test]
fn the_callback_refuses_everything_but_the_answer_to_this_login() {
    let sandbox = Sandbox::not_logged_in();
    let (mut terminal, mut browser, url) = start_in_browser(&sandbox);
    assert!(url.starts_with(&format!("{}/authorize?", sandbox.aws.url())), "{url}");
    assert_eq!(parameter(&url, "scopes"), "sso%3Aaccount%3Aaccess");
    let port = port(&url);
    assert!(TcpStream::connect(("127.0.0.2", port)).is_err(), "127.0.0.1 alone is listened on");
    let callback = format!("http://127.0.0.1:{port}");
    let state = parameter(&url, "state");
    for (docs, target, status) in [
        ("another path", format!("/?code=c&state={state}"), 404),
        ("the browser's own wish", "/favicon.ico".to_owned(), 404),
        ("no state", "/oauth/callback?code=c".to_owned(), 400),
        ("another state", "/oauth/callback?code=c&state=wrong".to_owned(), 400),
        ("another's denial", "/oauth/callback?error=access_denied&state=x".to_owned(), 400),
        ("no code", format!("/oauth/callback?state={state}"), 400),
        ("two codes", format!("/oauth/callback?code=a&code=b&state={state}"), 400),
    ] {
        assert_eq!(browser.get(&format!("{callback}{target}")).status, status, "{docs}");
    }
    // Another browser, which was not led to AWS by awsx.
    let page = approve(&url);
    assert!(page.status == 403 && page.body.contains("Not taken from this browser"), "{page:?}");
    assert_eq!(sandbox.aws.count("CreateToken"), 0);
    assert_eq!(browser.choose(&url, "allow").status, 200);
    terminal.expect(LOGGED_IN).end().ok();
    wait_for_free(port);
}

/// The address that the browser gets is in an argument list: whoever reads it may be first, or second.
#[test]
fn somebody_elses_browser_logs_nobody_in() {
    for (words, command) in [
        (&LOGIN[..], "awsx login sso corp"),
        (&["login", "aws", "mine", "--region", "eu-west-1"], "awsx login aws mine"),
    ] {
        let sandbox = Sandbox::not_logged_in();
        let mut terminal = sandbox.awsx_on_terminal(words);
        let opened = sandbox.next_page();
        assert!(opened.starts_with("http://127.0.0.1:") && !opened.contains('?'), "{opened}");
        let mallory = open(&opened);
        assert!(mallory.body.contains("Allow access?"), "{mallory:?}");
        let page = get(&opened);
        assert!(page.status == 410 && page.body.contains("Opened twice"), "{page:?}");
        let hint = format!("hint: run `{command} --no-browser`, and open what it shows");
        terminal.end().fails(5, &["two browsers opened the address", &hint]);
        sandbox.awsx(&["login", "status"]).ok().says("nobody is logged in");
    }
}

/// The first answer is the one; the person's own browser was led astray, and nobody got anything.
#[test]
fn a_code_that_aws_did_not_give_is_refused_by_aws() {
    let sandbox = Sandbox::not_logged_in();
    let (mut terminal, mut browser, url) = start_in_browser(&sandbox);
    let target = format!("/oauth/callback?code=planted&state={}", parameter(&url, "state"));
    assert_eq!(browser.get(&format!("http://127.0.0.1:{}{target}", port(&url))).status, 200);
    terminal.end().fails(5, &["sso-oidc:CreateToken", "InvalidGrantException", "hint: "]);
    sandbox.exec("sso", &[]).fails(4, &super::LOGIN_NEEDED);
}

#[test]
fn a_denial_on_the_page_ends_the_login() {
    let sandbox = Sandbox::not_logged_in();
    let mut terminal = sandbox.awsx_on_terminal(&LOGIN);
    let page = deny(&sandbox.next_page());
    assert!(page.status == 200 && page.body.contains("Not logged in"), "{page:?}");
    let words = [
        "error: sso-session \"corp\": the login was denied: access_denied",
        "hint: run `awsx login sso corp` again, and allow awsx",
    ];
    terminal.end().fails(5, &words);
    assert_eq!(sandbox.aws.count("CreateToken"), 0);
    let none = sandbox.awsx(&["login", "status"]).ok();
    assert_eq!(none.stdout, "");
    none.stderr_is(&["awsx: nobody is logged in; `awsx login sso` logs in"]);
}

#[test]
fn ctrl_c_ends_the_wait_for_the_browser() {
    for (docs, words) in [("opened", &LOGIN[..]), ("not", &["login", "sso", "--no-browser"])] {
        let sandbox = Sandbox::not_logged_in();
        let mut terminal = sandbox.awsx_on_terminal(words);
        terminal.expect(if docs == "opened" { "Waiting for the browser" } else { "Paste the" });
        if docs == "opened" {
            sandbox.next_page();
        }
        terminal.type_text(CTRL_C).end().exits(130).says_no("panicked");
        // Nothing of it is in the way of the next.
        sandbox.log_in();
    }
}

#[test]
fn the_address_can_be_pasted() {
    type Typed = fn(&str) -> String;
    let whole: Typed = |url| url.to_owned();
    let query: Typed = |url| url.split_once('?').unwrap().1.to_owned();
    for (docs, typed) in [("all of it", whole), ("its query", query)] {
        let sandbox = Sandbox::not_logged_in();
        let (mut terminal, [_, url]) = start_without_browser(&sandbox);
        let right = answer(&url);
        for (wrong, why) in [
            ("http://127.0.0.1:1/oauth/callback?code=c&state=wrong", "its `state` is not that"),
            ("ls -l", "it has no `state`"),
            (&right[..right.len() - 10], "This is not the address"),
            (&url, "it has no `code`"),
        ] {
            terminal.type_line(wrong).expect(why).expect("Paste the address");
        }
        assert!(!terminal.echoes(), "{docs}: it holds a code");
        let ran = terminal.type_line(&typed(&right)).expect(LOGGED_IN).end().ok();
        ran.prints_no(parameter(&right, "code"));
        assert!(sandbox.open_pages().is_empty(), "{docs}");
    }
}

/// The browser of this machine may come back all the same, and a denial can be pasted.
#[test]
fn without_a_browser_of_awsx_any_answer_counts() {
    let sandbox = Sandbox::not_logged_in();
    let (mut terminal, [own, _]) = start_without_browser(&sandbox);
    assert!(approve(&own).body.contains("Allowed"));
    terminal.expect(LOGGED_IN).end().ok();
    // AWS's own address leads back too, to a page whose address is to be pasted.
    let (mut terminal, [_, url]) = start_without_browser(&sandbox);
    let page = approve(&url);
    assert!(page.body.contains("paste it into the terminal"), "{page:?}");
    terminal.type_line(&page.url).expect(LOGGED_IN).end().ok();
    let (mut terminal, [_, url]) = start_without_browser(&sandbox);
    let denial = format!("error=access_denied&state={}", parameter(&url, "state"));
    terminal.type_line(&denial).end().fails(5, &["the login was denied: access_denied"]);
    // The login before is what it was.
    sandbox.exec("sso", &[]).ok();
}

#[test]
fn the_callback_has_the_port_that_is_asked_for() {
    let sandbox = Sandbox::not_logged_in();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let free = listener.local_addr().unwrap().port();
    let words = ["login", "sso", "corp", "--redirect-port", &free.to_string()];
    let problem = format!("127.0.0.1:{free} cannot be listened on");
    let hint = "hint: free the port, leave --port out, or run `awsx login sso corp --device-code`";
    sandbox.awsx_on_terminal(&words).end().fails(1, &["sso-session \"corp\"", &problem, hint]);
    assert!(sandbox.aws.calls().is_empty() && sandbox.open_pages().is_empty());
    drop(listener);
    let mut terminal = sandbox.awsx_on_terminal(&words);
    let url = sandbox.next_page();
    assert!(url.starts_with(&format!("http://127.0.0.1:{free}/")), "{url}");
    approve(&url);
    terminal.expect(LOGGED_IN).end().ok();
}

/// The address is there to be opened by hand.
#[test]
fn a_browser_that_does_not_open_is_named() {
    for (browser, why) in [
        ("/no/such/browser", "it is not found"),
        ("false", "it failed with exit status: 1"),
        ("'open", "AWSX_BROWSER did not open the browser"),
    ] {
        let sandbox = Sandbox::not_logged_in();
        sandbox.set("AWSX_BROWSER", browser);
        let mut terminal = sandbox.awsx_on_terminal(&LOGIN);
        terminal.expect("if none opens, open\r\n");
        let url = terminal.next_line();
        terminal.expect(why);
        assert!(approve(&url).body.contains("Allowed"), "{browser}");
        terminal.expect(LOGGED_IN).end().ok();
    }
}

/// AWS counts the time of a login from when the person signed in at the portal.
#[test]
fn a_fresh_login_signs_out_first() {
    let sandbox = Sandbox::not_logged_in();
    sandbox.log_in_with(&["login", "sso", "corp", "--share"]);
    sandbox.aws.new_operations();
    sandbox.awsx(&["login", "sso", "corp", "--fresh"]).fails(4, &["a person must log in"]);
    assert_eq!(sandbox.aws.new_operations(), [""; 0], "nobody is there to log in again");
    sandbox.log_in_with(&["login", "sso", "corp", "--fresh"]).says(LOGGED_IN);
    assert_eq!(sandbox.aws.new_operations()[..2], ["Logout", "RegisterClient"]);
    assert!(is_shared(&sandbox), "it goes on being shared");
}

#[test]
fn two_logins_at_once_are_one() {
    let sandbox = Sandbox::not_logged_in();
    let mut first = sandbox.awsx_on_terminal(&LOGIN);
    first.expect("Waiting for the browser");
    let mut second = sandbox.awsx_on_terminal(&LOGIN);
    second.expect(", which asks for a login");
    sandbox.allow();
    for terminal in [&mut first, &mut second] {
        terminal.expect(LOGGED_IN).end().ok();
    }
    assert_eq!(sandbox.aws.count("RegisterClient"), 1);
    // Later, it is a new login, also where the old one is good.
    sandbox.log_in();
    assert_eq!(sandbox.aws.count("RegisterClient"), 2);
}
