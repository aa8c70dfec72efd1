//! With a code that the person compares in any browser.

use super::{DONE, awaited, log_in, opened, operations, sandbox};
use crate::fake_aws::browser::{approve, deny};
use crate::fake_aws::fault::Fault;
use crate::sandbox::Sandbox;
use crate::table::side_by_side;
use crate::terminal::{CTRL_C, Terminal};

const WORDS: [&str; 4] = ["login", "sso", "corp", "--device-code"];

/// A sandbox of somebody who came over SSH, where no browser is named.
fn far_away() -> Sandbox {
    let sandbox = sandbox();
    sandbox.unset("AWSX_BROWSER");
    sandbox.set("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22");
    sandbox
}

/// The code that the terminal shows, after the address.
fn user_code(terminal: &mut Terminal<'_>) -> String {
    terminal.expect("and confirm that it shows the code ").next_line()
}

#[test]
fn over_ssh_it_is_chosen_and_said() {
    let sandbox = far_away();
    let mut terminal = sandbox.awsx_on_terminal(&["login", "sso", "corp"]);
    terminal.expect("this is an SSH session, so no browser can come back to awsx");
    let page = format!("{}/device?user_code=", sandbox.aws.url());
    terminal.expect("to log in to sso-session \"corp\", open").expect(&page);
    let code = user_code(&mut terminal);
    // In the browser of another machine.
    assert_eq!(approve(&format!("{page}{code}")).status, 200);
    terminal.expect(DONE);
    terminal.ends().ok();
    sandbox.awsx(&["exec", "sso", "--", "true"]).ok();
    let mut terminal = sandbox.awsx_on_terminal(&["exec", "old", "--", "echo", "ran"]);
    terminal.expect("needs a login: press Enter").type_line("").expect("this is an SSH session");
    let code = user_code(&mut terminal);
    assert!(sandbox.aws.control(|state| state.oidc.approve(&code)));
    terminal.expect("ran");
    terminal.ends().ok();
}

#[test]
fn where_a_browser_is_it_is_opened_at_the_code() {
    for (flag, shown) in [("-v", true), ("--quiet", false)] {
        let sandbox = sandbox();
        let mut terminal = sandbox.awsx_on_terminal(&[&WORDS[..], &[flag]].concat());
        let code = user_code(&mut terminal);
        let url = opened(&sandbox);
        assert!(url.ends_with(&format!("/device?user_code={code}")), "{url}");
        assert_eq!(approve(&url).status, 200);
        let ran = terminal.ends().ok();
        assert_eq!(ran.stdout.contains(DONE), shown, "{flag}: {ran:?}");
        let registered = sandbox.aws.calls().remove(0);
        assert_eq!(registered.operation, "RegisterClient");
    }
}

#[test]
fn no_browser_is_opened_where_none_is_wanted() {
    let sandbox = sandbox();
    let mut terminal = sandbox.awsx_on_terminal(&[&WORDS[..], &["--no-browser"]].concat());
    let code = user_code(&mut terminal);
    assert!(sandbox.aws.control(|state| state.oidc.approve(&code)));
    terminal.expect(DONE);
    terminal.ends().ok();
    assert!(super::unseen(&sandbox).is_empty());
    assert_eq!(operations(&sandbox).first().unwrap(), "RegisterClient");
}

#[test]
fn the_network_and_the_pace_are_no_reason_to_give_up() {
    let slow_down = Fault::Refuse { status: 400, code: "SlowDownException", message: "slower" };
    let rows = [
        ("asked too often", slow_down, 1),
        ("connections are reset", Fault::Reset, 3),
        ("AWS is down", Fault::UNAVAILABLE, 3),
    ];
    side_by_side(
        &rows,
        |row| row.0,
        |&(docs, fault, times)| {
            let sandbox = far_away();
            sandbox.aws.control(|state| state.fail("CreateToken", fault, times));
            let mut terminal = sandbox.awsx_on_terminal(&WORDS);
            let code = user_code(&mut terminal);
            awaited(docs, || (sandbox.aws.count("CreateToken") >= times).then_some(()));
            assert!(sandbox.aws.control(|state| state.oidc.approve(&code)), "{docs}");
            terminal.expect(DONE);
            terminal.ends().ok();
            // A device that asks again before the new interval is told so again.
            let calls = sandbox.aws.calls();
            let asked = calls.iter().filter(|call| call.operation == "CreateToken");
            let slower = asked.filter(|call| call.outcome == "SlowDownException").count();
            assert!(slower <= 1, "{docs}: {calls:?}");
        },
    );
}

#[test]
fn what_ends_it_without_a_login() {
    type Ends<'a> = &'a (dyn Fn(&Sandbox, &mut Terminal<'_>, &str) + Sync);
    let denied: Ends<'_> = &|sandbox, _, code| {
        let page = format!("{}/device?user_code={code}", sandbox.aws.url());
        assert_eq!(deny(&page).status, 200);
    };
    let nothing: Ends<'_> = &|_, _, _| ();
    let interrupted: Ends<'_> = &|_, terminal, _| {
        terminal.type_text(CTRL_C);
    };
    let over = |sandbox: &Sandbox| sandbox.aws.control(|state| state.oidc.device_seconds = 2);
    let expired = |sandbox: &Sandbox| {
        let fault = Fault::Refuse { status: 400, code: "ExpiredTokenException", message: "over" };
        sandbox.aws.control(|state| state.fail("CreateToken", fault, 1));
    };
    let refused = |sandbox: &Sandbox| {
        let fault = Fault::Refuse { status: 400, code: "InvalidGrantException", message: "no" };
        sandbox.aws.control(|state| state.fail("CreateToken", fault, 1));
    };
    type SetUp<'a> = &'a (dyn Fn(&Sandbox) + Sync);
    let again = "hint: run `awsx login sso corp` again";
    let rows: [(&str, SetUp<'_>, Ends<'_>, i32, &[&str]); 5] = [
        ("denied", &|_| (), denied, 5, &["the login was denied: The person denied", again]),
        ("nobody comes", &over, nothing, 4, &["nobody confirmed the login in time", again]),
        ("AWS says it is over", &expired, nothing, 4, &["nobody confirmed the login in", again]),
        ("AWS refuses", &refused, nothing, 5, &["sso-oidc:CreateToken", "InvalidGrantException"]),
        ("Ctrl-C", &|_| (), interrupted, 130, &[]),
    ];
    side_by_side(
        &rows,
        |row| row.0,
        |&(docs, set_up, ends, code, words)| {
            let sandbox = far_away();
            set_up(&sandbox);
            let mut terminal = sandbox.awsx_on_terminal(&WORDS);
            let shown = user_code(&mut terminal);
            ends(&sandbox, &mut terminal, &shown);
            terminal.ends().fails(code, words);
            let none = sandbox.awsx(&["login", "status"]).ok();
            assert_eq!(none.stdout, "", "{docs}");
        },
    );
}

/// A login in the browser after one with a code, and the other way round: the last one counts.
#[test]
fn both_ways_lead_to_the_same_login() {
    let sandbox = sandbox();
    log_in(&sandbox);
    sandbox.awsx(&["exec", "sso", "--", "true"]).ok();
    let mut terminal = sandbox.awsx_on_terminal(&WORDS);
    let code = user_code(&mut terminal);
    assert!(sandbox.aws.control(|state| state.oidc.approve(&code)));
    terminal.expect(DONE);
    terminal.ends().ok();
    super::status(&sandbox);
    sandbox.awsx(&["exec", "sso", "--refresh", "--", "true"]).ok();
}
