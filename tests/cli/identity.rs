//! The same identity as the AWS CLI's, or a word about it.

use crate::fake_aws::sample::{KEY_ID, SECRET_KEY};
use crate::sandbox::{CONFIG, Sandbox};

/// The sample user's keys below a section's first line; the text has `KEYS` in their place.
fn with_keys(text: &str) -> String {
    let keys = format!("aws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n");
    text.replace("KEYS", keys.trim_end())
}

/// Docs, both files, the profile, the warning and where it stands.
const SAID: [(&str, &str, &str, &str, &str); 8] = [
    (
        "two spellings of the default profile",
        "[profile default]\nKEYS\n[default]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = o\n",
        "",
        "default",
        "/.aws/config:4: this spelling of the section is ignored because of the one on line 1",
    ),
    (
        "a name with and without quotes",
        "[profile team]\nKEYS\n[profile \"team\"]\naws_access_key_id = AKIAOTHER\n",
        "",
        "team",
        "/.aws/config:4: this spelling of the section is ignored because of the one on line 1",
    ),
    (
        "settings that the AWS CLI gives to every profile",
        "[DEFAULT]\nrole_arn = arn:aws:iam::111111111111:role/ReadOnly\n[profile dev]\nKEYS\n",
        "",
        "dev",
        "/.aws/config:1: the AWS CLI adds the settings of [DEFAULT] to every section",
    ),
    (
        "an indented comment",
        "",
        "[dev]\nKEYS\n  # rotated in spring\n",
        "dev",
        "/.aws/credentials:4: the AWS SDKs take this indented comment as part of the value above",
    ),
    (
        "settings in a section that nobody reads",
        "[profile Night Shift]\nregion = eu-west-1\n",
        "[Night Shift]\nKEYS\n",
        "Night Shift",
        "/.aws/config:1: every AWS tool ignores this section",
    ),
    (
        "keys as the lines of a shell",
        "",
        "[dev]\nexport AWS_ACCESS_KEY_ID=AKIAOTHER\nKEYS\n",
        "dev",
        "/.aws/credentials:2: the AWS SDKs ignore this setting because of its key",
    ),
    (
        "a source in two spellings",
        "[profile audit]\nrole_arn = arn:aws:iam::111111111111:role/ReadOnly\nsource_profile = team\n\
         [profile team]\nKEYS\n[profile 'team']\naws_access_key_id = AKIAOTHER\n",
        "",
        "audit",
        "/.aws/config:7: this spelling of the section is ignored because of the one on line 4",
    ),
    (
        "an include in two spellings",
        "[profile dev]\ninclude_profile = base\nKEYS\n[profile base]\nregion = eu-west-1\n\
         [profile 'base']\nregion = eu-west-2\n",
        "",
        "dev",
        "/.aws/config:7: this spelling of the section is ignored because of the one on line 5",
    ),
];

#[test]
fn what_the_aws_cli_reads_otherwise_is_said_once_by_every_command() {
    let sandbox = Sandbox::new();
    for (docs, config, credentials, profile, words) in SAID {
        sandbox.config(&with_keys(config));
        sandbox.credentials(&with_keys(credentials));
        for command in [
            &["exec", profile, "--", "true"][..],
            &["env", profile],
            &["credential-process", profile],
            &["whoami", profile],
        ] {
            let ran = sandbox.awsx(command).ok();
            assert_eq!(ran.stderr.matches(words).count(), 1, "{docs}: {ran:?}");
        }
        sandbox.awsx(&["explain", profile]).ok().prints(words.split_once(": ").unwrap().1);
    }
}

/// Docs, both files, the arguments, the exit code and what is said.
type Refusal = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    i32,
    &'static [&'static str],
);

