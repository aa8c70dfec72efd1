//! `awsx migrate`: what other tools left, in files made after their documentation.

use crate::fake_aws::sample::{KEY_ID, SECRET_KEY};
use crate::ran::Ran;
use crate::sandbox::{CONFIG, Sandbox, keys};
use crate::terminal::CTRL_C;

const START_URL: &str = "https://corp.awsapps.com/start";

impl Sandbox {
    fn migrate(&self, flags: &[&str]) -> Ran {
        self.awsx(&[&["migrate"], flags].concat())
    }

    /// What a profile is, and for which role.
    fn whose(&self, profile: &str) -> String {
        let found = self.awsx(&["profiles", "--json"]).ok();
        let found: serde_json::Value = serde_json::from_str(&found.stdout).unwrap();
        let found = &found["profiles"][profile];
        let settings = ["sso_account_id", "sso_role_name", "role_arn", "sso_session"];
        let settings = settings.map(|key| &found["settings"][key]);
        let values =
            [&found["source"]].into_iter().chain(settings).filter_map(|value| value.as_str());
        values.collect::<Vec<_>>().join(" ")
    }
}

/// With a comment, a region and another profile, which must stay.
const GRANTED: &str = "\
# mine
[profile prod/Admin]
granted_sso_start_url = https://corp.awsapps.com/start
granted_sso_region = eu-west-1
granted_sso_account_id = 222222222222
granted_sso_role_name = Admin
common_fate_generated_from = aws-sso
region = eu-central-1 # Frankfurt
credential_process = granted credential-process --profile prod/Admin

[profile audit]
granted_sso_start_url      = https://corp.awsapps.com/start/#/
granted_sso_region         = eu-west-1
granted_sso_account_id     = 333333333333
granted_sso_role_name      = Audit
credential_process         = /opt/bin/granted credential-process --profile=audit --auto-login

[profile half]
granted_sso_start_url = https://corp.awsapps.com/start
credential_process = granted credential-process --profile half

[profile other]
credential_process = /opt/other --for granted
";

#[test]
fn looking_changes_nothing_and_says_what_cannot_come_along() {
    let sandbox = Sandbox::new();
    sandbox.migrate(&[]).ok().stderr_is(&["awsx: no other tool left anything that awsx knows"]);
    sandbox.config(GRANTED);
    sandbox.write(".granted/config", "DefaultBrowser = \"FIREFOX\"\n");
    let ran = sandbox.migrate(&[]).ok();
    let ran = ran
        .prints("granted  ~/.aws/config:9      profile prod/Admin: Admin in 222222222222")
        .prints("sso_session = corp\n")
        .prints("profile audit: Audit in 333333333333")
        .prints("granted  ~/.granted/config")
        .prints("! it does not say all of granted_sso_start_url");
    ran.stderr_is(&["awsx: nothing was changed; `awsx migrate granted` does it"]);
    assert_eq!(sandbox.read_config(), GRANTED);
    let ran = sandbox.migrate(&["--json"]).ok();
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let fates: Vec<_> =
        json["findings"].as_array().unwrap().iter().map(|one| &one["fate"]).collect();
    assert_eq!(fates, ["profile", "profile", "stays", "stays"], "{json}");
    sandbox.migrate(&["granted"]).fails(4, &["`awsx migrate granted --yes` does not ask"]);
    sandbox.migrate(&["--yes"]).fails(2, &["name the tools, or give --all"]);
    sandbox.migrate(&["nonsense"]).fails(2, &["nonsense"]);
    assert_eq!(sandbox.read_config(), GRANTED);
    assert!(sandbox.aws.new_operations().is_empty());
}

