//! Other tools by their own names: what scripts have of aws-vault, assume, aws-mfa and aws2-wrap, run through links to
//! awsx, and what each tool documents of it.

use std::path::PathBuf;

use crate::aws_mfa::long_term;
use crate::children::{self, directory_of};
use crate::every_command::leave_one_key;
use crate::fake_aws::sample::{KEY_ID, MFA_SERIAL, READ_ONLY, SECRET_KEY};
use crate::given::sso_config;
use crate::ran::Ran;
use crate::sandbox::{AWSX, CONFIG, Sandbox};

const NAMES: [&str; 4] = ["aws-vault", "assume", "aws-mfa", "aws2-wrap"];

impl Sandbox {
    /// With the links in a directory that is the first of PATH.
    fn with_shims(self) -> Self {
        let path = self.what_is_set("PATH");
        self.set("PATH", &format!("{}:{path}", self.bin().display()));
        self.awsx(&["migrate", "--shims", "bin", "-q"]).ok().stderr_is(&[]);
        self
    }

    fn bin(&self) -> PathBuf {
        self.home().join("bin")
    }

    /// A line of a shell, in which the tools are found by their names.
    fn script(&self, line: &str) -> Ran {
        self.run(self.command("sh").args(["-c", line]), b"", false)
    }
}

#[test]
fn what_scripts_do_with_aws_vault_works() {
    let sandbox = Sandbox::new().with_shims();
    std::os::unix::fs::symlink(AWSX, sandbox.bin().join("awsx")).unwrap();
    // The script; what it prints.
    for (line, expected) in [
        ("aws-vault exec readonly -- sh -c 'echo $AWS_VAULT'", "readonly\n"),
        (
            "aws-vault exec readonly -- sh -c 'echo ${AWS_SESSION_TOKEN:+yes} ${AWS_PROFILE-unset}'",
            "yes unset\n",
        ),
        (
            "aws-vault exec dev -n -- sh -c 'echo ${AWS_ACCESS_KEY_ID%7} ${AWS_SESSION_TOKEN-none}'",
            "AKIA2SANDBOXEXAMPLE none\n",
        ),
        (
            "aws-vault exec --no-session dev -- sh -c 'echo ${AWS_CREDENTIAL_EXPIRATION-none}'",
            "none\n",
        ),
        (
            "aws-vault exec dev -- sh -c 'echo $AWS_REGION $AWS_DEFAULT_REGION'",
            "eu-west-1 eu-west-1\n",
        ),
        ("aws-vault exec --region us-east-2 dev -- sh -c 'echo $AWS_REGION'", "us-east-2\n"),
        ("aws-vault exec dev -- sh -c 'exit 7'; echo $?", "7\n"),
        ("aws-vault exec dev -- printf '%s|' a 'b c' --recursive -n", "a|b c|--recursive|-n|"),
        ("aws-vault exec dev printf hi", "hi"),
        ("AWS_PROFILE=readonly SHELL=/usr/bin/true aws-vault exec; echo $?", "0\n"),
        (
            "echo 'echo in the shell of $AWS_VAULT' | SHELL=/bin/sh aws-vault exec readonly",
            "in the shell of readonly\n",
        ),
        ("aws-vault exec dev -- aws-vault exec readonly -- sh -c 'echo $AWS_VAULT'", "readonly\n"),
        // No word of an outer one for whose credentials there are.
        ("aws-vault exec readonly -- awsx exec dev -- sh -c 'echo ${AWS_VAULT-none}'", "none\n"),
        ("aws-vault --debug exec dev -- echo hi", "hi\n"),
        ("aws-vault --prompt=terminal exec dev -- echo hi", "hi\n"),
        (
            "aws-vault export dev | cut -d= -f1 | tr '\\n' ' '",
            "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION AWS_REGION AWS_DEFAULT_REGION ",
        ),
        ("export $(aws-vault export --format=env dev | xargs); echo $AWS_REGION", "eu-west-1\n"),
        ("env $(aws-vault export dev) sh -c 'echo ${AWS_SESSION_TOKEN:+yes}'", "yes\n"),
        // Unquoted, as in many a script.
        (
            "eval $(aws-vault export --format=export-env readonly); echo ${AWS_SECRET_ACCESS_KEY:+yes} ${AWS_REGION-none}",
            "yes none\n",
        ),
        ("aws-vault export --format json dev | grep -o '\"Version\": *1'", "\"Version\":1\n"),
        ("aws-vault exec --json dev | grep -c SessionToken", "1\n"),
        (
            "aws-vault export --format=ini dev | sed -n '1p;/^region/p'",
            "[dev]\nregion = eu-west-1\n",
        ),
        ("aws-vault list --profiles | sort | tr '\\n' ' '", "audit dev prod readonly "),
        ("aws-vault list | awk 'NR > 2 { print $1, $2 }' | sort | head -2", "audit -\ndev -\n"),
        (
            "aws-vault ls --sessions | grep -o '^sts.AssumeRole:5.m' | head -1",
            "sts.AssumeRole:59m\n",
        ),
        ("aws-vault list --credentials", ""),
        ("aws-vault clear 2>&1 | tail -1", "[..]"),
        ("aws-vault list --sessions", ""),
        ("aws-vault --version | cut -d' ' -f1", "awsx\n"),
    ] {
        let ran = sandbox.script(line);
        match expected {
            "[..]" => drop(ran.ok()),
            _ => assert_eq!(ran.stdout, expected, "{line}: {}", ran.stderr),
        }
    }
}

