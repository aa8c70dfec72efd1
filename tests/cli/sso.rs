//! Roles of IAM Identity Center, from the token that `aws sso login` left behind.

use chrono::TimeDelta;

use crate::fake_aws::fault::Fault;
use crate::fake_aws::sample;
use crate::given::{DEVELOPER, NOBODY, SetUp, token_files};
use crate::sandbox::{Sandbox, files_below};
use crate::table::side_by_side;

/// What is said of the profile `behind`.
const SHORTER: &str = "role/ReadOnly lasts 1h instead of 2h";

fn with_login() -> Sandbox {
    Sandbox::new().sso_profiles().logged_in()
}

#[test]
fn the_aws_clis_login_gives_a_session_that_is_kept() {
    for profile in ["sso", "old"] {
        let sandbox = with_login();
        for _ in 0..3 {
            sandbox.env_of(profile).prints("AWS_ACCOUNT_ID=222222222222").stderr_is(&[]);
        }
        assert_eq!(sandbox.aws.operations(), ["GetRoleCredentials"]);
        let call = sandbox.aws.calls().remove(0);
        assert_eq!(call.access_key_id, None, "the token alone proves who asks");

        let who = sandbox.whoami(profile);
        assert_eq!((&who["arn"], &who["source"]), (&DEVELOPER.into(), &"sso".into()));
        assert!(who["expiration"].is_string(), "{who}");
        let of_cli = "that of the AWS CLI (~/.aws/sso/cache/";
        sandbox.awsx(&["explain", profile]).ok().prints(of_cli);
        let keys = sandbox.awsx(&["credential-process", profile]).ok().json();
        assert_eq!(keys["AccountId"], "222222222222");
        assert_eq!(sandbox.aws.count("GetRoleCredentials"), 1);

        // The session outlives the login; a new one needs a new login.
        std::fs::remove_dir_all(sandbox.home().join(".aws/sso")).unwrap();
        sandbox.exec(profile, &[]).ok();
        let words = ["needs a login: nobody is logged in", "hint: run `awsx login sso"];
        sandbox.exec(profile, &["--refresh"]).fails(4, &words);
        assert_eq!(sandbox.aws.count("GetRoleCredentials"), 1);
    }
}

#[test]
fn fifty_that_need_the_role_make_one_call() {
    let sandbox = with_login();
    sandbox.many(50, &["credential-process", "sso"]).ok();
    assert_eq!(sandbox.aws.operations(), ["GetRoleCredentials"]);
}

#[test]
fn its_role_is_the_source_of_another_role() {
    let sandbox = with_login();
    for _ in 0..2 {
        let ran = sandbox.env_of("behind").prints("AWS_ACCOUNT_ID=111111111111");
        ran.stderr_is(&[&format!(
            "warning: [..]/.aws/config:14: [..]{SHORTER}[..](role chaining)"
        )]);
    }
    assert_eq!(sandbox.aws.operations(), ["GetRoleCredentials", "AssumeRole"]);
    // The profile below has the same session.
    sandbox.exec("sso", &[]).ok();
    assert_eq!(sandbox.aws.count("GetRoleCredentials"), 1);
}

