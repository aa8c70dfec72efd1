//! The instance metadata service and the container endpoint.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use aws_sdk_sts::Client;
use chrono::TimeDelta;
use serde_json::Value;

use super::{body, client, exchange, status};
use crate::fake_aws::metadata::MetadataMode;
use crate::fake_aws::{FakeAws, sample};

const ROLE: &str = "/latest/meta-data/iam/security-credentials/";

fn token(aws: &FakeAws, ttl: &str) -> String {
    let head = format!(
        "PUT /latest/api/token HTTP/1.1\nHost: x\nx-aws-ec2-metadata-token-ttl-seconds: {ttl}"
    );
    exchange(aws.url(), &head, "").expect("an answer")
}

fn get(aws: &FakeAws, path: &str, header: &str) -> String {
    let head = format!("GET {path} HTTP/1.1\nHost: x{header}");
    exchange(aws.url(), &head, "").expect("an answer")
}

/// The header that proves a token of so many seconds.
fn token_header(aws: &FakeAws, ttl: &str) -> String {
    format!("\nx-aws-ec2-metadata-token: {}", body(&token(aws, ttl)))
}

/// A client that signs with the credentials of this document.
fn document_client(aws: &FakeAws, json: &Value) -> Client {
    let text = |name: &str| json[name].as_str().unwrap_or_default();
    client(aws, text("AccessKeyId"), text("SecretAccessKey"), Some(text("Token")))
}

#[tokio::test]
async fn the_machine_gives_its_roles_credentials() {
    let aws = FakeAws::start();
    let token = token(&aws, "21600");
    assert!(token.contains("x-aws-ec2-metadata-token-ttl-seconds: 21600"), "{token}");
    let header = format!("\nx-aws-ec2-metadata-token: {}", body(&token));
    assert_eq!(body(&get(&aws, ROLE, &header)), "Machine");
    assert_eq!(body(&get(&aws, ROLE.trim_end_matches('/'), &header)), "Machine");
    assert_eq!(body(&get(&aws, "/latest/meta-data/placement/region", &header)), sample::REGION);
    assert_eq!(status(&get(&aws, &format!("{ROLE}Other"), &header)), "404");

    let answer = get(&aws, &format!("{ROLE}Machine"), &header);
    let json: Value = serde_json::from_str(body(&answer)).expect("JSON");
    assert_eq!(json["Code"], "Success");
    assert!(json["Expiration"].as_str().is_some_and(|text| text.ends_with('Z')));
    let client = document_client(&aws, &json);
    let identity = client.get_caller_identity().send().await.expect("good credentials");
    let arn = "arn:aws:sts::222222222222:assumed-role/Machine/i-0123456789abcdef0";
    assert_eq!(identity.arn(), Some(arn));
    let again = get(&aws, &format!("{ROLE}Machine"), &header);
    assert_eq!(body(&again), body(&answer), "the same until they are nearly over");
    aws.control(|state| state.clock_offset = TimeDelta::hours(7));
    let header = token_header(&aws, "60");
    assert_ne!(body(&get(&aws, &format!("{ROLE}Machine"), &header)), body(&answer));
    assert_eq!(aws.counts()["ImdsCredentials"], 4);
}

#[test]
fn version_1_and_bad_tokens_are_refused() {
    let aws = FakeAws::start();
    let good = token_header(&aws, "60");
    let table = [
        ("version 1", "", "401"),
        ("another token", "\nx-aws-ec2-metadata-token: AAAA", "401"),
        ("through a proxy", &format!("{good}\nX-Forwarded-For: 10.0.0.1"), "403"),
        ("good", &good, "200"),
    ];
    for (docs, header, expected) in table {
        assert_eq!(status(&get(&aws, ROLE, header)), expected, "{docs}");
    }
    for (ttl, expected) in [("0", "400"), ("21601", "400"), ("x", "400"), ("1", "200")] {
        assert_eq!(status(&token(&aws, ttl)), expected, "{ttl}");
    }
    aws.control(|state| state.clock_offset = TimeDelta::seconds(61));
    assert_eq!(status(&get(&aws, ROLE, &good)), "401", "the token has ended");

    aws.control(|state| state.instance.role = None);
    assert_eq!(status(&get(&aws, ROLE, &token_header(&aws, "60"))), "404", "no role");
    aws.control(|state| state.instance.mode = MetadataMode::Forbidden);
    assert_eq!(status(&token(&aws, "60")), "403");
}

#[test]
fn behind_a_hop_limit_the_token_never_comes() {
    let aws = FakeAws::start();
    aws.control(|state| state.instance.mode = MetadataMode::HopLimit);
    let address = aws.url().trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream
        .write_all(
            b"PUT /latest/api/token HTTP/1.1\r\nHost: x\r\n\
              x-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n",
        )
        .expect("a request");
    stream.set_read_timeout(Some(Duration::from_millis(100))).expect("a time-out");
    stream.read(&mut [0]).expect_err("no answer");
    assert_eq!(aws.calls()[0].outcome, "hang");
}

#[tokio::test]
async fn the_container_wants_its_token() {
    let aws = FakeAws::start();
    assert_eq!(aws.container_url(), format!("{}{}", aws.url(), sample::CONTAINER_PATH));
    let authorization = format!("\nAuthorization: {}", sample::CONTAINER_TOKEN);
    for (docs, path, header, expected) in [
        ("none", sample::CONTAINER_PATH, "", "401"),
        ("another", sample::CONTAINER_PATH, "\nAuthorization: x", "401"),
        ("another path", "/v2/credentials/other", authorization.as_str(), "404"),
        ("good", sample::CONTAINER_PATH, authorization.as_str(), "200"),
    ] {
        assert_eq!(status(&get(&aws, path, header)), expected, "{docs}");
    }
    let refused = get(&aws, sample::CONTAINER_PATH, "");
    assert!(body(&refused).contains(r#""code":"AccessDenied","message":"#), "{refused}");

    let answer = get(&aws, sample::CONTAINER_PATH, &authorization);
    let json: Value = serde_json::from_str(body(&answer)).expect("JSON");
    assert_eq!(json["RoleArn"], sample::MACHINE);
    assert!(document_client(&aws, &json).get_caller_identity().send().await.is_ok());
    aws.control(|state| state.container.role = None);
    assert_eq!(status(&get(&aws, sample::CONTAINER_PATH, &authorization)), "404");
}
