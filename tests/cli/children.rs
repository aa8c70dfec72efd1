//! Real programs on the other side: boto3 and the AWS CLI as the command of `exec` and as those who
//! ask `credential_process`; `awsx env` evaluated in the shells that people use.
//!
//! `.ci/run` puts boto3 and both versions of the AWS CLI into `target/ci` and installs the shells. What
//! is not there fails these tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::given::CONSOLE_TOKEN;
use crate::ran::Ran;
use crate::sandbox::{AWSX, CONFIG, PASSPHRASE, Sandbox};
use crate::table::side_by_side;

/// Who boto3 is, where, and which of its sources gave the credentials.
const WHO: &str = "\
import boto3, json, os
session = boto3.Session(profile_name=os.environ.get('WHO_PROFILE'))
print(json.dumps({
    'arn': session.client('sts').get_caller_identity()['Arn'],
    'region': session.region_name,
    'method': session.get_credentials().method,
}))
";

const DEV: &str = "arn:aws:iam::111111111111:user/dev";
const READ_ONLY: &str = "arn:aws:sts::111111111111:assumed-role/ReadOnly/awsx-ann";
const ADMIN: &str = "arn:aws:sts::222222222222:assumed-role/Admin/awsx-ann";

/// Version 1, which is botocore's, and version 2.
pub(crate) const AWS_CLIS: [&str; 2] = ["aws", "aws2"];

/// The directory of a program that `.ci/run` installs.
pub(crate) fn directory_of(program: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/ci").join(program);
    assert!(path.exists(), "{} is needed: `.ci/run` makes it", path.display());
    path.parent().unwrap().to_owned()
}

/// A sandbox with awsx, `python` with boto3, `aws` and `aws2` in its PATH, and a vault whose passphrase
/// the children of children find too.
pub(crate) fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let awsx = Path::new(AWSX);
    let path = awsx::for_tests::Env::capture().get("PATH").expect("PATH is set").to_owned();
    let tools = ["venv/bin/python", "venv/bin/aws", "bin/aws2"].map(directory_of);
    let directories = [awsx.parent().unwrap().to_owned()].into_iter().chain(tools);
    let path = std::env::join_paths(directories.chain(std::env::split_paths(&path)));
    sandbox.set("PATH", path.unwrap().to_str().unwrap());
    // botocore asks a metadata service once, for a second.
    sandbox.set("AWS_METADATA_SERVICE_TIMEOUT", "20");
    sandbox.set("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "5");
    sandbox.unset("AWSX_PASSPHRASE");
    let passphrase = sandbox.write_mode("planted/passphrase", PASSPHRASE, 0o600);
    sandbox.set("AWSX_PASSPHRASE_FILE", passphrase.to_str().unwrap());
    sandbox.write("planted/who.py", WHO);
    sandbox
}

/// A command of these words, its stdout searched for secrets.
pub(crate) fn run(sandbox: &Sandbox, words: &[&str]) -> Ran {
    let (program, arguments) = words.split_first().expect("a program");
    sandbox.run(sandbox.command(program).args(arguments), b"", true)
}

/// boto3's view of itself.
pub(crate) fn boto3(sandbox: &Sandbox) -> Ran {
    run(sandbox, &["python", "planted/who.py"])
}

/// Where `node` finds the SDK for JavaScript.
pub(crate) fn javascript_modules(sandbox: &Sandbox) {
    let of_aws = directory_of("npm/node_modules/@aws-sdk/client-sts");
    sandbox.set("NODE_PATH", of_aws.parent().unwrap().to_str().unwrap());
}

/// Who the SDK for JavaScript is.
pub(crate) fn javascript(sandbox: &Sandbox) -> Ran {
    const WHO: &str = "
const { STSClient, GetCallerIdentityCommand } = require('@aws-sdk/client-sts');
// It waits a second for a server on this machine.
const ask = (left) => new STSClient({}).send(new GetCallerIdentityCommand({}))
    .catch((error) => left ? ask(left - 1) : Promise.reject(error));
ask(5).then((who) => console.log(JSON.stringify(who)));
";
    javascript_modules(sandbox);
    sandbox.write("planted/who.js", WHO);
    run(sandbox, &["node", "planted/who.js"])
}

