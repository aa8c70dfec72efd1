//! Sessions narrowed: by `awsx sts get-scoped-credentials` and by `--scope`.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::children;
use crate::fake_aws::request::Parameters;
use crate::fake_aws::sample::{KEY_ID, SECRET_KEY, SSO_ROLE, USER};
use crate::given::{DEVELOPER, SETTINGS, sso_config};
use crate::ran::Ran;
use crate::sandbox::Sandbox;

const LIST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:List*","sts:*"],"Resource":"*"}]}"#;
const BY_NAME: [&str; 2] = ["sts", "get-scoped-credentials"];

/// With the AWS CLI in its PATH, and a bucket with objects.
fn with_bucket() -> Sandbox {
    let sandbox = children::sandbox();
    sandbox.aws.control(|state| {
        let objects = ["keep.txt", "logs/1"].map(str::to_owned);
        state.buckets.insert("data".to_owned(), objects.into());
    });
    sandbox
}

/// The AWS CLI behind these words.
fn s3(sandbox: &Sandbox, words: &[&str], operation: &[&str]) -> Ran {
    let words = [words, &["--", "aws2", "s3api"], operation].concat();
    sandbox.awsx(&words)
}

const LISTED: [&str; 3] = ["list-objects-v2", "--bucket", "data"];
const REMOVED: [&str; 5] = ["delete-object", "--bucket", "data", "--key", "keep.txt"];

#[test]
fn an_operation_by_name_narrows_a_session() {
    let sandbox = with_bucket();
    sandbox.write("list.json", LIST);
    let dev = [&BY_NAME[..], &["-p", "dev"]].concat();
    let asked = [&dev[..], &["--policy", "file://list.json", "--scope-note", "ticket 12"]].concat();
    let given = sandbox.awsx(&asked).ok().json();
    let names: Vec<_> = given.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "Credentials",
        "SessionInfo",
        "SessionTokenUtilization",
        "SessionTokenSize",
        "ScopedPoliciesCount",
    ];
    assert_eq!(names, expected);
    assert_eq!(
        (&given["SessionInfo"]["Arn"], &given["ScopedPoliciesCount"]),
        (&USER.into(), &1.into())
    );
    assert_eq!(sandbox.aws.new_operations(), ["GetSessionToken", "GetScopedCredentials"]);
    // Somebody with less.
    let narrowed = [&dev[..], &["--policy", "list.json"]].concat();
    s3(&sandbox, &narrowed, &LISTED).ok().prints("keep.txt");
    s3(&sandbox, &narrowed, &REMOVED).exits(254).says("AccessDenied");
    let whole = [&dev[..], &["--duration", "10m"]].concat();
    s3(&sandbox, &whole, &REMOVED).ok();
}

#[test]
fn what_aws_refuses_to_narrow_is_said_with_what_helps() {
    let sandbox = Sandbox::new();
    let ask = |args: &[&str]| sandbox.awsx(&[&BY_NAME[..], args].concat());
    let readonly = ["-p", "readonly", "--duration"];
    ask(&[&readonly[..], &["2h"]].concat()).fails(
        5,
        &["InsufficientSessionLifetime", "hint: a session is never made longer: ask for less"],
    );
    ask(&["-p", "dev"]).fails(5, &["ValidationError", "`awsx explain dev` shows the calls"]);
    ask(&["-p", "dev", "--policy", "{}"])
        .fails(5, &["MalformedPolicyDocument", "hint: correct the policy"]);
    ask(&["-p", "dev", "--duration", "37h"])
        .fails(2, &["AWS allows 1s to 36h for sts:GetScopedCredentials"]);
    sandbox
        .aws
        .control(|state| state.iam.denied.push((USER.to_owned(), "sts:GetScopedCredentials")));
    ask(&["-p", "dev", "--duration", "10m"])
        .fails(5, &["AccessDenied", "must allow sts:GetScopedCredentials"]);
    assert_eq!(sandbox.aws.count("GetScopedCredentials"), 4);
}

/// Somebody who is logged in, and the parameters of the calls that narrow.
fn logged_in() -> Sandbox {
    with_bucket().sso_profiles().logged_in()
}

fn narrowed(sandbox: &Sandbox) -> Vec<Parameters> {
    let calls = sandbox.aws.calls().into_iter();
    calls.filter(|call| call.operation == SCOPED).map(|call| call.parameters).collect()
}

const SCOPED: &str = "GetScopedCredentials";
const DELIVERED: [&str; 2] = ["GetRoleCredentials", SCOPED];

