//! What somebody has done before a line, where the page speaks of it or presumes it.

use chrono::TimeDelta;

use crate::aws_mfa::long_term as section_of_aws_mfa;
use crate::every_command::{leave_one_key, seed};
use crate::fake_aws::github;
use crate::fake_aws::iam::{Federation, Trust};
use crate::fake_aws::sample::{self, INACTIVE_KEY_ID, KEY_ID, SECRET_KEY};
use crate::given::{SETTINGS, SetUp};
use crate::keys_import::{AWS_VAULT, AWS_VAULT_PASSPHRASE};
use crate::lists::world::add_role;
use crate::sandbox::{AWSX, CONFIG, SSO_SESSION, Sandbox, keys};
use crate::ssh::Far;
use crate::sts_tokens::{PROVIDER, SAML_ROLE, with_saml};

/// The role of jobs.
pub(crate) const DEPLOY: &str = "arn:aws:iam::222222222222:role/Deploy";

/// What has been done before: a page, how the line begins (any line where it is empty: once, before the first one).
pub(crate) const BEFORE: &[(&str, &str, SetUp<'static>)] = &[
    ("docs/agents.md", "awsx agents install", &|sandbox| {
        sandbox.write(".cursor/mcp.json", "{}");
    }),
    ("docs/ci.md", "", &job),
    ("docs/config.md", "awsx config profile add", &|sandbox| {
        sandbox.config("[profile dev]\nregion = eu-west-1\n");
    }),
    ("docs/config.md", "awsx config session add", &|sandbox| {
        let config = sandbox.read_config().replace(SSO_SESSION, "");
        sandbox.config(&config.replace("sso_session = corp\n", ""));
    }),
    ("docs/guides/agents.md", "awsx approve", &|sandbox| {
        sandbox.write(SETTINGS, "audit = true\n[agents]\ndeny = \"*prod*\"\n");
        sandbox.set("AWSX_CALLER", "agent");
        sandbox.awsx(&["exec", "prod", "--", "true"]).exits(5);
        sandbox.unset("AWSX_CALLER");
    }),
    ("docs/guides/ci.md", "", &job),
    ("docs/guides/containers-and-ssh.md", "awsx ssh", &far),
    ("docs/guides/first-day.md", "awsx use Workloads-Dev", &|sandbox| {
        let role = "sso_session = corp\nsso_account_id = 222222222222\nsso_role_name = Developer\nregion = eu-west-1\n";
        let profile = format!("[profile Workloads-Dev/Developer]\n{role}");
        sandbox.config(&(sandbox.read_config() + &profile));
    }),
    ("docs/guides/from-aws-vault.md", "awsx keys import", &kept_by_aws_vault),
    ("docs/guides/from-aws-mfa.md", "", &long_term),
    ("docs/guides/mfa.md", "awsx mfa enable", &without_device),
    ("docs/guides/mfa.md", "awsx mfa code", &|sandbox| {
        // Or the next code is waited for.
        for note in sandbox.records("notes") {
            std::fs::remove_file(note).unwrap();
        }
    }),
    ("docs/guides/sso.md", "awsx logout", &login),
    ("docs/guides/team.md", "awsx scan", &repository),
    ("docs/keys.md", "awsx keys add", &|sandbox| sandbox.credentials("")),
    ("docs/keys.md", "aws iam create-access-key", &|sandbox| {
        let key = format!(
            "{{\"AccessKeyId\":\"{KEY_ID}\",\"SecretAccessKey\":\"{SECRET_KEY}\",\"Status\":\"Active\"}}"
        );
        sandbox.write("planted/key.json", &format!("{{\"AccessKey\":{key}}}"));
    }),
    ("docs/keys.md", "awsx keys list     ", &kept_key),
    ("docs/keys.md", "awsx keys remove dev --delete", &kept_key),
    ("docs/keys.md", "awsx keys import", &key_in_file),
    ("docs/keys.md", "awsx keys import --csv", &|sandbox| {
        let text = format!("Access key ID,Secret access key\n{KEY_ID},{SECRET_KEY}\n");
        sandbox.write("planted/Downloads/dev_accessKeys.csv", &text);
    }),
    ("docs/keys.md", "awsx keys import --aws-vault", &kept_by_aws_vault),
    ("docs/keys.md", "awsx keys import --ini", &|sandbox| {
        let text = format!("[default]\naccess_key = {KEY_ID}\nsecret_key = {SECRET_KEY}\n");
        sandbox.write("planted/.s3cfg", &text);
    }),
    ("docs/keys.md", "awsx exec dev -- terraform plan    # with", &long_term),
    ("docs/keys.md", "awsx keys rotate dev\n", &kept_key),
    ("docs/keys.md", "awsx keys rotate dev --from-file", &leave_one_key),
    ("docs/keys.md", "awsx sessions write dev", &kept_key),
    ("docs/keys.md", "awsx mfa add prod --qr", &|sandbox| {
        let picture = crate::markdown::root().join("tests/data/qr/screenshot.png");
        std::fs::copy(picture, sandbox.home().join("code.png")).unwrap();
    }),
    ("docs/keys.md", "awsx mfa add prod --stdin", &|sandbox| {
        sandbox.write("planted/seed.txt", &seed(sandbox));
    }),
    ("docs/keys.md", "awsx mfa enable", &without_device),
    ("docs/keys.md", "awsx mfa list", &kept_device),
    ("docs/keys.md", "awsx mfa login", &kept_device),
    ("docs/migrate.md", "awsx migrate  ", &|sandbox| {
        let granted = "[profile work]\ngranted_sso_start_url = https://corp.awsapps.com/start\n\
                       granted_sso_region = eu-west-1\ngranted_sso_account_id = 222222222222\n\
                       granted_sso_role_name = Developer\n\
                       credential_process = granted credential-process --profile work\n";
        sandbox.config(&(sandbox.read_config() + granted));
        long_term(sandbox);
    }),
    ("docs/migrate.md", "awsx migrate -i", &|sandbox| {
        let tools = "[profile tools]\ncredential_process = aws-vault exec prod --json\n";
        sandbox.config(&(sandbox.read_config() + tools));
    }),
    ("docs/saml.md", "", &assertion),
    ("docs/ssh.md", "awsx ssh", &far),
    ("docs/sso.md", "awsx login aws dev", &nobody),
    ("docs/sso.md", "awsx config sso", &nobody),
    ("docs/tokens.md", "ln ", &|sandbox| {
        std::fs::create_dir_all(sandbox.home().join(".local/bin")).unwrap();
    }),
    ("docs/vault.md", "", &|sandbox| {
        sandbox.exec("test", &[]).ok();
        sandbox.unset("AWSX_VAULT");
    }),
    ("docs/vault.md", "awsx vault passphrase", &|sandbox| {
        sandbox.awsx(&["vault", "move", "--to", "passphrase"]).ok();
    }),
    ("src/cli/help/agents.txt", "awsx approve", &|sandbox| {
        sandbox.write(SETTINGS, "audit = true\n[agents]\ndeny = \"*prod*\"\n[scopes.deploy]\npolicy_file = \"deploy.json\"\n");
        sandbox.set("AWSX_CALLER", "agent");
        sandbox.awsx(&["exec", "prod", "--", "true"]).exits(5);
        sandbox.unset("AWSX_CALLER");
    }),
    ("src/cli/help/ci.txt", "", &job),
    ("src/cli/help/ci.txt", "awsx exec -- terraform plan", &|sandbox| {
        let token = sandbox.home().join("planted/token");
        sandbox.set("AWS_WEB_IDENTITY_TOKEN_FILE", token.to_str().unwrap());
        sandbox.set("AWS_ROLE_ARN", DEPLOY);
    }),
    ("src/cli/help/sso.txt", "awsx login aws", &nobody),
    ("src/cli/help/sso.txt", "awsx login saml", &assertion),
    ("src/cli/help/vault.txt", "awsx vault move", &|sandbox| {
        sandbox.unset("AWSX_VAULT");
        sandbox.awsx(&["vault", "move", "--to", "keychain"]).ok();
    }),
    ("src/cli/help/vault.txt", "awsx keys import", &key_in_file),
    ("src/cli/help/vault.txt", "awsx keys rotate", &|sandbox| {
        leave_one_key(sandbox);
        sandbox.config(CONFIG);
    }),
];

/// A job of GitHub or GitLab, whose token opens the role.
fn job(sandbox: &Sandbox) {
    sandbox.begin_github_job();
    let federation = Federation { issuer: github::ISSUER.into(), subject: sample::SUBJECT.into() };
    add_role(sandbox, DEPLOY, Trust { federation: Some(federation), ..Trust::default() });
    let end = sandbox.aws.now() + TimeDelta::minutes(10);
    let token =
        sandbox.aws.control(|state| state.iam.identity_providers[1].token(sample::SUBJECT, end));
    sandbox.set("GITLAB_OIDC_TOKEN", &token);
    sandbox.set("TOKEN", &token);
    sandbox.write("planted/token", &token);
    sandbox.config(&format!("[profile deploy]\noidc = github\nrole_arn = {DEPLOY}\n"));
}

/// The access key of `dev` is in the file.
fn key_in_file(sandbox: &Sandbox) {
    sandbox.credentials(&keys(KEY_ID, SECRET_KEY));
}

/// The access key of `dev` is in the vault, and nowhere else; IAM has room for another one.
fn kept_key(sandbox: &Sandbox) {
    key_in_file(sandbox);
    sandbox.aws.control(|state| {
        state.iam.refusals_of_new_keys = 0;
        state.iam.user(sample::USER).unwrap().keys.retain(|key| key.id != INACTIVE_KEY_ID);
    });
    sandbox.awsx(&["keys", "import", "dev", "--remove", "--yes"]).ok();
}

/// The files of aws-vault.
fn kept_by_aws_vault(sandbox: &Sandbox) {
    sandbox.plant(AWS_VAULT_PASSPHRASE);
    for (name, jwe) in AWS_VAULT {
        sandbox.write(&format!(".awsvault/keys/{name}"), jwe);
    }
}

/// The key that aws-mfa makes sessions of.
fn long_term(sandbox: &Sandbox) {
    sandbox.write_mode(".aws/credentials", &section_of_aws_mfa("dev"), 0o600);
}

/// There is no `dev`.
fn nobody(sandbox: &Sandbox) {
    sandbox.credentials("");
    let config = sandbox.read_config().replace("[profile dev]\nregion = eu-west-1\n", "");
    sandbox.config(&config.replace("source_profile = dev", "source_profile = old"));
}

fn without_device(sandbox: &Sandbox) {
    sandbox.aws.control(|state| state.iam.user(sample::USER).unwrap().mfa_devices.clear());
}

/// The sample device is in the vault.
fn kept_device(sandbox: &Sandbox) {
    let secret = seed(sandbox);
    let mut command = sandbox.command(AWSX);
    command.args(["mfa", "add", "prod", "--stdin", "--yes"]);
    sandbox.run(&mut command, secret.as_bytes(), true).ok();
}

/// awsx's own login.
fn login(sandbox: &Sandbox) {
    let mut terminal = sandbox.awsx_on_terminal(&["login", "sso", "corp"]);
    terminal.expect("[Y/n] ").type_line("n").end().ok();
}

/// The machine `build`, which has nothing of AWS.
fn far(sandbox: &Sandbox) {
    let _ = Far::new(sandbox);
    sandbox.write("far/.profile", "PS1='far$ '\n");
}

fn repository(sandbox: &Sandbox) {
    let mut git = sandbox.command("git");
    sandbox.run(git.args(["init", "-q"]), b"", true).ok();
}

/// An assertion, the role that it opens, and a profile of it.
fn assertion(sandbox: &Sandbox) {
    let provider = with_saml(sandbox);
    let end = sandbox.aws.now() + TimeDelta::minutes(5);
    let assertion = provider.assertion(&[SAML_ROLE], "ann@corp.example", end);
    sandbox.write("planted/assertion", &assertion);
    let profile = format!(
        "[profile corp]\nregion = eu-west-1\nsaml_login_url = https://idp.corp.example/app/aws\n\
         role_arn = {SAML_ROLE}\nprincipal_arn = {PROVIDER}\n"
    );
    sandbox.config(&(sandbox.read_config() + &profile));
}
