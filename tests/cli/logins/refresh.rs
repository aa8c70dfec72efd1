//! Tokens that are renewed without anybody: once, however many need them.

use std::time::Duration;

use super::{
    LOGIN, LOGIN_NEEDED, credentials, credentials_need_login, log_in_for, logged_in_for, status,
};
use crate::fake_aws::fault::Fault;
use crate::given::{Crowd, pause, wait_for};
use crate::running::Running;
use crate::sandbox::{Sandbox, rewrite};

/// Seconds: over for awsx as soon as it is there.
const OVER: i64 = 30;
/// Seconds: good for now, and already to be renewed.
const SOON: i64 = 240;

/// Moments at which processes are killed.
const ROUNDS: usize = 12;

const WAITS: &str = "awsx: waiting for another awsx that is refreshing the same login\n";

/// Each of these profiles at once.
fn all_credentials<'a>(sandbox: &'a Sandbox, names: &[String]) -> Crowd<'a> {
    sandbox.together(names.iter().map(|name| ["credential-process", name]))
}

/// AWS takes no access token any longer, but refreshes them.
fn revoke_tokens(sandbox: &Sandbox) {
    sandbox.aws.control(|state| state.expire_access_tokens());
    sandbox.aws.forget_calls();
}

#[test]
fn twenty_commands_refresh_an_expired_token_once() {
    for seconds in [OVER, SOON] {
        let sandbox = Sandbox::not_logged_in();
        let names = sandbox.roles_of_sso(20);
        log_in_for(&sandbox, seconds, &LOGIN);
        for ran in all_credentials(&sandbox, &names).ok() {
            assert_eq!(ran.stderr.replace(WAITS, ""), "", "{seconds}");
        }
        assert_eq!(sandbox.aws.count("CreateToken"), 1, "{seconds}");
        assert_eq!(sandbox.aws.count("GetRoleCredentials"), 20, "{seconds}");
        sandbox.awsx(&["login", "status", "-v"]).ok().prints("\n  renewed       ");
    }
}

#[test]
fn a_killed_refresh_blocks_nobody() {
    let sandbox = logged_in_for(OVER, &LOGIN);
    let mut holder = sandbox.hang_at("CreateToken", &["credential-process", "sso"]);
    let account = "222222222222";
    let words = ["exec", "--sso=corp", "--account", account, "--role", "Nobody", "--", "true"];
    let mut other = sandbox.start(&words);
    other.says(WAITS.trim_end());
    holder.kill();
    holder.end().exits(128 + 9);
    other.end().fails(5, &[WAITS.trim_end(), "ForbiddenException"]);
    credentials(&sandbox).ok();
    assert_eq!(sandbox.aws.count("CreateToken"), 2, "the killed, and one that all use");
}

/// AWS has rotated the refresh token, and nobody here has the new one.
#[test]
fn a_lost_answer_to_a_refresh_costs_a_login_at_most() {
    let refreshes = |sandbox: &Sandbox| sandbox.aws.count("CreateToken");
    let sandbox = logged_in_for(SOON, &LOGIN);
    sandbox.aws.fail("CreateToken", Fault::LoseAnswer, 1);
    for _ in 0..3 {
        credentials(&sandbox).ok();
    }
    assert_eq!(refreshes(&sandbox), 2, "AWS says once that the refresh token is used up");
    assert_eq!(status(&sandbox)["can_refresh"], false);

    let sandbox = logged_in_for(OVER, &LOGIN);
    sandbox.aws.fail("CreateToken", Fault::LoseAnswer, 1);
    credentials(&sandbox).fails(6, &["sso-oidc:CreateToken"]);
    let reason = "The refresh token has been used (InvalidGrantException)";
    credentials_need_login(&sandbox, reason);
    assert_eq!(refreshes(&sandbox), 2, "it is sent once each time");
    credentials(&sandbox).fails(4, &LOGIN_NEEDED);
    assert_eq!(refreshes(&sandbox), 2, "nothing is left to send");
    sandbox.log_in();
    credentials(&sandbox).ok();
}

