//! A login that the AWS CLI, boto3 and whatever else reads `~/.aws/sso/cache` use too.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use super::{credentials, is_shared, log_in, log_in_shortly, log_in_with, shared_file, status};
use crate::children;
use crate::fake_aws::sample;
use crate::sandbox::Sandbox;

const SHARE: [&str; 4] = ["login", "sso", "corp", "--share"];

const DEVELOPER: &str = "arn:aws:sts::222222222222:assumed-role/\
                         AWSReservedSSO_Developer_0123456789abcdef/ann@corp.example";

/// As [`super::sandbox`], with boto3 and the AWS CLIs.
fn sandbox() -> Sandbox {
    let sandbox = children::sandbox();
    super::furnish(&sandbox);
    sandbox.set("AWS_DEFAULT_REGION", "eu-west-1");
    sandbox.set("WHO_PROFILE", "sso");
    sandbox
}

fn shared(sandbox: &Sandbox) -> Value {
    serde_json::from_slice(&std::fs::read(shared_file(sandbox)).unwrap()).unwrap()
}

/// The access token that AWS gave last.
fn newest(sandbox: &Sandbox) -> String {
    sandbox.aws.control(|state| state.portal.tokens.last().unwrap().token.clone())
}

fn boto3(sandbox: &Sandbox) -> String {
    let who = children::run(sandbox, &["python", "planted/who.py"]).ok().json();
    who["arn"].as_str().unwrap().to_owned()
}

#[test]
fn the_aws_cli_and_boto3_use_the_login() {
    let sandbox = sandbox();
    log_in_with(&sandbox, &SHARE);
    let file = shared_file(&sandbox);
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    assert_eq!(shared(&sandbox)["accessToken"], newest(&sandbox));
    assert_eq!(status(&sandbox)["shared"], true);
    sandbox.aws.control(|state| state.forget_calls());
    assert_eq!(boto3(&sandbox), DEVELOPER);
    for aws in children::AWS_CLIS {
        let words = [aws, "--profile", "sso", "sts", "get-caller-identity"];
        assert_eq!(children::run(&sandbox, &words).ok().json()["Arn"], DEVELOPER, "{aws}");
    }
    assert_eq!(sandbox.aws.count("CreateToken"), 0, "nobody had to refresh it");
    let cache = crate::sandbox::files_below(file.parent().unwrap());
    assert_eq!(cache.len(), 1, "{cache:?}");
}

#[test]
fn what_awsx_refreshes_the_others_have() {
    let sandbox = sandbox();
    log_in_shortly(&sandbox, 30, &SHARE);
    let before = shared(&sandbox);
    credentials(&sandbox).ok();
    let after = shared(&sandbox);
    assert_eq!(after["accessToken"], newest(&sandbox));
    for field in ["accessToken", "refreshToken", "expiresAt"] {
        assert_ne!(after[field], before[field], "{field}");
    }
    assert_eq!(after["clientId"], before["clientId"]);
    assert_eq!(boto3(&sandbox), DEVELOPER);
    assert_eq!(sandbox.aws.count("CreateToken"), 1);
}

#[test]
fn what_boto3_refreshes_awsx_has() {
    let sandbox = sandbox();
    log_in_shortly(&sandbox, 200, &SHARE);
    let before = shared(&sandbox);
    assert_eq!(boto3(&sandbox), DEVELOPER);
    assert_ne!(shared(&sandbox)["accessToken"], before["accessToken"]);
    assert_eq!(sandbox.aws.count("CreateToken"), 1, "boto3's");
    for _ in 0..2 {
        credentials(&sandbox).ok();
    }
    assert_eq!(sandbox.aws.count("CreateToken"), 1, "awsx took it over");
    // And goes on from there: the refresh token that boto3 left is the one that is good.
    sandbox.aws.control(|state| state.expire_access_tokens());
    credentials(&sandbox).ok();
    assert_eq!(sandbox.aws.count("CreateToken"), 2);
    assert_eq!(shared(&sandbox)["accessToken"], newest(&sandbox));
    assert_eq!(boto3(&sandbox), DEVELOPER);
}

