//! `credential_process`: what other programs hand over, and awsx among them.

use chrono::TimeDelta;
use serde_json::json;

use crate::fake_aws::sample;
use crate::sandbox::{AWSX, CONFIG, Sandbox};

/// A home whose profile `process` runs a script, which notes each run in `runs`.
fn with_process(script: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.config(&format!(
        "{CONFIG}\n[profile process]\nregion = eu-west-1\ncredential_process = sh planted/process\n\
         [profile on-top]\nrole_arn = {}\nsource_profile = process\n",
        sample::READ_ONLY
    ));
    write_script(&sandbox, script);
    sandbox.let_assume_read_only(sample::MACHINE);
    sandbox
}

fn write_script(sandbox: &Sandbox, script: &str) {
    sandbox.write("planted/process", &format!("echo >> runs\n{script}"));
}

/// A script that prints credentials of [`sample::MACHINE`], without or with an end.
fn credentials_script(sandbox: &Sandbox, hours: Option<i64>) -> String {
    let issued = sandbox.aws.control(|state| state.issue_role(sample::MACHINE, "process", 3600));
    let mut document = json!({
        "Version": 1,
        "AccessKeyId": issued.access_key_id,
        "SecretAccessKey": issued.secret_access_key,
        "SessionToken": issued.session_token,
    });
    if let Some(hours) = hours {
        document["Expiration"] = (sandbox.aws.now() + TimeDelta::hours(hours)).to_rfc3339().into();
    }
    format!("echo '{document}'")
}

fn runs(sandbox: &Sandbox) -> usize {
    std::fs::read(sandbox.home().join("runs")).map_or(0, |runs| runs.len())
}

#[test]
fn a_processs_credentials_are_passed_on_as_they_are() {
    let sandbox = with_process("");
    for hours in [None, Some(1)] {
        write_script(&sandbox, &credentials_script(&sandbox, hours));
        let ran = sandbox.env_of("process");
        let ran = ran.prints_each(&["AWS_ACCESS_KEY_ID=ASIA", "AWS_REGION=eu-west-1"]);
        assert_eq!(ran.stdout.contains("AWS_CREDENTIAL_EXPIRATION="), hours.is_some(), "{ran:?}");
    }
    assert_eq!(runs(&sandbox), 2, "it is asked each time");
    assert!(sandbox.aws.calls().is_empty());
    let who = sandbox.whoami("process");
    assert!(who["arn"].as_str().unwrap().ends_with("assumed-role/Machine/process"), "{who}");
}

#[test]
fn a_role_on_top_of_a_process_is_kept() {
    let sandbox = with_process("");
    write_script(&sandbox, &credentials_script(&sandbox, Some(1)));
    for _ in 0..2 {
        sandbox.exec("on-top", &[]).ok();
    }
    assert_eq!((runs(&sandbox), sandbox.aws.count("AssumeRole")), (1, 1));
}