/// An AWS CLI's view of itself.
pub(crate) fn aws_cli(sandbox: &Sandbox, aws: &str, profile: &str) -> Ran {
    run(sandbox, &[aws, "--profile", profile, "sts", "get-caller-identity"])
}

#[test]
fn boto3_and_the_aws_cli_run_as_the_profile() {
    let sandbox = sandbox();
    // Both would win over what awsx hands over if they got there.
    sandbox.set("AWS_PROFILE", "audit");
    sandbox.set("AWS_SECURITY_TOKEN", "planted-stale-token");
    for (flags, profile, arn, region) in [
        (&[][..], "dev", DEV, "eu-west-1"),
        (&["--region", "us-east-2"], "readonly", READ_ONLY, "us-east-2"),
        (&["--mfa-code", &sandbox.code()], "prod", ADMIN, "eu-central-1"),
    ] {
        let exec = [&["awsx", "exec"], flags, &[profile, "--"]].concat();
        let boto3 = [&exec[..], &["python", "planted/who.py"]].concat();
        assert_eq!(
            run(&sandbox, &boto3).ok().json(),
            json!({ "arn": arn, "region": region, "method": "env" }),
            "{profile}"
        );
        // The cached session needs no second code.
        let exec = ["awsx", "exec", profile, "--region", region, "--"];
        for aws in AWS_CLIS {
            let cli = [&exec[..], &[aws, "sts", "get-caller-identity"]].concat();
            assert_eq!(run(&sandbox, &cli).ok().json()["Arn"], arn, "{aws}, {profile}");
        }
        assert!(sandbox.aws.calls().iter().all(|call| call.outcome == "OK"), "{profile}");
    }
}

/// The line that the README gives for `~/.aws/config`, and a role on top that the AWS CLI assumes
/// itself.
#[test]
fn boto3_and_the_aws_cli_ask_credential_process() {
    let sandbox = sandbox();
    sandbox.exec("prod", &["--mfa-code", &sandbox.code()]).ok();
    sandbox.config(&format!(
        "{CONFIG}\n\
         [profile by-process]\n\
         region = eu-north-1\n\
         credential_process = awsx credential-process readonly\n\
         [profile short]\n\
         region = eu-north-1\n\
         credential_process = awsx credential-process readonly --duration 15m\n\
         [profile admin]\n\
         region = eu-north-1\n\
         credential_process = awsx credential-process prod\n\
         [profile on-top]\n\
         region = eu-north-1\n\
         role_arn = arn:aws:iam::333333333333:role/security/Audit\n\
         external_id = sandbox-audit\n\
         role_session_name = by-aws\n\
         source_profile = admin\n"
    ));
    let audit = "arn:aws:sts::333333333333:assumed-role/Audit/by-aws";
    for (profile, arn, method, minted) in [
        ("by-process", READ_ONLY, "custom-process", 1),
        // botocore renews what ends within 15 minutes at once, and again for every call.
        ("short", READ_ONLY, "custom-process", 1),
        ("admin", ADMIN, "custom-process", 0),
        // boto3 and the AWS CLI each assume it themselves; both CLIs share ~/.aws/cli/cache.
        ("on-top", audit, "assume-role", 2),
    ] {
        sandbox.aws.forget_calls();
        sandbox.set("WHO_PROFILE", profile);
        assert_eq!(
            boto3(&sandbox).ok().json(),
            json!({ "arn": arn, "region": "eu-north-1", "method": method }),
            "{profile}"
        );
        for aws in AWS_CLIS {
            let who = aws_cli(&sandbox, aws, profile).ok().json();
            assert_eq!(who["Arn"], arn, "{aws}, {profile}");
        }
        assert_eq!(sandbox.aws.count("AssumeRole"), minted, "{profile}");
    }
}