/// As AWS does in fact: the old refresh token is good until the new one is used.
#[test]
fn a_lost_answer_costs_nothing_where_the_old_token_is_good() {
    let sandbox = Sandbox::not_logged_in();
    sandbox.aws.control(|state| state.oidc.strict_rotation = false);
    log_in_for(&sandbox, OVER, &LOGIN);
    sandbox.aws.fail("CreateToken", Fault::LoseAnswer, 1);
    credentials(&sandbox).fails(6, &["sso-oidc:CreateToken"]);
    credentials(&sandbox).ok();
}

#[test]
fn a_refresh_killed_at_any_moment_leaves_a_login_that_works() {
    let sandbox = Sandbox::not_logged_in();
    sandbox.aws.control(|state| state.oidc.strict_rotation = false);
    log_in_for(&sandbox, OVER, &LOGIN);
    sandbox.aws.control(|state| state.oidc.token_seconds = OVER);
    for moment in 0..12 {
        let before = sandbox.aws.count("CreateToken");
        let mut awsx = sandbox.start(&["credential-process", "sso", "--refresh"]);
        sandbox.wait_for_calls("CreateToken", before + 1);
        (0..moment).for_each(|_| pause());
        awsx.kill();
        awsx.end();
        credentials(&sandbox).ok();
    }
}

/// Twenty need one expired token, and some of them are killed: what is left is a login that works, or
/// one that a person has to renew once.
#[test]
fn half_of_twenty_killed_at_any_moment_cost_a_login_at_most() {
    for (docs, strict) in [("the old token is used up", true), ("it is good for once more", false)]
    {
        for moment in 0..ROUNDS {
            let sandbox = Sandbox::not_logged_in();
            sandbox.aws.control(|state| state.oidc.strict_rotation = strict);
            let names = sandbox.roles_of_sso(20);
            log_in_for(&sandbox, OVER, &LOGIN);
            // Long enough for all of them to be there before its answer is; some moments are after it.
            let late = Fault::Delay(Duration::from_millis(300));
            sandbox.aws.fail("CreateToken", late, 1);
            let mut all = all_credentials(&sandbox, &names);
            sandbox.wait_for_calls("CreateToken", 1);
            (0..moment * 20).for_each(|_| pause());
            // Each of the two halves: the one that refreshes is in one of them.
            all.0.iter_mut().skip(moment % 2).step_by(2).for_each(Running::kill);
            for ran in all.end() {
                let fine = [0, 4, 128 + 9].contains(&ran.code);
                assert!(fine, "{docs}, {moment}: {ran:?}");
            }
            if credentials(&sandbox).code != 0 {
                assert!(strict, "{docs}, {moment}: nothing was lost");
                credentials(&sandbox).fails(4, &LOGIN_NEEDED);
                sandbox.log_in();
            }
            all_credentials(&sandbox, &names).ok();
        }
    }
}

#[test]
fn a_refresh_that_finds_no_network_loses_nothing() {
    for fault in [Fault::Reset, Fault::INTERNAL, Fault::TOO_MANY_REQUESTS] {
        let sandbox = logged_in_for(SOON, &LOGIN);
        sandbox.aws.fail("CreateToken", fault, 9);
        credentials(&sandbox).ok().stderr_is(&[]);
        assert_eq!(status(&sandbox)["can_refresh"], true, "{fault:?}");
    }
    let sandbox = logged_in_for(OVER, &LOGIN);
    sandbox.aws.fail("CreateToken", Fault::UNAVAILABLE, 1);
    credentials(&sandbox).fails(6, &["profile \"sso\"", "sso-oidc:CreateToken", "hint: "]);
    // Nothing is lost by it.
    credentials(&sandbox).ok();
}