#[test]
fn codes_durations_and_devices_are_those_of_aws_vault() {
    let sandbox = Sandbox::new().with_shims();
    let code = sandbox.code();
    sandbox.script(&format!("aws-vault exec -t {code} prod -- true")).ok().stderr_is(&[]);
    let duration = || {
        let calls = sandbox.aws.calls();
        calls.last().and_then(|call| call.parameters.get("DurationSeconds").cloned())
    };
    for (line, seconds) in [
        ("aws-vault exec -d 30m readonly -- true", "1800"),
        ("AWS_VAULT_DURATION=20m aws-vault exec readonly -- true", "1200"),
        (
            "AWS_ASSUME_ROLE_TTL=25m AWS_SESSION_TOKEN_TTL=3h aws-vault exec readonly -- true",
            "1500",
        ),
        ("AWS_ASSUME_ROLE_TTL=25m AWS_SESSION_TOKEN_TTL=3h aws-vault exec dev -- true", "10800"),
    ] {
        sandbox.script(line).ok();
        assert_eq!(duration().as_deref(), Some(seconds), "{line}");
    }
    sandbox.script(&format!("AWS_MFA_SERIAL={MFA_SERIAL} aws-vault exec prod -- true")).ok();
    sandbox
        .script("AWS_MFA_SERIAL=arn:aws:iam::111111111111:mfa/other aws-vault exec prod -- true")
        .fails(
            2,
            &[
                "AWS_MFA_SERIAL names the MFA device arn:aws:iam::111111111111:mfa/other",
                "hint: `awsx config set mfa_serial arn:aws:iam::111111111111:mfa/other -p prod`",
            ],
        );
}

#[test]
fn what_is_not_understood_names_the_way_of_awsx() {
    let sandbox = Sandbox::new().with_shims();
    for (line, words) in [
        (
            "aws-vault exec --ec2-server dev -- true",
            &["error: --ec2-server: ", "`awsx serve --imds dev`"][..],
        ),
        (
            "aws-vault exec dev ls --color",
            &["has no flag --color that awsx knows", "put -- before it"],
        ),
        (
            "aws-vault --prompt zenity exec prod -- true",
            &["--prompt zenity", "`awsx mfa add prod`"],
        ),
        ("aws-vault exec", &["no profile is named"]),
        ("aws-vault proxy", &["awsx does nothing for aws-vault", "`awsx serve --imds`"]),
        ("assume prod", &["a program cannot", "`awsx use prod`"]),
        ("assume prod --terminal -c", &["--terminal", "`awsx use prod` changes it"]),
        ("aws-mfa --setup", &["`awsx keys add default` asks for one"]),
        ("aws-mfa --profile prod --assume-role arn:aws:iam::1:role/x", &["--as prod-role"]),
        ("aws2-wrap --profile dev", &["no command is named"]),
    ] {
        sandbox.script(line).fails(2, words);
    }
    sandbox.script("aws-vault exec nobody -- true").fails(3, &["profile \"nobody\""]);
    sandbox.script("aws-vault --backend=pass exec dev -- true").ok().stderr_is(&[
        "awsx: --backend: awsx keeps access keys in its own vault, see `awsx vault status`",
    ]);
    sandbox
        .script("aws-vault --help")
        .ok()
        .prints("aws-vault exec [PROFILE] [CMD…]")
        .stderr_is(&[]);
    sandbox.script("aws-vault --help > /dev/full; exit $?").exits(1);
    assert!(sandbox.aws.operations().len() < 3, "{:?}", sandbox.aws.operations());
}

