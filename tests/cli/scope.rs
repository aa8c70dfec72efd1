//! Sessions narrowed: by `awsx sts get-scoped-credentials` and by `--scope`.

use crate::children;
use crate::fake_aws::sample::USER;
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
