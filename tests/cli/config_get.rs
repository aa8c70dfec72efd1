//! `awsx config get` and `path`, beside `aws configure get`.

use crate::children;
use crate::sandbox::Sandbox;

const CONFIG: &str = "
[default]
region = eu-west-1
output =
s3 =
    addressing_style = path
    max_queue_size = 5
[profile dev]
region = eu-central-1
REGION_HINT = x
cli_pager = a
    b
[profile s3]
region = us-east-1
[profile my.dev]
region = us-west-2
[sso-session corp]
sso_region = eu-north-1
[services local]
sts =
    endpoint_url = http://127.0.0.1:1
";
const CREDENTIALS: &str = "[dev]\naws_access_key_id = AKIA2SANDBOXEXAMPLE7\nregion = eu-south-1\n";

fn get(sandbox: &Sandbox, words: &str) -> (String, i32) {
    let words: Vec<_> = ["config", "get"].into_iter().chain(words.split(' ')).collect();
    let ran = sandbox.awsx(&words);
    (ran.stdout, ran.code)
}

/// What differs is said of the row.
#[test]
fn a_setting_is_what_aws_configure_get_prints() {
    let sandbox = children::sandbox();
    sandbox.config(CONFIG);
    sandbox.credentials(CREDENTIALS);
    for (words, text, code, differs) in [
        ("region", "eu-west-1", 0, ""),
        ("region --profile dev", "eu-south-1", 0, ""),
        ("aws_access_key_id --profile dev", "AKIA2SANDBOXEXAMPLE7", 0, ""),
        ("profile.dev.region", "eu-south-1", 0, ""),
        ("default.region", "eu-west-1", 0, ""),
        ("dev.region", "eu-south-1", 0, ""),
        ("s3.region", "us-east-1", 0, ""),
        ("default.s3.max_queue_size", "5", 0, ""),
        ("cli_pager --profile dev", "a\nb", 0, ""),
        ("nothing", "", 1, ""),
        ("default.s3.nothing", "", 1, ""),
        ("sso_region --sso-session corp", "eu-north-1", 0, ""),
        ("sts.endpoint_url --services local", "http://127.0.0.1:1", 0, ""),
        ("output", "", 1, "a value that is blank counts as none"),
        ("REGION", "eu-west-1", 0, "keys are the same in capitals"),
        ("profile.my.dev.region", "us-west-2", 0, "names may have dots"),
        ("my.dev.region", "us-west-2", 0, "names may have dots"),
    ] {
        let expected = if code == 0 { format!("{text}\n") } else { String::new() };
        assert_eq!(get(&sandbox, words), (expected.clone(), code), "{words}");
        let words: Vec<_> =
            ["aws2", "configure", "get"].into_iter().chain(words.split(' ')).collect();
        let ran = children::run(&sandbox, &words);
        assert_eq!((ran.stdout, ran.code) == (expected, code), differs.is_empty(), "{words:?}");
    }
}

#[test]
fn what_is_not_there_is_said() {
    let sandbox = Sandbox::new();
    sandbox.config(CONFIG);
    let get = |words: &str| {
        let words: Vec<_> = ["config", "get"].into_iter().chain(words.split(' ')).collect();
        sandbox.awsx(&words)
    };
    get("role_arn -p dev").fails(
        1,
        &["role_arn of profile \"dev\" is not set", "hint: `awsx config path` says which files"],
    );
    get("s3").fails(
        1,
        &[
            ".aws/config:5: s3 of profile \"default\" has no value, but settings below it: \
             addressing_style, max_queue_size",
            "hint: name one, as in `awsx config get profile.default.s3.addressing_style`",
        ],
    );
    get("sts --services local").fails(
        1,
        &[
            "sts of [services local] has no value",
            "`awsx config get sts.endpoint_url --services local`",
        ],
    );
    get("default.s3.nothing")
        .fails(1, &["s3.nothing of profile \"default\" is not set", "config path"]);
    get("region -p nobody").fails(3, &["profile \"nobody\" (", "is in neither", "awsx profiles"]);
    get("profile.nobody.region")
        .fails(3, &["profile \"nobody\" (", "is in neither", "awsx profiles"]);
    get("x --sso-session nobody").fails(3, &["there is no [sso-session nobody] in", "that file"]);
    get("a.b.c").fails(2, &["\"a.b.c\" names no setting: a setting is named KEY,", "--help"]);
    get("x --services local --profile dev").exits(2);
    // A name of a variable is selected as everywhere.
    sandbox.set("AWS_PROFILE", "dev");
    assert_eq!(get("region").ok().stdout, "eu-central-1\n");
}

#[test]
fn files_are_where_the_variables_say() {
    let sandbox = Sandbox::new();
    let path = |file: &str| sandbox.awsx(&["config", "path", file]).ok().stdout;
    let home = sandbox.home().display().to_string();
    assert_eq!(path("config"), format!("{home}/.aws/config\n"));
    assert_eq!(path("credentials"), format!("{home}/.aws/credentials\n"));
    assert!(path("settings").ends_with("/awsx/config.toml\n"));
    sandbox.set("AWS_CONFIG_FILE", "/elsewhere/config");
    let all = sandbox.awsx(&["config", "path"]).ok().stdout;
    let lines: Vec<_> =
        all.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).collect();
    assert_eq!(lines[0], ["config", "/elsewhere/config"]);
    assert_eq!(lines.len(), 3);
    let mut terminal = sandbox.awsx_on_terminal(&["config", "path"]);
    terminal.expect("FILE").expect("PATH").expect("/elsewhere/config").end().ok();
    sandbox.awsx(&["config", "path", "other"]).exits(2);
}