#[test]
fn profiles_of_granted_become_those_of_a_session_and_come_back() {
    let sandbox = Sandbox::new();
    sandbox.config(GRANTED);
    sandbox
        .migrate(&["granted", "--yes"])
        .ok()
        .says("~/.aws/config is written\n")
        .says("`awsx login sso corp` logs in");
    let expected = "\
# mine
[profile prod/Admin]
sso_session = corp
sso_account_id = 222222222222
sso_role_name = Admin
region = eu-central-1 # Frankfurt

[profile audit]
sso_session = corp
sso_account_id = 333333333333
sso_role_name = Audit
";
    let config = sandbox.read_config();
    assert!(config.starts_with(expected), "{config}");
    let session = "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\n\
                   sso_region = eu-west-1\nsso_registration_scopes = sso:account:access\n";
    assert!(config.contains(session), "{config}");
    assert!(config.contains("[profile half]\ngranted_sso_start_url"), "{config}");
    assert_eq!(sandbox.whose("prod/Admin"), "sso 222222222222 Admin corp");
    assert_eq!(sandbox.whose("audit"), "sso 333333333333 Audit corp");
    assert_eq!(sandbox.whose("other"), "credential-process");
    // Nothing is left but what cannot come along.
    sandbox.migrate(&["--all", "--yes"]).ok().says("nothing of it comes along");
    assert_eq!(sandbox.read_config(), config);
    sandbox.awsx(&["config", "undo"]).ok();
    assert_eq!(sandbox.read_config(), GRANTED);
    let ran = sandbox.migrate(&["granted", "--yes", "-q"]).ok().stderr_is(&[]);
    assert_eq!((&*ran.stdout, sandbox.read_config()), ("", config));
}

#[test]
fn a_session_that_is_there_is_taken() {
    let sandbox = Sandbox::new();
    let session =
        format!("[sso-session work]\nsso_start_url = {START_URL}/\nsso_region = eu-west-1\n\n");
    sandbox.config(&(session.clone() + GRANTED));
    sandbox.migrate(&["granted", "--yes"]).ok();
    assert_eq!(sandbox.whose("audit"), "sso 333333333333 Audit work");
    assert!(!sandbox.read_config().contains("[sso-session corp]"));
    // One of the same name is of another portal.
    let other = session.replace("work", "corp").replace("corp.awsapps", "else.awsapps");
    sandbox.config(&(other + GRANTED));
    sandbox.migrate(&["granted", "--yes"]).ok();
    assert_eq!(sandbox.whose("audit"), "sso 333333333333 Audit corp-2");
}

#[test]
fn what_counts_in_a_profile_is_not_overruled() {
    let sandbox = Sandbox::new();
    let both = format!("{GRANTED}role_arn = arn:aws:iam::111111111111:role/R\nsource_profile = x\n")
        .replace("[profile other]\ncredential_process = /opt/other --for granted\n", "")
        .replace("[profile half]\n", "[profile both]\ngranted_sso_region = eu-west-1\ngranted_sso_account_id = 111111111111\ngranted_sso_role_name = R\n");
    sandbox.config(&both);
    let ran = sandbox.migrate(&["granted", "--yes"]).ok();
    ran.prints("the profile has role_arn too, which counts (~/.aws/config:");
    assert!(sandbox.read_config().contains("granted credential-process --profile half"));
    // What is no start URL, region, account or role becomes no line.
    for (old, new, problem) in [
        ("https://corp.awsapps.com/start", "http://corp.example", "is no start URL"),
        ("eu-west-1", "eu.evil.example", "is no region"),
        ("222222222222", "2222", "is no role of an account"),
    ] {
        let config = GRANTED.replace(old, new);
        sandbox.config(&config);
        sandbox.migrate(&["granted"]).prints(problem);
    }
}

const AWS_SSO: &str = "\
[profile 000000000001:Admin]
credential_process = /usr/local/bin/aws-sso -S \"Work\" process --arn arn:aws:iam::000000000001:role/Admin
region = eu-west-1

[profile lost]
credential_process = aws-sso -S Nowhere process --arn arn:aws:iam::000000000001:role/Admin
";

const AWS_SSO_FILE: &str = "\
SSOConfig:
    Default:
        SSORegion: us-east-1
        StartUrl: https://d-1234567890.awsapps.com/start
    Work:
        SSORegion: eu-west-1
        StartUrl: https://corp.awsapps.com/start
        DefaultRegion: eu-central-1
        Accounts:
            000000000001:
                Name: Sandbox
                Roles:
                    ReadOnly:
                        Profile: sandbox-ro
                    Admin:
                        DefaultRegion: eu-west-2
                        Profile: sandbox
                        Tags:
                            Color: red
DefaultSSO: Work
SecureStore: file
";

