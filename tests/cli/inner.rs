//! awsx in a shell that has credentials from awsx, and the shell itself.

use std::path::Path;

use awsx::for_tests::Env;
use serde_json::json;

use crate::fake_aws::sample;
use crate::ran::Ran;
use crate::sandbox::{AWSX, CONFIG, Sandbox};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let awsx = Path::new(AWSX).parent().unwrap().display();
    let path = Env::capture().get("PATH").expect("PATH is set").to_owned();
    sandbox.set("PATH", &format!("{awsx}:{path}"));
    sandbox.config(&format!(
        "{CONFIG}\n[default]\nregion = us-east-1\n\n[profile near]\nregion = eu-west-2\n\
         role_arn = arn:aws:iam::111111111111:role/ReadOnly\nsource_profile = dev\n\
         retry_mode = adaptive\n"
    ));
    sandbox
}

/// What a script in a POSIX shell prints.
fn sh(sandbox: &Sandbox, script: &str) -> Ran {
    shell(sandbox, &["sh", "-c"], script)
}

fn shell(sandbox: &Sandbox, words: &[&str], script: &str) -> Ran {
    let mut command = sandbox.command(words[0]);
    command.args(&words[1..]).arg(script);
    sandbox.run(&mut command, b"", false)
}

#[test]
fn region_endpoints_and_profile_stay_with_the_credentials() {
    let sandbox = sandbox();
    let names = "AWS_REGION|AWS_DEFAULT_REGION|AWS_RETRY_MODE|AWSX_PROFILE|AWSX_REGION";
    let show = format!("env | grep -E '^({names})=' | sort");
    let outer = sh(&sandbox, &format!("awsx exec near -- sh -c \"{show}\"")).ok();
    assert_eq!(
        outer.stdout,
        "AWSX_PROFILE=near\nAWSX_REGION=eu-west-2\nAWS_DEFAULT_REGION=eu-west-2\n\
         AWS_REGION=eu-west-2\nAWS_RETRY_MODE=adaptive\n"
    );
    for (docs, line) in [
        ("exec", "awsx exec near -- awsx exec -- sh -c"),
        ("three deep", "awsx exec near -- awsx exec -- awsx exec -- sh -c"),
        ("env", "eval \"$(awsx env near)\"; eval \"$(awsx env)\"; sh -c"),
    ] {
        let inner = sh(&sandbox, &format!("{line} \"{show}\"")).ok();
        assert_eq!(inner.stdout, outer.stdout, "{docs}");
    }
    let given =
        sh(&sandbox, &format!("awsx exec near --region r-1 -- awsx exec -- sh -c \"{show}\""));
    given.ok().prints("AWS_REGION=r-1").prints("AWSX_PROFILE=near");
    let given =
        sh(&sandbox, &format!("awsx exec near -- awsx exec --region r-1 -- sh -c \"{show}\""));
    given.ok().prints("AWS_REGION=r-1").prints("AWS_RETRY_MODE=adaptive");
    let other = sh(&sandbox, &format!("awsx exec near -- awsx exec dev -- sh -c \"{show}\"")).ok();
    other.prints("AWSX_PROFILE=dev").prints("AWS_REGION=eu-west-1").prints_no("RETRY");
}

#[test]
fn an_inner_awsx_says_whose_credentials_it_found() {
    let sandbox = sandbox();
    let who = sh(&sandbox, "awsx exec near -- awsx whoami").ok();
    who.prints("profile  near (from awsx in this shell)\n").prints("region   eu-west-2\n");
    let who = sh(&sandbox, "awsx exec near -- awsx whoami --json").ok().json();
    assert_eq!(
        json!([who["profile"], who["source"], who["region"]]),
        json!(["near", "environment", "eu-west-2"])
    );
    // Other keys are somebody else's, and so is what goes with them.
    let keys = format!(
        "export AWS_ACCESS_KEY_ID={} AWS_SECRET_ACCESS_KEY='{}'; unset AWS_SESSION_TOKEN",
        sample::KEY_ID,
        sample::SECRET_KEY
    );
    let who = sh(&sandbox, &format!("eval \"$(awsx env near)\"; {keys}; awsx whoami --json"));
    let who = who.ok().json();
    assert_eq!(json!([who["profile"], who["region"]]), json!([null, "us-east-1"]));
}

