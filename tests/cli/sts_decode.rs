//! `awsx sts decode-authorization-message`: what a refusal says, wherever its text comes from.

use crate::fake_aws::sample::USER;
use crate::ran::Ran;
use crate::sandbox::{AWSX, Sandbox};

const DECODED: &str = r#"{"allowed":false,"explicitDeny":true,"matchedStatements":{"items":[{"statementId":"DenyLarge","effect":"DENY","principals":{"items":[{"value":"AROA123456789EXAMPLE"}]},"principalGroups":{"items":[]},"actions":{"items":[{"value":"ec2:RunInstances"},{"value":"ec2:StartInstances"}]},"resources":{"items":[{"value":"*"}]},"conditions":{"items":[{"key":"ec2:InstanceType","values":{"items":[{"value":"*.large"},{"value":"*.xlarge"}]}}]}}]},"failures":{"items":[]},"context":{"principal":{"id":"AROA123456789EXAMPLE:Ana","arn":"arn:aws:sts::111111111111:assumed-role/Developer/Ana"},"action":"ec2:RunInstances","resource":"arn:aws:ec2:us-east-1:111111111111:instance/*","conditions":{"items":[{"key":"ec2:Tenancy","values":{"items":[{"value":"default"}]}},{"key":"aws:Region","values":{"items":[{"value":"us-east-1"}]}},{"key":"ec2:InstanceType","values":{"items":[{"value":"m5.large"}]}}]}}}"#;

