//! Tokens that are renewed without anybody: once, however many need them.

use super::{
    LOGIN_NEEDED, awaited, credentials, hanging, log_in_shortly, many_roles, operations, sandbox,
    status,
};
use crate::fake_aws::fault::Fault;
use crate::sandbox::{Ran, Running, Sandbox};

const LOGIN: [&str; 3] = ["login", "sso", "corp"];

/// Seconds: over for awsx as soon as it is there.
const OVER: i64 = 30;
/// Seconds: good for now, and already to be renewed.
const SOON: i64 = 240;

/// Moments at which processes are killed.
const ROUNDS: usize = 12;

fn ended(running: Vec<Running<'_>>) -> Vec<Ran> {
    running.into_iter().map(Running::end).collect()
}

#[test]
fn twenty_that_need_one_expired_token_refresh_it_once() {
    for seconds in [OVER, SOON] {
        let sandbox = sandbox();
        let names = many_roles(&sandbox, 20);
        log_in_shortly(&sandbox, seconds, &LOGIN);
        let all = names.iter().map(|name| sandbox.start(&["credential-process", name]));
        for ran in ended(all.collect()) {
            assert_eq!(ran.ok().stderr.replace(WAITS, ""), "", "{seconds}");
        }
        assert_eq!(sandbox.aws.count("CreateToken"), 1, "{seconds}");
        assert_eq!(sandbox.aws.count("GetRoleCredentials"), 20, "{seconds}");
        let login = status(&sandbox);
        assert!(login["refreshed_at"].as_str() > login["logged_in_at"].as_str(), "{login}");
    }
}

const WAITS: &str = "awsx: waiting for another awsx that is refreshing the same login\n";

/// Nobody waits for the dead.
#[test]
fn killed_while_the_refresh_hangs() {
    let sandbox = sandbox();
    log_in_shortly(&sandbox, OVER, &LOGIN);
    let mut holder = hanging(&sandbox, "CreateToken", &["credential-process", "sso"]);
    let mut other = sandbox.start(&[
        "exec",
        "--sso",
        "corp",
        "--account",
        "222222222222",
        "--role",
        "Nobody",
        "--",
        "true",
    ]);
    other.says("waiting for another awsx that is refreshing the same login");
    holder.kill();
    assert_eq!(holder.end().code, 128 + 9);
    other.end().fails(5, &["ForbiddenException"]);
    credentials(&sandbox).ok();
    assert_eq!(sandbox.aws.count("CreateToken"), 2, "the killed, and one that all use");
}

/// AWS has rotated the refresh token, and nobody here has the new one.
#[test]
fn the_answer_to_a_refresh_is_lost() {
    for (docs, seconds) in [("the old token lasts", SOON), ("it is over", OVER)] {
        let sandbox = sandbox();
        log_in_shortly(&sandbox, seconds, &LOGIN);
        sandbox.aws.control(|state| state.fail("CreateToken", Fault::LoseAnswer, 1));
        let ran = credentials(&sandbox);
        if seconds == SOON {
            ran.ok();
            // The refresh token is used up, which AWS says once; the token does till its end.
            credentials(&sandbox).ok();
            credentials(&sandbox).ok();
            assert_eq!(sandbox.aws.count("CreateToken"), 2, "{docs}");
            assert_eq!(status(&sandbox)["can_refresh"], false, "{docs}");
            continue;
        }
        ran.fails(6, &["sso-oidc:CreateToken"]);
        let reason = "The refresh token has been used (InvalidGrantException)";
        credentials(&sandbox).fails(4, &LOGIN_NEEDED).fails(4, &[reason]);
        assert_eq!(sandbox.aws.count("CreateToken"), 2, "{docs}: it is sent once each time");
        credentials(&sandbox).fails(4, &LOGIN_NEEDED);
        assert_eq!(sandbox.aws.count("CreateToken"), 2, "{docs}: nothing is left to send");
        super::log_in(&sandbox);
        credentials(&sandbox).ok();
    }
}

/// As AWS does in fact: the old refresh token is good until the new one is used.
#[test]
fn a_lost_answer_is_no_harm_where_aws_is_lenient() {
    let sandbox = sandbox();
    sandbox.aws.control(|state| state.oidc.strict_rotation = false);
    log_in_shortly(&sandbox, OVER, &LOGIN);
    sandbox.aws.control(|state| state.fail("CreateToken", Fault::LoseAnswer, 1));
    credentials(&sandbox).fails(6, &["sso-oidc:CreateToken"]);
    credentials(&sandbox).ok();
}

