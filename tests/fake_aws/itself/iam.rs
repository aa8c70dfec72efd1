//! IAM's access keys and MFA devices.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;

use super::{body, client, exchange, holder, host, refusal, status, user};
use crate::fake_aws::fault::Fault;
use crate::fake_aws::iam::{AccessKey, User};
use crate::fake_aws::request::percent_encode;
use crate::fake_aws::{FakeAws, sample};

/// Who signs, and for which region.
#[derive(Clone)]
struct Caller {
    keys: Credentials,
    region: &'static str,
}

impl Caller {
    fn new(key_id: &str, secret: &str) -> Self {
        Self { keys: Credentials::new(key_id, secret, None, None, "test"), region: "us-east-1" }
    }

    fn dev() -> Self {
        Self::new(sample::KEY_ID, sample::SECRET_KEY)
    }

    fn session(issued: &aws_sdk_sts::types::Credentials) -> Self {
        let token = Some(issued.session_token.clone());
        let (key_id, secret) = (&*issued.access_key_id, &*issued.secret_access_key);
        Self { keys: Credentials::new(key_id, secret, token, None, "test"), ..Self::dev() }
    }

    fn in_region(self, region: &'static str) -> Self {
        Self { region, ..self }
    }

    /// `200` and the body, or the status, code and message of a refusal.
    fn ask(&self, aws: &FakeAws, action: &str, parameters: &[(&str, &str)]) -> (String, String) {
        let mut form = format!("Action={action}&Version=2010-05-08");
        for (name, value) in parameters {
            form += &format!("&{name}={}", percent_encode(value));
        }
        let identity = self.keys.clone().into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name("iam")
            .time(SystemTime::from(aws.now()))
            .settings(SigningSettings::default())
            .build()
            .unwrap();
        let headers = [("host", host(aws))].into_iter();
        let body = SignableBody::Bytes(form.as_bytes());
        let request = SignableRequest::new("POST", aws.url(), headers, body).unwrap();
        let (instructions, _) = sign(request, &params.into()).unwrap().into_parts();
        let mut head = format!("POST / HTTP/1.1\nHost: {}", host(aws));
        for (name, value) in instructions.headers() {
            head += &format!("\n{name}: {value}");
        }
        let answer = exchange(aws.url(), &head, &form).unwrap();
        let body = self::body(&answer);
        let said = match status(&answer) {
            "200" => "200".to_owned(),
            status => format!("{status} {} {}", text(body, "Code"), text(body, "Message")),
        };
        (said, body.to_owned())
    }

    fn refusal(&self, aws: &FakeAws, action: &str, parameters: &[(&str, &str)]) -> String {
        self.ask(aws, action, parameters).0
    }
}

/// The text of the first element of that name.
fn text<'a>(xml: &'a str, name: &str) -> &'a str {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap_or_default();
    rest.split_once("</").map_or("", |(text, _)| text)
}

const LIST: &str = "ListAccessKeys";
const OLD: (&str, &str) = ("AccessKeyId", sample::INACTIVE_KEY_ID);
const UNKNOWN: &str =
    "403 InvalidClientTokenId The security token included in the request is invalid.";

#[tokio::test]
async fn a_key_is_made_listed_used_changed_and_deleted() {
    let aws = FakeAws::start();
    let dev = Caller::dev();
    let full = "409 LimitExceeded Cannot exceed quota for AccessKeysPerUser: 2";
    assert_eq!(dev.refusal(&aws, "CreateAccessKey", &[]), full);
    let (said, answer) = dev.ask(&aws, "DeleteAccessKey", &[OLD]);
    assert_eq!((&*said, answer.contains("<DeleteAccessKeyResult>")), ("200", false));
    let gone = format!(
        "404 NoSuchEntity The Access Key with id {} cannot be found.",
        sample::INACTIVE_KEY_ID
    );
    assert_eq!(dev.refusal(&aws, "DeleteAccessKey", &[OLD]), gone);

    aws.control(|state| state.iam.lists_without_new_keys = 1);
    let (said, made) = dev.ask(&aws, "CreateAccessKey", &[("UserName", "dev")]);
    assert_eq!(said, "200");
    let (id, secret) = (text(&made, "AccessKeyId"), text(&made, "SecretAccessKey"));
    assert!(id.starts_with("AKIA") && aws.secrets().contains(&secret.to_owned()), "{made}");
    let used = |id: &str| {
        let (_, answer) = dev.ask(&aws, "GetAccessKeyLastUsed", &[("AccessKeyId", id)]);
        format!("{} {}", text(&answer, "ServiceName"), text(&answer, "Region"))
    };
    assert_eq!(used(id), "N/A N/A");

    // It is not known everywhere at once.
    assert!(!dev.ask(&aws, LIST, &[]).1.contains(id));
    let (_, list) = dev.ask(&aws, LIST, &[]);
    assert!(list.contains(id) && list.contains(sample::KEY_ID), "{list}");
    let new = client(&aws, id, secret, None);
    assert_eq!(refusal(new.get_caller_identity().send().await), UNKNOWN);
    new.get_caller_identity().send().await.expect("it is known by now");
    assert_eq!(used(id), "sts eu-west-1");
    Caller::new(id, secret).ask(&aws, LIST, &[]);
    assert_eq!(used(id), "iam us-east-1");

    let status =
        |status| dev.refusal(&aws, "UpdateAccessKey", &[("AccessKeyId", id), ("Status", status)]);
    assert_eq!(status("Inactive"), "200");
    assert_eq!(Caller::new(id, secret).refusal(&aws, LIST, &[]), UNKNOWN);
    assert_eq!(status("Active"), "200");
    assert_eq!(Caller::new(id, secret).refusal(&aws, LIST, &[]), "200");
    assert!(status("Off").starts_with("400 ValidationError 1 validation error"));
}

