//! What a sceptic tried that the other files' topics do not cover.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::fake_aws::sample;
use crate::sandbox::{AWSX, CONFIG, PASSPHRASE, Sandbox};

#[test]
fn flags_count_before_and_after_the_profile() {
    let sandbox = Sandbox::new();
    let print = "echo $AWS_ACCESS_KEY_ID $AWS_REGION";
    let args = ["exec", "--no-session", "dev", "--region", "eu-west-3", "sh", "-c", print];
    let warning =
        "warning: the long-term access keys themselves are handed over, because of --no-session";
    let ran = sandbox.awsx(&args).ok().stderr_is(&[warning]);
    assert_eq!(ran.stdout, format!("{} eu-west-3\n", sample::KEY_ID));
    let args = ["-q", "exec", "--no-session", "dev", "--region", "r", "true"];
    sandbox.awsx(&args).ok().stderr_is(&[]);
}

#[test]
fn an_empty_name_is_never_the_default_profile() {
    let sandbox = Sandbox::new();
    sandbox.config(&CONFIG.replace("[profile readonly]", "[default]"));
    for args in [
        &["whoami", ""][..],
        &["env", "--profile="],
        &["credential-process", ""],
        &["explain", "-p", ""],
        &["exec", "", "--", "true"],
        &["exec", "", "--refresh", "true"],
        &["exec", "-p", "", "true"],
    ] {
        sandbox.awsx(args).fails(2, &["needs a value"]);
    }
    assert!(sandbox.aws.calls().is_empty());
}

#[test]
fn a_variable_that_is_no_unicode_names_no_profile() {
    let sandbox = Sandbox::new();
    sandbox.config(&CONFIG.replace("[profile readonly]", "[default]"));
    let mut command = sandbox.command(AWSX);
    command.arg("whoami").env("AWS_PROFILE", OsStr::from_bytes(b"prod\xff"));
    sandbox.run(&mut command, b"", true).fails(3, &["\"prod\u{fffd}\" (named by AWS_PROFILE)"]);
}

#[test]
fn helpers_do_not_get_the_vaults_passphrase() {
    let sandbox = Sandbox::new();
    let helper = |name: &str, prints: &str| {
        let script = format!("env > {0}/tmp/{name}; {prints}", sandbox.home().display());
        format!("sh {}", sandbox.write(&format!("planted/{name}"), &script).display())
    };
    let process =
        helper("process", r#"echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S"}'"#);
    let code = helper("code", &format!("echo {}", sandbox.code()));
    sandbox.config(&format!(
        "[profile p]\ncredential_process = {process}\n\
         [profile m]\nrole_arn = {}\nsource_profile = dev\nmfa_serial = {}\nmfa_process = {code}\n",
        sample::ADMIN,
        sample::MFA_SERIAL
    ));
    for (profile, name) in [("p", "process"), ("m", "code")] {
        sandbox.exec(profile, &[]).ok();
        let seen = sandbox.read(&format!("tmp/{name}"));
        assert!(seen.contains("HOME=") && !seen.contains(PASSPHRASE), "{seen}");
    }
}

#[test]
fn explain_names_lines_that_other_tools_read_differently() {
    let sandbox = Sandbox::new();
    let config = CONFIG.replace("role/ReadOnly\n", "role/ReadOnly ; the harmless one\n");
    sandbox.config(&format!("{config}\n[profile other]\nregion = x # y\n"));
    let line = config.lines().position(|line| line.contains("harmless")).unwrap() + 1;
    let expected = "warning: the AWS CLI takes the comment behind the value as part of the value";
    let ran = sandbox.awsx(&["explain", "readonly"]).ok().prints(expected);
    ran.prints(&format!("config:{line})"));
    let json = sandbox.explain("readonly");
    let warnings = json["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 1, "{json}");
    assert_eq!(warnings[0]["line"], line, "{json}");
    let json = sandbox.explain("prod");
    assert_eq!(json["warnings"].as_array().unwrap().len(), 0, "{json}");
}

#[test]
fn min_ttl_holds_for_whoami_and_up_to_the_whole_duration() {
    let sandbox = Sandbox::new();
    let whoami = ["whoami", "readonly", "--duration", "15m"];
    for (flags, calls) in [
        (&[][..], 1),
        (&["--min-ttl", "10m"], 1),
        // No session can give more than all of its duration, and a new one gives that.
        (&["--min-ttl", "15m"], 2),
    ] {
        sandbox.awsx(&[&whoami, flags].concat()).ok();
        assert_eq!(sandbox.aws.count("AssumeRole"), calls, "{flags:?}");
    }
    sandbox.exec("readonly", &["--duration", "15m", "--min-ttl", "15m"]).ok();
    assert_eq!(sandbox.aws.count("AssumeRole"), 3);
    let end = (sandbox.aws.now() + chrono::TimeDelta::minutes(5)).to_rfc3339();
    let document = format!(
        r#"{{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":"T","Expiration":"{end}"}}"#
    );
    let file = sandbox.write("planted/document", &document);
    sandbox.config(&format!("[profile p]\ncredential_process = cat {}\n", file.display()));
    sandbox.awsx(&["whoami", "p", "--min-ttl", "10m"]).fails(8, &["profile \"p\"", "--min-ttl"]);
}

#[test]
fn usage_errors_are_json_where_json_is_asked_for() {
    let sandbox = Sandbox::new();
    let json = sandbox.awsx(&["whoami", "--json", "--nope"]).fails(2, &["--nope"]).error_json();
    assert_eq!(json["version"], 1, "{json}");
    assert_eq!(json["error"]["kind"], "usage", "{json}");
    assert_eq!(json["error"]["message"], "`awsx whoami` has no flag --nope", "{json}");
    assert!(json["error"]["hint"].is_string(), "{json}");
    sandbox
        .awsx(&["exec", "dev", "--nope", "tool", "--json"])
        .fails(2, &["error: `awsx exec` has no flag --nope"]);
}

#[test]
fn a_hints_command_quotes_the_profiles_name() {
    let sandbox = Sandbox::new();
    sandbox.config(&CONFIG.replace("[profile prod]", "[profile \"it's; id\"]"));
    let odd = "warning: [..]/config:5: the AWS SDKs reject the file [..]";
    let error = "error: profile \"it's; id\" needs the MFA code of [..]: there is no terminal";
    let hint = r"hint: run `awsx exec 'it'\''s; id' -- true` in a terminal first, [..]";
    sandbox.exec("it's; id", &[]).exits(4).stderr_is(&[odd, error, hint]);
}

#[test]
fn the_child_is_not_told_of_a_shadowed_profile() {
    let sandbox = Sandbox::new();
    let file = sandbox.write("planted/token", &sandbox.web_identity_token());
    sandbox.set("AWS_WEB_IDENTITY_TOKEN_FILE", file.to_str().unwrap());
    sandbox.set("AWS_ROLE_ARN", sample::CI);
    sandbox.set("AWS_PROFILE", "dev");
    let who = sandbox.awsx(&["whoami", "--json"]).ok().json();
    assert_eq!((&who["source"], &who["profile"]), (&"web-identity".into(), &().into()), "{who}");
    assert_eq!(who["region"], "eu-west-1", "{who}");
    let ran = sandbox.awsx(&["exec", "--", "env"]).ok().prints_no("AWSX_PROFILE");
    let warning = "warning: AWS_PROFILE=dev is shadowed by AWS_WEB_IDENTITY_TOKEN_FILE in the \
                   environment; name the profile on the command line to use it";
    ran.stderr_is(&[warning]);
}