/// Killed at any moment, the login is one that works.
#[test]
fn killed_at_any_moment_of_a_refresh() {
    let sandbox = sandbox();
    sandbox.aws.control(|state| state.oidc.strict_rotation = false);
    log_in_shortly(&sandbox, OVER, &LOGIN);
    sandbox.aws.control(|state| state.oidc.token_seconds = OVER);
    for moment in 0..12 {
        let before = sandbox.aws.count("CreateToken");
        let mut awsx = sandbox.start(&["credential-process", "sso", "--refresh"]);
        awaited("the refresh", || (sandbox.aws.count("CreateToken") > before).then_some(()));
        (0..moment).for_each(|_| super::pause());
        awsx.kill();
        let _ = awsx.end();
        credentials(&sandbox).ok();
    }
}

/// Twenty need one expired token, and some of them are killed: what is left is a login that works, or
/// one that a person has to renew once.
#[test]
fn some_of_twenty_are_killed() {
    for (docs, strict) in [("the old token is used up", true), ("it is good for once more", false)]
    {
        for moment in 0..ROUNDS {
            let sandbox = sandbox();
            sandbox.aws.control(|state| state.oidc.strict_rotation = strict);
            let names = many_roles(&sandbox, 20);
            log_in_shortly(&sandbox, OVER, &LOGIN);
            // Long enough for all of them to be there before its answer is; some moments are after it.
            let late = Fault::Delay(std::time::Duration::from_millis(300));
            sandbox.aws.control(|state| state.fail("CreateToken", late, 1));
            let every = || names.iter().map(|name| sandbox.start(&["credential-process", name]));
            let mut all: Vec<_> = every().collect();
            awaited("the refresh", || (sandbox.aws.count("CreateToken") > 0).then_some(()));
            (0..moment * 20).for_each(|_| super::pause());
            // Each of the two halves: the one that refreshes is in one of them.
            all.iter_mut().skip(moment % 2).step_by(2).for_each(Running::kill);
            for ran in ended(all) {
                let fine = [0, 4, 128 + 9].contains(&ran.code);
                assert!(fine, "{docs}, {moment}: {ran:?}");
            }
            if credentials(&sandbox).code != 0 {
                assert!(strict, "{docs}, {moment}: nothing was lost");
                credentials(&sandbox).fails(4, &LOGIN_NEEDED);
                super::log_in(&sandbox);
            }
            ended(every().collect()).into_iter().for_each(|ran| drop(ran.ok()));
        }
    }
}

#[test]
fn the_network_is_down() {
    for (docs, fault) in [
        ("reset", Fault::Reset),
        ("down", Fault::INTERNAL),
        ("throttled", Fault::TOO_MANY_REQUESTS),
    ] {
        let sandbox = sandbox();
        log_in_shortly(&sandbox, SOON, &LOGIN);
        sandbox.aws.control(|state| state.fail("CreateToken", fault, 9));
        let ran = credentials(&sandbox);
        assert_eq!((ran.code, &*ran.stderr), (0, ""), "{docs}: the token lasts: {ran:?}");
        assert_eq!(status(&sandbox)["can_refresh"], true, "{docs}");
    }
    let sandbox = sandbox();
    log_in_shortly(&sandbox, OVER, &LOGIN);
    sandbox.aws.control(|state| state.fail("CreateToken", Fault::UNAVAILABLE, 1));
    credentials(&sandbox).fails(6, &["profile \"sso\"", "sso-oidc:CreateToken", "hint: "]);
    // Nothing is lost by it.
    credentials(&sandbox).ok();
}

#[test]
fn a_refresh_that_aws_refuses_is_asked_for_once() {
    let sandbox = sandbox();
    log_in_shortly(&sandbox, OVER, &LOGIN);
    sandbox.aws.control(|state| state.end_logins());
    let reason = "AWS did not refresh the token: The session is expired (InvalidGrantException)";
    credentials(&sandbox).fails(4, &LOGIN_NEEDED).fails(4, &[reason]);
    let ran = credentials(&sandbox).fails(4, &LOGIN_NEEDED);
    assert!(ran.stderr.contains(" ends at "), "{ran:?}");
    assert_eq!(operations(&sandbox), ["CreateToken"]);
    let login = status(&sandbox);
    assert_eq!(login["can_refresh"], false, "{login}");
}

