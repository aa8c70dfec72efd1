//! `awsx config set` and `unset`, beside `aws configure set`.

use crate::children;
use crate::ran::Ran;
use crate::sandbox::Sandbox;

const CONFIG: &str = "\
# mine
[default]
region = eu-west-1
[profile dev]
  output = json
s3 =
    addressing_style = path

# of corp
[sso-session corp]
sso_region = eu-north-1
[profile my.dev]
[services local]
";
const CREDENTIALS: &str = "[dev]\naws_access_key_id = AKIA2SANDBOXEXAMPLE7\n";

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

fn files(sandbox: &Sandbox) -> [String; 2] {
    [sandbox.read(".aws/config"), sandbox.read(".aws/credentials")]
}

fn set(sandbox: &Sandbox, line: &str, stdin: &str) -> Ran {
    let words = [&["config", "set"], &words(line)[..]].concat();
    sandbox.run(sandbox.command(crate::sandbox::AWSX).args(words), stdin.as_bytes(), true)
}

/// What differs is said of the row.
#[test]
fn a_setting_is_written_as_aws_configure_set_writes_it() {
    let sandbox = children::sandbox();
    let reset = || {
        sandbox.config(CONFIG);
        sandbox.credentials(CREDENTIALS);
    };
    let mut wrong = Vec::new();
    for (line, differs) in [
        ("region eu-west-3", ""),
        ("region eu-west-3 --profile new", ""),
        ("cli_pager cat --profile dev", ""),
        ("default.output text", ""),
        ("profile.dev.region eu-west-3", ""),
        ("profile.new.s3.max_queue_size 5", ""),
        ("s3.max_queue_size 5 --profile dev", "the comment of the next section stays above it"),
        ("s3.addressing_style virtual --profile dev", ""),
        ("aws_access_key_id AKIA2SANDBOXEXAMPLE8 --profile dev", ""),
        ("aws_access_key_id AKIA2SANDBOXEXAMPLE8", ""),
        ("sso_region eu-west-3 --sso-session corp", ""),
        ("sso_region eu-west-3 --sso-session other", ""),
        ("sts.endpoint_url http://127.0.0.1:1 --services local", ""),
        ("output text --profile dev", "the indentation of a line stays"),
        ("REGION eu-west-3", "keys are the same in capitals"),
        ("my.dev.region eu-west-3", "names may have dots"),
        ("profile.my.dev.region eu-west-3", "names may have dots"),
        ("dev.region eu-west-3", "it is the setting that `get` prints"),
        ("plugins.x y", "sections of the AWS CLI alone are its own to change"),
        ("role_arn arn:x --profile \"two", "a name that the files cannot hold is refused"),
    ] {
        reset();
        let ran = set(&sandbox, line, "");
        let own = files(&sandbox);
        reset();
        let theirs = [&["aws2", "configure", "set"], &words(line)[..]].concat();
        let code = children::run(&sandbox, &theirs).code;
        let theirs = files(&sandbox);
        // awsx leaves a blank line above a new section.
        let said = |texts: &[String; 2]| {
            let lines = texts.iter().flat_map(|text| text.lines());
            lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
        };
        let same = (ran.code == 0) == (code == 0) && said(&own) == said(&theirs);
        if same != differs.is_empty() {
            wrong.push(format!("{line}: {} {code} {own:#?} {theirs:#?}", ran.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_nobody_asked_for_stays() {
    let sandbox = Sandbox::new();
    for (docs, line, before, after) in [
        (
            "CRLF, and no last line end",
            "region eu-west-3 -p dev",
            "[profile dev]\r\nregion = x\r\noutput = json",
            "[profile dev]\r\nregion = eu-west-3\r\noutput = json",
        ),
        (
            "a remark that would be a part of the value",
            "region eu-west-3 -p dev",
            "[profile dev]\nregion = us-east-1 # home\n",
            "[profile dev]\n# home\nregion = eu-west-3\n",
        ),
        (
            "duplicates, which botocore refuses",
            "region eu-west-3 -p dev",
            "[profile dev]\nregion = a\nregion = b\n[profile dev]\noutput = json\n",
            "[profile dev]\nregion = a\nregion = eu-west-3\n[profile dev]\noutput = json\n",
        ),
        (
            "another spelling of default",
            "output text",
            "[profile default]\nregion = x\n",
            "[profile default]\nregion = x\noutput = text\n",
        ),
    ] {
        sandbox.config(before);
        set(&sandbox, line, "").ok().stderr_is(&[]);
        assert_eq!(sandbox.read_config(), after, "{docs}");
    }
    sandbox.config("[profile dev\nregion = x\n");
    set(&sandbox, "region y -p dev", "").fails(3, &[".aws/config:1:", "hint: close the bracket"]);
    sandbox.config(CONFIG);
    set(&sandbox, "s3 x -p dev", "").fails(
        2,
        &[
            ".aws/config:6: s3 of profile \"dev\" has settings below it, and no value",
            "`awsx config unset profile.dev.s3` takes it out",
        ],
    );
    set(&sandbox, "output.x y -p dev", "").fails(2, &[".aws/config:5: output of", "has a value"]);
    set(&sandbox, "region", "").fails(2, &["no value is given", "profile.default.region VALUE`"]);
    set(&sandbox, "a.b.c.d e", "").fails(2, &["\"a.b.c.d\" names no setting"]);
    assert_eq!(sandbox.read_config(), CONFIG);
    sandbox.credentials("[dev]\nregion = y\n");
    set(&sandbox, "region x -p dev", "")
        .ok()
        .says("credentials:2: region of profile \"dev\" counts");
    set(&sandbox, "region x -p new", "").ok().says("profile \"new\" is new in ~/.aws/config");
}

#[test]
fn a_secret_is_no_argument_and_rests_elsewhere() {
    let sandbox = Sandbox::new();
    sandbox.config("");
    sandbox.credentials("[dev]\naws_access_key_id = AKIA2SANDBOXEXAMPLE7\n");
    let secret = "aws_secret_access_key";
    let ran = set(&sandbox, &format!("{secret} hunter2hunter2 -p dev --plain-text"), "");
    ran.fails(2, &["as an argument", "`awsx keys add dev` keeps it in the vault", "`-` instead"])
        .says_no("hunter2");
    for line in [format!("{secret} -p dev"), format!("{secret} - -p dev")] {
        set(&sandbox, &line, "x")
            .fails(2, &["in clear text", "`awsx keys add dev`", "--plain-text"]);
    }
    set(&sandbox, &format!("{secret} -p dev --plain-text"), "").fails(4, &["`-` reads it"]);
    let line = format!("profile.dev.{secret} - --plain-text");
    set(&sandbox, &line, "not-a-secret\n").ok();
    assert_eq!(
        sandbox.read(".aws/credentials"),
        "[dev]\naws_access_key_id = AKIA2SANDBOXEXAMPLE7\naws_secret_access_key = not-a-secret\n"
    );
    let args = ["config", "set", secret, "-p", "dev", "--plain-text"];
    let mut terminal = sandbox.awsx_on_terminal(&args);
    terminal
        .expect("aws_secret_access_key of profile \"dev\" (it is not shown):")
        .type_line("typed");
    terminal.end().ok();
    assert!(sandbox.read(".aws/credentials").ends_with("aws_secret_access_key = typed\n"));
    set(&sandbox, "region -", "").fails(2, &["stdin has no value for region"]);
}

#[test]
fn a_setting_is_taken_out_and_shown() {
    let sandbox = Sandbox::new();
    sandbox.config(CONFIG);
    sandbox.credentials("[dev]\naws_secret_access_key = planted-by-hand\nregion = x\n");
    let unset = |line: &str| sandbox.awsx(&[&["config", "unset"], &words(line)[..]].concat());
    let ran = unset("output -p dev").ok();
    assert_eq!(ran.stdout, "~/.aws/config\n  [profile dev]\n-   output = json\n");
    let ran = unset("profile.dev.s3.addressing_style").ok();
    assert_eq!(
        ran.stdout,
        "~/.aws/config\n  [profile dev]\n- s3 =\n-     addressing_style = path\n"
    );
    unset("region -p dev").ok().prints("~/.aws/credentials");
    let ran = unset("aws_secret_access_key -p dev").ok().prints("- aws_secret_access_key = ***");
    assert!(!ran.stdout.contains("planted"));
    unset("sso_region --sso-session corp").ok();
    unset("region -p dev").fails(1, &["region of profile \"dev\" is not set"]);
    unset("region -p nobody").fails(3, &["profile \"nobody\""]);
    unset("region --sso-session nobody").fails(3, &["there is no [sso-session nobody]"]);
    assert_eq!(
        files(&sandbox),
        [
            "# mine\n[default]\nregion = eu-west-1\n[profile dev]\n\n# of corp\n[sso-session corp]\n\
             [profile my.dev]\n[services local]\n",
            "[dev]\n"
        ]
    );
}
