//! `credential_process`: what other programs hand over, and awsx among them.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::fake_aws::sample;
use crate::sandbox::{CONFIG, Sandbox};

/// A home whose profile `process` runs `planted/process`, which notes each run in `runs`.
fn sandbox(script: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.config(&format!(
        "{CONFIG}\n[profile process]\nregion = eu-west-1\ncredential_process = sh planted/process\n\
         [profile on-top]\nrole_arn = {}\nsource_profile = process\n",
        sample::READ_ONLY
    ));
    sandbox.write("planted/process", &format!("echo >> runs\n{script}"));
    sandbox.aws.control(|state| {
        let role = state.iam.role(sample::READ_ONLY).unwrap();
        role.trust.principals.push(sample::MACHINE.into());
    });
    sandbox
}

/// A script that prints credentials of [`sample::MACHINE`], without or with an end.
fn printing(sandbox: &Sandbox, expiration: Option<DateTime<Utc>>) {
    let issued = sandbox.aws.control(|state| state.issue_role(sample::MACHINE, "process", 3600));
    let mut document = json!({
        "Version": 1,
        "AccessKeyId": issued.access_key_id,
        "SecretAccessKey": issued.secret_access_key,
        "SessionToken": issued.session_token,
    });
    if let Some(end) = expiration {
        document["Expiration"] = end.to_rfc3339().into();
    }
    sandbox.write("planted/process", &format!("echo >> runs\necho '{document}'"));
}

fn runs(sandbox: &Sandbox) -> usize {
    std::fs::read(sandbox.home().join("runs")).map_or(0, |runs| runs.len())
}

fn hours_from_now(sandbox: &Sandbox, hours: i64) -> Option<DateTime<Utc>> {
    Some(sandbox.aws.control(|state| state.now()) + TimeDelta::hours(hours))
}

#[test]
fn what_it_prints_is_passed_on_as_it_is() {
    let sandbox = sandbox("");
    for hours in [None, Some(1)] {
        printing(&sandbox, hours.and_then(|hours| hours_from_now(&sandbox, hours)));
        let ran = sandbox.awsx(&["exec", "process", "--", "env"]).ok();
        assert!(ran.stdout.contains("AWS_ACCESS_KEY_ID=ASIA"), "{ran:?}");
        assert!(ran.stdout.contains("AWS_REGION=eu-west-1"), "{ran:?}");
        assert_eq!(ran.stdout.contains("AWS_CREDENTIAL_EXPIRATION="), hours.is_some(), "{ran:?}");
    }
    assert_eq!(runs(&sandbox), 2, "it is asked each time");
    assert!(sandbox.aws.calls().is_empty());
    let who = sandbox.awsx(&["whoami", "process", "--json"]).ok().json();
    assert!(who["arn"].as_str().unwrap().ends_with("assumed-role/Machine/process"), "{who}");
}

#[test]
fn a_role_on_top_is_kept() {
    let sandbox = sandbox("");
    printing(&sandbox, hours_from_now(&sandbox, 1));
    for _ in 0..2 {
        sandbox.awsx(&["exec", "on-top", "--", "true"]).ok();
    }
    assert_eq!((runs(&sandbox), sandbox.aws.count("AssumeRole")), (1, 1));
}

