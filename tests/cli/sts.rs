//! `awsx sts`: each operation as the AWS CLI has it, the credentials handed over, and what AWS refuses.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Map, Value};

use crate::children;
use crate::fake_aws::fault::Fault;
use crate::fake_aws::sample::{ADMIN, KEY_ID, MFA_SERIAL, READ_ONLY, SECRET_KEY, SHARED};
use crate::given::NOBODY;
use crate::ran::Ran;
use crate::sandbox::Sandbox;
use crate::terminal::CTRL_C;

const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
const ROLE: &str = "arn:aws:sts::111111111111:assumed-role/ReadOnly/awsx-ann";

fn sts(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.awsx(&[&["sts"], args].concat())
}

/// With the sample user's profile.
fn sts_of_dev(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sts(sandbox, &[args, &["--profile", "dev"]].concat())
}

/// The fields in their order, and what they hold, but for what is new each time.
fn shape(document: &Value, prefix: &str) -> Vec<String> {
    let is_new = |name: &str| {
        let new =
            ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "WebIdentityToken"];
        new.contains(&name)
    };
    let Value::Object(members) = document else { return vec![format!("{prefix} {document}")] };
    let of = |(name, value): (&String, &Value)| match is_new(name) {
        true => vec![format!("{prefix}.{name} {}", value.as_str().unwrap().len() > 9)],
        false => shape(value, &format!("{prefix}.{name}")),
    };
    members.iter().flat_map(of).collect()
}