#[test]
fn keys_of_aws_vault_are_those_of_the_vault() {
    let sandbox = Sandbox::new().with_shims();
    sandbox.awsx(&["keys", "import", "dev", "--remove", "--yes"]).ok();
    assert_eq!(sandbox.script("aws-vault list --credentials").ok().stdout, "dev\n");
    sandbox
        .script("aws-vault list")
        .ok()
        .prints("dev                      dev                      -");
    sandbox.script("aws-vault exec dev -- true").ok();
    leave_one_key(&sandbox);
    sandbox.script("aws-vault rotate -n dev").ok().says("dev");
    sandbox.script("aws-vault rm -f dev").ok();
    assert_eq!(sandbox.script("aws-vault list --credentials").ok().stdout, "");
    let add = format!(
        "AWS_ACCESS_KEY_ID={KEY_ID} AWS_SECRET_ACCESS_KEY={SECRET_KEY} aws-vault add --env work"
    );
    // It was rotated away.
    sandbox.script(&add).fails(5, &[KEY_ID]);
    sandbox.script("aws-vault remove work").fails(3, &["work"]);
}

#[test]
fn aws_vault_opens_the_console_and_knows_logins() {
    let sandbox = Sandbox::not_logged_in().with_shims();
    sandbox.log_in();
    let address = sandbox.script("aws-vault login -s sso --path ec2/home").ok();
    assert!(address.stdout.starts_with("http"), "{address:?}");
    sandbox.script("AWS_VAULT_STDOUT=true aws-vault login sso").ok().prints("http");
    sandbox.script("aws-vault list | grep '^sso '").ok().prints("oidc:corp");
    sandbox.script("aws-vault list --sessions").ok().prints("oidc:corp\n");
    sandbox.script("aws-vault clear").ok().says("logins stay; `awsx logout --all` ends them");
    sandbox.script("aws-vault list --sessions").ok().prints("oidc:corp\n");
}

#[test]
fn what_scripts_do_with_assume_works() {
    let sandbox = Sandbox::new().with_shims();
    for (line, expected) in [
        ("assume readonly --exec -- sh -c 'echo ${AWS_SESSION_TOKEN:+yes}'", "yes\n"),
        ("assume dev --exec 'printf %s|%s a b'", "a|b"),
        (
            "assume dev -r ue1 --exec -- sh -c 'echo $AWS_REGION $AWS_DEFAULT_REGION'",
            "us-east-1 us-east-1\n",
        ),
        ("assume --exec 'sh -c exit' dev; echo $?", "0\n"),
        ("assume dev --exec -- sh -c 'exit 9'; echo $?", "9\n"),
        ("assume readonly -u -s s3 | cut -c1-4", "http\n"),
        ("AWS_PROFILE=readonly assume -ar -u | cut -c1-4", "http\n"),
        ("assume --version | cut -d' ' -f1", "awsx\n"),
    ] {
        let ran = sandbox.script(line);
        assert_eq!(ran.stdout, expected, "{line}: {}", ran.stderr);
    }
    let chain = format!("assume dev --chain {READ_ONLY} --exec -- sh -c 'echo $AWS_ACCOUNT_ID'");
    assert_eq!(sandbox.script(&chain).ok().stdout, "111111111111\n");
    sandbox.script("assume -ex readonly").ok();
    assert!(sandbox.read(".aws/credentials").contains("[readonly]"), "as granted does it");
}

/// The real one, from PyPI, finds what awsx left to be its own, and the other way round.
#[test]
fn aws_mfa_and_awsx_take_turns() {
    let sandbox = children::sandbox().with_shims();
    sandbox.config("[profile dev]\nregion = eu-west-1\n");
    sandbox.write_mode(".aws/credentials", &long_term("dev"), 0o600);
    let real = directory_of("venv/bin/python").join("aws-mfa");
    let real = |flags: &str| {
        let given = format!("echo {} | AWS_DEFAULT_REGION=eu-west-1", sandbox.next_code());
        let line = format!("{given} {} --profile dev {flags}", real.display());
        sandbox.script(&line).ok()
    };
    let code = sandbox.code();
    sandbox.script(&format!("aws-mfa --profile dev --token {code}")).ok();
    let (first, calls) = (sandbox.read(".aws/credentials"), sandbox.aws.operations().len());
    real("").prints("Your credentials are still valid");
    assert_eq!(sandbox.read(".aws/credentials"), first);
    real("--force");
    let second = sandbox.read(".aws/credentials");
    sandbox.script("aws-mfa --profile dev").ok();
    assert_eq!(sandbox.read(".aws/credentials"), second, "the session of the real one is good");
    assert_eq!(sandbox.aws.operations().len(), calls + 1);
    let keys = |text: &str| {
        let section = text.split("[dev]\n").nth(1).unwrap().split("\n[").next().unwrap();
        let keys = section.lines().filter_map(|line| Some(line.split_once(" = ")?.0.to_owned()));
        keys.filter(|key| key != "awsx_session").collect::<Vec<_>>()
    };
    assert_eq!(keys(&first), keys(&second), "the same lines in the same order");
}