/// The same person, from the same files.
#[test]
fn boto3_and_the_aws_cli_use_the_same_login_as_awsx() {
    let sandbox = sandbox().sso_profiles().logged_in();
    sandbox.set("AWS_DEFAULT_REGION", "eu-west-1");
    for profile in ["sso", "old", "foreign"] {
        sandbox.set("WHO_PROFILE", profile);
        let awsx = run(&sandbox, &["awsx", "whoami", profile, "--json"]);
        let clis = AWS_CLIS.map(|aws| aws_cli(&sandbox, aws, profile));
        let others = [boto3(&sandbox)].into_iter().chain(clis);
        if profile == "foreign" {
            others.for_each(|ran| drop(ran.says("ForbiddenException")));
            awsx.exits(5);
            continue;
        }
        let arn = &awsx.ok().json()["arn"];
        for other in others.map(|ran| ran.ok().json()) {
            assert_eq!(other.get("Arn").or(other.get("arn")), Some(arn), "{profile}");
        }
    }
}

/// What awsx says reaches the person through their error.
#[test]
fn boto3_and_the_aws_cli_show_awsxs_error() {
    let sandbox = sandbox();
    sandbox.config(&format!(
        "{CONFIG}\n[profile by-process]\nregion = eu-north-1\n\
         credential_process = awsx credential-process prod\n"
    ));
    sandbox.set("WHO_PROFILE", "by-process");
    let clis = AWS_CLIS.map(|aws| aws_cli(&sandbox, aws, "by-process"));
    for ran in [boto3(&sandbox)].into_iter().chain(clis) {
        assert_ne!(ran.code, 0, "{ran:?}");
        ran.says("profile \"prod\" needs the MFA code").says("awsx exec prod -- true");
    }
}

/// The AWS CLI signs with the key that awsx made, and awsx goes on with what the AWS CLI got.
#[test]
fn the_aws_cli_uses_and_renews_a_shared_sign_in() {
    let sandbox = sandbox();
    let renewals = || sandbox.aws.count(CONSOLE_TOKEN);
    let as_user = || {
        assert_eq!(aws_cli(&sandbox, "aws2", "console").ok().json()["Arn"], DEV);
    };
    sandbox.sign_in(&["--share"]).ok();
    as_user();
    assert_eq!(renewals(), 1, "it takes what awsx wrote");
    // About to end, for both.
    sandbox.aws.control(|state| state.signin.seconds = 200);
    sandbox.sign_in(&["--share"]).ok();
    sandbox.aws.control(|state| state.signin.seconds = 900);
    as_user();
    assert_eq!(renewals(), 3, "the AWS CLI renews it");
    run(&sandbox, &["awsx", "exec", "console", "--", "true"]).ok();
    assert_eq!(renewals(), 3, "awsx takes what the AWS CLI wrote");
    run(&sandbox, &["awsx", "exec", "console", "--refresh", "--", "true"]).ok();
    as_user();
    assert_eq!(renewals(), 4, "and the AWS CLI what awsx did");
}

/// A shell, and how it says: write the environment to `planted/before`; take the profile; write
/// `during` and ask boto3; take it back; write `after`.
struct Shell {
    command: &'static [&'static str],
    script: &'static str,
}

const POSIX: &str = r#"
    set -eu
    env -0 > planted/before
    eval "$(awsx env dev)"
    env -0 > planted/during
    python planted/who.py
    eval "$(awsx env --unset)"
    env -0 > planted/after
"#;