#[test]
fn aws_sso_cli_comes_along_with_its_file() {
    let sandbox = Sandbox::new();
    sandbox.config(AWS_SSO);
    sandbox.migrate(&[]).ok().prints("no config.yaml of aws-sso says where \"Work\" logs in");
    sandbox.write(".aws-sso/config.yaml", AWS_SSO_FILE);
    sandbox.migrate(&["aws-sso-cli", "--yes"]).ok().prints("where \"Nowhere\" logs in");
    assert_eq!(sandbox.whose("000000000001:Admin"), "sso 000000000001 Admin Work");
    assert_eq!(sandbox.whose("sandbox-ro"), "sso 000000000001 ReadOnly Work");
    assert_eq!(sandbox.whose("sandbox"), "sso 000000000001 Admin Work");
    assert_eq!(sandbox.whose("lost"), "credential-process");
    let config = sandbox.read_config();
    for part in [
        "[sso-session d-1234567890]\n",
        "[profile sandbox]\nsso_session = Work\nsso_account_id = 000000000001\nsso_role_name = Admin\nregion = eu-west-2\n",
        "[profile sandbox-ro]\nsso_session = Work\nsso_account_id = 000000000001\nsso_role_name = ReadOnly\nregion = eu-central-1\n",
    ] {
        assert!(config.contains(part), "{part}\n{config}");
    }
    // Its file is named by a variable, and may be anything.
    sandbox.set("AWS_SSO_CONFIG", "~/planted.yaml");
    sandbox.write("planted.yaml", "SSOConfig: [\n\t{{ nonsense\n");
    sandbox.config(AWS_SSO);
    sandbox.migrate(&[]).ok().prints("where \"Work\" logs in");
}

/// As aws-sso-util 4.33.0 writes them; it marks those of `configure populate`.
#[test]
fn profiles_of_aws_sso_util_get_a_session() {
    let sandbox = Sandbox::new();
    let lines = format!(
        "sso_start_url = {START_URL}\nsso_region = eu-west-1\nsso_account_id = 222222222222\nsso_role_name = Admin\n"
    );
    let config = format!(
        "[profile a]\n{lines}region = eu-west-3\ncredential_process = aws-sso-util credential-process --profile a\n\
         sso_auto_populated = true\n[profile b]\ncredential_process = aws-sso-util credential-process --profile a\n"
    );
    sandbox.config(&config);
    let before = sandbox.whose("a");
    assert_eq!(before, "sso 222222222222 Admin");
    sandbox.migrate(&["aws-sso-util", "--yes"]).ok();
    for name in ["a", "b"] {
        assert_eq!(sandbox.whose(name), "sso 222222222222 Admin corp");
    }
    let config = sandbox.read_config();
    assert!(!config.contains("aws-sso-util") && !config.contains("auto_populated"), "{config}");
}

#[test]
fn keys_of_aws_mfa_go_into_the_vault() {
    let sandbox = Sandbox::new();
    let device = "aws_mfa_device = arn:aws:iam::111111111111:mfa/dev\n";
    let text = keys(KEY_ID, SECRET_KEY).replace("[dev]", "[dev-long-term]") + device;
    sandbox.credentials(&text);
    sandbox.migrate(&[]).ok().prints("the access key of dev").prints("access keys in the vault");
    assert!(sandbox.records("keys").is_empty());
    sandbox.migrate(&["aws-mfa", "--yes"]).ok().says("stored AKIA2SANDBOXEXAMPLE7 of dev");
    assert_eq!(sandbox.explain("dev")["chosen"], "stored-keys");
    let config = sandbox.read_config();
    assert!(config.contains("mfa_serial = arn:aws:iam::111111111111:mfa/dev"), "{config}");
    assert_eq!(sandbox.read(".aws/credentials"), text);
}

#[test]
fn profiles_of_aws_vault_run_awsx_and_its_store_is_named() {
    let sandbox = Sandbox::new();
    sandbox.config(
        "[profile work]\ninclude_profile = base\n[profile base]\nmfa_process = code\n\
         [profile tool]\ncredential_process = aws-vault exec work --json\n\
         [profile tool2]\ncredential_process = aws-vault export --format=json work\n\
         [profile own]\nregion = eu-west-1\ncredential_process = aws-vault exec --json own\n",
    );
    sandbox.write(".awsvault/keys/dev", "sealed");
    let ran = sandbox.migrate(&[]).ok();
    ran.prints("profile work: include_profile").prints("access keys in its file store");
    sandbox.set("AWS_VAULT_BACKEND", "keychain");
    sandbox.migrate(&[]).ok().prints("awsx does not open that store; `aws-vault exec --no-session");
    // Where its name is awsx's, it has a path.
    let path = sandbox.what_is_set("PATH");
    let own = sandbox.write("opt/aws-vault", "");
    let [first, second] = ["bin", "opt"].map(|name| sandbox.home().join(name));
    sandbox.set("PATH", &format!("{}:{}:{path}", first.display(), second.display()));
    sandbox.awsx(&["migrate", "--shims", first.to_str().unwrap()]).ok();
    let line = format!("`{} exec --no-session NAME -- awsx keys add NAME --env`", own.display());
    let json = sandbox.migrate(&["--json"]).ok().json().to_string();
    assert!(json.contains(&line), "{json}");
    sandbox.set("PATH", &path);
    sandbox.migrate(&["aws-vault", "--yes"]).ok();
    let config = sandbox.read_config();
    assert_eq!(config.matches("credential_process = awsx credential-process work\n").count(), 2);
    assert!(config.contains("[profile own]\nregion = eu-west-1\n"), "{config}");
    assert!(!config.contains("aws-vault"), "{config}");
}