#[test]
fn bad_output_of_a_process_is_named_and_never_shown() {
    let document = |rest: &str| {
        format!(r#"echo '{{"AccessKeyId":"A","SecretAccessKey":"planted-secret"{rest}}}'"#)
    };
    let ends = |end: &str| document(&format!(r#","Version":1,"Expiration":"{end}""#));
    let no_secret = r#"echo '{"Version":1,"AccessKeyId":"planted-id"}'"#;
    for (script, words) in [
        ("echo planted-garbage", &["not JSON (line 1, column 1)"][..]),
        ("", &["not JSON"]),
        ("echo '[\"planted-item\"]'", &["not a JSON object"]),
        (&*document(""), &["`Version` is not 1"]),
        (&*document(r#","Version":2"#), &["`Version` is not 1"]),
        (&*document(r#","Version":"1""#), &["`Version` is not 1"]),
        (no_secret, &["`SecretAccessKey` is missing"]),
        (&*ends("2020-01-01T00:00:00Z"), &["gave credentials that expired 20"]),
        (&*ends("planted-end"), &["`Expiration` is not an ISO 8601 time"]),
        ("yes planted-endless", &["sh: wrote more than 128 KiB"]),
        ("echo planted-output; exit 3", &["sh: failed with exit status: 3"]),
        ("kill -KILL $$", &["sh: failed with signal: 9"]),
        // What it says itself is seen.
        ("echo no token >&2; exit 1", &["no token\n", "exit status: 1"]),
    ] {
        for profile in ["process", "on-top"] {
            let sandbox = with_process(script);
            let ran = sandbox.exec(profile, &["-vv"]).fails(8, words).says_no("planted-");
            ran.says("profile \"process\": ").says("hint: ");
            assert_eq!(runs(&sandbox), 1, "{script}: tried again");
            assert!(sandbox.aws.calls().is_empty(), "{script}");
        }
    }
}

#[test]
fn a_command_that_cannot_start_is_named_without_its_arguments() {
    for (command, words) in [
        ("no-such-program planted-argument", &["no-such-program: is not found"][..]),
        ("false --dir=$HOME/planted-argument", &["false: failed", "without a shell"]),
        ("printf planted-argument | false", &["sh: failed", "so it runs in a shell"]),
        ("/etc/passwd planted-argument", &["/etc/passwd: cannot be started: Permission denied"]),
        ("sh 'planted-argument", &["a quote is not closed"]),
    ] {
        let sandbox = Sandbox::new();
        sandbox.config(&format!("[profile process]\ncredential_process = {command}\n"));
        let ran = sandbox.exec("process", &[]).fails(8, words).says_no("planted");
        ran.says("profile \"process\": ").says("hint: ");
    }
}

/// Only awsx itself gets awsx's own secrets, not what is called so.
#[test]
fn a_namesake_of_awsx_gets_no_passphrase() {
    let sandbox = with_process("");
    let script = credentials_script(&sandbox, None);
    let script = format!("#!/bin/sh\nenv > planted/environment\n{script}");
    let namesake = sandbox.write_mode("planted/awsx", &script, 0o755);
    sandbox.config(&format!("[profile process]\ncredential_process = {}\n", namesake.display()));
    sandbox.exec("process", &[]).ok();
    assert!(!sandbox.read("planted/environment").contains("AWSX_PASSPHRASE="));
}

/// A role over awsx for that very role: the inner one would wait for the outer one.
#[test]
fn a_role_over_itself_is_said_at_once() {
    let sandbox = Sandbox::new();
    let role = format!("[profile r]\nrole_arn = {}\nsource_profile = p\n", sample::READ_ONLY);
    sandbox.config(&format!("{}{role}", by_awsx("p", "r")));
    let words = ["calls itself: it leads back to the session that it is run for"];
    sandbox.exec("r", &[]).fails(8, &words).says_no("failed with");
    assert_eq!(sandbox.aws.operations(), [""; 0]);
}

/// It gets no standard input, which belongs to the command of `exec`, and no terminal of its own.
#[test]
fn a_process_leaves_the_commands_input_alone() {
    let sandbox = with_process("");
    let script = credentials_script(&sandbox, None);
    write_script(&sandbox, &format!("cat > eaten\n{script}"));
    let mut command = sandbox.command(AWSX);
    command.args(["exec", "process", "--", "cat"]);
    let ran = sandbox.run(&mut command, b"for the command", true).ok();
    assert_eq!(ran.stdout, "for the command");
    assert_eq!(sandbox.read("eaten"), "");
}

/// A profile whose process is awsx for another one.
fn by_awsx(profile: &str, other: &str) -> String {
    format!("[profile {profile}]\ncredential_process = '{AWSX}' credential-process {other}\n")
}

/// awsx is such a program itself; the inner one finds the session that is kept.
#[test]
fn awsx_may_be_the_process() {
    let sandbox = Sandbox::new();
    let profiles = [by_awsx("outer", "middle"), by_awsx("middle", "readonly")].concat();
    sandbox.config(&format!("{CONFIG}\n{profiles}"));
    for _ in 0..2 {
        let ran = sandbox.env_of("outer").stderr_is(&[]);
        let ran = ran.prints_each(&["AWS_ACCOUNT_ID=111111111111", "AWSX_PROFILE=outer"]);
        // The guard against circles must not reach a command that is none of it.
        ran.prints_no("AWSX_CREDENTIAL_PROCESS_CHAIN");
    }
    assert_eq!(sandbox.aws.count("AssumeRole"), 1);
}

#[test]
fn awsx_that_calls_itself_fails() {
    let sandbox = Sandbox::new();
    let circle = [by_awsx("alone", "alone"), by_awsx("ping", "pong"), by_awsx("pong", "ping")];
    sandbox.config(&circle.concat());
    for profile in ["alone", "ping"] {
        let words = ["calls itself: its profile leads back to the same command", "hint: "];
        let ran = sandbox.exec(profile, &[]).fails(8, &words);
        assert_eq!(ran.stderr.matches("error: ").count(), 1, "{ran:?}");
    }
}

/// What the inner awsx cannot do is said by it alone; a program that reads the outer one's words gets them.
#[test]
fn a_process_that_needs_a_person_names_the_way_out() {
    let sandbox = Sandbox::new();
    sandbox.config(&format!("{CONFIG}\n{}", by_awsx("outer", "prod")));
    let words = ["profile \"prod\" needs the MFA code", "awsx exec prod -- true"];
    sandbox.exec("outer", &[]).fails(8, &words).says_no("outer");
    let ran = sandbox.awsx(&["whoami", "outer", "--json"]).fails(8, &words);
    let document = ran.stderr.lines().last().unwrap();
    let document: serde_json::Value = serde_json::from_str(document).unwrap();
    let message = document["error"]["message"].as_str().unwrap();
    assert!(message.contains("profile \"outer\": credential_process: "), "{message}");
}

/// Not each awsx that fails has said so: the command of `awsx exec` may be silent.
#[test]
fn a_silent_command_of_awsx_is_said() {
    let sandbox = Sandbox::new();
    let line = format!("credential_process = '{AWSX}' exec dev -- false");
    sandbox.config(&format!("{CONFIG}\n[profile outer]\n{line}\n"));
    sandbox.exec("outer", &[]).fails(8, &["profile \"outer\": ", "failed with exit status: 1"]);
}
