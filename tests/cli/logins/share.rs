//! A login that the AWS CLI, boto3 and whatever else reads `~/.aws/sso/cache` use too.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use super::{LOGIN, credentials, is_shared, log_in_for, logged_in_for, shared_file, status};
use crate::children;
use crate::given::{DEVELOPER, SETTINGS, token_files};
use crate::sandbox::{Sandbox, files_below};

const SHARE: [&str; 4] = ["login", "sso", "corp", "--share"];

/// A person with a browser and no login, but with boto3 and the AWS CLIs.
fn with_others() -> Sandbox {
    let sandbox = children::sandbox().sso_profiles().at_a_browser();
    sandbox.set("AWS_DEFAULT_REGION", "eu-west-1");
    sandbox.set("WHO_PROFILE", "sso");
    sandbox
}

fn read_shared(sandbox: &Sandbox) -> Value {
    serde_json::from_slice(&std::fs::read(shared_file(sandbox)).unwrap()).unwrap()
}

/// The access token that AWS gave last.
fn newest(sandbox: &Sandbox) -> String {
    sandbox.aws.control(|state| state.portal.tokens.last().unwrap().token.clone())
}

/// Whom boto3 takes itself for.
fn boto3(sandbox: &Sandbox) -> Value {
    children::boto3(sandbox).ok().json()["arn"].take()
}

#[test]
fn the_aws_cli_and_boto3_use_the_login() {
    let sandbox = with_others();
    sandbox.log_in_with(&SHARE);
    let file = shared_file(&sandbox);
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    assert_eq!(read_shared(&sandbox)["accessToken"], newest(&sandbox));
    assert_eq!(status(&sandbox)["shared"], true);
    sandbox.aws.forget_calls();
    assert_eq!(boto3(&sandbox), DEVELOPER);
    for aws in children::AWS_CLIS {
        let who = children::aws_cli(&sandbox, aws, "sso").ok().json();
        assert_eq!(who["Arn"], DEVELOPER, "{aws}");
    }
    assert_eq!(sandbox.aws.count("CreateToken"), 0, "nobody had to refresh it");
    let cache = files_below(file.parent().unwrap());
    assert_eq!(cache.len(), 1, "{cache:?}");
}

#[test]
fn the_others_have_what_awsx_refreshes() {
    let sandbox = with_others();
    log_in_for(&sandbox, 30, &SHARE);
    let before = read_shared(&sandbox);
    credentials(&sandbox).ok();
    let after = read_shared(&sandbox);
    assert_eq!(after["accessToken"], newest(&sandbox));
    for field in ["accessToken", "refreshToken", "expiresAt"] {
        assert_ne!(after[field], before[field], "{field}");
    }
    assert_eq!(after["clientId"], before["clientId"]);
    assert_eq!(boto3(&sandbox), DEVELOPER);
    assert_eq!(sandbox.aws.count("CreateToken"), 1);
}

#[test]
fn awsx_has_what_boto3_refreshes() {
    let sandbox = with_others();
    log_in_for(&sandbox, 200, &SHARE);
    let before = read_shared(&sandbox);
    assert_eq!(boto3(&sandbox), DEVELOPER);
    assert_ne!(read_shared(&sandbox)["accessToken"], before["accessToken"]);
    assert_eq!(sandbox.aws.count("CreateToken"), 1, "boto3's");
    for _ in 0..2 {
        credentials(&sandbox).ok();
    }
    assert_eq!(sandbox.aws.count("CreateToken"), 1, "awsx took it over");
    // And goes on from there: the refresh token that boto3 left is the one that is good.
    sandbox.aws.control(|state| state.expire_access_tokens());
    credentials(&sandbox).ok();
    assert_eq!(sandbox.aws.count("CreateToken"), 2);
    assert_eq!(read_shared(&sandbox)["accessToken"], newest(&sandbox));
    assert_eq!(boto3(&sandbox), DEVELOPER);
}

