//! Passwords of registries of ECR: what the AWS CLI prints, what docker is told, and whose they are.

use std::os::unix::fs::symlink;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::children;
use crate::fake_aws::fault::Fault;
use crate::given::{SETTINGS, sso_config};
use crate::ran::Ran;
use crate::sandbox::{AWSX, CONFIG, Sandbox};

/// The registry of the sample user's account, and of another.
const OWN: &str = "111111111111.dkr.ecr.eu-west-1.amazonaws.com";
const OTHER: &str = "222222222222.dkr.ecr.eu-west-1.amazonaws.com";
const CALL: &str = "GetAuthorizationToken";

/// A person with profiles of both accounts, and docker's helper in the PATH.
fn sandbox() -> Sandbox {
    let sandbox = children::sandbox().sso_profiles().logged_in();
    sandbox.config(&format!("{}{CONFIG}", sso_config()));
    std::fs::create_dir(sandbox.home().join("bin")).unwrap();
    symlink(AWSX, sandbox.home().join("bin/docker-credential-awsx")).unwrap();
    sandbox
}

/// What docker does: runs the helper by its name, with this on stdin.
fn docker(sandbox: &Sandbox, operation: &str, said: &str) -> Ran {
    let program = sandbox.home().join("bin/docker-credential-awsx");
    sandbox.run(sandbox.command(program).arg(operation), said.as_bytes(), false)
}

fn passwords(sandbox: &Sandbox) -> Vec<String> {
    sandbox.aws.control(|state| state.registry_passwords.clone())
}

#[test]
fn the_password_is_what_the_aws_cli_prints_and_is_kept() {
    let sandbox = sandbox();
    let asked = || {
        let call = sandbox.aws.calls().pop().unwrap();
        (call.operation, call.region, call.outcome)
    };
    for (own, cli) in [
        (&["token", "ecr", "--region", "eu-west-1"][..], "ecr"),
        (&["token", "ecr", "--registry", "public.ecr.aws"], "ecr-public"),
    ] {
        let region = if cli == "ecr" { "eu-west-1" } else { "us-east-1" };
        let inner = |words: &[&str]| {
            let words = [&["exec", "readonly", "--"], words].concat();
            sandbox.awsx(&words).ok().stdout
        };
        let of_cli = inner(&["aws2", "--region", region, cli, "get-login-password"]);
        let asked_by_cli = asked();
        let of_awsx = inner(&[&[AWSX], own].concat());
        assert_eq!(asked(), asked_by_cli, "{cli}");
        let given = passwords(&sandbox);
        let given: Vec<String> =
            given[given.len() - 2..].iter().map(|p| format!("{p}\n")).collect();
        assert_eq!(given, [of_cli, of_awsx], "{cli}");
    }
    let ask = |more: &[&str]| {
        let words = [&["token", "ecr", "-p", "readonly"], more].concat();
        sandbox.awsx(&words).ok().stderr_is(&[]).stdout
    };
    sandbox.aws.forget_calls();
    let first = ask(&["--region", "eu-west-1"]);
    assert_eq!(ask(&["--registry", OWN]), first);
    assert_eq!(sandbox.aws.count(CALL), 1);
    assert_ne!(ask(&["--region", "us-west-2"]), first);
    let again = ask(&["--registry", OWN, "--refresh"]);
    assert_ne!(again, first);
    assert_eq!(ask(&["--registry", OWN]), again);
    assert_eq!(sandbox.aws.count(CALL), 3);
    sandbox.awsx(&["token", "ecr", "-p", "readonly"]).fails(
        3,
        &["which region's registry it is for is not said", "--region REGION, or --registry HOST"],
    );
}

#[test]
fn many_pulls_at_once_ask_once() {
    let sandbox = sandbox();
    let words = ["token", "ecr", "-p", "readonly", "--registry", OWN];
    let ran = sandbox.many(8, &words).ok();
    assert!(ran.iter().all(|one| one.stdout == ran[0].stdout));
    assert_eq!((sandbox.aws.count(CALL), sandbox.aws.count("AssumeRole")), (1, 1));
}