const SHELLS: [Shell; 6] = [
    Shell { command: &["sh", "-c"], script: POSIX },
    Shell { command: &["bash", "--norc", "--noprofile", "-c"], script: POSIX },
    Shell { command: &["dash", "-c"], script: POSIX },
    Shell { command: &["zsh", "-f", "-c"], script: POSIX },
    Shell {
        command: &["fish", "--no-config", "-c"],
        script: "
            env -0 > planted/before
            awsx env dev --format fish | source
            env -0 > planted/during
            python planted/who.py
            awsx env --unset --format fish | source
            env -0 > planted/after
        ",
    },
    Shell {
        command: &["nu", "--no-config-file", "-c"],
        script: "
            ^env -0 o> planted/before
            ^awsx env dev --format nushell | from json | load-env
            ^env -0 o> planted/during
            ^python planted/who.py
            ^awsx env --unset --format nushell | from json | load-env
            ^env -0 o> planted/after
        ",
    },
];

/// What a shell's children saw, without what shells keep for themselves.
fn environment(sandbox: &Sandbox, name: &str) -> BTreeMap<String, String> {
    let text = sandbox.read(&format!("planted/{name}"));
    text.split_terminator('\0')
        .map(|line| line.split_once('=').expect("env prints NAME=value"))
        .filter(|(name, _)| !matches!(*name, "_" | "SHLVL" | "PWD" | "OLDPWD" | "LAST_EXIT_CODE"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn evaluate(sandbox: &Sandbox, shell: &Shell) -> Value {
    let words = [shell.command, &[shell.script]].concat();
    let ran = run(sandbox, &words).ok();
    assert_eq!(ran.stderr, "", "{words:?}");
    ran.json()
}

#[test]
fn every_shell_takes_a_profile_and_gives_it_back() {
    let sandbox = sandbox();
    for shell in &SHELLS {
        let name = shell.command[0];
        let who = evaluate(&sandbox, shell);
        assert_eq!(who, json!({ "arn": DEV, "region": "eu-west-1", "method": "env" }), "{name}");
        let during = environment(&sandbox, "during");
        assert!(during["AWS_ACCESS_KEY_ID"].starts_with("ASIA"), "{name}");
        assert_eq!(during["AWSX_PROFILE"], "dev", "{name}");
        assert_eq!(environment(&sandbox, "after"), environment(&sandbox, "before"), "{name}");
    }
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
}

#[test]
fn a_region_of_the_person_survives_env() {
    let rows = [
        ("another region", &[("AWS_REGION", "us-east-2")][..], "us-east-2"),
        ("the profile's region", &[("AWS_REGION", "eu-west-1")], "eu-west-1"),
        ("the older name", &[("AWS_DEFAULT_REGION", "us-east-2")], "us-east-2"),
        ("the older name, the profile's", &[("AWS_DEFAULT_REGION", "eu-west-1")], "eu-west-1"),
        ("both", &[("AWS_REGION", "us-east-2"), ("AWS_DEFAULT_REGION", "us-east-2")], "us-east-2"),
    ];
    side_by_side(&rows, |&(docs, own, region)| {
        let sandbox = sandbox();
        own.iter().for_each(|(name, value)| sandbox.set(name, value));
        assert_eq!(evaluate(&sandbox, &SHELLS[1])["region"], region, "{docs}");
        assert_eq!(environment(&sandbox, "after"), environment(&sandbox, "before"), "{docs}");
    });
}

/// The formats that are for files, read by what reads such files.
#[test]
fn the_readers_of_each_file_format_read_it() {
    let sandbox = sandbox();
    for (docs, script) in [
        (
            "ini is a credentials file",
            "awsx env dev --format ini > planted/file
             WHO_PROFILE=dev AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=planted/file \
             python planted/who.py",
        ),
        (
            "dotenv is read by sh",
            "awsx env dev --format dotenv > planted/file
             set -a; . ./planted/file; set +a; python planted/who.py",
        ),
        (
            "json is an environment",
            "awsx env dev --format json > planted/file
             python -c 'import json, os
os.environ.update(json.load(open(\"planted/file\")))
exec(open(\"planted/who.py\").read())'",
        ),
    ] {
        let ran = run(&sandbox, &["sh", "-euc", script]).ok();
        let who = ran.json();
        assert_eq!((&who["arn"], &who["region"]), (&json!(DEV), &json!("eu-west-1")), "{docs}");
    }
}
