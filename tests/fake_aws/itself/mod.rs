//! Tests of the stand-in itself: what it grants and what it refuses, with the AWS SDK as the client
//! where it can be, and with bytes on a socket where it cannot.

mod assume_role;
mod console;
mod device;
mod iam;
mod metadata;
mod oidc;
mod organization;
mod portal;
mod sessions;
mod signatures;
mod signin;
mod sts_by_name;
mod tokens;
mod web_identity;
mod wire;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use aws_sdk_sts::Client;
use aws_sdk_sts::config::retry::RetryConfig;
use aws_sdk_sts::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::http::Response;
use aws_types::SdkConfig;
use chrono::TimeDelta;
use serde_json::Value;

use crate::fake_aws::browser::Page;
use crate::fake_aws::request::{pairs, percent_encode};
use crate::fake_aws::{FakeAws, sample};

/// What every client of the SDK goes by: it asks the stand-in, and does not retry.
fn config(aws: &FakeAws) -> aws_types::sdk_config::Builder {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(aws.url())
        .region(Region::new("eu-west-1"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(RetryConfig::disabled())
}

/// A client that signs with these credentials.
fn client(aws: &FakeAws, key_id: &str, secret: &str, token: Option<&str>) -> Client {
    let credentials = Credentials::new(key_id, secret, token.map(str::to_owned), None, "test");
    let credentials = SharedCredentialsProvider::new(credentials);
    Client::new(&config(aws).credentials_provider(credentials).build())
}

/// The sample user's client.
fn user(aws: &FakeAws) -> Client {
    client(aws, sample::KEY_ID, sample::SECRET_KEY, None)
}

/// A client that signs with what STS gave out.
fn holder(aws: &FakeAws, issued: Option<aws_sdk_sts::types::Credentials>) -> Client {
    let issued = issued.expect("STS gives credentials");
    client(aws, &issued.access_key_id, &issued.secret_access_key, Some(&issued.session_token))
}

/// `status code message` of a refused call.
fn refusal<T, E: ProvideErrorMetadata>(result: Result<T, SdkError<E, Response>>) -> String {
    let Err(SdkError::ServiceError(error)) = result else { return "not refused".into() };
    let (status, error) = (error.raw().status().as_u16(), error.into_err());
    format!("{status} {} {}", error.code().unwrap_or("-"), error.message().unwrap_or("-"))
}

/// Sends `head` (lines, without the one that closes the connection) and gives back the whole answer.
fn exchange(url: &str, head: &str, body: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://"))?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(
        stream,
        "{}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        head.replace('\n', "\r\n"),
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// The verifier and the challenge of RFC 7636, appendix B.
const PKCE: (&str, &str) =
    ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");

/// Posts JSON, with a further header line or none; gives back `status exception` (`200`: a success) and
/// the body.
fn post(aws: &FakeAws, path: &str, header: &str, body: &Value) -> (String, Value) {
    let head = format!("POST {path} HTTP/1.1\nHost: {}\n{header}", host(aws));
    let head = format!("{}\nContent-Type: application/json", head.trim_end());
    let answer = exchange(aws.url(), &head, &body.to_string()).unwrap();
    let exception = answer
        .lines()
        .find_map(|line| line.strip_prefix("x-amzn-errortype: "))
        .map_or_else(String::new, |name| format!(" {name}"));
    let json = serde_json::from_str(self::body(&answer)).unwrap_or_default();
    (format!("{}{exception}", status(&answer)), json)
}

/// `valid` with one member or parameter changed; an empty string: without it.
fn with(valid: &Value, name: &str, value: impl Into<Value>) -> Value {
    let (mut valid, value) = (valid.clone(), value.into());
    let members = valid.as_object_mut().unwrap();
    if value == "" {
        members.shift_remove(name);
    } else {
        members.insert(name.into(), value);
    }
    valid
}

/// An address with these parameters.
fn address(aws: &FakeAws, path: &str, parameters: &Value) -> String {
    let parameters = parameters.as_object().unwrap().iter();
    let pairs = parameters
        .map(|(name, value)| format!("{name}={}", percent_encode(value.as_str().unwrap())));
    format!("{}{path}?{}", aws.url(), pairs.collect::<Vec<_>>().join("&"))
}

/// A parameter of the address that a page redirects to.
fn parameter(page: &Page, name: &str) -> Option<String> {
    let (_, query) = page.location.as_deref()?.split_once('?')?;
    pairs(query).into_iter().find_map(|(known, value)| (known == name).then_some(value))
}

/// Moves AWS's time on.
fn later(aws: &FakeAws, seconds: i64) {
    aws.control(|state| state.clock_offset += TimeDelta::seconds(seconds));
}

/// No recorded call has a secret.
fn assert_calls_are_clean(aws: &FakeAws) {
    let (calls, mut secrets) = (format!("{:?}", aws.calls()), aws.secrets());
    secrets.push(PKCE.0.to_owned());
    assert!(secrets.iter().all(|secret| !calls.contains(secret)), "{calls}");
}

fn host(aws: &FakeAws) -> &str {
    aws.url().trim_start_matches("http://")
}

/// The status of an answer.
fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

/// The body of an answer.
fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}
