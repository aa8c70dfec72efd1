//! Every command at its work, with secrets wherever it takes them: scenes for tests that look at all of it.

use std::cell::RefCell;
use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::documents::commands;
use crate::fake_aws::sample::{self, KEY_ID, SECRET_KEY, USER};
use crate::given::{SETTINGS, allow_at, sso_config};
use crate::keys_import::{AWS_VAULT, AWS_VAULT_PASSPHRASE};
use crate::ran::Ran;
use crate::sandbox::{AWSX, Sandbox};
use crate::sts_tokens::{PROVIDER, SAML_ROLE, with_saml};

/// Where commands are run, one after the other.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    /// Flags of every command, which make it talkative
    flags: &'static [&'static str],
    /// As the command tree names them
    pub(crate) commands: RefCell<BTreeSet<String>>,
}

/// What it is about, and what happens on the stage.
pub(crate) type Scene = (&'static str, fn(&Stage));

pub(crate) const SCENES: [Scene; 11] = [
    ("profiles", profiles),
    ("operations of STS", operations),
    ("stored keys", stored_keys),
    ("keys of files", keys_of_files),
    ("keys of aws-vault", keys_of_aws_vault),
    ("MFA devices", devices),
    ("a new MFA device", new_device),
    ("the vault", vault),
    ("logins", logins),
    ("a CI job", ci_job),
    ("an agent", agent),
];

impl Stage {
    pub(crate) fn new(flags: &'static [&'static str], log: &str) -> Self {
        let sandbox = Sandbox::new();
        sandbox.set("AWSX_LOG", log);
        sandbox.set("EDITOR", "true");
        sandbox.plant(SECRET_KEY);
        Self { sandbox, flags, commands: RefCell::default() }
    }

    /// Runs a command, which must succeed.
    pub(crate) fn run(&self, line: &str) -> Ran {
        self.run_with(line, "")
    }

    /// The same with something on stdin.
    fn run_with(&self, line: &str, stdin: &str) -> Ran {
        let words = self.words(line);
        let is_meant =
            ["env", "use", "exec", "credential-process", "sts", "token", "docker-credential"]
                .contains(&words[self.flags.len()])
                || words.contains(&"--print");
        let ran = run(&self.sandbox, &words, stdin, is_meant);
        // What AWS forgets next is still a secret.
        self.sandbox.aws.secrets().iter().for_each(|secret| self.sandbox.plant(secret));
        assert_eq!(ran.code, 0, "{line}: {ran:?}");
        ran
    }

    /// Runs a command that opens a browser, in which the person agrees.
    fn log_in(&self, line: &str) {
        let mut terminal = self.sandbox.awsx_on_terminal(&self.words(line));
        allow_at(&self.sandbox.next_page());
        if line.contains("aws console") {
            terminal.expect("[y/N]").type_line("y");
        }
        terminal.end().ok();
    }

    /// The words of a command with the flags, once the command is noted.
    fn words<'a>(&self, line: &'a str) -> Vec<&'a str> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let known = commands();
        let named = (1..=3).rev().map(|count| words[..count.min(words.len())].join(" "));
        let command = named.into_iter().find(|name| known.contains(name));
        self.commands
            .borrow_mut()
            .insert(command.unwrap_or_else(|| panic!("{line} is no command")));
        [self.flags, &words].concat()
    }
}

/// awsx with these words, and what it starts: no argument and no variable of those may be a secret. The command of
/// `exec`, which awsx becomes, is not among them.
pub(crate) fn run(sandbox: &Sandbox, words: &[&str], stdin: &str, is_meant: bool) -> Ran {
    const TRACE: &str = "planted/started";
    let mut command = sandbox.command("strace");
    sandbox.write(TRACE, "");
    command.args(["-f", "--seccomp-bpf", "-qq", "-v", "-s", "100000", "-e", "trace=execve"]);
    command.args(["-e", "signal=none", "-o", TRACE, AWSX]).args(words);
    let ran = sandbox.run(&mut command, stdin.as_bytes(), !is_meant);
    let started = sandbox.read(TRACE);
    let own = started.split(' ').next().unwrap_or_default();
    assert!(started.contains(AWSX), "awsx was not seen: {started}");
    let is_started = |line: &&str| !line.starts_with(own) && line.ends_with("= 0");
    for line in started.lines().filter(is_started) {
        sandbox.remember(&format!("what {words:?} starts"), line.as_bytes());
    }
    ran
}