/// As the real one leaves it.
#[test]
fn what_scripts_do_with_aws_mfa_works() {
    let sandbox = Sandbox::new().with_shims();
    sandbox.config("[profile dev]\nregion = eu-west-1\n");
    sandbox.credentials(&long_term("dev"));
    let code = sandbox.code();
    sandbox.script(&format!("aws-mfa --profile dev --token {code}")).ok();
    let written = sandbox.read(".aws/credentials");
    for key in ["assumed_role = False", "aws_security_token = ", "expiration = "] {
        assert!(written.contains(key), "{key}: {written}");
    }
    let call = |name: &str| {
        let calls = sandbox.aws.calls();
        let call = calls.iter().rev().find(|call| call.operation == "GetSessionToken");
        call.and_then(|call| call.parameters.get(name).cloned())
    };
    assert_eq!(call("DurationSeconds").as_deref(), Some("43200"));
    assert_eq!(call("SerialNumber").as_deref(), Some(MFA_SERIAL));
    // It is good, so nobody is asked.
    let calls = sandbox.aws.operations().len();
    sandbox.script("aws-mfa --profile dev").ok();
    sandbox.script("AWS_PROFILE=dev aws-mfa").ok();
    assert_eq!(sandbox.aws.operations().len(), calls);
    sandbox.script(&format!("MFA_DEVICE={MFA_SERIAL} aws-mfa --profile dev")).ok();
    sandbox
        .script("aws-mfa --profile dev --device arn:aws:iam::111111111111:mfa/o")
        .fails(2, &["--device names the MFA device"]);
    let code = sandbox.next_code();
    sandbox.script(&format!("aws-mfa --profile dev --duration 3600 --force --token {code}")).ok();
    assert_eq!(call("DurationSeconds").as_deref(), Some("3600"));
    sandbox.script("aws-mfa --profile dev --force").fails(4, &["dev"]);
}

#[test]
fn what_scripts_do_with_aws2_wrap_works() {
    let sandbox = Sandbox::new().sso_profiles().logged_in().with_shims();
    sandbox
        .config(&sso_config().replace("[profile sso]\n", "[profile sso]\nregion = eu-north-1\n"));
    for (line, expected) in [
        (
            "aws2-wrap --profile sso sh -c 'echo $AWS_DEFAULT_REGION ${AWS_SESSION_TOKEN:+yes}'",
            "eu-north-1 yes\n",
        ),
        ("AWS_PROFILE=sso aws2-wrap printf '%s|' a 'b c' --profile", "a|b c|--profile|"),
        (
            "aws2-wrap --profile sso --exec 'echo $AWS_DEFAULT_REGION && exit 3'; echo $?",
            "eu-north-1\n3\n",
        ),
        (
            "aws2-wrap --profile sso --export | cut -d= -f1",
            "export AWS_ACCESS_KEY_ID\nexport AWS_SECRET_ACCESS_KEY\nexport AWS_SESSION_TOKEN\nexport AWS_DEFAULT_REGION\n",
        ),
        ("eval \"$(aws2-wrap --profile sso --export)\"; echo ${AWS_SESSION_TOKEN:+yes}", "yes\n"),
        ("aws2-wrap --process --profile sso | grep -c '\"Version\":1'", "1\n"),
        ("aws2-wrap --profile sso --generatestdout --outprofile sso | head -1", "[sso]\n"),
        (
            "aws2-wrap --generate --profile sso --outprofile wrapped 2> /dev/null; grep -c '^.wrapped.$' .aws/credentials",
            "1\n",
        ),
    ] {
        let ran = sandbox.script(line);
        assert_eq!(ran.stdout, expected, "{line}: {}", ran.stderr);
    }
    let process = "[profile by-process]\ncredential_process = aws2-wrap --process --profile sso\n";
    sandbox.config(&format!("{}{process}", sandbox.read_config()));
    sandbox.awsx(&["exec", "by-process", "--", "true"]).ok();
}