#[test]
fn a_refused_refresh_is_not_tried_again() {
    let sandbox = logged_in_for(OVER, &LOGIN);
    sandbox.aws.control(|state| state.end_logins());
    let reason = "AWS did not refresh the token: The session is expired (InvalidGrantException)";
    credentials_need_login(&sandbox, reason);
    credentials_need_login(&sandbox, " ends ");
    assert_eq!(sandbox.aws.operations(), ["CreateToken"]);
    assert_eq!(status(&sandbox)["can_refresh"], false);
}

/// Without its registration a refresh token is nothing.
#[test]
fn a_registration_that_is_over_needs_a_login() {
    let sandbox = Sandbox::not_logged_in();
    sandbox.aws.control(|state| state.oidc.client_seconds = 3);
    log_in_for(&sandbox, OVER, &LOGIN);
    let end = sandbox.aws.control(|state| state.oidc.clients[0].expires_at);
    wait_for("the end of the registration", || (sandbox.aws.now() > end).then_some(()));
    credentials_need_login(&sandbox, " ends ");
    assert_eq!(sandbox.aws.operations().len(), 0);
}

#[test]
fn a_revoked_token_is_refreshed_once() {
    let sandbox = Sandbox::not_logged_in();
    sandbox.log_in();
    revoke_tokens(&sandbox);
    credentials(&sandbox).ok().stderr_is(&[]);
    let expected = ["GetRoleCredentials", "CreateToken", "GetRoleCredentials"];
    assert_eq!(sandbox.aws.operations(), expected);
    credentials(&sandbox).ok();
    assert_eq!(sandbox.aws.count("CreateToken"), 1, "the new one is kept");

    // Logged out in the browser, or by an administrator.
    sandbox.aws.control(|state| state.end_logins());
    sandbox.aws.forget_calls();
    credentials_need_login(&sandbox, "AWS did not refresh the token: The session is expired");
    assert_eq!(sandbox.aws.operations(), ["GetRoleCredentials", "CreateToken"]);
    assert_eq!(status(&sandbox)["expires_at"], serde_json::Value::Null);
    let ran = sandbox.awsx(&["login", "status", "-v"]).ok();
    ran.prints("corp  ended: run `awsx login sso corp`\n").prints("access token  dropped");
    credentials_need_login(&sandbox, "AWS ended the login of ");
    assert_eq!(sandbox.aws.operations().len(), 2, "nothing is left to send");
}

#[test]
fn twenty_commands_refresh_a_revoked_token_once() {
    let sandbox = Sandbox::not_logged_in();
    let names = sandbox.roles_of_sso(20);
    sandbox.log_in();
    revoke_tokens(&sandbox);
    all_credentials(&sandbox, &names).ok();
    assert_eq!(sandbox.aws.count("CreateToken"), 1);
}

/// A record that cannot be read is a login that is not there.
#[test]
fn a_damaged_record_is_no_login() {
    type Damage = fn(&mut Vec<u8>);
    let rows: [(&str, Damage); 4] = [
        ("empty", Vec::clear),
        ("cut off", |bytes| bytes.truncate(bytes.len() / 2)),
        ("a byte of the seal", |bytes| *bytes.last_mut().unwrap() ^= 1),
        ("something else", |bytes| *bytes = b"{}".to_vec()),
    ];
    for (docs, damage) in rows {
        let sandbox = Sandbox::not_logged_in();
        sandbox.log_in();
        rewrite(&sandbox.only_record("logins"), damage);
        let [error, hint] = LOGIN_NEEDED;
        let words = [error, "nobody is logged in", hint, "counts as absent: "];
        credentials(&sandbox).fails(4, &words);
        sandbox.awsx(&["login", "status"]).ok();
        sandbox.log_in();
        credentials(&sandbox).ok();
        assert_eq!(status(&sandbox)["can_refresh"], true, "{docs}");
    }
}