#[test]
fn a_shell_whose_credentials_ended_says_how_to_go_on() {
    let sandbox = sandbox();
    let ended = "eval \"$(awsx env near)\"; export AWS_CREDENTIAL_EXPIRATION=2026-01-01T00:00:00Z";
    for command in ["whoami", "exec -- true"] {
        sh(&sandbox, &format!("{ended}; awsx {command}")).exits(8).stderr_is(&[
            "error: the credentials of the environment expired 20[..] ([..] days ago)",
            "hint: `eval \"$(awsx env near)\"` renews them in this shell; or `exit`, and `awsx exec near`",
        ]);
    }
    // What it says works.
    let ended = format!("{ended}; awsx whoami || eval \"$(awsx env near)\"; awsx whoami --json");
    assert_eq!(sh(&sandbox, &ended).ok().json()["profile"], "near");
}

#[test]
fn a_shell_that_evaluates_a_failure_fails() {
    let sandbox = sandbox();
    let posix = |flags| format!("set -e; eval \"$(awsx env {flags})\"; echo went on");
    for (words, format) in [
        (&["sh", "-c"][..], None),
        (&["bash", "--norc", "-c"], None),
        (&["dash", "-c"], None),
        (&["zsh", "-f", "-c"], None),
        (&["fish", "--no-config", "-c"], Some("fish | source; or exit $status")),
        (&["nu", "--no-config-file", "-c"], Some("nushell | from json | load-env")),
    ] {
        for (flags, code) in [("nobody", 3), ("dev --typo", 2), ("prod", 4)] {
            let script = match format {
                None => posix(flags),
                Some(format) => format!("awsx env {flags} --format {format}; echo went on"),
            };
            let ran = shell(&sandbox, words, &script).prints_no("went on");
            match words[0] {
                "nu" => assert_ne!(ran.code, 0, "{ran:?}"),
                _ => assert_eq!(ran.code, code, "{ran:?}"),
            }
        }
    }
    for (format, text) in [
        ("sh", "(exit 3)\n"),
        ("fish", "sh -c 'exit 3'\n"),
        ("powershell", "throw 'awsx ended with exit code 3'\n"),
        ("cmd", "cmd /c exit 3\r\n"),
        ("nushell", ""),
        ("dotenv", ""),
        ("json", ""),
        ("ini", ""),
    ] {
        let ran = sandbox.awsx(&["env", "nobody", "--format", format]).exits(3);
        assert_eq!(ran.stdout, text, "{format}");
    }
}

#[test]
fn a_passphrase_and_other_peoples_credentials_stay_in_the_shell() {
    let sandbox = sandbox();
    let show = "echo [${AWSX_PASSPHRASE:+there}] [$AWS_PROFILE]";
    let line = format!("eval \"$(awsx env near)\"; {show}; awsx exec near -- sh -c '{show}'");
    assert_eq!(sh(&sandbox, &line).ok().stdout, "[there] []\n[] []\n");
    let own = "export AWS_PROFILE=dev AWS_ACCESS_KEY_ID=AKIAOTHER";
    let line = format!("{own}; eval \"$(awsx env --unset)\"; {show}; echo $AWS_ACCESS_KEY_ID");
    let ran = sh(&sandbox, &line).ok();
    assert_eq!(ran.stdout, "[there] [dev]\nAKIAOTHER\n");
    ran.stderr_is(&["awsx: the credentials in this shell are not awsx's, and stay"]);
}

#[test]
fn a_shell_with_credentials_is_announced() {
    let sandbox = sandbox();
    sandbox.set("SHELL", "/bin/true");
    let line = "awsx: a shell with near, account 111111111111, eu-west-2, until ";
    let ran =
        sandbox.awsx_on_terminal(&["exec", "near"]).expect(line).expect("`exit` leaves it").end();
    ran.ok();
    for args in [&["exec", "near", "-q"][..], &["exec", "near", "--", "true"]] {
        sandbox.awsx_on_terminal(args).end().ok().says_no("a shell with");
    }
}
