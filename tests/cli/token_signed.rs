//! Passwords that are signatures: of databases, compared with the AWS CLI's, and of CodeCommit, asked for by git.

use crate::children;
use crate::fake_aws::codecommit::COMMIT;
use crate::fake_aws::sample::KEY_ID;
use crate::ran::Ran;
use crate::sandbox::{AWSX, Sandbox};

/// Without what time changes.
fn timeless(password: &str) -> String {
    let parts = password.trim_end().split('&').map(|part| match part.split_once('=') {
        Some((name @ ("X-Amz-Date" | "X-Amz-Signature"), value)) => {
            format!("{name}={}", value.len())
        }
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("&")
}

#[test]
fn a_databases_password_is_the_aws_clis() {
    let sandbox = children::sandbox();
    let rds = ["--hostname", "db.abc.us-west-2.rds.amazonaws.com", "--port", "5432", "--username"];
    let rds = [&rds[..], &["ann/é +x"]].concat();
    let dsql = ["--hostname", "abc.dsql.us-west-2.on.aws"];
    let hour = [&dsql[..], &["--expires-in", "3600"]].concat();
    let admin = [&dsql[..], &["--admin"]].concat();
    for (own, given, cli, taken) in [
        ("rds", &rds[..], ["rds", "generate-db-auth-token"], &rds[..]),
        ("dsql", &dsql, ["dsql", "generate-db-connect-auth-token"], &dsql),
        ("dsql", &hour, ["dsql", "generate-db-connect-auth-token"], &hour),
        ("dsql", &admin, ["dsql", "generate-db-connect-admin-auth-token"], &dsql),
    ] {
        for profile in ["dev", "readonly"] {
            // awsx has the region from the name.
            let inner = |words: &[&str]| {
                let words = [&["exec", profile, "--no-session", "--"], words].concat();
                timeless(&sandbox.awsx(&words).ok().stdout)
            };
            let expected = inner(&[&["aws2", "--region", "us-west-2"], &cli[..], taken].concat());
            assert_eq!(
                inner(&[&[AWSX, "token", own], given].concat()),
                expected,
                "{own} {profile}"
            );
        }
    }
}

#[test]
fn the_region_is_the_flags_then_the_names_then_the_profiles() {
    let sandbox = Sandbox::new();
    let ask = |host: &str, more: &[&str]| -> Ran {
        let words = ["token", "rds", "--host", host, "--port", "3306", "--user", "ann"];
        sandbox.awsx(&[&words[..], more].concat())
    };
    let named = "db.abc.us-west-2.rds.amazonaws.com";
    for (host, more, expected, said) in [
        (named, &["-p", "dev"][..], "us-west-2", None),
        ("db.example.com", &["-p", "dev"], "eu-west-1", None),
        ("db.example.com", &["-p", "dev", "--region", "eu-north-1"], "eu-north-1", None),
        (
            named,
            &["-p", "dev", "--region", "eu-north-1"],
            "eu-north-1",
            Some("is in us-west-2, and the password is for eu-north-1 (--region)"),
        ),
        ("localhost", &["-p", "dev"], "eu-west-1", Some("no database of AWS is called localhost")),
    ] {
        let ran = ask(host, more).ok();
        assert!(ran.stdout.contains(&format!("%2F{expected}%2Frds-db%2F")), "{ran:?}");
        assert_eq!(ran.stderr.lines().count(), usize::from(said.is_some()), "{ran:?}");
        ran.says(said.unwrap_or_default());
    }
    let ran = ask("db.example.com", &["-p", "readonly"]);
    ran.fails(2, &["the name db.example.com says no region", "give --region REGION"]);
    // Nothing was asked, and nothing is kept.
    assert_eq!(sandbox.records("tokens").len(), 0);
}

/// git with awsx for its credential helper, at the stand-in's CodeCommit.
fn git(sandbox: &Sandbox, profile: &str, config: &[&str], words: &[&str]) -> Ran {
    let port = sandbox.aws.tls_url().rsplit(':').next().unwrap().to_owned();
    let resolve = format!("http.curloptResolve={HOST}:{port}:127.0.0.1");
    let ca = format!("http.sslCAInfo={}", sandbox.aws.ca_pem_path().display());
    let helper = format!("credential.helper=!{AWSX} token codecommit -p {profile} $@");
    let mut command = sandbox.command("git");
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_TERMINAL_PROMPT", "0");
    for setting in [&*resolve, &ca, &helper].into_iter().chain(config.iter().copied()) {
        command.args(["-c", setting]);
    }
    let words = words.iter().map(|word| word.replace("PORT", &port));
    sandbox.run(command.args(words), b"", false)
}

const HOST: &str = "git-codecommit.eu-west-1.amazonaws.com";
const WITH_PATH: &str = "credential.useHttpPath=true";

#[test]
fn git_reads_a_repository_with_the_profiles_credentials() {
    let sandbox = Sandbox::new();
    let url = format!("https://{HOST}:PORT/v1/repos/demo");
    for profile in ["dev", "readonly"] {
        let ran = git(&sandbox, profile, &[WITH_PATH], &["ls-remote", &url]).ok();
        assert_eq!(ran.stdout, format!("{COMMIT}\trefs/heads/main\n"), "{profile}");
    }
    // What git says where it leaves the path out, or has none of CodeCommit's hosts.
    git(&sandbox, "dev", &[], &["ls-remote", &url])
        .exits(128)
        .says("error: git does not say which repository it is for")
        .says("hint: run `git config --global credential.UseHttpPath true`")
        .says("told us to quit");
    git(&sandbox, "nobody", &[WITH_PATH], &["ls-remote", &url])
        .exits(128)
        .says("profile \"nobody\" (named on the command line) is in neither")
        .says("told us to quit");
}

#[test]
fn the_helper_speaks_gits_words() {
    let sandbox = children::sandbox();
    let say = |program: &[&str], said: &str| {
        let mut command = sandbox.command(program[0]);
        command.args(&program[1..]).env("AWS_PROFILE", "dev");
        sandbox.run(&mut command, said.as_bytes(), false)
    };
    let said = format!("protocol=https\nhost={HOST}\npath=v1/repos/demo\n");
    let cli = say(&["aws2", "codecommit", "credential-helper", "get"], &said).ok();
    let own = say(&[AWSX, "token", "codecommit", "get"], &said).ok().stderr_is(&[]);
    let lines = |ran: &Ran| {
        ran.stdout
            .lines()
            .map(|line| line.split_once('=').unwrap())
            .map(|(k, v)| (k.to_owned(), v.len()))
            .collect::<Vec<_>>()
    };
    let (expected, mut found) = (lines(&cli), lines(&own));
    assert_eq!(found.pop().unwrap().0, "password_expiry_utc");
    assert_eq!(found, expected);
    assert!(own.stdout.starts_with(&format!("username={KEY_ID}\n")), "{own:?}");
    for (operation, said, stdout, code) in [
        ("store", &*said, "", 0),
        ("erase", &said, "", 0),
        ("get", "protocol=https\nhost=github.com\npath=x\n", "", 0),
        ("get", "protocol=https\nhost=evil-amazonaws.com\npath=v1/repos/demo\n", "", 0),
        ("get", "", "", 0),
        ("get", "\u{0}\u{ff}nonsense", "", 0),
        ("get", &said.replace("https", "http"), "quit=1\n", 2),
        ("get", &said.replace("path", "patch"), "quit=1\n", 2),
    ] {
        let ran = say(&[AWSX, "token", "codecommit", operation], said);
        assert_eq!((&*ran.stdout, ran.code), (stdout, code), "{said}: {ran:?}");
    }
    let mut terminal = sandbox.awsx_on_terminal(&["token", "codecommit", "get"]);
    terminal.end().exits(2).says("git says on stdin what it wants, and stdin is the terminal");
}