const REFUSED: [Refusal; 13] = [
    (
        "lines that nobody reads, and nothing else",
        "",
        "[default]\nexport AWS_ACCESS_KEY_ID=AKIAOTHER\nexport AWS_SECRET_ACCESS_KEY=other\n",
        &["whoami"],
        8,
        &[
            "no credentials: not in the environment",
            "credentials:2: the AWS SDKs ignore this setting because of its key",
            "credentials:3: the AWS SDKs ignore this setting because of its key",
        ],
    ),
    (
        "two values for one key",
        "",
        "[dev]\nKEYS\naws_access_key_id = AKIAOTHER\n",
        &["whoami", "dev"],
        3,
        &[
            "credentials:4: aws_access_key_id of profile \"dev\" has another value at",
            "hint: remove one",
            "already set",
        ],
    ),
    (
        "a section behind a file that does not end its last line",
        "",
        "[old]\nKEYS[new]\nKEYS\n",
        &["whoami", "old"],
        3,
        &["aws_secret_access_key of profile \"old\" has another value at", "already set"],
    ),
    (
        "an indented key",
        "",
        "[dev]\naws_access_key_id = AKIA\n  aws_secret_access_key = s\n",
        &["whoami", "dev"],
        3,
        &[
            "credentials:2: aws_access_key_id of profile \"dev\" goes on in an indented line",
            "credentials:3: this indented line",
        ],
    ),
    (
        "keys in [DEFAULT]",
        "",
        "[DEFAULT]\nKEYS\n[x]\nregion = us-east-1\n",
        &["whoami", "x"],
        8,
        &[
            "profile \"x\" has no credentials",
            "credentials:1: the AWS CLI adds the settings of [DEFAULT]",
        ],
    ),
    (
        "no prefix in the config file",
        "[staging]\nregion = eu-west-2\n",
        "",
        &["whoami", "staging"],
        3,
        &[
            "config:1 has [staging] instead",
            "hint: write [profile staging] at",
            "every AWS tool ignores",
        ],
    ),
    (
        "an open quote",
        "[profile Jo's]\nregion = eu-west-2\n",
        "",
        &["whoami", "Jo's"],
        3,
        &[
            "config:1 has [profile Jo's]",
            "hint: write [profile \"Jo's\"] at",
            "every AWS tool ignores",
        ],
    ),
    (
        "a prefix in the credentials file",
        "",
        "[profile dev]\nKEYS\n",
        &["whoami", "dev"],
        3,
        &[
            "credentials:1 has [profile dev]",
            "hint: write [dev] at",
            "ignore this section in the credentials file",
        ],
    ),
    (
        "the prefix in a reference",
        "[profile dev]\nrole_arn = arn:aws:iam::111111111111:role/ReadOnly\nsource_profile = profile base\n",
        "[base]\nKEYS\n",
        &["exec", "dev", "--", "true"],
        3,
        &["hint: write source_profile = base, without quotes and the word profile"],
    ),
    (
        "a session with a typing error",
        "[sso-session corp]\n[profile dev]\nsso_session = crop\nsso_account_id = 111111111111\nsso_role_name = r\n",
        "",
        &["exec", "dev", "--", "true"],
        3,
        &["there is no [sso-session crop]", "hint: did you mean \"corp\"?"],
    ),
    (
        "keys in quotes: their line, and why",
        "[profile dev]\nregion = eu-west-1\n",
        "[dev]\naws_access_key_id = 'AKIA'\naws_secret_access_key = s\n",
        &["whoami", "dev"],
        5,
        &[
            "credentials:2: aws_access_key_id is in quotes, which AWS takes as part of it",
            "credentials:2: profile \"dev\": sts:GetCallerIdentity was refused",
        ],
    ),
    (
        "a token beside keys that have none",
        "",
        "[dev]\nKEYS\naws_session_token = t\n",
        &["whoami", "dev"],
        5,
        &[
            "credentials:4: aws_session_token stands beside a long-term access key",
            "credentials:2: profile \"dev\": sts:GetCallerIdentity was refused",
        ],
    ),
    (
        "a session in quotes",
        "[sso-session 'Old Harbor']\n[profile dev]\nsso_session = 'Old Harbor'\nsso_account_id = 111111111111\nsso_role_name = r\n",
        "",
        &["exec", "dev", "--", "true"],
        3,
        &["hint: write sso_session = Old Harbor, without quotes and the word sso-session"],
    ),
];

#[test]
fn what_cannot_be_meant_is_refused_with_its_line() {
    let sandbox = Sandbox::new();
    for (docs, config, credentials, command, code, words) in REFUSED {
        sandbox.config(&with_keys(config));
        sandbox.credentials(&with_keys(credentials));
        let ran = sandbox.awsx(command);
        assert_eq!(ran.code, code, "{docs}: {ran:?}");
        ran.fails(code, words);
    }
    sandbox.config("");
    sandbox.credentials("[default]\nexport AWS_ACCESS_KEY_ID=AKIAOTHER\n");
    sandbox.awsx(&["explain"]).exits(8).prints("ignore this setting because of its key");
}

/// It may be that of other keys.
#[test]
fn an_account_is_that_of_the_file_with_the_keys() {
    let sandbox = Sandbox::new();
    for (docs, config, credentials, expected) in [
        ("the other file", "[profile dev]\naws_account_id = 999999999999\n", "", false),
        ("the same file", "", "aws_account_id = 999999999999\n", true),
    ] {
        sandbox.config(config);
        sandbox.credentials(&with_keys(&format!("[dev]\nKEYS\n{credentials}")));
        let ran = sandbox.awsx(&["exec", "dev", "--no-session", "--", "env"]).ok();
        assert_eq!(ran.stdout.contains("AWS_ACCOUNT_ID=999999999999"), expected, "{docs}");
    }
}

