//! `awsx exec`: what the command gets, and what it is.

use crate::fake_aws::sample;
use crate::sandbox::Sandbox;

#[test]
fn a_role_is_assumed_once_and_then_cached() {
    let sandbox = Sandbox::new();
    for _ in 0..3 {
        let ran = sandbox.awsx(&["exec", "readonly", "--", "env"]).ok();
        assert!(ran.stdout.contains("AWS_ACCESS_KEY_ID=ASIA"), "{ran:?}");
        assert!(ran.stdout.contains("AWS_SESSION_TOKEN="), "{ran:?}");
        assert!(ran.stdout.contains("AWS_ACCOUNT_ID=111111111111"), "{ran:?}");
        assert!(ran.stdout.contains("AWSX_PROFILE=readonly"), "{ran:?}");
        assert!(!ran.stdout.contains("AWSX_PASSPHRASE"), "{ran:?}");
    }
    assert_eq!(sandbox.aws.count("AssumeRole"), 1);
}

#[test]
fn keys_are_exchanged_for_a_session() {
    let sandbox = Sandbox::new();
    let ran = sandbox.awsx(&["exec", "dev", "--", "env"]).ok();
    assert!(ran.stdout.contains("AWS_ACCESS_KEY_ID=ASIA"), "{ran:?}");
    assert!(ran.stdout.contains("AWS_REGION=eu-west-1"), "{ran:?}");
    assert!(ran.stdout.contains("AWS_DEFAULT_REGION=eu-west-1"), "{ran:?}");
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
}

#[test]
fn no_session_hands_the_keys_over_and_says_so() {
    let sandbox = Sandbox::new();
    let ran = sandbox.awsx(&["exec", "dev", "--no-session", "--", "env"]).ok();
    assert!(ran.stdout.contains(&format!("AWS_ACCESS_KEY_ID={}", sample::KEY_ID)), "{ran:?}");
    assert!(!ran.stdout.contains("AWS_SESSION_TOKEN"), "{ran:?}");
    assert!(ran.stderr.contains("long-term access keys themselves"), "{ran:?}");
    assert!(sandbox.aws.calls().is_empty());
}

#[test]
fn one_mfa_session_serves_every_role_behind_the_device() {
    let sandbox = Sandbox::new();
    let code = sandbox.code();
    sandbox.awsx(&["exec", "prod", "--mfa-code", &code, "--", "true"]).ok();
    sandbox.awsx(&["exec", "audit", "--", "true"]).ok();
    sandbox.awsx(&["exec", "prod", "--refresh", "--", "true"]).fails(4, &["needs the MFA code"]);
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
        let args: Vec<&str> = ["exec", "readonly", "--"].iter().chain(words).copied().collect();
        let ran = sandbox.awsx(&args);
        assert_eq!((ran.code, ran.stdout.as_str()), (code, stdout), "{words:?}: {ran:?}");
    }
    sandbox.awsx(&["exec", "readonly", "--", "no-such-command"]).fails(127, &["was not found"]);
    sandbox.awsx(&["exec", "readonly", "--", "/etc/passwd"]).fails(126, &["cannot be executed"]);
}

#[test]
fn a_named_profile_is_used_or_fails() {
    let sandbox = Sandbox::new();
    sandbox.set("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT");
    sandbox.set("AWS_SECRET_ACCESS_KEY", "planted in the environment");
    let ran = sandbox.awsx(&["exec", "readonly", "--", "env"]).ok();
    assert!(!ran.stdout.contains("AKIAENVIRONMENT"), "{ran:?}");
    assert!(!ran.stdout.contains("planted in the environment"), "{ran:?}");
    sandbox.awsx(&["exec", "nope", "--", "true"]).fails(3, &["\"nope\"", "awsx profiles"]);
    sandbox.awsx(&["exec", "raedonly", "--", "true"]).fails(3, &["did you mean \"readonly\"?"]);
}

#[test]
fn nesting_replaces() {
    let sandbox = Sandbox::new();
    let awsx = env!("CARGO_BIN_EXE_awsx");
    sandbox.set(
        "AWSX_PASSPHRASE_FILE",
        sandbox.write("planted", crate::sandbox::PASSPHRASE).to_str().unwrap(),
    );
    let ran = sandbox.awsx(&["exec", "dev", "--", awsx, "exec", "readonly", "--", "env"]).ok();
    assert!(ran.stdout.contains("AWSX_PROFILE=readonly"), "{ran:?}");
    assert!(!ran.stdout.contains("AWS_REGION="), "the outer profile's region stays: {ran:?}");
}

#[test]
fn an_unknown_vault_is_a_usage_error() {
    let sandbox = Sandbox::new();
    sandbox.set("AWSX_VAULT", "safe");
    let words = ["AWSX_VAULT", "auto, keychain, passphrase, kernel, memory"];
    sandbox.awsx(&["exec", "readonly", "--", "true"]).fails(2, &words);
}

#[test]
fn failures_are_json_where_the_answer_would_be() {
    let sandbox = Sandbox::new();
    for command in ["whoami", "explain"] {
        let ran = sandbox.awsx(&[command, "nope", "--json"]);
        let last = ran.stderr.lines().last().unwrap();
        let document: serde_json::Value = serde_json::from_str(last).unwrap();
        assert_eq!(ran.code, 3);
        assert_eq!(
            (&document["version"], &document["error"]["kind"]),
            (&1.into(), &"config".into())
        );
        assert!(document["error"]["message"].as_str().unwrap().contains("\"nope\""));
        assert!(document["error"]["hint"].as_str().unwrap().contains("awsx profiles"));
    }
}

#[test]
fn credentials_that_are_about_to_end_are_handed_over_with_a_word() {
    let sandbox = Sandbox::new();
    let issued = sandbox.aws.control(|state| state.issue_role(sample::READ_ONLY, "n", 900));
    sandbox.set("AWS_ACCESS_KEY_ID", "ASIA2ENVIRONMENT");
    sandbox.set("AWS_SECRET_ACCESS_KEY", "s");
    sandbox.set("AWS_SESSION_TOKEN", "t");
    let minutes = |n: i64| (issued.expiration - chrono::TimeDelta::minutes(15 - n)).to_rfc3339();
    for (left, told) in [(2, true), (10, false)] {
        sandbox.set("AWS_CREDENTIAL_EXPIRATION", &minutes(left));
        let ran = sandbox.awsx(&["exec", "--", "true"]).ok();
        let said = ran.stderr.contains("the credentials of the environment end at");
        assert_eq!(said, told, "{left} minutes: {ran:?}");
    }
}