/// A profile with a start URL has a file of its own.
#[test]
fn the_login_of_a_start_url_is_shared_under_its_name() {
    let sandbox = sandbox();
    log_in_with(&sandbox, &["login", "sso", "--profile", "old", "--share"]);
    assert!(!shared_file(&sandbox).exists());
    sandbox.set("WHO_PROFILE", "old");
    assert_eq!(boto3(&sandbox), DEVELOPER);
    let name = format!("{}.json", sample::SSO_START_URL.1);
    assert!(shared_file(&sandbox).with_file_name(name).exists());
}

#[test]
fn nothing_is_shared_that_nobody_asked_to_share() {
    let sandbox = super::sandbox();
    log_in_shortly(&sandbox, 30, &["login", "sso", "corp"]);
    credentials(&sandbox).ok();
    sandbox.awsx(&["exec", "behind", "--", "true"]).ok();
    assert!(!is_shared(&sandbox));
    assert_eq!(status(&sandbox)["shared"], false);
}

/// A command that logs in knows nothing of `--share`: the file would go on naming a login that awsx
/// no longer looks after.
#[test]
fn a_login_that_takes_the_place_of_a_shared_one_is_shared_too() {
    let sandbox = super::sandbox();
    log_in_with(&sandbox, &SHARE);
    log_in(&sandbox);
    assert_eq!(shared(&sandbox)["accessToken"], newest(&sandbox));
    sandbox.awsx(&["logout", "corp"]).ok();
    let ran = sandbox.awsx(&["exec", "sso", "--", "true"]);
    ran.fails(4, &super::LOGIN_NEEDED);
}

/// Whoever removes the file, say by `aws sso logout`, does not want it.
#[test]
fn a_shared_file_that_is_gone_ends_the_sharing() {
    for (docs, seconds) in [("a refresh", 30), ("a login", 8 * 3600)] {
        let sandbox = super::sandbox();
        log_in_shortly(&sandbox, seconds, &SHARE);
        std::fs::remove_file(shared_file(&sandbox)).unwrap();
        if seconds == 30 {
            credentials(&sandbox).ok();
        } else {
            log_in(&sandbox);
        }
        assert!(!is_shared(&sandbox), "{docs}");
        assert_eq!(status(&sandbox)["shared"], false, "{docs}");
        log_in_with(&sandbox, &SHARE);
        assert_eq!(shared(&sandbox)["accessToken"], newest(&sandbox), "{docs}");
    }
}

/// The login is there all the same, and it is said what could not be done.
#[test]
fn a_cache_that_cannot_be_written() {
    let in_the_way = |sandbox: &Sandbox| {
        let _ = std::fs::remove_dir_all(sandbox.home().join(".aws/sso"));
        sandbox.write(".aws/sso", "not a directory");
    };
    let sandbox = super::sandbox();
    in_the_way(&sandbox);
    let mut terminal = sandbox.awsx_on_terminal(&SHARE);
    super::allow(&sandbox);
    terminal
        .ends()
        .fails(8, &["sso-session \"corp\": SSO token file ", ".aws/sso/cache/", "hint: "]);
    credentials(&sandbox).ok();

    let sandbox = super::sandbox();
    log_in_shortly(&sandbox, 30, &SHARE);
    in_the_way(&sandbox);
    let ran = credentials(&sandbox).ok();
    ran.says("the new token is not in the AWS CLI's cache: SSO token file ");
    let ran = credentials(&sandbox).ok();
    assert_eq!((ran.stderr.as_str(), sandbox.aws.count("CreateToken")), ("", 1));
}

/// The settings file says it once for all logins, also those that a command opens.
#[test]
fn sharing_can_be_a_preference() {
    for words in [&["login", "sso", "corp"][..], &["exec", "sso", "--", "true"]] {
        let sandbox = super::sandbox();
        let file = sandbox.write("planted/preferences.toml", "share_sso_token = true\n");
        sandbox.set("AWSX_CONFIG", file.to_str().unwrap());
        let mut terminal = sandbox.awsx_on_terminal(words);
        if words[0] == "exec" {
            terminal.expect("press Enter").type_line("");
        }
        super::allow(&sandbox);
        terminal.ends().ok();
        assert_eq!(shared(&sandbox)["accessToken"], newest(&sandbox), "{words:?}");
    }
}
