//! Commands that need a login: who is asked, and who is told what to run.

use chrono::TimeDelta;

use super::{LOGIN, LOGIN_NEEDED, log_in_for};
use crate::fake_aws::fault::Fault;
use crate::fake_aws::portal::AccessToken;
use crate::fake_aws::sample;
use crate::given::SETTINGS;
use crate::sandbox::Sandbox;
use crate::terminal::CTRL_C;

const RUN: [&str; 5] = ["exec", "sso", "--", "echo", "ran"];
const WAITS: &str = ", which asks for a login; Ctrl-C stops waiting";
const QUESTION: &str = "Log in to corp in the browser? [Y/n]";

#[test]
fn a_command_at_a_terminal_offers_the_login_and_runs() {
    for (line, shown) in [
        ("awsx exec sso -- sh -c 'echo got $AWSX_PROFILE'", "got sso"),
        (r#"eval "$(awsx env behind)"; echo got $AWSX_PROFILE"#, "got behind"),
        ("awsx whoami sso", "AWSReservedSSO_Developer"),
        ("awsx whoami sso --json >out 2>err; cat out", "\"222222222222\""),
        ("awsx exec --sso corp --account 222222222222 --role Developer -- echo ran", "ran"),
    ] {
        let sandbox = Sandbox::not_logged_in();
        let mut terminal = sandbox.sh_on_terminal(line);
        terminal.expect(QUESTION);
        assert!(sandbox.open_pages().is_empty() && sandbox.aws.calls().is_empty(), "{line}");
        terminal.type_line("");
        sandbox.allow();
        let ran = terminal.end().ok().says(shown);
        assert_eq!(sandbox.aws.count("RegisterClient"), 1, "{ran:?}");
        // The next one asks nobody.
        sandbox.exec("sso", &["--refresh"]).ok();
    }
}

#[test]
fn where_nobody_may_be_asked_the_command_to_run_is_named() {
    for line in [
        "awsx exec --no-input sso -- touch ran",
        "AWSX_NO_INPUT=1 awsx exec sso -- touch ran",
        "setsid -w $AWSX exec sso -- touch ran",
        "awsx credential-process sso",
        "awsx credential-process behind </dev/null",
    ] {
        let sandbox = Sandbox::not_logged_in();
        let ran = sandbox.sh_on_terminal(line).end();
        ran.fails(4, &LOGIN_NEEDED).says("nobody is logged in");
        assert!(sandbox.aws.calls().is_empty() && sandbox.open_pages().is_empty(), "{line}");
        assert!(!sandbox.home().join("ran").exists(), "{line}");
    }
    let sandbox = Sandbox::not_logged_in();
    let error = "error: sso-session \"corp\": a person must log in, and nobody can be asked: ";
    let hint = "hint: run `awsx login sso corp` in a terminal";
    let no_terminal = format!("{error}there is no terminal");
    sandbox.awsx(&LOGIN).exits(4).stderr_is(&[&no_terminal, hint]);
    let ran = sandbox.awsx_on_terminal(&[&LOGIN[..], &["--no-input"]].concat()).end().exits(4);
    ran.stderr_is(&[&format!("{error}--no-input was given"), hint]);
    assert!(sandbox.aws.calls().is_empty());
    // Nothing is asked, and nothing opened, to look.
    for words in [&["explain", "sso"][..], &["profiles"], &["login", "status"]] {
        sandbox.awsx_on_terminal(words).end().ok();
    }
    assert!(sandbox.aws.calls().is_empty());
}

#[test]
fn who_does_not_want_to_log_in_is_told_what_to_run() {
    let sandbox = Sandbox::not_logged_in();
    let mut terminal = sandbox.awsx_on_terminal(&["exec", "sso", "--", "touch", "ran"]);
    terminal.expect(QUESTION).type_text(CTRL_C).end().exits(130);
    let mut terminal = sandbox.awsx_on_terminal(&["exec", "sso", "--", "touch", "ran"]);
    terminal.expect(QUESTION).type_line("maybe").expect("Answer y or n.").expect(QUESTION);
    terminal.type_line("no").end().fails(4, &LOGIN_NEEDED);
    assert!(sandbox.aws.calls().is_empty() && sandbox.open_pages().is_empty());
    assert!(!sandbox.home().join("ran").exists());
}

#[test]
fn three_commands_at_three_terminals_share_one_login() {
    let sandbox = Sandbox::not_logged_in();
    let mut first = sandbox.awsx_on_terminal(&RUN);
    first.expect(QUESTION);
    let mut others = [0; 2].map(|_| sandbox.awsx_on_terminal(&RUN));
    for other in &mut others {
        other.expect("waiting for awsx in pts/").expect(" (pid ").expect(WAITS);
    }
    first.type_line("");
    sandbox.allow();
    for terminal in [&mut first].into_iter().chain(&mut others) {
        terminal.expect("ran").end().ok().says_no("error");
    }
    for call in ["RegisterClient", "CreateToken", "GetRoleCredentials"] {
        assert_eq!(sandbox.aws.count(call), 1, "{call}");
    }
}

/// The first gives up; the next of those who wait is asked.
#[test]
fn the_next_one_is_asked_when_the_first_gives_up() {
    let sandbox = Sandbox::not_logged_in();
    let mut first = sandbox.awsx_on_terminal(&RUN);
    first.expect(QUESTION);
    let mut second = sandbox.awsx_on_terminal(&RUN);
    second.expect(WAITS);
    first.type_text(CTRL_C).end().exits(130);
    second.expect(QUESTION).type_line("");
    sandbox.allow();
    second.expect("ran").end().ok();
}

/// Whatever AWS or the AWS CLI's file say: a login helps, and is offered.
#[test]
fn a_login_that_is_over_is_offered_anew() {
    const OLD_TOKEN: &str = "planted-access-token-of-the-aws-cli";
    type LogIn = fn(&Sandbox, i64);
    let with_awsx: LogIn = |sandbox, seconds| log_in_for(sandbox, seconds, &LOGIN);
    let with_the_aws_cli: LogIn = |sandbox, seconds| {
        let expires_at = sandbox.aws.now() + TimeDelta::seconds(seconds);
        let (token, user) = (OLD_TOKEN.into(), sample::SSO_USER.into());
        let token = AccessToken { token, user, expires_at };
        sandbox.aws.control(|state| state.portal.tokens.push(token));
        sandbox.leave_token(|text| text);
    };
    for (docs, log_in, seconds) in [
        ("ended at AWS", with_awsx, 8 * 3600),
        ("over, and not to be refreshed", with_awsx, 30),
        ("the AWS CLI's, over", with_the_aws_cli, -60),
        ("the AWS CLI's, which AWS does not take", with_the_aws_cli, 3600),
    ] {
        let sandbox = Sandbox::not_logged_in();
        sandbox.plant(OLD_TOKEN);
        log_in(&sandbox, seconds);
        sandbox.aws.control(|state| state.end_logins());
        sandbox.aws.forget_calls();
        let mut terminal = sandbox.awsx_on_terminal(&RUN);
        terminal.expect(QUESTION).type_line("");
        sandbox.allow();
        terminal.expect("ran").end().ok();
        assert_eq!(
            sandbox.aws.count("RegisterClient"),
            1,
            "{docs}: {:?}",
            sandbox.aws.operations()
        );
    }
}

/// A login through other endpoints than the profile's is not the profile's.
#[test]
fn a_profile_with_endpoints_of_its_own_needs_its_own_login() {
    let sandbox = Sandbox::not_logged_in();
    sandbox.endpoints_of_its_own();
    let hint = ["hint: run `awsx login sso --profile sso`"];
    sandbox.awsx(&["credential-process", "sso"]).fails(4, &hint);
    sandbox.log_in_with(&["login", "sso", "--profile", "sso"]);
    sandbox.awsx(&["credential-process", "sso"]).ok();
}

/// Who wants to decide alone when a browser opens says so, for all sessions or for one.
#[test]
fn auto_login_can_be_turned_off() {
    for (docs, settings, asks) in [
        ("for all", "auto_login = false", false),
        ("for this one", "[sso.corp]\nauto_login = false", false),
        ("for another", "[sso.other]\nauto_login = false", true),
        ("for all but this", "auto_login = false\n[sso.corp]\nauto_login = true", true),
    ] {
        let sandbox = Sandbox::not_logged_in();
        sandbox.write(SETTINGS, settings);
        for words in
            [&["exec", "sso", "--", "true"][..], &["env", "sso", "--format=sh"], &["whoami", "sso"]]
        {
            let mut terminal = sandbox.awsx_on_terminal(words);
            match asks {
                true => terminal.expect(QUESTION).type_text(CTRL_C).end().exits(130),
                false => terminal.end().fails(4, &LOGIN_NEEDED),
            };
        }
        assert!(sandbox.aws.calls().is_empty(), "{docs}");
        // `awsx login sso` is a person's own word.
        sandbox.log_in();
    }
}

#[test]
fn no_login_is_offered_where_it_does_not_help() {
    let sandbox = Sandbox::not_logged_in();
    sandbox.log_in();
    sandbox.aws.fail("GetRoleCredentials", Fault::INTERNAL, 3);
    let ran = sandbox.exec_on_terminal("sso", &[]).end();
    ran.fails(6, &["sso:GetRoleCredentials"]);
    let ran = sandbox.exec_on_terminal("foreign", &[]).end();
    ran.fails(5, &["ForbiddenException"]);
    assert_eq!(sandbox.aws.count("RegisterClient"), 1);
}