/// Without its registration a refresh token is nothing.
#[test]
fn the_registration_is_over() {
    let sandbox = sandbox();
    sandbox.aws.control(|state| state.oidc.client_seconds = 3);
    log_in_shortly(&sandbox, OVER, &LOGIN);
    let is_over = || {
        let over = sandbox.aws.control(|state| {
            let now = state.now();
            state.oidc.clients.iter().all(|client| client.expires_at < now)
        });
        over.then_some(())
    };
    awaited("the end of the registration", is_over);
    credentials(&sandbox).fails(4, &LOGIN_NEEDED).fails(4, &[" ends at "]);
    assert_eq!(operations(&sandbox).len(), 0);
}

#[test]
fn a_token_that_aws_revoked_is_dropped_and_refreshed_once() {
    let sandbox = sandbox();
    super::log_in(&sandbox);
    sandbox.aws.control(|state| {
        state.expire_access_tokens();
        state.forget_calls();
    });
    let ran = credentials(&sandbox).ok();
    assert_eq!(ran.stderr, "");
    let expected = ["GetRoleCredentials", "CreateToken", "GetRoleCredentials"];
    assert_eq!(operations(&sandbox), expected);
    credentials(&sandbox).ok();
    assert_eq!(sandbox.aws.count("CreateToken"), 1, "the new one is kept");

    // Logged out in the browser, or by an administrator.
    sandbox.aws.control(|state| {
        state.end_logins();
        state.forget_calls();
    });
    let reason = ["AWS did not refresh the token: The session is expired"];
    credentials(&sandbox).fails(4, &LOGIN_NEEDED).fails(4, &reason);
    assert_eq!(operations(&sandbox), ["GetRoleCredentials", "CreateToken"]);
    assert_eq!(status(&sandbox)["expires_at"], serde_json::Value::Null);
    let said = sandbox.awsx(&["login", "status"]).ok().stdout;
    assert!(said.contains("access token  dropped"), "{said}");
    let reason = ["AWS ended the login of "];
    credentials(&sandbox).fails(4, &LOGIN_NEEDED).fails(4, &reason);
    assert_eq!(operations(&sandbox).len(), 2, "nothing is left to send");
}

/// Many find out at the same time.
#[test]
fn twenty_whose_token_aws_revoked_refresh_it_once() {
    let sandbox = sandbox();
    let names = many_roles(&sandbox, 20);
    super::log_in(&sandbox);
    sandbox.aws.control(|state| {
        state.expire_access_tokens();
        state.forget_calls();
    });
    let all = names.iter().map(|name| sandbox.start(&["credential-process", name]));
    ended(all.collect()).into_iter().for_each(|ran| drop(ran.ok()));
    assert_eq!(sandbox.aws.count("CreateToken"), 1);
}

/// A record that cannot be read is a login that is not there.
#[test]
fn a_damaged_record_is_no_login() {
    type Damage = fn(&[u8]) -> Vec<u8>;
    let rows: [(&str, Damage); 4] = [
        ("empty", |_| Vec::new()),
        ("cut off", |bytes| bytes[..bytes.len() / 2].to_vec()),
        ("a byte of the seal", |bytes| [&bytes[..bytes.len() - 1], b"!"].concat()),
        ("something else", |_| b"{}".to_vec()),
    ];
    for (docs, damage) in rows {
        let sandbox = sandbox();
        super::log_in(&sandbox);
        let record = record(&sandbox);
        let bytes = std::fs::read(&record).unwrap();
        std::fs::write(&record, damage(&bytes)).unwrap();
        let words = ["nobody is logged in"];
        credentials(&sandbox).fails(4, &LOGIN_NEEDED).fails(4, &words);
        sandbox.awsx(&["login", "status"]).ok();
        super::log_in(&sandbox);
        credentials(&sandbox).ok();
        assert_eq!(status(&sandbox)["can_refresh"], true, "{docs}");
    }
}

/// The only record of a login.
fn record(sandbox: &Sandbox) -> std::path::PathBuf {
    let mut files = crate::sandbox::files_below(&sandbox.state_dir().join("logins"));
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}