#[test]
fn a_variable_that_is_no_text_is_an_error() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = Sandbox::new();
    for (variable, words) in [
        ("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID is not text (UTF-8)"),
        ("AWS_SESSION_TOKEN", "AWS_SESSION_TOKEN is not text (UTF-8)"),
        ("AWS_REGION", "AWS_REGION is not text (UTF-8)"),
        ("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_STS is not text (UTF-8)"),
    ] {
        let mut command = sandbox.command(crate::sandbox::AWSX);
        command.env("AWS_ACCESS_KEY_ID", KEY_ID).env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
        command.env(variable, std::ffi::OsStr::from_bytes(b"AKIA\xff")).arg("whoami");
        sandbox.run(&mut command, b"", true).fails(3, &[words]);
    }
}

/// A profile with settings that a command must know, and one without.
const TOLD: &str = "\
[profile told]
region = us-west-2
use_fips_endpoint = true
retry_mode = adaptive
services = local
s3 =
  addressing_style = path
KEYS
[services local]
s3 =
  endpoint_url = http://s3.test:1
[profile plain]
KEYS
";

#[test]
fn what_the_profile_says_of_aws_reaches_the_command_and_no_other_profile() {
    let sandbox = Sandbox::new();
    sandbox.config(&with_keys(TOLD));
    sandbox.credentials("");
    // A custom endpoint beside FIPS is used as it is, like the AWS CLI does it.
    sandbox.set("AWS_ENDPOINT_URL_STS", sandbox.aws.url());
    sandbox.unset("AWS_ENDPOINT_URL");
    let told = [
        "AWS_REGION=us-west-2\n",
        "AWS_USE_FIPS_ENDPOINT=true\n",
        "AWS_RETRY_MODE=adaptive\n",
        "AWS_ENDPOINT_URL_S3=http://s3.test:1\n",
        "AWSX_ENDPOINT_URL_S3=http://s3.test:1\n",
    ];
    let lost = "/.aws/config:7: addressing_style of s3 has no variable";
    sandbox.env_of("told").says(lost).prints_each(&told);

    let inner = ["exec", "told", "--", crate::sandbox::AWSX, "exec", "plain", "--", "env"];
    let inner = sandbox.awsx(&inner).ok();
    for variable in told {
        assert!(!inner.stdout.contains(variable), "{variable}: {inner:?}");
    }
    let unset = ["exec", "told", "--", crate::sandbox::AWSX, "env", "--unset"];
    sandbox
        .awsx(&unset)
        .ok()
        .prints_each(&["unset AWS_ENDPOINT_URL_S3;", "unset AWSX_RETRY_MODE;"]);

    // What the person set stays.
    sandbox.set("AWS_USE_FIPS_ENDPOINT", "false");
    sandbox.env_of("told").prints("AWS_USE_FIPS_ENDPOINT=false\n").prints_no("AWSX_USE_FIPS");
    sandbox.set("AWS_ENDPOINT_URL", sandbox.aws.url());
    sandbox.env_of("told").prints_no("AWS_ENDPOINT_URL_S3");
}

/// Files that the AWS CLI looks at before it asks the instance, and the empty name of one.
#[test]
fn old_files_are_named_and_an_empty_name_is_no_file() {
    let sandbox = Sandbox::new().on_an_instance();
    let old = "AWS_CREDENTIAL_FILE is set: the AWS CLI takes keys from that old kind of file first";
    sandbox.awsx(&["whoami"]).ok().says_no(old);
    sandbox.set("AWS_CREDENTIAL_FILE", "/nonexistent");
    sandbox.awsx(&["whoami"]).ok().says(old);
    sandbox.credentials(&with_keys("[dev]\nKEYS\n"));
    sandbox.config("");
    sandbox.awsx(&["whoami", "dev"]).ok().says_no(old);

    sandbox.unset("AWS_CREDENTIAL_FILE");
    sandbox.set("AWS_SHARED_CREDENTIALS_FILE", "");
    let none = "profile \"dev\" (named on the command line) is in neither [..] nor /dev/null";
    let ran = sandbox.awsx(&["whoami", "dev"]).exits(3);
    ran.stderr_is(&[&format!("error: {none}"), "hint: [..]"]);
}

/// Their mistakes are told by whatever reads them.
#[test]
fn profiles_that_nobody_asked_for_are_in_nobodys_way() {
    let sandbox = Sandbox::new();
    sandbox.config(&format!("{CONFIG}[profile wrong]\nno setting\n"));
    sandbox.exec("readonly", &[]).ok().stderr_is(&[]);
    sandbox.awsx(&["credential-process", "readonly"]).ok();
    assert_eq!(sandbox.whoami("dev")["account"], "111111111111");
    let at = "~/.aws/config:20: expected `key = value`";
    for words in [&["profiles"][..], &["exec", "wrong", "--", "true"], &["whoami", "reedonly"]] {
        sandbox.awsx(words).fails(3, &[at, "hint: "]);
    }
    sandbox.config(CONFIG);
    sandbox.awsx(&["whoami", "reedonly"]).fails(3, &["did you mean \"readonly\"?"]);
}