#[test]
fn an_agent_that_may_read_lists_a_bucket_and_removes_nothing() {
    let sandbox = logged_in();
    let exec = |scope: &[&str], operation: &[&str]| {
        s3(&sandbox, &[&["exec", "sso"], scope].concat(), operation)
    };
    exec(&["--scope", "read:s3"], &LISTED).ok().prints("keep.txt");
    exec(&["--scope", "read:s3"], &REMOVED).exits(254).says("no session policy allows");
    // The second command took what the first one had kept, and others it did not narrow.
    assert_eq!(
        sandbox.aws.new_operations(),
        ["GetRoleCredentials", SCOPED, "ListObjectsV2", "DeleteObject"]
    );
    exec(&["--scope", "read:sqs"], &LISTED).exits(254);
    exec(&["--policy", LIST], &REMOVED).exits(254);
    exec(&[], &REMOVED).ok();
    let operations = [SCOPED, "ListObjectsV2", SCOPED, "DeleteObject", "DeleteObject"];
    assert_eq!(sandbox.aws.new_operations(), operations);
}

#[test]
fn the_call_that_assumes_a_role_takes_the_scope() {
    let sandbox = Sandbox::new();
    let run = |args: &[&str]| {
        sandbox.awsx(&[&["exec", "readonly"], args, &["--", "true"]].concat()).ok();
        let calls = sandbox.aws.calls();
        sandbox.aws.forget_calls();
        calls
    };
    let calls = run(&["--scope", "read:s3"]);
    assert!(calls[0].parameters["Policy"].contains("\"s3:Get*\""), "{calls:?}");
    assert_eq!(calls.len(), 1);
    let calls = run(&["--scope", "read", "--scope-for", "20m"]);
    let parameters = &calls[0].parameters;
    assert_eq!(parameters["PolicyArns.member.1.arn"], "arn:aws:iam::aws:policy/ReadOnlyAccess");
    assert_eq!((&*parameters["DurationSeconds"], calls.len()), ("1200", 1));
    // AWS takes the note in a call of its own.
    let calls = run(&["--scope", "read:s3", "--scope-note", "ticket 12"]);
    assert_eq!(calls[1].parameters["ScopedSessionDescription"], "ticket 12");
    assert!(calls[1].parameters["Policy"].contains("s3:Get*"));
    assert!(!calls[0].parameters.contains_key("Policy"));
}

