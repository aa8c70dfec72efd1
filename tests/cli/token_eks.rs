//! Tokens of EKS clusters: what the AWS CLI prints, what a cluster makes of them, and how long they are kept.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::children;
use crate::fake_aws::sample::{KEY_ID, READ_ONLY, USER};
use crate::given::sso_config;
use crate::ran::Ran;
use crate::sandbox::{AWSX, Sandbox};

const TOKEN: [&str; 4] = ["token", "eks", "--cluster", "demo"];

fn eks(sandbox: &Sandbox, more: &[&str]) -> Ran {
    sandbox.awsx(&[&TOKEN[..], more].concat()).ok()
}

fn token(ran: &Ran) -> String {
    ran.json()["status"]["token"].as_str().unwrap().to_owned()
}

fn end(ran: &Ran) -> DateTime<Utc> {
    ran.json()["status"]["expirationTimestamp"].as_str().unwrap().parse().unwrap()
}

/// The URL in a token.
fn url(token: &str) -> String {
    let encoded = token.strip_prefix("k8s-aws-v1.").unwrap();
    String::from_utf8(crate::fake_aws::base64url::decode(encoded).unwrap()).unwrap()
}

/// What is printed, with the token as the URL that is in it, and without what time changes.
fn timeless(stdout: &str) -> String {
    let document: Value = serde_json::from_str(stdout).unwrap();
    let token = document["status"]["token"].as_str().unwrap();
    let end = document["status"]["expirationTimestamp"].as_str().unwrap();
    let url: Vec<String> = url(token)
        .split('&')
        .map(|part| match part.split_once('=') {
            Some((name @ ("X-Amz-Date" | "X-Amz-Signature"), value)) => {
                format!("{name}={}", value.len())
            }
            _ => part.to_owned(),
        })
        .collect();
    stdout.replace(token, &url.join("&")).replace(end, "2026-01-01T00:00:00Z")
}

#[test]
fn the_answer_is_the_aws_clis_but_for_time_and_signature() {
    let sandbox = children::sandbox();
    sandbox.config("[profile dev]\nregion = eu-west-1\n");
    let v1 = r#"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false}}"#;
    let alpha = v1.replace("/v1", "/v1alpha1");
    let own = [AWSX, "token", "eks"];
    let cli = ["aws2", "eks", "get-token"];
    let flags = ["--cluster-name", "demo", "--profile", "dev"];
    let ask = |words: &[&str]| {
        let mut command = sandbox.command(words[0]);
        sandbox.run(command.args(&words[1..]), b"", false).ok()
    };
    for (docs, info, warns) in [
        ("nothing", "", false),
        ("v1", v1, false),
        ("deprecated", &alpha, true),
        ("odd", "{", true),
    ] {
        sandbox.set("KUBERNETES_EXEC_INFO", info);
        let expected = ask(&[&cli[..], &flags].concat());
        let found = ask(&[&own[..], &flags].concat());
        assert_eq!(timeless(&found.stdout), timeless(&expected.stdout), "{docs}");
        let warnings = [&found, &expected].map(|ran| ran.stderr.lines().count());
        assert_eq!(warnings, [usize::from(warns); 2], "{docs}: {found:?} {expected:?}");
    }
    // With a session token; and where the profile says no more than that.
    sandbox.unset("KUBERNETES_EXEC_INFO");
    sandbox.config(&format!(
        "[profile dev]\n[profile readonly]\nregion = eu-west-1\nrole_arn = {READ_ONLY}\nsource_profile = dev\n"
    ));
    let inner = |words: &[&str]| {
        let words = [&["exec", "readonly", "--"], words, &["--cluster-name", "demo"]].concat();
        timeless(&sandbox.awsx(&words).ok().stdout)
    };
    assert_eq!(inner(&own), inner(&cli));
}

#[test]
fn a_cluster_knows_the_bearer_and_no_other_cluster_does() {
    let sandbox = Sandbox::new().sso_profiles().logged_in();
    sandbox.config(&format!("{}{}", sso_config(), crate::sandbox::CONFIG));
    let user = |token: &str, cluster: &str| {
        sandbox.aws.control(|state| state.user_of_cluster(token, cluster))
    };
    let role = ["-p", "dev", "--role-arn", READ_ONLY];
    for (flags, arn) in [
        (&["-p", "dev"][..], USER),
        (&["-p", "readonly"], "arn:aws:sts::111111111111:assumed-role/ReadOnly/awsx-ann"),
        (&role, "arn:aws:sts::111111111111:assumed-role/ReadOnly/EKSGetTokenAuth"),
        (&["-p", "sso"], ":assumed-role/AWSReservedSSO_Developer_"),
    ] {
        let alone = [flags, &["--token"]].concat();
        let ran = eks(&sandbox, flags).stderr_is(&[]);
        let found = user(&token(&ran), "demo").unwrap();
        assert!(found.contains(arn), "{flags:?}: {found}");
        assert!(user(&token(&ran), "other").unwrap_err().contains("signature"), "{flags:?}");
        let alone = eks(&sandbox, &alone);
        assert_eq!(user(alone.stdout.trim_end(), "demo").unwrap(), found);
        let left = end(&ran) - sandbox.aws.now();
        assert!((13..=14).contains(&left.num_minutes()), "{flags:?}: {left}");
    }
    let ran = eks(&sandbox, &["-p", "readonly"]);
    sandbox.aws.control(|state| state.clock_offset = TimeDelta::minutes(16));
    assert!(user(&token(&ran), "demo").unwrap_err().contains("expired"));
}