fn ci_job(stage: &Stage) {
    stage.sandbox.begin_github_job();
    let of_job = format!("--oidc github --role-arn {}", sample::GITHUB_CI);
    for command in ["exec FLAGS -- true", "env FLAGS --format github", "whoami FLAGS", "ci cleanup"]
    {
        stage.run(&command.replace("FLAGS", &of_job));
    }
}

/// Every tool of `awsx mcp` that needs no person.
const MCP_REQUESTS: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}
{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"list_profiles"}}
{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"explain","arguments":{"profile":"dev"}}}
{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"whoami","arguments":{"profile":"dev"}}}
{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"check"}}
{"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"request_login","arguments":{"profile":"dev"}}}
"#;

fn agent(stage: &Stage) {
    let sandbox = &stage.sandbox;
    sandbox.write(SETTINGS, "[agents]\ndeny = \"readonly\"\n");
    sandbox.set("AWSX_CALLER", "agent");
    run(sandbox, &["exec", "readonly", "--", "true"], "", false).exits(5);
    sandbox.unset("AWSX_CALLER");
    stage.run_with("mcp", MCP_REQUESTS);
    stage.run("agents install cursor --profile dev --yes");
    let mut terminal = sandbox.awsx_on_terminal(&stage.words("approve"));
    terminal.expect("[N]o? ").type_line("once");
    terminal.end().ok();
}

fn profiles(stage: &Stage) {
    stage.sandbox.write(SETTINGS, "audit = true\n[ssh]\n\"127.0.0.1\" = \"*\"\n");
    for line in [
        "exec readonly -- true",
        "env readonly",
        "use --shell=bash readonly",
        "init bash",
        "init nushell",
        "init elvish",
        "init powershell",
        "init bash --install",
        "prompt",
        "prompt --shell zsh --format {profile}",
        "env --unset",
        "credential-process readonly",
        "serve readonly --idle-timeout 1s",
        "serve --status",
        "whoami readonly",
        "console readonly --print",
        "console dev --print",
        "explain readonly --json",
        "token eks --cluster demo -p readonly",
        "token rds --host db.abc.eu-west-1.rds.amazonaws.com --port 5432 --user ann -p readonly",
        "token dsql --host abc.dsql.eu-west-1.on.aws -p readonly",
        "token codecommit store -p readonly",
        "token ecr -p readonly --region eu-west-1",
        "docker-credential list",
        "profiles --json",
        "profiles --html",
        "profiles --dot",
        "profiles --mermaid",
        "config check",
        "config check --json",
        "config check --fix",
        "doctor",
        "doctor --online --json",
        "sessions write readonly --as tools",
        "sessions write --remove tools",
        "sessions list",
        "sessions list --json",
        "sessions list --running",
        "audit",
        "audit --since 1h --json",
        "sessions clear readonly",
        "sessions clear --expired",
        "sessions clear --all",
        "scan planted --json",
    ] {
        stage.run(line);
    }
    // Every run of it is an exec, whose command has what it is given.
    #[cfg(unix)]
    stage.sandbox.awsx(&stage.words("each read* --yes --json -- true")).ok();
    let directory = stage.sandbox.write(".awsx.toml", "profile = \"readonly\"\n");
    stage.run("trust --list");
    stage.run("trust --remove");
    run(&stage.sandbox, &stage.words("trust"), "", false).exits(4);
    std::fs::remove_file(directory).unwrap();
    // Nobody listens there.
    #[cfg(unix)]
    run(&stage.sandbox, &stage.words("ssh 127.0.0.1 readonly -- -F /dev/null -p 1"), "", false)
        .exits(6);
    // No server is where a container would reach it.
    #[cfg(unix)]
    run(&stage.sandbox, &stage.words("docker-env readonly"), "", false).exits(8);
}

fn operations(stage: &Stage) {
    for line in [
        "sts get-caller-identity -p dev",
        "sts get-session-token -p dev",
        "sts get-scoped-credentials -p dev --duration 10m",
        "sts get-federation-token -p dev --name Bob --format fish",
        "sts assume-role -p dev --role-arn arn:aws:iam::111111111111:role/ReadOnly",
        "sts assume-role -p dev --role-arn arn:aws:iam::111111111111:role/ReadOnly -- true",
        "sts get-access-key-info -p dev --access-key-id AKIA2SANDBOXEXAMPLE7",
    ] {
        stage.run(line);
    }
    let sandbox = &stage.sandbox;
    let token = sandbox.web_identity_token();
    sandbox.plant(token.rsplit('.').next().unwrap());
    let web_identity = "sts assume-role-with-web-identity --role-arn \
                        arn:aws:iam::222222222222:role/Ci --web-identity-token -";
    stage.run_with(web_identity, &token);
    let provider = with_saml(sandbox);
    let assertion =
        provider.assertion(&[SAML_ROLE], "ann", sandbox.aws.now() + TimeDelta::minutes(5));
    sandbox.plant(&assertion[assertion.len() / 4..]);
    let saml = format!(
        "sts assume-role-with-saml --role-arn {SAML_ROLE} --principal-arn {PROVIDER} --saml-assertion -"
    );
    stage.run_with(&saml, &assertion);
    let login = format!(
        "[profile saml]\nregion = eu-west-1\nsaml_login_url = https://idp.example/\nrole_arn = {SAML_ROLE}\n"
    );
    sandbox.config(&(sandbox.read_config() + &login));
    stage.commands.borrow_mut().insert("login saml".to_owned());
    let mut terminal = sandbox.awsx_on_terminal(&["login", "saml", "saml", "--no-browser"]);
    terminal.expect("(it is not shown): ").type_text(&format!("{assertion}\r"));
    terminal.expect("logged in as ann");
    terminal.end().ok();
    let encoded = sandbox.aws.control(|state| {
        state.iam.member_accounts.push("222222222222".into());
        state.iam.outbound_federation = true;
        state.encode_refusal("111111111111", r#"{"allowed":false}"#)
    });
    stage.run(
        "sts assume-root -p dev --target-principal 222222222222 --task-policy-arn S3UnlockBucketPolicy",
    );
    stage.run("sts get-web-identity-token -p dev --audience x --signing-algorithm ES384");
    stage.run_with("sts decode-authorization-message -p dev", &encoded);
}

/// The sample user's key alone, at IAM and at hand.
pub(crate) fn leave_one_key(sandbox: &Sandbox) {
    sandbox.config("[profile dev]\nregion = eu-west-1\n");
    sandbox.aws.control(|state| {
        state.iam.refusals_of_new_keys = 0;
        state.iam.user(USER).unwrap().keys.retain(|key| key.id == KEY_ID);
    });
}

fn stored_keys(stage: &Stage) {
    let sandbox = &stage.sandbox;
    leave_one_key(sandbox);
    sandbox.credentials("");
    stage.run_with("keys add dev --stdin", &format!("{KEY_ID}\n{SECRET_KEY}\n"));
    let set = |name, value| stage.sandbox.set(name, value);
    set("AWS_ACCESS_KEY_ID", KEY_ID);
    set("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    stage.run("keys add other --env");
    sandbox.unset("AWS_ACCESS_KEY_ID");
    sandbox.unset("AWS_SECRET_ACCESS_KEY");
    for line in [
        "exec dev -- true",
        "keys remove other --yes",
        "keys list",
        "keys list --json --check",
        "keys rotate dev",
        "keys rotate dev --keep-inactive 7d --json",
        "keys rotate dev --abort",
        "keys rotate --all",
        "keys remove dev --delete --yes",
    ] {
        stage.run(line);
    }
}

fn keys_of_files(stage: &Stage) {
    let sandbox = &stage.sandbox;
    sandbox.write(
        "planted/keys.csv",
        &format!("User name,Access key ID,Secret access key\nann,{KEY_ID},{SECRET_KEY}\n"),
    );
    sandbox.write(
        "planted/s3cfg",
        &format!("[default]\naccess_key = {KEY_ID}\nsecret_key = {SECRET_KEY}\n"),
    );
    for line in [
        "keys import --csv planted/keys.csv --yes",
        "keys import --ini planted/s3cfg other --yes",
        "keys import dev --yes",
        "keys import --all --remove --yes",
        "keys import --undo",
        "migrate",
    ] {
        stage.run(line);
    }
    leave_one_key(sandbox);
    for name in ["ann", "other", "dev"] {
        stage.run(&format!("keys remove {name} --yes"));
    }
    stage.run("keys rotate dev --from-file");
}

fn keys_of_aws_vault(stage: &Stage) {
    let sandbox = &stage.sandbox;
    sandbox.credentials("");
    sandbox.plant(AWS_VAULT_PASSPHRASE);
    for (name, jwe) in AWS_VAULT {
        sandbox.write(&format!(".awsvault/keys/{name}"), jwe);
    }
    sandbox.set("AWS_VAULT_FILE_PASSPHRASE", AWS_VAULT_PASSPHRASE);
    stage.run("migrate aws-vault --yes");
    stage.run("keys import --aws-vault=file --yes");
    sandbox.unset("AWS_VAULT_FILE_PASSPHRASE");
    let mut terminal = sandbox.awsx_on_terminal(&stage.words("keys import --aws-vault=file --yes"));
    terminal.expect("Passphrase of aws-vault's files: ").type_line(AWS_VAULT_PASSPHRASE).end().ok();
    let _desktop = sandbox.with_collection_of_aws_vault();
    stage.run("keys import --aws-vault=secret-service --yes");
}

/// The sample device's secret.
pub(crate) fn seed(sandbox: &Sandbox) -> String {
    sandbox.aws.control(|state| state.iam.mfa_device(sample::MFA_SERIAL).unwrap().seed_text())
}

fn devices(stage: &Stage) {
    let sandbox = &stage.sandbox;
    stage.run_with("mfa add prod --stdin --yes --check", &seed(sandbox));
    let picture = format!("{}/tests/data/qr/screenshot.png", env!("CARGO_MANIFEST_DIR"));
    stage.run(&format!("mfa add prod --yes --qr {picture}"));
    // Or the next code is waited for.
    for note in sandbox.records("notes") {
        std::fs::remove_file(note).unwrap();
    }
    for line in
        ["mfa list", "mfa list --json", "mfa code prod", "mfa login prod", "mfa remove prod --yes"]
    {
        stage.run(line);
    }
}

fn new_device(stage: &Stage) {
    leave_one_key(&stage.sandbox);
    stage.sandbox.aws.control(|state| state.iam.user(USER).unwrap().mfa_devices.clear());
    stage.run("mfa enable --for dev --yes");
    stage.run("mfa list");
}

fn vault(stage: &Stage) {
    let sandbox = &stage.sandbox;
    let _desktop = sandbox.desktop();
    let new = sandbox.write_mode("planted/new", "planted new passphrase\n", 0o600);
    sandbox.plant("planted new passphrase");
    stage.run("exec readonly -- true");
    sandbox.set("AWSX_NEW_PASSPHRASE_FILE", new.to_str().unwrap());
    stage.run("vault passphrase");
    sandbox.unset("AWSX_PASSPHRASE");
    sandbox.set("AWSX_PASSPHRASE_COMMAND", "cat planted/new");
    stage.run("lock");
    stage.run("renew");
    stage.run("renew readonly");
    stage.run("unlock");
    sandbox.unset("AWSX_VAULT");
    for line in [
        "vault status",
        "vault status --json",
        "vault move --to keychain",
        "vault move --to passphrase",
        "vault reset --yes",
    ] {
        stage.run(line);
    }
}

fn logins(stage: &Stage) {
    let sandbox = &stage.sandbox;
    sandbox.config(&sso_config());
    // It leaves its environment in a file.
    sandbox.open_browsers();
    sandbox.set("EDITOR", "true");
    stage.log_in("login sso corp");
    for line in [
        "login status",
        "login status --json",
        "sso accounts",
        "sso roles --account 222222222222 --json",
        "sso roles --diff",
        "sso sync corp --yes",
        "config sso --session=corp --account=222222222222 --role=Developer --profile-name=team --yes",
        "config get sso_role_name -p team",
        "config set region eu-west-1 -p team",
        "config unset region -p team",
        "config undo",
        "config profile add lab --set output=json",
        "config profile copy lab lab2",
        "config profile rename lab2 lab3",
        "config profile remove lab3 --yes",
        "config install-process lab",
        "config session add other --start-url=https://other.awsapps.com/start --sso-region=eu-west-1 --yes",
        "config session rename other another",
        "config session remove another --yes",
        "config list -p team",
        "config edit",
        "config path",
        "exec team -- true",
        "logout corp",
    ] {
        stage.run(line);
    }
    stage.log_in("login corp --share");
    stage.log_in("login aws console --region eu-west-1");
    stage.run("exec console -- true");
    stage.run("logout --all");
    let mut terminal = stage.sandbox.awsx_on_terminal(&stage.words("config"));
    terminal.expect("What kind of profile").type_line("Role");
    terminal.expect("Name of the profile").type_line("led");
    terminal.expect("ARN of the role:").type_line("arn:aws:iam::333333333333:role/Led");
    terminal.expect("Which profile assumes it").type_line("behind");
    terminal.expect("MFA device").type_line("");
    terminal.expect("Region of the profile").type_line("eu-west-3");
    terminal.end().ok();
}