#[test]
fn links_are_made_once_and_take_no_place_of_others() {
    let sandbox = Sandbox::new();
    let path = sandbox.what_is_set("PATH");
    let ran = sandbox.awsx(&["migrate", "--shims", "bin"]).ok();
    ran.stderr_is(&[
        "awsx: ~/bin/aws-vault is awsx now; `aws-vault --help` shows what it understands",
        "awsx: ~/bin/assume is awsx now; `assume --help` shows what it understands",
        "awsx: ~/bin/aws-mfa is awsx now; `aws-mfa --help` shows what it understands",
        "awsx: ~/bin/aws2-wrap is awsx now; `aws2-wrap --help` shows what it understands",
        "warning: ~/bin is not in PATH: nothing finds them there",
    ]);
    sandbox.set("PATH", &format!("{}:{path}", sandbox.bin().display()));
    let again = sandbox.awsx(&["migrate", "--shims", "bin", "--only", "aws-mfa"]).ok();
    again.stderr_is(&["awsx: ~/bin/aws-mfa is awsx already"]);
    // An awsx that has moved.
    std::fs::remove_file(sandbox.bin().join("assume")).unwrap();
    std::os::unix::fs::symlink("/nowhere/awsx", sandbox.bin().join("assume")).unwrap();
    let moved = sandbox.awsx(&["migrate", "--shims", "bin", "--only", "assume"]).ok();
    moved.stderr_is(&["awsx: ~/bin/assume is awsx now; [..]"]);
    sandbox.script("assume --help").ok();

    let real = sandbox.write_mode("real/aws-vault", "#!/bin/sh\necho the real one\n", 0o755);
    let real_first =
        format!("{}:{}", real.parent().unwrap().display(), sandbox.what_is_set("PATH"));
    sandbox.set("PATH", &real_first);
    sandbox.set("AWS_VAULT_BACKEND", "file");
    sandbox.write(".zshenv", "# mine\nalias assume=\". assume\"\n");
    sandbox.awsx(&["migrate", "--shims", "bin", "--only=aws-vault", "--only=assume"]).ok().stderr_is(&[
        "awsx: ~/bin/aws-vault is awsx already",
        "awsx: ~/bin/assume is awsx already",
        "warning: ~/real/aws-vault comes before it in PATH: put ~/bin before that",
        "warning: AWS_VAULT_BACKEND is set, of which awsx makes nothing: awsx keeps access keys in its own vault",
        "warning: ~/.zshenv:2: this alias has the shell read assume as a script: take the line out",
    ]);
    // Nothing is made where one name is taken.
    sandbox
        .awsx(&["migrate", "--shims", "real"])
        .fails(2, &["aws-vault is there, and is not awsx's", "--only NAME"]);
    assert_eq!(std::fs::read_dir(real.parent().unwrap()).unwrap().count(), 1);
    assert!(sandbox.read("real/aws-vault").contains("the real one"));
    sandbox.awsx(&["migrate", "--shims", "real", "--remove"]).ok().stderr_is(&[
        "warning: ~/real/aws-vault is not awsx's, and stays",
        "awsx: ~/real has none of them",
    ]);
    let gone = sandbox.awsx(&["migrate", "--shims", "bin", "--remove"]).ok();
    gone.stderr_is(
        &NAMES.map(|name| format!("awsx: ~/bin/{name} is gone")).each_ref().map(String::as_str),
    );
    assert_eq!(std::fs::read_dir(sandbox.bin()).unwrap().count(), 0);
    sandbox
        .awsx(&["migrate", "--shims", "bin", "--remove"])
        .ok()
        .stderr_is(&["awsx: ~/bin has none of them"]);
    sandbox.awsx(&["migrate", "--shims", "bin", "--yes"]).fails(2, &["--shims"]);
    sandbox.awsx(&["migrate", "--remove"]).fails(2, &["--shims"]);
    sandbox.awsx(&["migrate", "--shims", "/dev/null/bin"]).fails(1, &["/dev/null/bin"]);
}

#[test]
fn guards_hold_for_shims_too() {
    let sandbox = Sandbox::new().with_shims();
    sandbox.config(
        &CONFIG.replace(
            "[profile readonly]\n",
            "[profile readonly]\nexpected_account = 999999999999\n",
        ),
    );
    for line in [
        "aws-vault exec readonly -- true",
        "aws-vault export readonly",
        "aws-vault login -s readonly",
        "assume readonly --exec -- true",
        "aws2-wrap --profile readonly true",
    ] {
        let ran = sandbox.script(line).fails(5, &["readonly"]);
        assert_eq!(ran.stdout, "", "{line}");
    }
}
