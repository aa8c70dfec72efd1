//! The examples of AWS's page "AWS STS examples using AWS CLI", as the AWS CLI brings them: each line with `aws`
//! replaced by `awsx` gives the same fields.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::TimeDelta;
use serde_json::Value;

use crate::children;
use crate::fake_aws::iam::{Role, SamlProvider, Trust};
use crate::fake_aws::sample::{READ_ONLY, USER};
use crate::fake_aws::totp::MfaDevice;
use crate::sandbox::Sandbox;
use crate::sts_tokens::trust;

/// The page of an operation, its command line and its output.
struct Example {
    operation: String,
    line: String,
    output: Value,
}

fn examples() -> Vec<Example> {
    let lib = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/ci/venv/lib");
    let python = std::fs::read_dir(&lib).unwrap().next().unwrap().unwrap().path();
    let pages = python.join("site-packages/awscli/examples/sts");
    let mut pages: Vec<PathBuf> =
        std::fs::read_dir(pages).unwrap().map(|page| page.unwrap().path()).collect();
    pages.sort();
    pages.iter().map(example).collect()
}

fn example(page: &PathBuf) -> Example {
    let text = std::fs::read_to_string(page).unwrap();
    let text = text.lines().map(|line| format!("{}\n", line.trim_end())).collect::<String>();
    let (command, rest) = text.split_once("::\n\n").unwrap().1.split_once("\n\n").unwrap();
    let (_, output) = rest.split_once("Output::\n\n").unwrap();
    let end = output.find("\n    }").unwrap() + "\n    }".len();
    // One has a comma too many.
    let output = output[..end].replace(",\n    }", "\n    }");
    let line = command.trim().replacen("aws sts", "awsx sts", 1);
    let operation = page.file_stem().unwrap().to_str().unwrap().to_owned();
    let output = serde_json::from_str(&output).unwrap_or_else(|error| panic!("{page:?}: {error}"));
    Example { operation, line, output }
}

/// The names of all members, those of structures with them.
fn fields(document: &Value) -> BTreeSet<String> {
    let members = document.as_object().into_iter().flatten();
    let of = |(name, value): (&String, &Value)| {
        let inner = fields(value).into_iter().map(move |inner| format!("{name}.{inner}"));
        std::iter::once(name.clone()).chain(inner).collect::<Vec<_>>()
    };
    members.flat_map(of).collect()
}

/// What the line takes for granted, and what of it the reader is to replace.
fn prepare(sandbox: &Sandbox, Example { operation, line, output }: &Example) -> String {
    let account = "arn:aws:iam::123456789012";
    let whole = |line: &str| line.to_owned();
    match &**operation {
        "assume-role" => {
            let trust = Trust { principals: vec![USER.into()], ..Trust::default() };
            let (arn, id) =
                (format!("{account}:role/xaccounts3access"), "AROA3XFRBF535PLBIFPI4".into());
            sandbox.aws.control(|state| {
                state.iam.roles.push(Role { arn, id, max_session_seconds: 3600, trust });
            });
            whole(line)
        }
        "assume-role-with-saml" => {
            let arn = format!("{account}:saml-provider/SAML-test");
            let issuer = output["Issuer"].as_str().unwrap().split('<').next().unwrap().to_owned();
            let provider = SamlProvider::new(&arn, &issuer);
            let role = format!("{account}:role/TestSaml");
            trust(sandbox, &role, &arn, "");
            let end = sandbox.aws.now() + TimeDelta::minutes(5);
            let assertion = provider.assertion(&[&role], "SamlExample", end);
            sandbox.aws.control(|state| state.iam.saml_providers.push(provider));
            let (before, _) = line.split_once("\"VERYLONG").unwrap();
            sandbox.write("planted/assertion", &assertion);
            format!("{before}file://planted/assertion")
        }
        "assume-role-with-web-identity" => {
            let subject = output["SubjectFromWebIdentityToken"].as_str().unwrap();
            let provider = output["Provider"].as_str().unwrap();
            trust(sandbox, &format!("{account}:role/FederatedWebIdentityRole"), provider, subject);
            let token = line.split("--web-identity-token \"").nth(1).unwrap().trim_end_matches('"');
            let known = (provider.to_owned(), token.to_owned(), subject.to_owned());
            // The test's own line holds it, so nobody looks for it.
            sandbox.write("planted/token", token);
            sandbox.aws.control(|state| state.iam.oauth_tokens.push(known));
            line.replace(&format!("\"{token}\""), "file://planted/token")
        }
        "assume-root" => {
            sandbox.aws.control(|state| state.iam.member_accounts.push("111122223333".into()));
            // Whose session says who it is.
            let role =
                format!("awsx sts assume-role --role-arn {READ_ONLY} --source-identity Alice");
            format!("{role} -- {line}")
        }
        "decode-authorization-message" => {
            let encoded = line.split("--encoded-message ").nth(1).unwrap().to_owned();
            let decoded = output["DecodedMessage"].as_str().unwrap().to_owned();
            let known = ("111111111111".to_owned(), encoded, decoded);
            sandbox.aws.control(|state| state.iam.messages.push(known));
            format!("{line} --aws-json")
        }
        "get-federation-token" => {
            let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}]}"#;
            sandbox.write("myfile.json", policy);
            whole(line)
        }
        "get-session-token" => {
            let serial = "YourMFADeviceSerialNumber";
            sandbox.aws.control(|state| {
                let device = MfaDevice::new(serial, b"awsx-sandbox-device2");
                state.iam.user(USER).unwrap().mfa_devices.push(device);
            });
            line.replace("123456", &sandbox.aws.unused_mfa_code(serial))
        }
        "get-caller-identity" => whole(line),
        other => panic!("{other} is a new example"),
    }
}

#[test]
fn each_line_of_awss_page_gives_the_same_fields() {
    let examples = examples();
    assert_eq!(examples.len(), 8);
    for example in &examples {
        let sandbox = children::sandbox();
        sandbox.set("AWS_PROFILE", "dev");
        let line = prepare(&sandbox, example);
        let ran = sandbox.run(sandbox.command("sh").args(["-c", &line]), b"", false).ok();
        let (own, page) = (fields(&ran.json()), fields(&example.output));
        // AWS packs what is there; its page shows it in some of the answers.
        let more: Vec<_> =
            own.difference(&page).filter(|name| *name != "PackedPolicySize").collect();
        let less: Vec<_> = page.difference(&own).collect();
        assert!(more.is_empty() && less.is_empty(), "{}: {more:?} {less:?}", example.operation);
    }
}
