//! Commands that need a login: who is asked, and who is told what to run.

use super::{LOGIN_NEEDED, allow, furnish, log_in_shortly, operations, sandbox, unseen};
use crate::fake_aws::fault::Fault;
use crate::sandbox::Sandbox;
use crate::terminal::CTRL_C;

const QUESTION: &str = "sso-session \"corp\" needs a login: press Enter to log in (Ctrl-C cancels)";

#[test]
fn a_person_at_a_terminal_logs_in_and_the_command_runs() {
    for (docs, line, shown) in [
        ("exec", "awsx exec sso -- sh -c 'echo got $AWSX_PROFILE'", "got sso"),
        ("env", r#"eval "$(awsx env behind)"; echo got $AWSX_PROFILE"#, "got behind"),
        ("whoami", "awsx whoami sso", "AWSReservedSSO_Developer"),
        ("whoami into a file", "awsx whoami sso --json >out 2>err; cat out", "\"222222222222\""),
        (
            "without a profile",
            "awsx exec --sso corp --account 222222222222 --role Developer -- echo ran",
            "ran",
        ),
    ] {
        let sandbox = sandbox();
        let mut terminal = sandbox.sh_on_terminal(line);
        terminal.expect(QUESTION);
        assert!(unseen(&sandbox).is_empty() && sandbox.aws.calls().is_empty(), "{docs}");
        terminal.type_line("");
        allow(&sandbox);
        let ran = terminal.expect(shown).ends().ok();
        assert_eq!(sandbox.aws.count("RegisterClient"), 1, "{docs}: {ran:?}");
        // The next one asks nobody.
        sandbox.awsx(&["exec", "sso", "--refresh", "--", "true"]).ok();
    }
}

#[test]
fn where_nobody_may_be_asked_it_is_said_what_to_run() {
    for (docs, line) in [
        ("a flag", "awsx exec --no-input sso -- touch ran"),
        ("a variable", "AWSX_NO_INPUT=1 awsx exec sso -- touch ran"),
        ("no terminal", "setsid -w $AWSX exec sso -- touch ran"),
        ("a program asks", "awsx credential-process sso"),
        ("and nobody reads", "awsx credential-process behind </dev/null"),
    ] {
        let sandbox = sandbox();
        let ran = sandbox.sh_on_terminal(line).ends();
        ran.fails(4, &LOGIN_NEEDED).fails(4, &["nobody is logged in"]);
        assert!(sandbox.aws.calls().is_empty() && unseen(&sandbox).is_empty(), "{docs}");
        assert!(!sandbox.home().join("ran").exists(), "{docs}");
    }
    let sandbox = sandbox();
    let login = ["login", "sso", "corp"];
    let words =
        ["sso-session \"corp\": a person must log in", "hint: run `awsx login sso corp` in"];
    sandbox.awsx(&login).fails(4, &words).fails(4, &["there is no terminal"]);
    let ran = sandbox.awsx_on_terminal(&[&login[..], &["--no-input"]].concat()).ends();
    ran.fails(4, &words).fails(4, &["--no-input was given"]);
    assert!(sandbox.aws.calls().is_empty());
    // Nothing is asked, and nothing opened, to look.
    for words in [&["explain", "sso"][..], &["profiles"], &["login", "status"]] {
        sandbox.awsx_on_terminal(words).ends().ok();
    }
    assert!(sandbox.aws.calls().is_empty());
}

#[test]
fn ctrl_c_instead_of_enter_leaves_everything_as_it_was() {
    let sandbox = sandbox();
    let mut terminal = sandbox.awsx_on_terminal(&["exec", "sso", "--", "touch", "ran"]);
    let ran = terminal.expect(QUESTION).type_text(CTRL_C).ends();
    assert_eq!(ran.code, 130, "{ran:?}");
    assert!(sandbox.aws.calls().is_empty() && unseen(&sandbox).is_empty());
    assert!(!sandbox.home().join("ran").exists());
}

#[test]
fn three_commands_at_three_terminals_open_one_login() {
    let sandbox = sandbox();
    let words = ["exec", "sso", "--", "echo", "ran"];
    let mut first = sandbox.awsx_on_terminal(&words);
    first.expect(QUESTION);
    let mut others = [0; 2].map(|_| sandbox.awsx_on_terminal(&words));
    for other in &mut others {
        other.expect("waiting for another awsx that is logging in");
    }
    first.type_line("");
    allow(&sandbox);
    for terminal in [&mut first].into_iter().chain(&mut others) {
        let ran = terminal.expect("ran").ends().ok();
        assert!(!ran.stderr.contains("error"), "{ran:?}");
    }
    for call in ["RegisterClient", "CreateToken", "GetRoleCredentials"] {
        assert_eq!(sandbox.aws.count(call), 1, "{call}");
    }
}

/// The first gives up; the next of those who wait is asked.
#[test]
fn who_waits_is_asked_when_the_first_gives_up() {
    let sandbox = sandbox();
    let words = ["exec", "sso", "--", "echo", "ran"];
    let mut first = sandbox.awsx_on_terminal(&words);
    first.expect(QUESTION);
    let mut second = sandbox.awsx_on_terminal(&words);
    second.expect("waiting for another awsx that is logging in");
    assert_eq!(first.type_text(CTRL_C).ends().code, 130);
    second.expect(QUESTION).type_line("");
    allow(&sandbox);
    second.expect("ran").ends().ok();
}

/// Whatever AWS or the AWS CLI's file say: a login helps, and is offered.
#[test]
fn a_login_that_is_over_is_renewed_by_the_person() {
    type SetUp = fn(&Sandbox);
    let rows: [(&str, SetUp); 4] = [
        ("ended at AWS", |sandbox| {
            log_in_shortly(sandbox, 8 * 3600, &["login", "sso", "corp"]);
            sandbox.aws.control(|state| state.end_logins());
        }),
        ("over, and not to be refreshed", |sandbox| {
            log_in_shortly(sandbox, 30, &["login", "sso", "corp"]);
            sandbox.aws.control(|state| state.end_logins());
        }),
        ("the AWS CLI's, over", |sandbox| {
            sandbox.aws.control(|state| state.portal.tokens.push(old_token(-60, state)));
            crate::sso::log_in(sandbox, |text| text);
            sandbox.aws.control(|state| state.portal.tokens.clear());
        }),
        ("the AWS CLI's, which AWS does not take", |sandbox| {
            sandbox.aws.control(|state| state.portal.tokens.push(old_token(3600, state)));
            crate::sso::log_in(sandbox, |text| text);
            sandbox.aws.control(|state| state.portal.tokens.clear());
        }),
    ];
    for (docs, set_up) in rows {
        let sandbox = sandbox();
        sandbox.plant(OLD_TOKEN);
        set_up(&sandbox);
        sandbox.aws.control(|state| state.forget_calls());
        let mut terminal = sandbox.awsx_on_terminal(&["exec", "sso", "--", "echo", "ran"]);
        terminal.expect(QUESTION).type_line("");
        allow(&sandbox);
        terminal.expect("ran").ends().ok();
        assert_eq!(sandbox.aws.count("RegisterClient"), 1, "{docs}: {:?}", operations(&sandbox));
    }
}

const OLD_TOKEN: &str = "planted-access-token-of-the-aws-cli";

fn old_token(
    seconds: i64,
    state: &crate::fake_aws::state::State,
) -> crate::fake_aws::portal::AccessToken {
    crate::fake_aws::portal::AccessToken {
        token: OLD_TOKEN.into(),
        user: crate::fake_aws::sample::SSO_USER.into(),
        expires_at: state.now() + chrono::TimeDelta::seconds(seconds),
    }
}

/// A login through other endpoints than the profile's is not the profile's.
#[test]
fn the_login_of_a_profile_with_endpoints_of_its_own_is_named_by_it() {
    let sandbox = sandbox();
    super::endpoints_of_its_own(&sandbox);
    let hint = ["hint: run `awsx login sso --profile sso`"];
    sandbox.awsx(&["credential-process", "sso"]).fails(4, &hint);
    super::log_in_with(&sandbox, &["login", "sso", "--profile", "sso"]);
    sandbox.awsx(&["credential-process", "sso"]).ok();
}

/// Who wants to decide alone when a browser opens says so, for all sessions or for one.
#[test]
fn auto_login_can_be_turned_off() {
    for (docs, preferences, asks) in [
        ("for all", "auto_login = false", false),
        ("for this one", "[sso.corp]\nauto_login = false", false),
        ("for another", "[sso.other]\nauto_login = false", true),
        ("for all but this", "auto_login = false\n[sso.corp]\nauto_login = true", true),
    ] {
        let sandbox = sandbox();
        let file = sandbox.write("planted/preferences.toml", preferences);
        sandbox.set("AWSX_CONFIG", file.to_str().unwrap());
        for words in [&["exec", "sso", "--", "true"][..], &["env", "sso"], &["whoami", "sso"]] {
            let mut terminal = sandbox.awsx_on_terminal(words);
            let ran = match asks {
                true => terminal.expect(QUESTION).type_text(CTRL_C).ends(),
                false => terminal.ends().fails(4, &LOGIN_NEEDED),
            };
            assert_eq!(ran.code, if asks { 130 } else { 4 }, "{docs}: {ran:?}");
        }
        assert!(sandbox.aws.calls().is_empty(), "{docs}");
        // `awsx login sso` is a person's own word.
        super::log_in(&sandbox);
    }
}

/// A login does not help against it, so none is offered.
#[test]
fn what_a_login_does_not_help_against_is_only_said() {
    let sandbox = Sandbox::new();
    furnish(&sandbox);
    super::log_in(&sandbox);
    sandbox.aws.control(|state| state.fail("GetRoleCredentials", Fault::INTERNAL, 3));
    let ran = sandbox.awsx_on_terminal(&["exec", "sso", "--", "true"]).ends();
    ran.fails(6, &["sso:GetRoleCredentials"]);
    let ran = sandbox.awsx_on_terminal(&["exec", "foreign", "--", "true"]).ends();
    ran.fails(5, &["ForbiddenException"]);
    assert_eq!(sandbox.aws.count("RegisterClient"), 1);
}