#[test]
fn docker_is_told_in_its_own_words() {
    let sandbox = sandbox();
    sandbox.write(
        SETTINGS,
        &format!("[registries]\n\"*.dkr.ecr.eu-west-1.amazonaws.com\" = \"readonly\"\n\"{OTHER}\" = \"sso\"\n"),
    );
    for (server, count) in [(OWN.to_owned(), 1), (format!("https://{OTHER}/v2/\n"), 2)] {
        let ran = docker(&sandbox, "get", &server).ok().stderr_is(&[]);
        let password = passwords(&sandbox).pop().unwrap();
        let expected = json!({"ServerURL": server.trim(), "Username": "AWS", "Secret": password});
        assert_eq!(ran.json(), expected);
        assert_eq!(sandbox.aws.count(CALL), count);
        assert_eq!(docker(&sandbox, "get", &server).ok().stdout, ran.stdout);
        assert_eq!(sandbox.aws.count(CALL), count);
    }
    // Each by the credentials of the profile that the rule names.
    let keys: Vec<_> = sandbox.aws.calls().into_iter().filter(|c| c.operation == CALL).collect();
    assert_ne!(keys[0].access_key_id, keys[1].access_key_id);
    let list = docker(&sandbox, "list", "").ok().stderr_is(&[]).json();
    assert_eq!(list, json!({ format!("https://{OTHER}"): "AWS" }));
    // `docker logout`, `docker login`
    docker(&sandbox, "erase", OWN).ok().stderr_is(&[]);
    assert_eq!(sandbox.records("tokens").len(), 0);
    let stored = |server: &str| {
        let said = json!({"ServerURL": server, "Username": "AWS", "Secret": "planted-password"});
        docker(&sandbox, "store", &said.to_string())
    };
    assert_eq!(stored(OWN).ok().stderr_is(&[]).stdout, "");
    stored("ghcr.io")
        .exits(2)
        .prints("awsx keeps no passwords of registries that are none of ECR's\n");
}

/// docker goes on without a password where it reads this sentence alone, and shows any other.
#[test]
fn docker_is_told_why_there_is_none() {
    const NONE: &str = "credentials not found in native keychain\n";
    let sandbox = sandbox();
    for said in ["https://index.docker.io/v1/", "ghcr.io", "", "\u{1b}[2J\n\u{0}", "{}"] {
        let ran = docker(&sandbox, "get", said);
        assert_eq!((&*ran.stdout, &*ran.stderr), (NONE, ""), "{said}");
        assert_ne!(ran.code, 0);
    }
    // Nobody's credentials: what is public needs none.
    let ran = docker(&sandbox, "get", "public.ecr.aws");
    assert_eq!((&*ran.stdout, &*ran.stderr), (NONE, ""));
    let ran = docker(&sandbox, "get", OWN).exits(8);
    assert!(ran.stdout.starts_with("no credentials") && !ran.stderr.is_empty(), "{ran:?}");
    // Another account's.
    sandbox.set("AWS_PROFILE", "readonly");
    let ran = docker(&sandbox, "get", OTHER).exits(5);
    let why =
        format!("{OTHER} is the registry of 222222222222, and the credentials are of 111111111111");
    assert_eq!(ran.stdout, format!("{why}\n"));
    ran.says(&format!("hint: write `\"{OTHER}\" = \""))
        .says("below [registries] in ~/.config/awsx/config.toml");
    sandbox.awsx(&["token", "ecr", "--registry", OTHER]).fails(5, &[&why]).prints_no("e");
    // Whoever names the profile says that it is meant: a registry may let another account in.
    sandbox.awsx(&["token", "ecr", "--registry", OTHER, "-p", "readonly"]).ok();
    sandbox.write(
        SETTINGS,
        &format!("[registries]\n\"{OTHER}\" = \"readonly\"\n\"{OWN}\" = \"gone\"\n"),
    );
    docker(&sandbox, "get", OTHER).ok();
    docker(&sandbox, "get", OWN).exits(3).prints(&format!(
        "~/.config/awsx/config.toml names the profile \"gone\" for {OWN}, and there is none\n"
    ));
    // AWS says no, or nothing.
    sandbox.write(SETTINGS, "");
    sandbox.awsx(&["sessions", "clear", "--all"]).ok();
    let denied = Fault::Refuse {
        status: 400,
        code: "AccessDeniedException",
        message: "no policy allows it",
    };
    sandbox.aws.fail(CALL, denied, 1);
    docker(&sandbox, "get", OWN).exits(5).prints(
        "ecr:GetAuthorizationToken was refused: AccessDeniedException: no policy allows it\n",
    );
    sandbox.aws.fail(CALL, Fault::Garbage, 1);
    docker(&sandbox, "get", OWN).exits(6).prints("ecr:GetAuthorizationToken did not succeed");
    sandbox.aws.control(|state| state.clock_offset = TimeDelta::hours(3));
    docker(&sandbox, "get", OWN).exits(5).prints("ExpiredTokenException");
    let mut terminal = sandbox.awsx_on_terminal(&["docker-credential", "get"]);
    terminal.end().exits(2).says("docker says the registry on stdin, and stdin is the terminal");
}

#[test]
fn a_person_at_docker_is_offered_the_login() {
    let sandbox = Sandbox::not_logged_in();
    sandbox.write(SETTINGS, &format!("[registries]\n\"{OTHER}\" = \"sso\"\n"));
    let line = format!("echo {OTHER} | awsx docker-credential get > answer && echo done");
    let mut terminal = sandbox.sh_on_terminal(&line);
    terminal.expect("[Y/n]").type_line("");
    sandbox.allow();
    terminal.expect("done").end().ok();
    let answer = sandbox.read("answer");
    std::fs::remove_file(sandbox.home().join("answer")).unwrap();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["ServerURL"], OTHER);
}