#[test]
fn the_login_of_a_start_url_has_a_file_of_its_own() {
    let sandbox = with_others();
    sandbox.log_in_with(&["login", "sso", "--profile", "old", "--share"]);
    assert!(!shared_file(&sandbox).exists());
    sandbox.set("WHO_PROFILE", "old");
    assert_eq!(boto3(&sandbox), DEVELOPER);
    let [_, of_start_url] = token_files();
    assert!(sandbox.home().join(of_start_url).exists());
}

#[test]
fn nothing_is_shared_without_being_asked() {
    let sandbox = logged_in_for(30, &LOGIN);
    credentials(&sandbox).ok();
    sandbox.exec("behind", &[]).ok();
    assert!(!is_shared(&sandbox));
    assert_eq!(status(&sandbox)["shared"], false);
}

/// A command that logs in knows nothing of `--share`: the file would go on naming a login that awsx
/// no longer looks after.
#[test]
fn a_login_after_a_shared_one_is_shared_too() {
    let sandbox = Sandbox::not_logged_in();
    sandbox.log_in_with(&SHARE);
    sandbox.log_in();
    assert_eq!(read_shared(&sandbox)["accessToken"], newest(&sandbox));
    sandbox.awsx(&["logout", "corp"]).ok();
    sandbox.exec("sso", &[]).fails(4, &super::LOGIN_NEEDED);
}

/// Whoever removes the file, say by `aws sso logout`, does not want it.
#[test]
fn a_shared_file_that_is_gone_ends_the_sharing() {
    for (docs, seconds) in [("a refresh", 30), ("a login", 8 * 3600)] {
        let sandbox = logged_in_for(seconds, &SHARE);
        std::fs::remove_file(shared_file(&sandbox)).unwrap();
        if seconds == 30 {
            credentials(&sandbox).ok();
        } else {
            sandbox.log_in();
        }
        assert!(!is_shared(&sandbox), "{docs}");
        assert_eq!(status(&sandbox)["shared"], false, "{docs}");
        sandbox.log_in_with(&SHARE);
        assert_eq!(read_shared(&sandbox)["accessToken"], newest(&sandbox), "{docs}");
    }
}

/// The login is there all the same, and it is said what could not be done.
#[test]
fn a_cache_that_cannot_be_written_is_named() {
    let in_the_way = |sandbox: &Sandbox| {
        let _ = std::fs::remove_dir_all(sandbox.home().join(".aws/sso"));
        sandbox.write(".aws/sso", "not a directory");
    };
    let sandbox = Sandbox::not_logged_in();
    in_the_way(&sandbox);
    let mut terminal = sandbox.awsx_on_terminal(&SHARE);
    sandbox.allow();
    let kept =
        "sso-session \"corp\": the login is kept, but the AWS CLI's cache does not have it: SSO";
    let words = [kept, " token file ", ".aws/sso/cache/", "hint: make it yours and writable"];
    terminal.end().fails(3, &words);
    credentials(&sandbox).ok();
    // One to log out of, too.
    sandbox.awsx(&["logout", "corp"]).ok().says("logged out of sso-session");

    let sandbox = logged_in_for(30, &SHARE);
    in_the_way(&sandbox);
    let left = "awsx: the AWS CLI's login is left alone: SSO token file [..]: Not a directory [..]";
    let new =
        "awsx: the new token is not in the AWS CLI's cache: SSO token file [..]: not a directory";
    credentials(&sandbox).ok().stderr_is(&[left, new]);
    credentials(&sandbox).ok().stderr_is(&[]);
    assert_eq!(sandbox.aws.count("CreateToken"), 1);
}

/// The settings file says it once for all logins, also those that a command opens.
#[test]
fn sharing_can_be_a_preference() {
    for words in [&LOGIN[..], &["exec", "sso", "--", "true"]] {
        let sandbox = Sandbox::not_logged_in();
        sandbox.write(SETTINGS, "share_sso_token = true\n");
        let mut terminal = sandbox.awsx_on_terminal(words);
        if words[0] == "exec" {
            terminal.expect("Log in to corp in the browser?").type_line("");
        }
        sandbox.allow();
        terminal.end().ok();
        assert_eq!(read_shared(&sandbox)["accessToken"], newest(&sandbox), "{words:?}");
    }
}
