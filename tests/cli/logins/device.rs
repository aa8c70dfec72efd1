//! With a code that the person compares in any browser.

use super::LOGIN;
use crate::fake_aws::browser::deny;
use crate::fake_aws::fault::Fault;
use crate::given::{LOGGED_IN, SetUp, allow_at, wait_for};
use crate::sandbox::Sandbox;
use crate::table::side_by_side;
use crate::terminal::{CTRL_C, Terminal};

const WORDS: [&str; 4] = ["login", "sso", "corp", "--device-code"];

/// A sandbox of somebody who came over SSH, where no browser is named.
fn far_away() -> Sandbox {
    let sandbox = Sandbox::not_logged_in();
    sandbox.unset("AWSX_BROWSER");
    sandbox.set("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22");
    sandbox
}

/// The code that the terminal shows, after the address.
fn user_code(terminal: &mut Terminal<'_>) -> String {
    terminal.expect("and confirm that it shows the code ").next_line()
}

/// The person confirms the code that the terminal shows, in any browser.
fn confirm(sandbox: &Sandbox, terminal: &mut Terminal<'_>) {
    let code = user_code(terminal);
    assert!(sandbox.aws.control(|state| state.oidc.approve(&code)));
}

#[test]
fn over_ssh_a_code_is_chosen() {
    let sandbox = far_away();
    let mut terminal = sandbox.awsx_on_terminal(&LOGIN);
    terminal.expect("this is an SSH session, so no browser can come back to awsx");
    let page = format!("{}/device?user_code=", sandbox.aws.url());
    terminal.expect("to log in to sso-session \"corp\", open").expect(&page);
    let code = user_code(&mut terminal);
    terminal.expect("waiting until you have; the code is good for 10 minutes (Ctrl-C cancels)");
    // In the browser of another machine.
    allow_at(&format!("{page}{code}"));
    terminal.expect(LOGGED_IN).end().ok();
    sandbox.exec("sso", &[]).ok();
    let mut terminal = sandbox.awsx_on_terminal(&["exec", "old", "--", "echo", "ran"]);
    terminal.expect("Log in to https://corp.awsapps.com/start with a device code? [Y/n]");
    terminal.type_line("").expect("this is an SSH session");
    confirm(&sandbox, &mut terminal);
    terminal.expect("ran").end().ok();
}

#[test]
fn a_page_that_does_not_know_the_code_is_told_it() {
    let sandbox = far_away();
    sandbox.aws.control(|state| state.oidc.complete_address = false);
    let mut terminal = sandbox.awsx_on_terminal(&WORDS);
    let code = terminal.expect("/device").expect("and enter the code ").next_line();
    assert!(sandbox.aws.control(|state| state.oidc.approve(&code)));
    terminal.expect(LOGGED_IN).end().ok();
}

#[test]
fn a_browser_opens_at_the_code() {
    for (flag, shown) in [("-v", true), ("--quiet", false)] {
        let sandbox = Sandbox::not_logged_in();
        let mut terminal = sandbox.awsx_on_terminal(&[&WORDS[..], &[flag]].concat());
        let code = user_code(&mut terminal);
        let url = sandbox.next_page();
        assert!(url.ends_with(&format!("/device?user_code={code}")), "{url}");
        allow_at(&url);
        let ran = terminal.end().ok();
        assert_eq!(ran.stdout.contains(LOGGED_IN), shown, "{flag}: {ran:?}");
        assert_eq!(sandbox.aws.operations()[0], "RegisterClient");
    }
}

#[test]
fn no_browser_opens_with_no_browser() {
    let sandbox = Sandbox::not_logged_in();
    let mut terminal = sandbox.awsx_on_terminal(&[&WORDS[..], &["--no-browser"]].concat());
    confirm(&sandbox, &mut terminal);
    terminal.expect(LOGGED_IN).end().ok();
    assert!(sandbox.open_pages().is_empty());
    assert_eq!(sandbox.aws.operations()[0], "RegisterClient");
}

#[test]
fn a_device_login_survives_faults_and_slow_downs() {
    let slow_down = Fault::refuse(400, "SlowDownException", "slower");
    let rows = [
        ("asked too often", slow_down, 1),
        ("connections are reset", Fault::Reset, 3),
        ("AWS is down", Fault::UNAVAILABLE, 3),
    ];
    side_by_side(&rows, |&(docs, fault, times)| {
        let sandbox = far_away();
        sandbox.aws.fail("CreateToken", fault, times);
        let mut terminal = sandbox.awsx_on_terminal(&WORDS);
        let code = user_code(&mut terminal);
        sandbox.wait_for_calls("CreateToken", times);
        assert!(sandbox.aws.control(|state| state.oidc.approve(&code)), "{docs}");
        terminal.expect(LOGGED_IN).end().ok();
        // A device that asks again before the new interval is told so again.
        let calls = sandbox.aws.calls();
        let asked = calls.iter().filter(|call| call.operation == "CreateToken");
        let slower = asked.filter(|call| call.outcome == "SlowDownException").count();
        assert!(slower <= 1, "{docs}: {calls:?}");
    });
}

#[test]
fn a_device_login_ends_without_a_login() {
    type Act = fn(&Sandbox, &mut Terminal<'_>, &str);
    let deny: Act = |sandbox, _, code| {
        let page = format!("{}/device?user_code={code}", sandbox.aws.url());
        assert_eq!(deny(&page).status, 200);
    };
    let nothing: Act = |_, _, _| ();
    let interrupt: Act = |_, terminal, _| {
        wait_for("the pause", || (!terminal.echoes()).then_some(()));
        terminal.type_text(CTRL_C);
    };
    let over = |sandbox: &Sandbox| sandbox.aws.control(|state| state.oidc.device_seconds = 2);
    let refuse = |code| {
        move |sandbox: &Sandbox| sandbox.aws.fail("CreateToken", Fault::refuse(400, code, "no"), 1)
    };
    let (expired, refused) = (refuse("ExpiredTokenException"), refuse("InvalidGrantException"));
    let again = "hint: run `awsx login sso corp` again";
    let rows: [(&str, SetUp<'_>, Act, i32, &[&str]); 5] = [
        ("denied", &|_| (), deny, 5, &["the login was denied: The person denied", again]),
        ("nobody comes", &over, nothing, 4, &["nobody confirmed the login in time", again]),
        ("AWS says it is over", &expired, nothing, 4, &["nobody confirmed the login in", again]),
        ("AWS refuses", &refused, nothing, 5, &["sso-oidc:CreateToken", "InvalidGrantException"]),
        ("Ctrl-C", &|_| (), interrupt, 130, &["the login was cancelled"]),
    ];
    side_by_side(&rows, |&(docs, set_up, act, code, words)| {
        let sandbox = far_away();
        set_up(&sandbox);
        let mut terminal = sandbox.awsx_on_terminal(&WORDS);
        let shown = user_code(&mut terminal);
        act(&sandbox, &mut terminal, &shown);
        terminal.end().fails(code, words);
        let none = sandbox.awsx(&["login", "status"]).ok();
        assert_eq!(none.stdout, "", "{docs}");
    });
}

/// Also with a code after one in the browser.
#[test]
fn the_last_login_counts() {
    let sandbox = Sandbox::not_logged_in();
    sandbox.log_in();
    sandbox.exec("sso", &[]).ok();
    let mut terminal = sandbox.awsx_on_terminal(&WORDS);
    confirm(&sandbox, &mut terminal);
    terminal.expect(LOGGED_IN).end().ok();
    super::status(&sandbox);
    sandbox.exec("sso", &["--refresh"]).ok();
}