#[test]
fn what_is_no_credentials_is_said_and_never_shown() {
    let document = |rest: &str| {
        format!(r#"echo '{{"AccessKeyId":"A","SecretAccessKey":"planted-secret"{rest}}}'"#)
    };
    for (docs, script, words) in [
        ("garbage", "echo planted-garbage".to_owned(), &["not JSON (line 1, column 1)"][..]),
        ("nothing", String::new(), &["not JSON"]),
        ("a list", "echo '[\"planted-item\"]'".to_owned(), &["not a JSON object"]),
        ("no version", document(""), &["`Version` is not 1"]),
        ("another version", document(r#","Version":2"#), &["`Version` is not 1"]),
        ("a text for a version", document(r#","Version":"1""#), &["`Version` is not 1"]),
        (
            "no secret",
            r#"echo '{"Version":1,"AccessKeyId":"planted-id"}'"#.to_owned(),
            &["`SecretAccessKey` is missing"],
        ),
        (
            "over",
            document(r#","Version":1,"Expiration":"2020-01-01T00:00:00Z""#),
            &["expired at 2020-01-01T00:00:00Z"],
        ),
        (
            "an end that is none",
            document(r#","Version":1,"Expiration":"planted-end""#),
            &["`Expiration` is not an ISO 8601 time"],
        ),
        ("endless", "yes planted-endless".to_owned(), &["sh: wrote more than 64 KiB"]),
        ("fails", "echo planted-output; exit 3".to_owned(), &["sh: failed with exit status: 3"]),
        ("killed", "kill -KILL $$".to_owned(), &["sh: failed with signal: 9"]),
        // What it says itself is seen.
        ("complains", "echo no token >&2; exit 1".to_owned(), &["no token\n", "exit status: 1"]),
    ] {
        for profile in ["process", "on-top"] {
            let sandbox = sandbox(&script);
            let ran = sandbox.awsx(&["exec", profile, "-vv", "--", "true"]).fails(8, words);
            let ran = ran.fails(8, &["profile \"process\": ", "hint: "]);
            assert!(!ran.stderr.contains("planted-"), "{docs}: {ran:?}");
            assert_eq!(runs(&sandbox), 1, "{docs}: tried again");
            assert!(sandbox.aws.calls().is_empty(), "{docs}");
        }
    }
}

#[test]
fn a_command_that_cannot_start_is_named_without_its_arguments() {
    for (command, words) in [
        ("no-such-program planted-argument", &["no-such-program: is not found"][..]),
        ("~/bin/tool planted-argument", &["~/bin/tool: is not found", "without a shell"]),
        ("false | planted-argument", &["false: failed", "without a shell"]),
        ("/etc/passwd planted-argument", &["/etc/passwd: cannot be started: Permission denied"]),
        ("sh 'planted-argument", &["a quote is not closed"]),
    ] {
        let sandbox = Sandbox::new();
        sandbox.config(&format!("[profile process]\ncredential_process = {command}\n"));
        let ran = sandbox.awsx(&["exec", "process", "--", "true"]);
        let ran = ran.fails(8, &["profile \"process\": ", "hint: "]).fails(8, words);
        assert!(!ran.stderr.contains("planted"), "{ran:?}");
    }
}

/// It gets no standard input, which belongs to the command of `exec`, and no terminal of its own.
#[test]
fn the_commands_input_is_left_alone() {
    let sandbox = sandbox("");
    printing(&sandbox, None);
    let script = std::fs::read_to_string(sandbox.home().join("planted/process")).unwrap();
    sandbox.write("planted/process", &format!("cat > eaten\n{script}"));
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_awsx"));
    command.args(["exec", "process", "--", "cat"]);
    let ran = sandbox.run(&mut command, b"for the command", true).ok();
    assert_eq!(ran.stdout, "for the command");
    assert_eq!(std::fs::read(sandbox.home().join("eaten")).unwrap(), b"");
}

/// awsx is such a program itself; the inner one finds the session that is kept.
#[test]
fn awsx_may_be_the_process() {
    let sandbox = Sandbox::new();
    let awsx = env!("CARGO_BIN_EXE_awsx");
    sandbox.config(&format!(
        "{CONFIG}\n[profile outer]\ncredential_process = '{awsx}' credential-process middle\n\
         [profile middle]\ncredential_process = '{awsx}' credential-process readonly\n"
    ));
    for _ in 0..2 {
        let ran = sandbox.awsx(&["exec", "outer", "--", "env"]).ok();
        assert!(ran.stdout.contains("AWS_ACCOUNT_ID=111111111111"), "{ran:?}");
        assert!(ran.stdout.contains("AWSX_PROFILE=outer"), "{ran:?}");
        // The guard against circles must not reach a command that is none of it.
        assert!(!ran.stdout.contains("AWSX_CREDENTIAL_PROCESS_CHAIN"), "{ran:?}");
        assert_eq!(ran.stderr, "");
    }
    assert_eq!(sandbox.aws.count("AssumeRole"), 1);
}

#[test]
fn awsx_that_calls_itself_ends() {
    let sandbox = Sandbox::new();
    let awsx = env!("CARGO_BIN_EXE_awsx");
    let process =
        |profile: &str| format!("credential_process = '{awsx}' credential-process {profile}\n");
    sandbox.config(&format!(
        "[profile alone]\n{}[profile ping]\n{}[profile pong]\n{}",
        process("alone"),
        process("pong"),
        process("ping")
    ));
    for profile in ["alone", "ping"] {
        sandbox
            .awsx(&["exec", profile, "--", "true"])
            .fails(8, &["calls itself: its profile leads back to the same command", "hint: "]);
    }
}

/// What the inner awsx cannot do is said once by it, and its command by the outer one.
#[test]
fn a_process_that_needs_a_person_says_so() {
    let sandbox = Sandbox::new();
    let awsx = env!("CARGO_BIN_EXE_awsx");
    sandbox.config(&format!(
        "{CONFIG}\n[profile outer]\ncredential_process = '{awsx}' credential-process prod\n"
    ));
    sandbox.awsx(&["exec", "outer", "--", "true"]).fails(
        8,
        &["profile \"prod\" needs the MFA code", "awsx exec prod -- true", "profile \"outer\": "],
    );
}