const READ: &str = "\
denied     explicitly, by the statement DenyLarge
action     ec2:RunInstances
resource   arn:aws:ec2:us-east-1:111111111111:instance/*
principal  arn:aws:sts::111111111111:assumed-role/Developer/Ana

the statement DenyLarge
  effect     DENY
  principals AROA123456789EXAMPLE
  actions    ec2:RunInstances ec2:StartInstances
  resources  *
  conditions
    ec2:InstanceType  *.large, *.xlarge

conditions of the request
  aws:Region        us-east-1
  ec2:InstanceType  m5.large
  ec2:Tenancy       default
";

fn decode(sandbox: &Sandbox, args: &[&str], stdin: &str) -> Ran {
    let op = ["sts", "decode-authorization-message", "--profile", "dev"];
    let mut command = sandbox.command(AWSX);
    sandbox.run(command.args(op).args(args), stdin.as_bytes(), true)
}

fn refusal(sandbox: &Sandbox, decoded: &str) -> (String, String) {
    let encoded = sandbox.aws.control(|state| state.encode_refusal("111111111111", decoded));
    let said = format!(
        "\nAn error occurred (UnauthorizedOperation) when calling the RunInstances operation: You are not \
         authorized to perform this operation. Encoded authorization failure message: {encoded}\n"
    );
    (encoded, said)
}

#[test]
fn the_text_of_an_error_is_read_wherever_it_comes_from() {
    let sandbox = Sandbox::new();
    let (encoded, said) = refusal(&sandbox, DECODED);
    let wrapped: Vec<String> = said
        .trim()
        .as_bytes()
        .chunks(80)
        .map(|part| String::from_utf8_lossy(part).into())
        .collect();
    let wrapped = format!("\u{1b}[31m{}\u{1b}[0m\n", wrapped.join("\n"));
    sandbox.write("error.txt", &wrapped);
    for (docs, args, stdin) in [
        ("on stdin", &[][..], &*said),
        ("on stdin, asked for", &["-"], &wrapped),
        ("in a file", &["error.txt"], ""),
        ("in a file, as with the AWS CLI", &["--encoded-message", "file://error.txt"], ""),
        ("as an argument", &[&said], ""),
        ("alone", &["--encoded-message", &encoded], ""),
    ] {
        let ran = decode(&sandbox, args, stdin).ok().stderr_is(&[]);
        assert_eq!(ran.stdout, READ, "{docs}");
    }
    let json = decode(&sandbox, &["--json"], &said).ok().json();
    assert_eq!(json, serde_json::from_str::<serde_json::Value>(DECODED).unwrap());
    let aws = decode(&sandbox, &["--aws-json"], &said).ok().json();
    assert_eq!(aws["DecodedMessage"], DECODED);
    decode(&sandbox, &["--json", "--aws-json"], &said).fails(2, &["exclude each other"]);
    decode(&sandbox, &[], "You are not authorized to perform this operation.")
        .fails(2, &["there is no encoded message in the text", "hint: give all that AWS said"]);
    decode(&sandbox, &["--json"], "").exits(2).says(r#""kind":"usage""#);
    decode(&sandbox, &["file://none"], "").fails(2, &["none cannot be read: No such file"]);
    decode(&sandbox, &[&"a".repeat(10_241)], "")
        .fails(2, &["has 10241 characters, and AWS takes 10240"]);
    let with_hyphen = format!("-{}", "a".repeat(10_240));
    decode(&sandbox, &["--encoded-message", &with_hyphen], "")
        .fails(2, &["has 10241 characters, and AWS takes 10240"]);
    // At a terminal nobody is waited for.
    sandbox
        .awsx_on_terminal(&["sts", "decode-authorization-message", "-p", "dev"])
        .expect("there is no message")
        .end()
        .exits(2);
}

#[test]
fn what_a_decision_lacks_is_not_shown() {
    let sandbox = Sandbox::new();
    let implicit = r#"{"allowed":false,"explicitDeny":false,"matchedStatements":{"items":[]},"failures":{"items":[]},"context":{"principal":{"id":"AIDA","name":"Bob","arn":"arn:aws:iam::111111111111:user/Bob"},"action":"s3:GetObject","resource":"arn:aws:s3:::b/k","conditions":{"items":[]}}}"#;
    let shown = "denied     implicitly: no statement allows it\naction     s3:GetObject\nresource   \
                 arn:aws:s3:::b/k\nprincipal  arn:aws:iam::111111111111:user/Bob\n";
    for (decoded, expected) in [
        (implicit, shown),
        (r#"{"allowed":true}"#, "allowed\n"),
        ("no JSON", "no JSON\n"),
        ("{}", "denied     implicitly: no statement allows it\n"),
    ] {
        let (_, said) = refusal(&sandbox, decoded);
        assert_eq!(decode(&sandbox, &[], &said).ok().stdout, expected);
    }
    let steering = r#"{"allowed":false,"context":{"action":"\u001b[2Jx"}}"#;
    let (_, said) = refusal(&sandbox, steering);
    decode(&sandbox, &[], &said).ok().prints("action     \\u{1b}[2Jx").prints_no("\u{1b}");
}

#[test]
fn who_may_not_decode_is_told_who_may() {
    let sandbox = Sandbox::new();
    sandbox.config(
        "[profile dev]\nregion = eu-west-1\n\
         [profile readonly]\nrole_arn = arn:aws:iam::111111111111:role/ReadOnly\nsource_profile = dev\n\
         [profile other]\nrole_arn = arn:aws:iam::222222222222:role/Admin\nsource_profile = dev\n\
         [profile lost]\nrole_arn = arn:aws:iam::111111111111:role/Lost\nsource_profile = gone\n",
    );
    let (_, said) = refusal(&sandbox, DECODED);
    sandbox
        .aws
        .control(|state| state.iam.denied.push((USER.into(), "sts:DecodeAuthorizationMessage")));
    let words = [
        "profile \"dev\": sts:DecodeAuthorizationMessage was refused: AccessDenied",
        "only who has sts:DecodeAuthorizationMessage may; other profiles of 111111111111: readonly \
         (--profile readonly)",
    ];
    let ran = decode(&sandbox, &[], &said).fails(5, &words);
    assert!(!ran.stderr.contains("lost"), "{ran:?}");
    // The hint works.
    let op = ["sts", "decode-authorization-message", "--profile", "readonly"];
    let ran = sandbox.run(sandbox.command(AWSX).args(op), said.as_bytes(), true).ok();
    assert_eq!(ran.stdout, READ);
    sandbox.config("[profile dev]\nregion = eu-west-1\n");
    let alone = "have a policy allow it, or name another profile of the account";
    decode(&sandbox, &[], &said).fails(5, &[alone]);
    sandbox.aws.control(|state| state.iam.denied.clear());
    let foreign = sandbox.aws.control(|state| state.encode_refusal("222222222222", DECODED));
    decode(&sandbox, &[], &foreign)
        .fails(5, &["InvalidAuthorizationMessageException", "in the account that refused"]);
}
