//! Session tokens as large as AWS makes them (4,096 bytes) and three times that, on every way out.

use crate::ran::Ran;
use crate::sandbox::{AWSX, CONFIG, Sandbox};

const SIZES: [usize; 2] = [4_096, 12_288];

/// A home whose sessions have such a token.
fn with_tokens_of(size: usize) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.aws.control(|state| state.iam.least_token_size = size);
    sandbox
}

/// The token of `readonly`, as SDKs get it.
fn token(sandbox: &Sandbox) -> String {
    let document = sandbox.awsx(&["credential-process", "readonly"]).ok().stderr_is(&[]).json();
    document["SessionToken"].as_str().unwrap().to_owned()
}

/// A line of a shell, in the sandbox.
fn in_shell(sandbox: &Sandbox, words: &[&str], stdin: &str) -> Ran {
    sandbox.run(sandbox.command(words[0]).args(&words[1..]), stdin.as_bytes(), false).ok()
}

#[test]
fn a_token_of_any_size_is_kept_and_handed_over_byte_for_byte() {
    for size in SIZES {
        let sandbox = with_tokens_of(size);
        let token = token(&sandbox);
        assert_eq!(token.len(), size);
        // From the vault, where it is sealed, into a command, and from there to AWS.
        let line = format!("AWS_SESSION_TOKEN={token}\n");
        sandbox.env_of("readonly").prints(&line);
        let inner = ["exec", "readonly", "--", AWSX, "whoami", "--json"];
        assert_eq!(sandbox.awsx(&inner).ok().json()["account"], "111111111111");
        let outer = ["exec", "readonly", "--", AWSX, "exec", "--", "env"];
        sandbox.awsx(&outer).ok().prints(&line);
        assert_eq!(sandbox.aws.count("AssumeRole"), 1);
    }
}

#[test]
fn every_format_has_the_whole_token_or_says_what_to_use() {
    for size in SIZES {
        let sandbox = with_tokens_of(size);
        let token = token(&sandbox);
        for (format, text) in [
            ("sh", format!("export AWS_SESSION_TOKEN='{token}';\n")),
            ("fish", format!("set -gx AWS_SESSION_TOKEN '{token}';\n")),
            ("powershell", format!("$env:AWS_SESSION_TOKEN = '{token}';\n")),
            ("nushell", format!("\"AWS_SESSION_TOKEN\":\"{token}\"")),
            ("dotenv", format!("AWS_SESSION_TOKEN={token}\n")),
            ("json", format!("\"AWS_SESSION_TOKEN\":\"{token}\"")),
            ("ini", format!("aws_session_token = {token}\n")),
        ] {
            let ran = sandbox.awsx(&["env", "readonly", "--format", format]).ok().prints(&text);
            let read: &[&str] = match format {
                "sh" => &["sh", "-c", "eval \"$(cat)\"; printf %s \"$AWS_SESSION_TOKEN\""],
                "fish" => &["fish", "--no-config", "-c", "source; printf %s $AWS_SESSION_TOKEN"],
                _ => continue,
            };
            assert_eq!(in_shell(&sandbox, read, &ran.stdout).stdout, token, "{format}");
        }
        let cmd = sandbox.awsx(&["env", "readonly", "--format", "cmd"]);
        match size {
            4_096 => drop(cmd.ok().prints(&format!("set \"AWS_SESSION_TOKEN={token}\"\r\n"))),
            _ => drop(cmd.exits(2).prints("cmd /c exit 2").prints_no("AWS_").stderr_is(&[
                "error: the value of AWS_SESSION_TOKEN cannot be written as cmd: the line is longer than \
                 the 8,191 characters that cmd reads",
                "hint: `awsx exec` hands over what a line of cmd cannot; or use another --format, such as \
                 json",
            ])),
        }
    }
}

/// As somebody else's: of a `credential_process`, the environment and the credentials file.
#[test]
fn a_large_token_of_somebody_else_is_taken_over() {
    for size in SIZES {
        let sandbox = with_tokens_of(size);
        let token = token(&sandbox);
        let process = format!("credential_process = {AWSX} credential-process readonly");
        sandbox.config(&format!("{CONFIG}[profile tool]\n{process}\n"));
        sandbox.env_of("tool").prints(&token);
        sandbox.awsx(&["sessions", "write", "readonly", "--as", "written"]).ok();
        assert!(sandbox.read(".aws/credentials").contains(&token));
        sandbox.env_of("written").prints(&token);
        let who = sandbox.whoami("written");
        assert!(who["arn"].as_str().unwrap().contains("assumed-role/ReadOnly/"), "{who}");
    }
}

#[test]
fn what_no_program_can_be_started_with_is_refused_before() {
    let sandbox = with_tokens_of(200_000);
    let error = "it is longer than the 128 KiB with which the system starts a program";
    let ran = sandbox.exec("readonly", &[]).exits(2);
    ran.stderr_is(&[
        &format!("error: the value of AWS_SESSION_TOKEN cannot be handed over: {error}"),
        "hint: a profile with `credential_process = awsx credential-process PROFILE` hands over \
         credentials of any length",
    ]);
    let error = format!("AWS_SESSION_TOKEN cannot be written as sh: {error}");
    let hint = "hint: use another --format, such as json";
    sandbox.awsx(&["env", "readonly", "--format", "sh"]).fails(2, &[&error, hint]);
    assert_eq!(token(&sandbox).len(), 200_000);
}