/// Each with the command that helps, and without a call that could not.
#[test]
fn a_login_that_is_missing_or_over_names_the_command_that_helps() {
    let over = |sandbox: &Sandbox| {
        let end = sandbox.aws.now() - TimeDelta::minutes(1);
        sandbox.aws.control(|state| state.portal.tokens[0].expires_at = end);
        sandbox.leave_token(|text| text);
    };
    let none = |sandbox: &Sandbox| {
        std::fs::remove_dir_all(sandbox.home().join(".aws/sso")).unwrap();
    };
    let half = |sandbox: &Sandbox| sandbox.leave_token(|text| text[..text.len() / 2].to_owned());
    let empty = |sandbox: &Sandbox| sandbox.leave_token(|_| String::new());
    // Logged out in the browser, which no file tells.
    let refused = |sandbox: &Sandbox| sandbox.aws.control(|state| state.portal.tokens.clear());
    let rows: [(&str, SetUp<'_>, &str, usize); 5] = [
        ("no token", &none, "nobody is logged in\nhint", 0),
        ("over", &over, ".json expired ", 0),
        ("cut off", &half, ".json holds no usable token: not JSON (line 1, column ", 0),
        ("being written", &empty, ".json holds no usable token: not JSON (line 1, column 0)", 0),
        ("refused", &refused, "AWS does not accept the access token: Session token not found", 1),
    ];
    side_by_side(&rows, |&(docs, set_up, why, calls)| {
        let sandbox = || {
            let sandbox = with_login();
            sandbox.plant(sample::SSO_TOKEN);
            set_up(&sandbox);
            sandbox
        };
        for (profile, words) in [
            ("sso", ["sso-session \"corp\" needs a login", "awsx login sso corp`"]),
            ("old", ["https://corp.awsapps.com/start needs a login", "login sso --profile old`"]),
        ] {
            let sandbox = sandbox();
            let words = [&words[..], &[why, "hint: run `awsx login sso"]].concat();
            sandbox.exec(profile, &["-vv"]).fails(4, &words);
            assert_eq!(sandbox.aws.calls().len(), calls, "{docs}");
        }
        // For a role behind it, it is the source's login that is needed.
        let words = ["profile \"sso\": sso-session \"corp\" needs a login", SHORTER];
        sandbox().exec("behind", &[]).fails(4, &words);
    });
}

/// A refusal is not tried again, nor kept.
#[test]
fn a_role_that_is_not_assigned_is_refused() {
    let sandbox = with_login();
    for _ in 0..2 {
        let words =
            ["profile \"foreign\"", "ForbiddenException: No access", "check sso_account_id"];
        sandbox.exec("foreign", &[]).fails(5, &words);
    }
    assert_eq!(sandbox.aws.count("GetRoleCredentials"), 2);
}

#[test]
fn throttling_is_waited_out() {
    let sandbox = with_login();
    let throttle = |times| sandbox.aws.fail("GetRoleCredentials", Fault::TOO_MANY_REQUESTS, times);
    throttle(2);
    sandbox.exec("sso", &[]).ok();
    assert_eq!(sandbox.aws.count("GetRoleCredentials"), 3);
    throttle(3);
    let words = ["profile \"sso\": sso:GetRoleCredentials", "3 attempts", "throttled"];
    sandbox.exec("sso", &["--refresh"]).fails(6, &words);
    sandbox.exec("sso", &[]).ok();
}

/// The portal has an endpoint of its own, and a session of one portal is no other's.
#[test]
fn the_portals_endpoint_can_be_configured() {
    let sandbox = with_login();
    let refused = ["sso:GetRoleCredentials", NOBODY];
    sandbox.set("AWS_ENDPOINT_URL", NOBODY);
    sandbox.exec("sso", &[]).fails(6, &refused);
    sandbox.set("AWS_ENDPOINT_URL_SSO", sandbox.aws.url());
    sandbox.exec("sso", &[]).ok();
    sandbox.exec("sso", &[]).ok();
    sandbox.exec("behind", &[]).fails(6, &["sts:AssumeRole", NOBODY, SHORTER]);
    assert_eq!(sandbox.aws.operations(), ["GetRoleCredentials"]);
    sandbox.set("AWS_ENDPOINT_URL_SSO", NOBODY);
    sandbox.exec("sso", &[]).fails(6, &refused);

    sandbox.unset("AWS_ENDPOINT_URL_SSO");
    sandbox.endpoints_of_its_own();
    sandbox.exec("sso", &[]).ok();
    assert_eq!(sandbox.aws.count("GetRoleCredentials"), 2);
}

/// How long it lasts is the permission set's matter.
#[test]
fn flags_that_the_permission_set_decides_are_refused_or_ignored() {
    let sandbox = with_login();
    let warning = "warning: --duration has no effect: the permission set says how long a role of IAM \
                   Identity Center lasts";
    sandbox.exec("sso", &["--duration", "1h"]).ok().stderr_is(&[warning]);
    let error = "error: the credentials of profile \"sso\" end [..] (in 8h), before the 9h that --min-ttl \
                 asks for";
    let hint = "hint: renew them where they come from";
    sandbox.exec("sso", &["--min-ttl", "9h"]).exits(8).stderr_is(&[error, hint]);
    sandbox.exec("sso", &["--min-ttl", "7h"]).ok();
    let error = "error: --session-name applies to a role session, but the chain of profile \"sso\" ends \
                 without a role";
    let hint = "hint: add --role-arn ARN, or leave the flag out";
    sandbox.exec("sso", &["--session-name", "xx"]).exits(2).stderr_is(&[error, hint]);
}

/// The AWS CLI's files are its own: read, and left as they are.
#[test]
fn the_token_file_is_only_read() {
    let sandbox = with_login();
    let read = || token_files().map(|file| sandbox.read(&file));
    let before = read();
    sandbox.exec("sso", &[]).ok();
    sandbox.aws.control(|state| state.portal.tokens.clear());
    sandbox.exec("old", &["--refresh"]).fails(4, &["needs a login"]);
    assert_eq!(read(), before);
    let files = files_below(&sandbox.home().join(".aws"));
    assert_eq!(files.len(), 2 + before.len(), "{files:?}");
}