/// Whoever hands credentials over may give another's the next time; what is in a file is signed with at once.
#[test]
fn a_token_is_kept_while_it_is_good_and_goes_with_what_made_it() {
    let sandbox = Sandbox::new().sso_profiles().logged_in();
    sandbox.config(&format!(
        "{}{}[profile tool]\nregion = eu-west-1\ncredential_process = {AWSX} credential-process dev\n",
        sso_config(),
        crate::sandbox::CONFIG
    ));
    let ask =
        |profile: &str, more: &[&str]| token(&eks(&sandbox, &[&["-p", profile], more].concat()));
    let first = ask("readonly", &[]);
    sandbox.aws.forget_calls();
    assert_eq!(ask("readonly", &[]), first);
    assert_eq!(sandbox.aws.operations(), Vec::<String>::new());
    assert_eq!(sandbox.records("tokens").len(), 1);
    // Another region, another cluster, another token.
    let elsewhere = ask("readonly", &["--region", "us-west-2"]);
    assert!(url(&elsewhere).contains("us-west-2"), "{elsewhere}");
    let other = sandbox.awsx(&["token", "eks", "--cluster", "two", "-p", "readonly"]).ok();
    assert_ne!(token(&other), first);
    assert_eq!(sandbox.records("tokens").len(), 3);
    for profile in ["dev", "tool"] {
        ask(profile, &[]);
        assert_eq!(sandbox.records("tokens").len(), 3, "{profile}");
    }
    let record = sandbox.records("tokens");
    let again = ask("readonly", &["--refresh"]);
    assert_eq!(sandbox.records("tokens"), record);
    assert_eq!(ask("readonly", &[]), again);
    sandbox.awsx(&["sessions", "clear", "readonly"]).ok();
    assert_eq!(sandbox.records("tokens").len(), 0);
    ask("sso", &[]);
    assert_eq!(sandbox.records("tokens").len(), 1);
    sandbox.awsx(&["logout", "corp"]).ok();
    assert_eq!(sandbox.records("tokens").len(), 0);
    ask("readonly", &[]);
    sandbox.awsx(&["sessions", "clear", "--all"]).ok();
    assert_eq!(sandbox.records("tokens").len(), 0);
}

#[test]
fn a_token_ends_with_the_session_that_signed_it() {
    let sandbox = Sandbox::new().sso_profiles().logged_in();
    sandbox.aws.control(|state| state.portal.assignments.iter_mut().for_each(|a| a.seconds = 300));
    let ran = eks(&sandbox, &["-p", "sso"]);
    let left = (end(&ran) - sandbox.aws.now()).num_seconds();
    assert!((200..=300).contains(&left), "{left}");
}

#[test]
fn nobody_is_asked_where_kubectl_says_so() {
    let sandbox = Sandbox::not_logged_in();
    let line = [&TOKEN[..], &["-p", "sso"]].concat();
    let mut terminal = sandbox.awsx_on_terminal(&line);
    terminal.expect("[Y/n]").type_line("n").end().exits(4);
    sandbox.set("KUBERNETES_EXEC_INFO", r#"{"spec":{"interactive":false}}"#);
    let ran = sandbox.awsx_on_terminal(&line).end();
    ran.fails(4, &["warning: KUBERNETES_EXEC_INFO", "needs a login", "awsx login sso corp"])
        .prints_no("[Y/n]");
}

#[test]
fn the_key_that_signs_is_the_profiles() {
    let sandbox = Sandbox::new();
    let ran = eks(&sandbox, &["-p", "dev"]).stderr_is(&[]);
    assert!(url(&token(&ran)).contains(&format!("X-Amz-Credential={KEY_ID}%2F")));
    // The MFA session, where the user has a device: a policy may demand it.
    sandbox.config(
        "[profile dev]\nregion = eu-west-1\nmfa_serial = arn:aws:iam::111111111111:mfa/dev\n",
    );
    let code = sandbox.code();
    let ran = eks(&sandbox, &["-p", "dev", "--mfa-code", &code]);
    assert!(url(&token(&ran)).contains("X-Amz-Credential=ASIA"));
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
}