#[test]
fn a_scope_ends_it_sooner_and_never_later() {
    let sandbox = logged_in();
    let end = |scope_for: &str| {
        let json =
            sandbox.awsx(&["credential-process", "sso", "--scope-for", scope_for]).ok().json();
        let end = json["Expiration"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        (end - sandbox.aws.now()).num_minutes()
    };
    assert!((9..=10).contains(&end("10m")));
    assert!((0..=1).contains(&end("1m")));
    // The session has eight hours.
    assert!((478..=480).contains(&end("12h")));
    let asked: Vec<_> =
        narrowed(&sandbox).iter().map(|call| call["DurationSeconds"].clone()).collect();
    assert_eq!(asked[..2], ["600", "60"]);
    assert!(asked[2].parse::<u32>().unwrap() < 28_800);
    // Ten minutes are asked for, and the kept session has them.
    end("10m");
    assert_eq!((narrowed(&sandbox).len(), sandbox.aws.count("GetRoleCredentials")), (3, 2));
}

#[test]
fn an_edited_file_is_another_policy() {
    let sandbox = logged_in();
    let run = |scope: &str| sandbox.exec("sso", &["--scope", scope, "--", "true"]).ok();
    sandbox.write("list.json", LIST);
    run("list.json");
    run("list.json");
    assert_eq!(sandbox.aws.new_operations(), DELIVERED);
    // Blanks mean nothing.
    sandbox.write("list.json", &LIST.replace("\":", "\" : "));
    run("list.json");
    assert!(sandbox.aws.new_operations().is_empty());
    sandbox.write("list.json", &LIST.replace("List", "Get"));
    run("list.json");
    run(LIST);
    // What is said in another way is the same.
    run("list.json");
    assert_eq!(sandbox.aws.new_operations(), [SCOPED]);
}

#[test]
fn awsxs_settings_call_scopes_by_name_and_profiles_have_one() {
    let sandbox = logged_in();
    let quoted = LIST.replace('"', "\\\"");
    sandbox.write(
        SETTINGS,
        &format!(
            "[scopes.list]\npolicy_file = \"list.json\"\n[scopes.own]\npolicy = \"{quoted}\"\n"
        ),
    );
    sandbox.write(".config/awsx/list.json", LIST);
    let config = sso_config().replace("[profile sso]\n", "[profile sso]\nscope = list\n");
    sandbox.config(&config);
    s3(&sandbox, &["exec", "sso"], &REMOVED).exits(254);
    sandbox.awsx(&["credential-process", "sso"]).ok();
    assert_eq!(narrowed(&sandbox).len(), 1);
    // The flag takes its place.
    sandbox.exec("sso", &["--scope", "own", "--", "true"]).ok();
    assert_eq!(narrowed(&sandbox).len(), 1, "it is the same policy");
    sandbox.exec("sso", &["--scope", "read:sqs", "--", "true"]).ok();
    assert_eq!(narrowed(&sandbox).len(), 2);
    // What comes of it is the profile's.
    let list = sandbox.awsx(&["sessions", "list", "--json"]).ok().json();
    let calls: Vec<_> =
        list["sessions"].as_array().unwrap().iter().map(|kept| &kept["call"]).collect();
    assert_eq!(calls.iter().filter(|call| **call == "sts:GetScopedCredentials").count(), 2);
    sandbox.awsx(&["sessions", "clear", "sso"]).ok();
    s3(&sandbox, &["exec", "sso"], &REMOVED).exits(254);
    assert_eq!(narrowed(&sandbox).len(), 3);
    // A file beside the config file, whatever the working directory.
    sandbox.config(&config.replace("scope = list", "scope = here.json"));
    sandbox.write(".aws/here.json", LIST);
    sandbox.exec("sso", &["--", "true"]).ok();
    // What the profile hands to others is as narrow; AWS takes a user's keys themselves for this.
    sandbox.config("[profile dev]\nscope = read:s3\n");
    sandbox.awsx(&["sts", "get-session-token", "-p", "dev"]).ok();
}

#[test]
fn what_is_no_scope_is_said_before_any_call() {
    let sandbox = logged_in();
    sandbox.write("prose.txt", "all but the buckets");
    sandbox.write(SETTINGS, "[scopes.deploy]\npolicy_file = \"gone.json\"\n");
    let long = format!(r#"{{"Statement":"{}"}}"#, "x".repeat(2048));
    let sso = |scope: &str, code: i32, words: &[&str]| {
        sandbox.exec("sso", &["--scope", scope, "--", "true"]).fails(code, words);
    };
    sso(
        "read",
        2,
        &["scope read needs a role to assume", "hint: name services, as in read:s3,logs"],
    );
    sso("read:", 2, &["--scope read: names no service"]);
    sso(
        "read:s3,dynamo",
        2,
        &["names dynamo, which is no service", "hint: did you mean dynamodb?"],
    );
    sso("read:qqq", 2, &["hint: AWS's names count"]);
    sso(
        "depoy",
        2,
        &["neither a scope of awsx's settings nor a file", "config.toml has these: deploy"],
    );
    sso("deploy", 2, &["policy_file of [scopes.deploy], ~/.config/awsx/gone.json cannot be read"]);
    sso("prose.txt", 2, &["prose.txt is not JSON"]);
    sso("{", 2, &["is no policy: it is not JSON"]);
    sso(&long, 2, &["the policy of a policy has", "and AWS takes 2048"]);
    let exec = |profile: &str, args: &[&str], code: i32, words: &[&str]| {
        sandbox.exec(profile, &[args, &["--", "true"]].concat()).fails(code, words);
    };
    exec("sso", &["--scope-for", "37h"], 2, &["--scope-for 37h: AWS allows 1s to 36h"]);
    exec("sso", &["--scope-note", "x"], 2, &["it is not 2 to 256 characters long"]);
    exec("sso", &["--scope-note", "ticket №12"], 2, &["letters of Western Europe"]);
    sandbox.config(
        "[profile dev]\nscope = read:s3\nsession = false\n[profile bad]\nscope = depoy\n\
         [profile two]\nscope = read\nscope = read:s3\n",
    );
    let keys = sandbox.read(".aws/credentials");
    sandbox.credentials(&format!(
        "{keys}{}",
        keys.replace("[dev]", "[bad]") + &keys.replace("[dev]", "[two]")
    ));
    exec("dev", &[], 3, &["session = false hands over the access keys themselves", "config:3"]);
    exec("bad", &[], 3, &["config:5: scope = depoy is neither a scope", "hint:"]);
    exec(
        "two",
        &[],
        3,
        &["scope of profile \"two\" has another value at", "the key is already set on line 7"],
    );
    exec("bad", &["--scope", "read:s3", "--no-session"], 2, &["hint: leave --no-session out"]);
    assert!(sandbox.aws.operations().is_empty());
}

#[test]
fn what_aws_refuses_of_a_scope_has_its_own_sentence() {
    let sandbox = logged_in();
    let run = |args: &[&str]| sandbox.exec("sso", &[args, &["--", "true"]].concat());
    run(&["--scope", "{}"])
        .fails(5, &["MalformedPolicyDocument", "hint: correct the policy of the scope"]);
    let denied = (SSO_ROLE.to_owned(), "sts:GetScopedCredentials");
    sandbox.aws.control(|state| state.iam.denied.push(denied));
    run(&["--scope", LIST]).fails(
        5,
        &["AccessDenied", "hint: the policies of who asks must allow sts:GetScopedCredentials"],
    );
    sandbox.aws.control(|state| state.iam.denied.clear());
    // One on the other.
    let layer = ["awsx", "exec", "--scope", LIST, "--"];
    let four = [&["--scope", LIST, "--"][..], &layer, &layer, &layer[..4]].concat();
    let said =
        "takes sessions only, no access keys of an IAM user, and lays three scopes on one at most";
    sandbox.exec("sso", &four).fails(5, &["AccessDenied", said]);
    let three = [&["--scope", LIST, "--"][..], &layer, &layer[..4]].concat();
    sandbox.exec("sso", &three).ok();
    let large = |name: &str| LIST.replace("s3:List*", &format!("s3:{}", name.repeat(1900)));
    let layer = large("b");
    let next = ["--", "awsx", "exec", "--scope", &layer, "--"];
    let last = large("c");
    let first = large("a");
    let too_large =
        [&["--scope", &first][..], &next, &["awsx", "exec", "--scope", &last, "--", "true"]];
    sandbox
        .exec("sso", &too_large.concat())
        .fails(5, &["PackedPolicyTooLarge", "hint: the session's tags"]);
    // Only what prints them knew what they are.
    let printed = format!(
        r#"printf '{{"Version":1,"AccessKeyId":"{KEY_ID}","SecretAccessKey":"{SECRET_KEY}"}}'"#
    );
    sandbox.write_mode("planted/keys", &format!("#!/bin/sh\n{printed}\n"), 0o755);
    let command = sandbox.home().join("planted/keys");
    sandbox.config(&format!("[profile p]\ncredential_process = {}\n", command.display()));
    sandbox.aws.forget_calls();
    sandbox
        .exec("p", &["--scope", "read:s3", "--", "true"])
        .fails(3, &["the credentials of profile \"p\" are the access keys of an IAM user"]);
    assert!(sandbox.aws.operations().is_empty());
}

#[test]
fn whoami_shows_how_much_of_policy_and_token_is_used() {
    let sandbox = logged_in();
    let ran = sandbox.awsx(&["whoami", "sso", "--scope", "read:s3,logs"]).ok();
    ran.prints(
        "scope    read:s3,logs (policy 291 of 2048 characters, token 20 % full, 1 of 3 scopes)\n",
    );
    let json = sandbox.awsx(&["whoami", "sso", "--scope", "read:s3,logs", "--json"]).ok().json();
    assert_eq!(
        json["scope"],
        json!({"name": "read:s3,logs", "policy_characters": 291, "token_percent": 20, "scopes": 1})
    );
    assert_eq!((json["arn"].as_str(), narrowed(&sandbox).len()), (Some(DEVELOPER), 1));
    // A user's keys are asked for a session, for AWS narrows no others.
    sandbox.config("[profile dev]\nscope = read:s3\n");
    sandbox.aws.forget_calls();
    sandbox.awsx(&["whoami", "dev"]).ok().prints("scope    read:s3 (policy");
    assert_eq!(sandbox.aws.new_operations(), ["GetSessionToken", SCOPED, "GetCallerIdentity"]);
    assert_eq!(sandbox.awsx(&["whoami", "dev", "--json"]).ok().json()["scope"]["scopes"], 1);
    sandbox.config("[profile dev]\n");
    assert_eq!(sandbox.awsx(&["whoami", "dev", "--json"]).ok().json()["scope"], Value::Null);
}

#[test]
fn explain_says_where_the_scope_goes_and_what_it_promises() {
    let sandbox = logged_in();
    let explain = |args: &[&str]| sandbox.awsx(&[&["explain"], args].concat()).ok();
    explain(&["sso", "--scope", "read:s3"]).prints_each(&[
        "sso: role Developer in 222222222222, narrowed to read:s3",
        "2. sts:GetScopedCredentials, with read:s3 (policy 137 of 2048 characters)",
        "scope    AWS refuses these credentials all else, whoever has them;",
    ]);
    explain(&["behind", "--scope", "read"])
        .prints("sts:AssumeRole ReadOnly in 111111111111, for 1h, with read\n");
    explain(&["sso"]).prints_no("scope");
    let json = explain(&["sso", "--scope", "read:s3", "--scope-for", "10m", "--json"]).json();
    let step = &json["plan"][1];
    assert_eq!((&step["scope"], &step["policy_characters"]), (&json!("read:s3"), &json!(137)));
    assert_eq!(step["duration_seconds"], 600);
    assert!(sandbox.aws.operations().is_empty());
}
