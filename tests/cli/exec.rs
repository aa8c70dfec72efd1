//! `awsx exec`: what the command gets, and what it is.

use crate::fake_aws::sample;
use crate::sandbox::{AWSX, PASSPHRASE, Sandbox};

#[test]
fn a_role_is_assumed_once_and_then_cached() {
    let sandbox = Sandbox::new();
    for _ in 0..3 {
        let ran = sandbox.env_of("readonly").prints_no("AWSX_PASSPHRASE");
        ran.prints_each(&["AWS_ACCESS_KEY_ID=ASIA", "AWS_SESSION_TOKEN="])
            .prints_each(&["AWS_ACCOUNT_ID=111111111111", "AWSX_PROFILE=readonly"]);
    }
    assert_eq!(sandbox.aws.count("AssumeRole"), 1);
}

#[test]
fn keys_are_exchanged_for_a_session() {
    let sandbox = Sandbox::new();
    let regions = ["AWS_REGION=eu-west-1", "AWS_DEFAULT_REGION=eu-west-1"];
    sandbox.env_of("dev").prints("AWS_ACCESS_KEY_ID=ASIA").prints_each(&regions);
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
}

#[test]
fn no_session_hands_over_the_keys_with_a_warning() {
    let sandbox = Sandbox::new();
    let warning =
        "warning: the long-term access keys themselves are handed over, because of --no-session";
    let ran = sandbox.awsx(&["exec", "dev", "--no-session", "--", "env"]).ok();
    let ran = ran.prints(&format!("AWS_ACCESS_KEY_ID={}", sample::KEY_ID));
    ran.prints_no("AWS_SESSION_TOKEN").stderr_is(&[warning]);
    assert!(sandbox.aws.calls().is_empty());
}

#[test]
fn one_mfa_session_serves_every_role_behind_the_device() {
    let sandbox = Sandbox::new();
    let code = sandbox.code();
    sandbox.exec("prod", &["--mfa-code", &code]).ok();
    sandbox.exec("audit", &[]).ok();
    sandbox.exec("prod", &["--refresh"]).fails(4, &["needs the MFA code"]);
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
    assert_eq!(sandbox.aws.count("AssumeRole"), 2);
}

#[test]
fn the_command_replaces_awsx() {
    let sandbox = Sandbox::new();
    for (words, code, stdout) in [
        (&["sh", "-c", "exit 7"][..], 7, ""),
        (&["sh", "-c", "kill -TERM $$"], 128 + 15, ""),
        (&["printf", "%s|", "a b", "", "$HOME", "--", "-x"], 0, "a b||$HOME|--|-x|"),
        (&["sh", "-c", "echo $0", "argv0"], 0, "argv0\n"),
    ] {
        let ran = sandbox.awsx(&[&["exec", "readonly", "--"], words].concat()).exits(code);
        assert_eq!(ran.stdout, stdout, "{words:?}: {ran:?}");
    }
    let missing = ["error: \"no-such-command\" was not found", "hint: check its spelling and PATH"];
    let ran = sandbox.awsx(&["exec", "readonly", "--", "no-such-command"]).exits(127);
    ran.stderr_is(&missing);
    let error = "error: \"/etc/passwd\" cannot be executed: Permission denied (os error 13)";
    let hint = "hint: check the file's permissions and its first line";
    let ran = sandbox.awsx(&["exec", "readonly", "--", "/etc/passwd"]).exits(126);
    ran.stderr_is(&[error, hint]);
}

#[test]
fn a_named_profile_is_used_or_fails() {
    let sandbox = Sandbox::new();
    sandbox.set("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT");
    sandbox.set("AWS_SECRET_ACCESS_KEY", "planted in the environment");
    sandbox.env_of("readonly").prints_no("AKIAENVIRONMENT").prints_no("planted in the environment");
    sandbox.exec("nope", &[]).fails(3, &["\"nope\"", "awsx profiles"]);
    sandbox.exec("raedonly", &[]).fails(3, &["did you mean \"readonly\"?"]);
}

#[test]
fn a_nested_exec_replaces_the_outer_one() {
    let sandbox = Sandbox::new();
    let passphrase = sandbox.write("planted", PASSPHRASE);
    sandbox.set("AWSX_PASSPHRASE_FILE", passphrase.to_str().unwrap());
    let args = ["exec", "dev", "--", AWSX, "exec", "readonly", "--", "env"];
    // Nor does the outer profile's region stay.
    sandbox.awsx(&args).ok().prints("AWSX_PROFILE=readonly").prints_no("AWS_REGION=");
}

#[test]
fn failures_are_json_where_json_is_asked_for() {
    let sandbox = Sandbox::new();
    for command in ["whoami", "explain"] {
        let json = sandbox.awsx(&[command, "nope", "--json"]).exits(3).error_json();
        assert_eq!((&json["version"], &json["error"]["kind"]), (&1.into(), &"config".into()));
        assert!(json["error"]["message"].as_str().unwrap().contains("\"nope\""));
        assert!(json["error"]["hint"].as_str().unwrap().contains("awsx profiles"));
    }
}

#[test]
fn credentials_about_to_end_come_with_a_warning() {
    let sandbox = Sandbox::new();
    let issued = sandbox.aws.control(|state| state.issue_role(sample::READ_ONLY, "n", 900));
    sandbox.set("AWS_ACCESS_KEY_ID", "ASIA2ENVIRONMENT");
    sandbox.set("AWS_SECRET_ACCESS_KEY", "s");
    sandbox.set("AWS_SESSION_TOKEN", "t");
    let minutes = |n: i64| (issued.expiration - chrono::TimeDelta::minutes(15 - n)).to_rfc3339();
    for (left, told) in [(2, true), (10, false)] {
        sandbox.set("AWS_CREDENTIAL_EXPIRATION", &minutes(left));
        let ran = sandbox.awsx(&["exec", "--", "true"]).ok();
        let said = ran.stderr.contains("the credentials of the environment end ");
        assert_eq!(said, told, "{left} minutes: {ran:?}");
    }
}