#[test]
fn profiles_of_aws2_wrap_run_awsx() {
    let sandbox = Sandbox::new().sso_profiles().logged_in();
    sandbox.config(&format!(
        "{}[profile wrapped]\ncredential_process = aws2-wrap --process --profile sso\n\
         [profile other]\ncredential_process = /opt/bin/aws2-wrap --profile=\"a b\" --process\n",
        sandbox.read_config()
    ));
    let ran = sandbox.migrate(&["aws2-wrap", "--yes"]).ok();
    ran.prints("profile wrapped: by aws2-wrap, for sso").prints("it names no profile that awsx");
    let config = sandbox.read_config();
    assert!(config.contains("credential_process = awsx credential-process sso\n"), "{config}");
    assert!(config.contains("--profile=\"a b\" --process\n"), "{config}");
}

#[test]
fn accounts_of_saml2aws_become_profiles() {
    let sandbox = Sandbox::new();
    let role = "arn:aws:iam::222222222222:role/Admin";
    sandbox.config(&format!(
        "[profile process]\ncredential_process = saml2aws login --credential-process -a shell --role {role}\n"
    ));
    sandbox.write(
        ".saml2aws",
        &format!(
            "[default]\nname                 = default\nurl                  = https://corp.okta.com/home/aws/1\n\
             provider             = Okta\naws_session_duration = 28800\naws_profile          = corp\n\
             role_arn             = {role}\nregion               = eu-west-1\n\n\
             [shell]\nurl = /usr/local/bin/assertion\nprovider = Shell\nrole_arn = {role}\naws_profile = sh\n\
             [norole]\nurl = https://corp.okta.com/\nprovider = Okta\n\
             [twice]\nurl = https://corp.okta.com/\nrole_arn = {role}\naws_profile = corp\n"
        ),
    );
    let ran = sandbox.migrate(&["saml2aws", "--yes"]).ok();
    ran.prints("it has no role_arn, which a profile needs")
        .prints("profile corp comes from another account already");
    let config = sandbox.read_config();
    for part in [
        &format!(
            "[profile corp]\nsaml_login_url = https://corp.okta.com/home/aws/1\nrole_arn = {role}\nduration_seconds = 28800\nregion = eu-west-1\n"
        ),
        &format!("[profile sh]\nsaml_command = /usr/local/bin/assertion\nrole_arn = {role}\n"),
        &format!("[profile process]\nsaml_command = /usr/local/bin/assertion\nrole_arn = {role}\n"),
    ] {
        assert!(config.contains(&**part), "{part}\n{config}");
    }
    assert_eq!(sandbox.whose("corp"), format!("saml {role}"));
    sandbox.migrate(&["saml2aws"]).ok().says("nothing of it comes along");
    sandbox.write(".saml2aws", "nonsense\n");
    sandbox.migrate(&[]).ok().prints(".saml2aws:1: ");
}