#[tokio::test]
async fn who_may_ask_and_how() {
    let aws = FakeAws::start();
    let dev = Caller::dev();
    let scope = "403 SignatureDoesNotMatch Credential should be scoped to a valid region. ";
    for region in ["eu-west-1", "us-gov-west-1", "cn-north-1"] {
        assert_eq!(dev.clone().in_region(region).refusal(&aws, LIST, &[]), scope);
    }
    for (partition, region, elsewhere) in
        [("aws-us-gov", "us-gov-west-1", "us-gov-east-1"), ("aws-cn", "cn-north-1", "us-east-1")]
    {
        let now = aws.now();
        let (arn, id) =
            (format!("arn:{partition}:iam::444444444444:user/eve"), region.to_uppercase());
        aws.control(|state| {
            let key = AccessKey::new(&id, "secret", now);
            let user = User { keys: vec![key], ..User::new(&arn, "AIDA2EVEEXAMPLEEXAMP") };
            state.iam.users.push(user);
        });
        let eve = Caller::new(&id, "secret");
        assert_eq!(eve.clone().in_region(region).refusal(&aws, LIST, &[]), "200");
        assert_eq!(eve.in_region(elsewhere).refusal(&aws, LIST, &[]), scope);
        let in_aws = client(&aws, &id, "secret", None);
        assert_eq!(refusal(in_aws.get_caller_identity().send().await), UNKNOWN, "of eu-west-1");
    }
    for (docs, action, parameters, expected) in [
        (
            "another user",
            LIST,
            &[("UserName", "eve")][..],
            "403 AccessDenied User: arn:aws:iam::11",
        ),
        ("no name", LIST, &[("UserName", "e/ve")], "400 ValidationError 1 validation error"),
        ("no key", "DeleteAccessKey", &[], "400 ValidationError 1 validation error"),
        (
            "another's key",
            "DeleteAccessKey",
            &[("AccessKeyId", "AKIA2NOBODYEXAMPLE77")],
            "404 NoSuchEntity",
        ),
        (
            "another's use",
            "GetAccessKeyLastUsed",
            &[("AccessKeyId", "AKIA2NOBODYEXAMPLE77")],
            "403 AccessDenied",
        ),
        (
            "unknown",
            "Nope",
            &[],
            "400 InvalidAction Could not find operation Nope for version 2010",
        ),
        ("STS's", "GetCallerIdentity", &[], "400 InvalidAction"),
    ] {
        let said = dev.refusal(&aws, action, parameters);
        assert!(said.starts_with(expected), "{docs}: {said}");
    }
    let other = Caller::new(sample::KEY_ID, "another").refusal(&aws, LIST, &[]);
    assert!(other.starts_with("403 SignatureDoesNotMatch The request signature"), "{other}");
    let role = aws.control(|state| state.issue_role(sample::READ_ONLY, "me", 3600));
    let token = Some(role.session_token);
    let keys = Credentials::new(role.access_key_id, role.secret_access_key, token, None, "test");
    let said = Caller { keys, ..dev.clone() }.refusal(&aws, LIST, &[]);
    assert!(said.starts_with("400 ValidationError Must specify userName"), "{said}");
    aws.fail(LIST, Fault::refuse(500, "ServiceFailure", "oops"), 1);
    assert_eq!(dev.refusal(&aws, LIST, &[]), "500 ServiceFailure oops");
    let (_, answer) = dev.ask(&aws, "GetUser", &[]);
    assert!(answer.contains("xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\""), "{answer}");
    assert_eq!(text(&answer, "Arn"), sample::USER);
}

