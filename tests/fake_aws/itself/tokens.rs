//! What a cluster of EKS, ECR and CodeCommit refuse.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{body, exchange, host, status};
use crate::fake_aws::{FakeAws, base64url, sample};

/// Headers that a signature adds, and the parameters that it adds to the URL.
fn signed(
    aws: &FakeAws,
    (service, region): (&str, &str),
    (method, url): (&str, &str),
    headers: &[(&str, &str)],
    content: &str,
    lifetime: Option<u64>,
) -> (String, String) {
    let identity = Credentials::new(sample::KEY_ID, sample::SECRET_KEY, None, None, "test").into();
    let mut settings = SigningSettings::default();
    if let Some(seconds) = lifetime {
        settings.expires_in = Some(Duration::from_secs(seconds));
        settings.signature_location = SignatureLocation::QueryParams;
    }
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service)
        .time(SystemTime::from(aws.now()))
        .settings(settings)
        .build()
        .unwrap();
    let own = [("host", url.split('/').nth(2).unwrap_or_default())];
    let headers = own.into_iter().chain(headers.iter().copied());
    let body = SignableBody::Bytes(content.as_bytes());
    let request = SignableRequest::new(method, url, headers, body).unwrap();
    let (instructions, _) = sign(request, &params.into()).unwrap().into_parts();
    let headers = instructions.headers().map(|(name, value)| format!("\n{name}: {value}"));
    let query = instructions.params().iter().map(|(name, value)| {
        format!("&{name}={}", crate::fake_aws::request::percent_encode(value))
    });
    (headers.collect(), query.collect())
}

#[test]
fn a_cluster_takes_aws_clients_tokens_alone() {
    const CALLER: &str = "/?Action=GetCallerIdentity&Version=2011-06-15";
    let aws = FakeAws::start();
    let id = [("x-k8s-aws-id", "demo")];
    let token = |path: &str, headers: &[(&str, &str)], lifetime| {
        let url = format!("{}{path}", aws.url());
        let (_, query) =
            signed(&aws, ("sts", "eu-west-1"), ("GET", &url), headers, "", Some(lifetime));
        format!("k8s-aws-v1.{}", base64url::encode(url + &query))
    };
    let good = token(CALLER, &id, 60);
    for (docs, token, cluster, expected) in [
        ("good", good.clone(), "demo", "Ok(\"arn:aws:iam::111111111111:user/dev\")"),
        ("another cluster's", good.clone(), "other", "signature we calculated"),
        ("no prefix", good.replace("k8s", "k9s"), "demo", "expected prefix"),
        ("padding", good + "=", "demo", "no base64 without padding"),
        ("unsigned name", token(CALLER, &[], 60), "demo", "did not sign the x-k8s-aws-id"),
        ("too long", token(CALLER, &id, 900), "demo", "X-Amz-Expires"),
        ("more is asked", token(&format!("{CALLER}&X=1"), &id, 60), "demo", "non-whitelisted"),
        ("twice", token(&format!("{CALLER}&version=1"), &id, 60), "demo", "multiple values"),
        ("another call", token(&CALLER.replace("Caller", "X"), &id, 60), "demo", "action"),
        ("another path", token(&format!("/x{CALLER}"), &id, 60), "demo", "unexpected path"),
    ] {
        let found = aws.control(|state| state.user_of_cluster(&token, cluster));
        assert!(format!("{found:?}").contains(expected), "{docs}: {found:?}");
    }
}

#[test]
fn the_global_endpoint_narrows_nothing() {
    let aws = FakeAws::start();
    for (host, expected) in [
        ("sts.amazonaws.com", "<Code>InvalidAction</Code>"),
        ("sts.us-east-1.amazonaws.com", "<Code>AccessDenied</Code>"),
    ] {
        let content = "Action=GetScopedCredentials&Version=2011-06-15&DurationSeconds=900";
        let url = format!("https://{host}/");
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let scope = ("sts", "us-east-1");
        let (signature, _) = signed(&aws, scope, ("POST", &url), &headers, content, None);
        let head =
            format!("POST / HTTP/1.1\nHost: {host}\n{}: {}{signature}", headers[0].0, headers[0].1);
        let answer = exchange(aws.url(), &head, content).unwrap();
        assert!(answer.contains(expected), "{host}: {answer}");
    }
}

#[test]
fn ecr_takes_its_own_call_alone() {
    const TARGET: &str = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken";
    const PUBLIC: &str = "SpencerFrontendService.GetAuthorizationToken";
    let aws = FakeAws::start();
    let ask = |scope, target: &str, content: &str| {
        let headers = [("x-amz-target", target)];
        let (signature, _) = signed(&aws, scope, ("POST", aws.url()), &headers, content, None);
        let head = format!(
            "POST / HTTP/1.1\nHost: {}\nContent-Type: application/x-amz-json-1.1\nX-Amz-Target: {target}{signature}",
            host(&aws)
        );
        let answer = exchange(aws.url(), &head, content).unwrap();
        format!("{} {}", status(&answer), body(&answer))
    };
    let (own, public) = (("ecr", "eu-west-1"), ("ecr-public", "us-east-1"));
    for (docs, scope, target, content, expected) in [
        ("good", own, TARGET, "{}", "200 {\"authorizationData\":[{"),
        ("public", public, PUBLIC, "{}", "200 {\"authorizationData\":{"),
        ("another service's signature", ("iam", "eu-west-1"), TARGET, "{}", "InvalidSignature"),
        ("the private one's", own, PUBLIC, "{}", "InvalidSignature"),
        ("public elsewhere", ("ecr-public", "eu-west-1"), PUBLIC, "{}", "InvalidSignature"),
        ("another call", own, &TARGET.replace("Get", "X"), "{}", "UnknownOperation"),
        ("of others' accounts", own, TARGET, "{\"registryIds\":[]}", "Serialization"),
    ] {
        let found = ask(scope, target, content);
        assert!(found.contains(expected), "{docs}: {found}");
    }
}

#[test]
fn codecommit_asks_who_it_is() {
    let aws = FakeAws::start();
    let ask = |header: &str| {
        let head = format!(
            "GET /v1/repos/demo/info/refs?service=git-upload-pack HTTP/1.1\nHost: \
             git-codecommit.eu-west-1.amazonaws.com{header}"
        );
        status(&exchange(aws.url(), &head, "").unwrap()).to_owned()
    };
    let basic = |text: &str| format!("\nAuthorization: Basic {}", STANDARD.encode(text));
    let now = aws.now().format("%Y%m%dT%H%M%SZ");
    assert_eq!(ask(""), "401");
    for said in [
        "AKIA2SANDBOXEXAMPLE7".to_owned(),
        format!("{}:nonsense", sample::KEY_ID),
        format!("{}:20260101T000000Z0123", sample::KEY_ID),
        format!("{}:{now}0123", sample::KEY_ID),
        format!("AKIANOBODY:{now}0123"),
    ] {
        assert_eq!(ask(&basic(&said)), "403", "{said}");
    }
}