#[test]
fn other_tools_are_told_of() {
    let sandbox = Sandbox::new();
    sandbox.config(&format!(
        "{CONFIG}[profile leapp]\ncredential_process = leapp session generate 1\n"
    ));
    sandbox.write(".awsume/config.yaml", "colors: true\n");
    // As awsume 4.5.4 and yawsso 1.4.0 write them.
    let session = "aws_access_key_id = ASIAPLANTED\naws_secret_access_key = planted\naws_session_token = planted\n";
    sandbox.credentials(&format!(
        "[made]\nmanager = awsume\n{session}region = eu-central-1\nexpiration = 2026-11-28 00:04:28\n\n\
         [autoawsume-ro]\nmanager = awsume\n{session}autoawsume = true\nawsumepy_command = ro -a\n\n\
         [renamed]\n{session}aws_security_token = planted\naws_session_expiration = 2026-11-28T07:04:47+00:00+0000\n"
    ));
    sandbox.write(".Leapp/Leapp-lock.json", "sealed");
    sandbox.write(".config/op/plugins.sh", "alias aws=\"op plugin run -- aws\"\n");
    sandbox.write(
        ".atmos/atmos.yaml",
        &format!(
            "auth:\n  providers:\n    corp-sso:\n      kind: aws/iam-identity-center\n      region: eu-west-1\n      start_url: {START_URL}\n  \
             identities:\n    admin:\n      kind: aws/permission-set\n      via:\n        provider: corp-sso\n      principal:\n        \
             name: Admin\n        account:\n          id: \"222222222222\"\n    byname:\n      kind: aws/permission-set\n      via:\n        \
             provider: corp-sso\n      principal:\n        name: Admin\n        account:\n          name: prod\n    user:\n      kind: aws/user\n"
        ),
    );
    let ran = sandbox.migrate(&[]).ok();
    ran.prints("`awsx use PROFILE`, as `awsume PROFILE`")
        .prints("session made")
        .prints("session autoawsume-ro")
        .prints("session renamed")
        .prints("only Leapp opens what it keeps")
        .prints("only 1Password opens its items")
        .prints("identity admin")
        .prints("it is aws/user")
        .prints("does not say start_url, region, account.id");
    sandbox.migrate(&["atmos", "--yes"]).ok();
    assert_eq!(sandbox.whose("admin"), "sso 222222222222 Admin corp-sso");
}

/// What awsx's own settings have, too, comes along; of what is left the table says the way of awsx.
#[test]
fn settings_come_along_where_awsx_has_the_same() {
    let sandbox = Sandbox::new();
    sandbox.config("");
    let file = AWS_SSO_FILE.to_owned()
        + "ProfileFormat: \"{{ .AccountIdPad }}.{{ .RoleName }}\"\nUrlAction: open\nColors: x\n";
    sandbox.write(".aws-sso/config.yaml", &file);
    sandbox
        .write(".granted/config", "Ordering = \"Alphabetical\"\n[Keyring]\n  Backend = \"file\"\n");
    sandbox.write(".awsume/config.yaml", "role-duration: 3600\ncolors: true\n");
    sandbox
        .migrate(&[])
        .ok()
        .prints("SSO Work: DefaultRegion")
        .prints("region = \"eu-central-1\" in [sso.Work]")
        .prints("profile_name = \"{account_id}.{role_name}\" in [sso.Work]")
        .prints("! it steers that tool alone; `browser_command` of [console] in config.toml")
        .prints("settings Colors")
        .prints("! awsx has nothing like them; nothing has to be done")
        .prints("before it `favourites` of config.toml")
        .prints("`awsx vault status` says where awsx's key rests")
        .prints("`duration_seconds` in the role's profile");
    sandbox.migrate(&["aws-sso-cli", "--yes"]).ok().says("~/.config/awsx/config.toml is written");
    let expected = "[sso.d-1234567890]\nprofile_name = \"{account_id}.{role_name}\"\n\n[sso.Work]\n\
                    profile_name = \"{account_id}.{role_name}\"\nregion = \"eu-central-1\"\n";
    assert_eq!(sandbox.read(".config/awsx/config.toml"), expected);
    sandbox.migrate(&["aws-sso-cli", "--yes"]).ok().says("nothing of it comes along");
    sandbox.awsx(&["config", "check"]).ok();
    // What a person said counts, and what they wrote stays.
    let own = "# mine\n[sso.Work]\nregion = \"us-east-1\"\n";
    sandbox.write(".config/awsx/config.toml", own);
    let ran = sandbox.migrate(&["aws-sso-cli", "--yes"]).ok();
    ran.prints("config.toml says region = \"us-east-1\" there");
    assert!(sandbox.read(".config/awsx/config.toml").starts_with("# mine\n[sso.Work]\n"));
    assert!(sandbox.read(".config/awsx/config.toml").contains("region = \"us-east-1\"\n"));
    sandbox.write(".config/awsx/config.toml", "nonsense");
    sandbox.migrate(&["aws-sso-cli", "--yes"]).ok().prints("awsx's own settings cannot be read");
    assert_eq!(sandbox.read(".config/awsx/config.toml"), "nonsense");
}