#[tokio::test]
async fn a_session_needs_mfa_and_so_may_a_policy() {
    let aws = FakeAws::start();
    let without = user(&aws).get_session_token().send().await.unwrap().credentials.unwrap();
    assert_eq!(Caller::session(&without).refusal(&aws, LIST, &[]), UNKNOWN);
    holder(&aws, Some(without)).get_caller_identity().send().await.expect("STS takes it");
    aws.control(|state| state.iam.user(sample::USER).unwrap().needs_mfa = true);
    for (action, is_allowed) in [(LIST, false), ("GetUser", true), ("ListMFADevices", true)] {
        let said = Caller::dev().refusal(&aws, action, &[]);
        assert_eq!(said == "200", is_allowed, "{said}");
        assert!(is_allowed || said.starts_with("403 AccessDenied User: arn:aws:iam::1"), "{said}");
    }
    let code = aws.unused_mfa_code(sample::MFA_SERIAL);
    let with_mfa = user(&aws).get_session_token().serial_number(sample::MFA_SERIAL);
    let with_mfa = with_mfa.token_code(code).send().await.unwrap().credentials.unwrap();
    assert_eq!(Caller::session(&with_mfa).refusal(&aws, LIST, &[]), "200");
    // It does not end with the key that it was made with.
    aws.control(|state| state.iam.user(sample::USER).unwrap().keys.clear());
    assert_eq!(Caller::session(&with_mfa).refusal(&aws, LIST, &[]), "200");
}

#[test]
fn a_device_is_made_enabled_and_taken_away() {
    let aws = FakeAws::start();
    let dev = Caller::dev();
    let serial = "arn:aws:iam::111111111111:mfa/new";
    let name = ("VirtualMFADeviceName", "new");
    let (said, made) = dev.ask(&aws, "CreateVirtualMFADevice", &[name]);
    assert_eq!((&*said, text(&made, "SerialNumber")), ("200", serial));
    let seed = aws_smithy_types::base64::decode(text(&made, "Base32StringSeed")).unwrap();
    let seed = String::from_utf8(seed).unwrap();
    assert!(seed.len() == 64 && aws.secrets().contains(&seed), "{seed}");
    let again =
        "409 EntityAlreadyExists MFADevice entity at the same path and name already exists.";
    assert_eq!(dev.refusal(&aws, "CreateVirtualMFADevice", &[name]), again);

    let code = |steps: i64| {
        aws.control(|state| {
            let at = state.now() + chrono::TimeDelta::seconds(30 * steps);
            state.iam.unassigned_devices[0].code(at)
        })
    };
    let enable = |first: &str, second: &str| {
        let parameters = [
            ("UserName", "dev"),
            ("SerialNumber", serial),
            ("AuthenticationCode1", first),
            ("AuthenticationCode2", second),
        ];
        dev.refusal(&aws, "EnableMFADevice", &parameters)
    };
    let wrong = "403 InvalidAuthenticationCode Authentication code for device is not valid.";
    for (docs, first, second) in [
        ("the same twice", code(0), code(0)),
        ("the other way round", code(0), code(-1)),
        ("a gap", code(-2), code(0)),
        ("too old", code(-9), code(-8)),
    ] {
        assert_eq!(enable(&first, &second), wrong, "{docs}");
    }
    assert!(enable("12345", "123456").starts_with("400 ValidationError"));
    let (first, second) = (code(-1), code(0));
    assert_eq!(enable(&first, &second), "200");
    assert_eq!(enable(&first, &second), "409 EntityAlreadyExists MFA device already exists.");
    let device = [("SerialNumber", serial)];
    let listed =
        |action: &str, parameters: &[_]| dev.ask(&aws, action, parameters).1.contains(serial);
    let unassigned = [("AssignmentStatus", "Unassigned")];
    assert!(listed("ListMFADevices", &[]) && listed("ListVirtualMFADevices", &[]));
    assert!(!listed("ListVirtualMFADevices", &unassigned));
    let conflict = "409 DeleteConflict Cannot delete entity, must first remove it from its user.";
    assert_eq!(dev.refusal(&aws, "DeleteVirtualMFADevice", &device), conflict);
    assert_eq!(dev.refusal(&aws, "DeactivateMFADevice", &device), "200");
    assert!(!listed("ListMFADevices", &[]) && listed("ListVirtualMFADevices", &unassigned));
    assert_eq!(
        dev.refusal(&aws, "DeactivateMFADevice", &device).get(..16),
        Some("404 NoSuchEntity")
    );
    // Its codes stay used.
    assert_eq!(enable(&first, &second), wrong);
    assert_eq!(dev.refusal(&aws, "DeleteVirtualMFADevice", &device), "200");
    assert_eq!(
        dev.refusal(&aws, "DeleteVirtualMFADevice", &device),
        format!("404 NoSuchEntity VirtualMFADevice with serial number {serial} does not exist.")
    );
    let codes = format!("{:?}", aws.calls());
    assert!(!codes.contains(&first) && !codes.contains(&seed), "{codes}");
}