#[test]
fn each_operation_answers_as_the_aws_cli_does() {
    let sandbox = children::sandbox();
    sandbox.write("policy.json", POLICY);
    let name = ["--role-session-name", "s3-access-example"];
    let role = |more: &[&'static str]| {
        [&["assume-role", "--role-arn", READ_ONLY, "--profile", "dev"], &name[..], more].concat()
    };
    let dev = |args: &[&'static str]| [args, &["--profile", "dev"]].concat();
    let rows = [
        ("who", dev(&["get-caller-identity"])),
        ("a role", role(&[])),
        (
            "a role with all that may be",
            role(&[
                "--duration-seconds",
                "900",
                "--policy",
                "file://policy.json",
                "--policy-arns",
                "arn=arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
                "arn=arn:aws:iam::aws:policy/ReadOnlyAccess",
                "--tags",
                "Key=team,Value=blue",
                r#"Key="cost centre",Value='7, 8'"#,
                "--transitive-tag-keys",
                "team",
                "--external-id",
                "e-1",
                "--source-identity",
                "ann",
            ]),
        ),
        ("JSON", role(&["--tags", r#"[{"Key":"team","Value":"blue"},{"Key":"b","Value":""}]"#])),
        ("a session", dev(&["get-session-token", "--duration-seconds", "900"])),
        (
            "a federated user",
            dev(&[
                "get-federation-token",
                "--name",
                "Bob",
                "--policy",
                "file://policy.json",
                "--policy-arns",
                "arn=arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
                "--duration-seconds",
                "900",
            ]),
        ),
    ];
    for (docs, args) in rows {
        let args = [&["sts"], &args[..]].concat();
        let cli = sandbox.run(sandbox.command("aws2").args(&args), b"", false).ok();
        let asked = || {
            let call = sandbox.aws.calls().pop().unwrap();
            (call.operation, call.parameters, call.access_key_id, call.region)
        };
        let asked_by_cli = asked();
        let own = sandbox.awsx(&args).ok().stderr_is(&[]);
        assert_eq!(asked(), asked_by_cli, "{docs}");
        assert_eq!(shape(&own.json(), ""), shape(&cli.json(), ""), "{docs}");
        // Character for character, but for what is new.
        let lines = |ran: &Ran| {
            ran.stdout
                .lines()
                .map(|line| line.split(": ").next().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(lines(&own), lines(&cli), "{docs}");
    }
}

/// What awsx calls them: each is the same argument.
#[test]
fn awsxs_own_flags_ask_for_the_same() {
    let sandbox = Sandbox::new();
    sandbox.write("policy.json", POLICY);
    let common = ["assume-role", "--role-arn", READ_ONLY, "--source-identity", "ann"];
    let of_aws = [
        "--role-session-name",
        "me",
        "--duration-seconds",
        "900",
        "--policy",
        "file://policy.json",
        "--policy-arns",
        "arn=arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
        "arn=arn:aws:iam::aws:policy/ReadOnlyAccess",
        "--tags",
        "Key=a,Value=b",
        "Key=c,Value=d",
        "--transitive-tag-keys",
        "a",
        "c",
    ];
    let own = [
        "--session-name",
        "me",
        "--duration",
        "15m",
        "--policy",
        POLICY,
        "--policy-arn",
        "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess,arn:aws:iam::aws:policy/ReadOnlyAccess",
        "--tag",
        "a=b",
        "--tag",
        "c=d",
        "--transitive-tag",
        "a,c",
    ];
    let asked = |flags: &[&str]| {
        sts_of_dev(&sandbox, &[&common[..], flags].concat()).ok();
        sandbox.aws.calls().pop().unwrap().parameters
    };
    let expected = asked(&of_aws);
    assert_eq!(asked(&own), expected);
    assert_eq!(expected.len(), 13, "{expected:?}");
    assert!(sandbox.records("sessions").is_empty(), "nothing is kept");
}

#[test]
fn credentials_are_handed_over_as_env_and_exec_do() {
    let sandbox = Sandbox::new();
    let role = ["assume-role", "--role-arn", READ_ONLY, "--profile", "dev"];
    let variables = |stdout: &str| -> BTreeMap<String, String> {
        let pairs = stdout.lines().filter_map(|line| line.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    sandbox.set("AWS_PROFILE", "prod");
    let ran = sts(&sandbox, &[&role[..], &["--", "env"]].concat()).ok().stderr_is(&[]);
    let child = variables(&ran.stdout);
    assert!(child["AWS_ACCESS_KEY_ID"].starts_with("ASIA"), "{child:?}");
    for (name, value) in [
        ("AWS_ACCOUNT_ID", Some("111111111111")),
        ("AWS_REGION", Some("eu-west-1")),
        ("AWSX_ACCESS_KEY_ID", Some(&*child["AWS_ACCESS_KEY_ID"])),
        // They are another's than the profile's.
        ("AWSX_PROFILE", None),
        ("AWS_PROFILE", None),
        ("AWSX_PASSPHRASE", None),
    ] {
        assert_eq!(child.get(name).map(String::as_str), value, "{name}");
    }
    let json = sts(&sandbox, &[&role[..], &["--format", "json"]].concat()).ok().json();
    let names = |map: &Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
    assert_eq!(json["AWS_ACCOUNT_ID"], "111111111111");
    let env =
        sandbox.awsx(&["env", "readonly", "--format", "json", "--region", "eu-west-1"]).ok().json();
    let env = names(env.as_object().unwrap()).into_iter().filter(|name| name != "AWSX_PROFILE");
    assert_eq!(names(json.as_object().unwrap()), env.collect::<Vec<_>>());

    let who =
        sts(&sandbox, &[&role[..], &["--", crate::sandbox::AWSX, "whoami", "--json"]].concat());
    assert_eq!(who.ok().json()["arn"], ROLE);
    sts(&sandbox, &[&role[..], &["--", "sh", "-c", "exit 7"]].concat()).exits(7);
    sts(&sandbox, &[&role[..], &["--", "no-such-command"]].concat())
        .fails(127, &["no-such-command"]);
    let both = [&role[..], &["--format", "sh", "--", "env"]].concat();
    sts(&sandbox, &both).fails(2, &["--format and COMMAND exclude each other"]);
    // A shell that evaluates it fails too.
    let denied = ["assume-role", "-p", "dev", "--role-arn", SHARED, "--format", "sh"];
    sandbox.aws.control(|state| state.iam.role(SHARED).unwrap().trust.principals.clear());
    assert_eq!(sts(&sandbox, &denied).exits(5).stdout, "(exit 5)\n");
    let typo = ["assume-role", "--format", "fish", "--typo"];
    assert_eq!(sts(&sandbox, &typo).exits(2).stdout, "sh -c 'exit 2'\n");
    let whoami = ["get-caller-identity", "--format", "sh"];
    sts(&sandbox, &whoami).fails(2, &["`awsx sts get-caller-identity` has no flag --format"]);
    let federated = ["get-federation-token", "-p", "dev", "--name", "Bob", "--policy", POLICY];
    let who = sts(
        &sandbox,
        &[&federated[..], &["--", crate::sandbox::AWSX, "whoami", "--json"]].concat(),
    );
    assert_eq!(who.ok().json()["arn"], "arn:aws:sts::111111111111:federated-user/Bob");
}

/// What signs: a user's keys alone where AWS wants those, the MFA session for a role, the chain's session.
#[test]
fn the_profile_signs_as_the_operation_demands() {
    let sandbox = Sandbox::new();
    let key_of_last = || sandbox.aws.calls().pop().unwrap().access_key_id.unwrap();
    let asked = || sandbox.aws.new_operations().join(" ");
    sts_of_dev(&sandbox, &["get-caller-identity"]).ok();
    sts_of_dev(&sandbox, &["assume-role", "--role-arn", READ_ONLY]).ok();
    sts_of_dev(&sandbox, &["get-session-token"]).ok();
    assert_eq!(key_of_last(), KEY_ID);
    assert_eq!(asked(), "GetCallerIdentity AssumeRole GetSessionToken");
    // The profile's device: a role that demands MFA gets the MFA session, which is kept.
    sandbox.config(&format!("[profile dev]\nregion = eu-west-1\nmfa_serial = {MFA_SERIAL}\n"));
    let admin = ["assume-role", "--role-arn", ADMIN];
    sts_of_dev(&sandbox, &admin).fails(4, &["needs the MFA code", "give --mfa-code CODE"]);
    let code = sandbox.code();
    sts_of_dev(&sandbox, &[&admin[..], &["--mfa-code", &code]].concat()).ok();
    sts_of_dev(&sandbox, &admin).ok();
    assert_eq!(asked(), "GetSessionToken AssumeRole AssumeRole");
    sts_of_dev(&sandbox, &["get-caller-identity"]).ok();
    assert_eq!(key_of_last(), KEY_ID);
    // A role's session signs the next role, and nothing that is a user's.
    sandbox.config(&format!(
        "[profile dev]\n[profile readonly]\nrole_arn = {READ_ONLY}\nsource_profile = dev\n"
    ));
    for call in [&["get-session-token"][..], &["get-federation-token", "--name", "Bob"]] {
        let ran = sts(&sandbox, &[call, &["--profile", "readonly"]].concat());
        ran.fails(
            3,
            &[
                "needs the access keys of an IAM user, and profile \"readonly\" leads to a session",
                "hint: this profile has some: --profile dev",
            ],
        );
    }
    sandbox.config(&format!(
        "[profile readonly]\nrole_arn = {READ_ONLY}\ncredential_source = Environment\n"
    ));
    sandbox.credentials("");
    sandbox.set("AWS_ACCESS_KEY_ID", KEY_ID);
    sandbox.set("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    let words = ["no profile has any: `awsx keys add NAME` stores a user's key"];
    sts(&sandbox, &["get-session-token", "--profile", "readonly"]).fails(3, &words);
    sts(&sandbox, &["get-session-token"]).ok();
}

#[test]
fn a_role_of_identity_center_signs_too() {
    let sandbox = Sandbox::new().sso_profiles().logged_in();
    let sso = ["--sso", "corp", "--account", "222222222222", "--role", "Developer"];
    let who = sts(&sandbox, &[&["get-caller-identity"], &sso[..]].concat()).ok().json();
    assert_eq!(who["Arn"], crate::given::DEVELOPER);
    let role = ["assume-role", "--role-arn", READ_ONLY, "--session-name", "me"];
    let ran = sts(
        &sandbox,
        &[&role[..], &sso, &["--", crate::sandbox::AWSX, "whoami", "--json"]].concat(),
    );
    assert_eq!(ran.ok().json()["arn"], "arn:aws:sts::111111111111:assumed-role/ReadOnly/me");
}

#[test]
fn the_code_of_a_device_is_given_kept_or_asked_for() {
    let sandbox = Sandbox::new();
    let device = ["--serial-number", MFA_SERIAL];
    let admin = [&["assume-role", "--role-arn", ADMIN, "-p", "dev"], &device[..]].concat();
    let code = sandbox.code();
    sts(&sandbox, &[&admin[..], &["--token-code", &code]].concat()).ok();
    let again = sts(&sandbox, &[&admin[..], &["--token-code", &code]].concat());
    again.fails(4, &["was sent before; AWS takes each code once"]);
    let call = sandbox.aws.calls().pop().unwrap();
    assert_eq!(call.parameters["SerialNumber"], MFA_SERIAL);
    sts(&sandbox, &admin).fails(4, &["needs the MFA code of arn:aws:iam::111111111111:mfa/dev"]);
    sts(&sandbox, &[&admin[..], &["--token-code", "12345"]].concat())
        .fails(2, &["give the six digits that the device shows"]);
    let wrong = match sandbox.aws.mfa_code(MFA_SERIAL).starts_with('0') {
        true => "100000",
        false => "000000",
    };
    sts(&sandbox, &[&admin[..], &["--token-code", wrong]].concat())
        .fails(5, &["AWS did not accept the MFA code"]);
    // A person is asked, also where the output is caught; Ctrl-C ends it.
    let sandbox = Sandbox::new();
    let line = format!(
        "x=$(awsx sts assume-role -p dev --role-arn {ADMIN} --serial-number {MFA_SERIAL}); \
                        echo $x | grep -c ASIA"
    );
    let mut terminal = sandbox.sh_on_terminal(&line);
    terminal.expect("MFA code for arn:aws:iam::111111111111:mfa/dev");
    terminal.type_line(&sandbox.code()).expect("1").end().ok();
    let mut terminal = sandbox.sh_on_terminal(&line.replace("; echo", " || exit; echo"));
    terminal.expect("MFA code for");
    terminal.type_text(CTRL_C).end().exits(130);
}

/// Docs, the arguments, the exit code and what is said.
type Row = (&'static str, &'static [&'static str], i32, &'static [&'static str]);

const REFUSED: [Row; 9] = [
    (
        "a duration",
        &["assume-role", "--role-arn", READ_ONLY, "--duration-seconds", "60"],
        2,
        &[
            "--duration-seconds 1m is out of bounds: AWS allows 15m to 12h",
            "hint: give --duration-seconds 15m",
        ],
    ),
    (
        "a file that is not there",
        &["assume-role", "--role-arn", READ_ONLY, "--tags", "file://tags.json"],
        2,
        &["--tags file://tags.json: it cannot be read: No such file"],
    ),
    (
        "a policy's file that is not there",
        &["assume-role", "--role-arn", READ_ONLY, "--policy", "file://policy.json"],
        2,
        &["--policy: policy.json cannot be read: No such file"],
    ),
    (
        "a name",
        &["get-federation-token", "--name", "B"],
        2,
        &["--name B: it is not 2 to 32 letters, digits and _+=,.@-", "API_GetFederationToken.html"],
    ),
    (
        "a role that does not trust",
        &["assume-role", "--role-arn", ADMIN],
        5,
        &["sts:AssumeRole was refused: AccessDenied", "check the role's trust policy"],
    ),
    (
        "a policy that is none",
        &["assume-role", "--role-arn", READ_ONLY, "--policy", "{}"],
        5,
        &["MalformedPolicyDocument: Syntax errors in policy."],
    ),
    (
        "a tag that inherits and is none",
        &["assume-role", "--role-arn", READ_ONLY, "--transitive-tag", "x"],
        5,
        &["InvalidParameterValue: The specified transitive tag key must be included"],
    ),
    (
        "an ARN that is no policy",
        &[
            "get-federation-token",
            "--name",
            "Bob",
            "--policy-arn",
            "arn:aws:iam::aws:role/ReadOnly",
        ],
        5,
        &["sts:GetFederationToken was refused: ValidationError"],
    ),
    (
        "no profile",
        &["get-caller-identity", "-p", "none"],
        3,
        &["profile \"none\" (named on the command line) is in neither"],
    ),
];

#[test]
fn what_aws_does_not_take_is_said() {
    let sandbox = Sandbox::new();
    for (docs, args, code, words) in REFUSED {
        let args = match args.contains(&"-p") {
            true => args.to_vec(),
            false => [args, &["-p", "dev"]].concat(),
        };
        sandbox.aws.forget_calls();
        let ran = sts(&sandbox, &args).fails(code, words);
        assert_eq!(ran.stdout, "", "{docs}");
        assert_eq!(sandbox.aws.operations().len(), usize::from(code == 5), "{docs}");
    }
    let tags: Vec<String> = (0..50).map(|n| format!("k{n}={}", "v".repeat(200))).collect();
    let tags: Vec<&str> = tags.iter().map(|tag| &**tag).collect();
    let packed = [&["assume-role", "--role-arn", READ_ONLY, "--tags"], &tags[..]].concat();
    sts_of_dev(&sandbox, &packed).fails(5, &["PackedPolicyTooLarge: Packed size", "hint: "]);
}

#[test]
fn what_goes_wrong_on_the_way_is_told_apart() {
    let role = ["assume-role", "--role-arn", READ_ONLY];
    for (docs, set_up, code, words) in [
        (
            "throttled",
            Fault::refuse(400, "Throttling", "Rate exceeded"),
            6,
            "throttled: Rate exceeded",
        ),
        ("a fault of AWS", Fault::INTERNAL, 6, "HTTP 500"),
        ("half an answer", Fault::Truncate, 6, "the answer was cut off"),
        ("no XML", Fault::Garbage, 6, "and not in the format of AWS"),
        (
            "the wrong endpoint",
            Fault::refuse(
                403,
                "SignatureDoesNotMatch",
                "Credential should be scoped to a valid region.",
            ),
            5,
            "SignatureDoesNotMatch",
        ),
        (
            "a region that is off",
            Fault::refuse(403, "RegionDisabledException", "STS is not activated in this region"),
            5,
            "RegionDisabledException",
        ),
    ] {
        let sandbox = Sandbox::new();
        sandbox.set("AWS_MAX_ATTEMPTS", "2");
        sandbox.aws.fail("AssumeRole", set_up, 2);
        let ran = sts_of_dev(&sandbox, &role).exits(code).says(words);
        assert_eq!(ran.stdout, "", "{docs}");
        // One fault is waited out; of a whole answer that is none, AWS may have acted on the request.
        if code == 6 && docs != "no XML" {
            sandbox.aws.fail("AssumeRole", set_up, 1);
            sts_of_dev(&sandbox, &role).ok();
        }
    }
    let sandbox = Sandbox::new();
    sandbox.aws.fail("GetSessionToken", Fault::refuse(403, "AccessDenied", "explicitly denied"), 1);
    sts_of_dev(&sandbox, &["get-session-token"])
        .fails(5, &["hint: a policy denies it: where MFA is demanded, give --serial-number ARN"]);
    sandbox.set("AWS_ENDPOINT_URL", NOBODY);
    sandbox.set("AWS_MAX_ATTEMPTS", "1");
    sts_of_dev(&sandbox, &role).fails(6, &["Connection refused"]);
    // A session that is over, and one that AWS ended.
    let sandbox = Sandbox::new();
    let ran = sts_of_dev(&sandbox, &[&role[..], &["--format", "json"]].concat()).ok();
    let session = ran.json();
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
        sandbox.set(name, session[name].as_str().unwrap());
    }
    sts(&sandbox, &["get-caller-identity"]).ok().prints(ROLE);
    sandbox.aws.control(|state| state.expire_sessions());
    sts(&sandbox, &["get-caller-identity"]).fails(5, &["ExpiredToken"]);
    // What AWS's clock says is translated for what is handed over, and shown as AWS says it.
    let sandbox = Sandbox::new();
    sandbox.aws.control(|state| state.clock_offset = TimeDelta::hours(2));
    let env = sts_of_dev(&sandbox, &[&role[..], &["--format", "json"]].concat()).ok().json();
    let end = |text: &Value| chrono::DateTime::parse_from_rfc3339(text.as_str().unwrap()).unwrap();
    let own = sts_of_dev(&sandbox, &role).ok().json();
    let apart = end(&own["Credentials"]["Expiration"]) - end(&env["AWS_CREDENTIAL_EXPIRATION"]);
    assert!((TimeDelta::minutes(115)..TimeDelta::minutes(125)).contains(&apart), "{apart}");
}