/// Two tools, or one twice, would make the same profile: the first does.
#[test]
fn one_profile_comes_from_one_tool() {
    let sandbox = Sandbox::new();
    sandbox.config("");
    sandbox.write(".aws-sso/config.yaml", AWS_SSO_FILE);
    sandbox.write(
        ".atmos/atmos.yaml",
        &format!(
            "auth:\n  providers:\n    p:\n      region: eu-west-1\n      start_url: {START_URL}\n  identities:\n    \
             sandbox:\n      kind: aws/permission-set\n      via:\n        provider: p\n      principal:\n        \
             name: Other\n        account:\n          id: \"222222222222\"\n"
        ),
    );
    let ran = sandbox.migrate(&["--all", "--yes"]).ok();
    ran.prints("profile sandbox comes from aws-sso-cli (");
    assert_eq!(sandbox.whose("sandbox"), "sso 000000000001 Admin Work");
    // Named alone, the other has it, in the session of that portal.
    sandbox.config("");
    sandbox.migrate(&["atmos", "--yes"]).ok();
    assert_eq!(sandbox.whose("sandbox"), "sso 222222222222 Other Work");
}

#[test]
fn a_file_that_cannot_be_read_does_not_stop_the_others() {
    let sandbox = Sandbox::new();
    sandbox.config(&format!("{GRANTED}nonsense\n"));
    std::fs::create_dir(sandbox.home().join(".saml2aws")).unwrap();
    sandbox.write(".aws-sso/config.yaml", &"k: v\n".repeat(900_000));
    sandbox.write(".awsume/config.yaml", "\0\u{1b}[31m: x\n\0\0");
    let ran = sandbox.migrate(&[]).ok();
    ran.prints("profile audit: Audit")
        .prints("it cannot be read: it is no regular file")
        .prints("it cannot be read: it is larger than 4 MiB")
        .prints_no("\u{1b}[31m")
        .says("~/.aws/config:");
    sandbox.migrate(&["granted", "--yes"]).fails(3, &["~/.aws/config:"]);
}

#[cfg(unix)]
#[test]
fn a_person_sees_the_lines_and_is_asked() {
    let sandbox = Sandbox::new();
    sandbox.config(GRANTED);
    let mut terminal = sandbox.awsx_on_terminal(&["migrate", "--all"]);
    terminal.expect("+ sso_session = corp").expect("Write it to ~/.aws/config? [Y/n]");
    terminal.type_line("n").expect("nothing is written").end().ok();
    assert_eq!(sandbox.read_config(), GRANTED);
    let mut terminal = sandbox.awsx_on_terminal(&["migrate", "-i"]);
    terminal.expect("What comes along").type_line("prod").expect("Write it to");
    terminal.type_line("").expect("is written").end().ok();
    assert_eq!(sandbox.whose("prod/Admin"), "sso 222222222222 Admin corp");
    assert!(sandbox.read_config().contains("--profile=audit"));
}

#[test]
fn what_keeps_it_from_the_file_changes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.config(GRANTED);
    for words in [&["migrate", "--all"][..], &["migrate", "-i"]] {
        let mut terminal = sandbox.awsx_on_terminal(words);
        if words.contains(&"-i") {
            terminal.expect("What comes along").type_line("prod");
        }
        terminal.expect("Write it to ~/.aws/config? [Y/n]").type_line("garbage");
        terminal.expect("Answer y or n.").type_text(CTRL_C).end().exits(130);
        assert_eq!(sandbox.read_config(), GRANTED, "{words:?}");
    }
    let mut terminal = sandbox.awsx_on_terminal(&["migrate", "-i"]);
    terminal.expect("What comes along").type_text(CTRL_C).end().exits(130);
    sandbox.write_mode(".aws/config", GRANTED, 0o444);
    sandbox
        .migrate(&["granted", "--yes"])
        .fails(3, &["~/.aws/config is write-protected", "hint: `chmod u+w ~/.aws/config`"]);
    assert_eq!(sandbox.read_config(), GRANTED);
    // A link stays one.
    std::fs::remove_file(sandbox.home().join(".aws/config")).unwrap();
    let own = sandbox.write("dotfiles/config", GRANTED);
    std::os::unix::fs::symlink(own, sandbox.home().join(".aws/config")).unwrap();
    sandbox.migrate(&["granted", "--yes"]).ok();
    assert!(sandbox.home().join(".aws/config").is_symlink());
    assert!(sandbox.read("dotfiles/config").contains("sso_session = corp"));
}
