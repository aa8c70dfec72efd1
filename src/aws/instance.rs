//! The role of an EC2 instance, from its metadata service. Version 2 only: the session token that
//! version 2 demands keeps a tricked web server from fetching credentials for somebody.
//!
//! The protocol is aws-config's; never through a proxy, with the time-outs and attempts asked for.

use std::error::Error;

use aws_config::imds;
use aws_config::imds::client::error::{ImdsError, TokenError};
use aws_config::provider_config::ProviderConfig;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::tls::TrustStore;
use aws_smithy_runtime_api::client::http::HttpConnectorSettings;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use super::error::innermost;
use super::http;
use super::limit;
use super::proxy::Proxies;
use crate::credentials::document::parse_container_body;
use crate::credentials::{InstanceMetadata, SessionCredentials};
use crate::ports::{CallError, SourceOf};
use crate::profile::is_region;

const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
const REGION: &str = "/latest/meta-data/placement/region";

/// Asks for the role's name, then for its credentials.
pub(super) async fn credentials(
    service: &InstanceMetadata,
) -> Result<SessionCredentials, CallError> {
    let failure = |cause: &str| failure(service, cause);
    let client = client(service)?;
    let get =
        async |path: &str| client.get(path).await.map_err(|error| call_error(service, &error));

    let roles = get(ROLES).await?;
    let role = roles.as_ref().lines().next().unwrap_or_default().trim();
    if role.is_empty() {
        return Err(failure("the instance has no role"));
    }
    // It becomes a part of the next path.
    if !role.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)) {
        return Err(failure("gave no role name, but something else"));
    }
    let document = get(&format!("{ROLES}{role}")).await?;
    parse_container_body(document.as_ref().as_bytes()).map_err(|error| failure(&error.to_string()))
}

/// Asks where the instance is.
pub(super) async fn region(service: &InstanceMetadata) -> Result<String, CallError> {
    let region = client(service)?.get(REGION).await.map_err(|error| call_error(service, &error))?;
    match is_region(region.as_ref()) {
        true => Ok(region.as_ref().to_owned()),
        false => Err(failure(service, "says no region")),
    }
}

/// Whether anything answers there, whatever it says.
pub(crate) fn instance_answers(service: &InstanceMetadata) -> bool {
    let asked = http::Executor::new().map(|executor| executor.block_on(region(service)));
    !matches!(asked, Err(_) | Ok(Err(CallError::NoInstance { .. } | CallError::Settings { .. })))
}

fn client(service: &InstanceMetadata) -> Result<imds::Client, CallError> {
    let no_url = || CallError::Settings {
        origin: "AWS_EC2_METADATA_SERVICE_ENDPOINT (or ec2_metadata_service_endpoint)".into(),
        cause: "is not a URL of the form http://HOST[:PORT]".into(),
    };
    // The client would take anything else for a path.
    if !service.endpoint.starts_with("http://") {
        return Err(no_url());
    }
    let limits = HttpConnectorSettings::builder()
        .connect_timeout(service.timeout)
        .read_timeout(service.timeout)
        .build();
    let http = http::client(TrustStore::empty(), Proxies::default(), limits, limit::OF_MACHINE);
    let config = ProviderConfig::empty().with_http_client(http).with_sleep_impl(TokioSleep::new());
    let client = imds::Client::builder()
        .configure(&config)
        .endpoint(&service.endpoint)
        .map_err(|_| no_url())?
        .max_attempts(service.attempts.max(1))
        .build();
    Ok(client)
}

fn failure(service: &InstanceMetadata, cause: &str) -> CallError {
    CallError::Source {
        of: SourceOf::Instance,
        origin: format!("instance metadata service at {}", service.endpoint),
        cause: cause.to_owned(),
    }
}

fn call_error(service: &InstanceMetadata, error: &ImdsError) -> CallError {
    let failure = |cause: &str| failure(service, cause);
    match error {
        ImdsError::ErrorResponse(context) => match context.response().status().as_u16() {
            404 => failure("the instance has no role"),
            403 => failure("the role is not readable (HTTP 403)"),
            status => failure(&format!("answered with HTTP {status}")),
        },
        ImdsError::FailedToLoadToken(_) => match token_status(error) {
            Some(403) => failure("is turned off for this instance (HTTP 403)"),
            Some(404 | 405) => failure("does not speak version 2"),
            Some(status) => failure(&format!("gave no session token (HTTP {status})")),
            None => CallError::NoInstance {
                endpoint: service.endpoint.clone(),
                is_silent: is_silent(error),
            },
        },
        other => failure(&innermost(other)),
    }
}

/// Whether there was a connection, but no answer: that to a container is lost on the way where the
/// instance's hop limit is 1.
fn is_silent(error: &ImdsError) -> bool {
    let mut next: Option<&dyn Error> = Some(error);
    while let Some(cause) = next {
        if cause.to_string().starts_with("HTTP read timeout") {
            return true;
        }
        next = cause.source();
    }
    false
}

/// The status of the answer to the request for a session token, if there was an answer.
fn token_status(error: &ImdsError) -> Option<u16> {
    let cause = error.source()?.downcast_ref::<SdkError<TokenError, HttpResponse>>()?;
    Some(cause.raw_response()?.status().as_u16())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::aws::testing::{Reply, Server};

    fn ask(endpoint: &str, attempts: u32) -> Result<SessionCredentials, CallError> {
        ask_within(Duration::from_secs(60), endpoint, attempts)
    }

    fn ask_within(
        timeout: Duration,
        endpoint: &str,
        attempts: u32,
    ) -> Result<SessionCredentials, CallError> {
        let service = InstanceMetadata { endpoint: endpoint.into(), timeout, attempts };
        http::Executor::new()?.block_on(credentials(&service))
    }

    fn token() -> Reply {
        let ttl = vec![("x-aws-ec2-metadata-token-ttl-seconds", "21600".to_owned())];
        Reply::Answer(200, ttl, "planted-token".into())
    }

    const DOCUMENT: &str = r#"{"Code":"Success","AccessKeyId":"ASIA","SecretAccessKey":"S","Token":"T","Expiration":"2026-01-01T00:00:00Z"}"#;

    #[test]
    fn the_role_is_asked_for_with_a_session_token() {
        let server =
            Server::start([token(), Reply::new(200, "my-role"), Reply::new(200, DOCUMENT)]);
        assert_eq!(ask(&server.url, 1).unwrap().access_key_id, "ASIA");
        let sent = server.requests();
        let lines: Vec<&str> = sent.iter().map(|request| request.line.trim_end()).collect();
        assert_eq!(
            lines,
            [
                "PUT /latest/api/token HTTP/1.1",
                "GET /latest/meta-data/iam/security-credentials/ HTTP/1.1",
                "GET /latest/meta-data/iam/security-credentials/my-role HTTP/1.1",
            ]
        );
        assert_eq!(sent[1].header("x-aws-ec2-metadata-token"), Some("planted-token"));
    }

    #[test]
    fn failures_are_told_apart() {
        let no = |status| Reply::new(status, "planted");
        for (docs, script, attempts, requests, expected) in [
            ("no role", vec![token(), no(404)], 1, 2, "the instance has no role"),
            ("empty role", vec![token(), Reply::new(200, "")], 1, 2, "the instance has no role"),
            ("turned off", vec![no(403)], 1, 1, "is turned off for this instance (HTTP 403)"),
            ("turned off for roles", vec![token(), no(403)], 1, 2, "is not readable"),
            ("no version 2", vec![no(404)], 1, 1, "does not speak version 2"),
            ("fault", vec![no(500)], 1, 1, "HTTP 500"),
            ("fault, tried again", vec![no(500)], 2, 2, "HTTP 500"),
            ("reset", vec![Reply::Close], 1, 1, "no instance metadata service at http://127"),
            (
                "role cannot be assumed",
                vec![
                    token(),
                    Reply::new(200, "r"),
                    Reply::new(200, r#"{"Code":"AssumeRoleUnauthorizedAccess","Message":"m"}"#),
                ],
                1,
                3,
                "AssumeRoleUnauthorizedAccess: m",
            ),
        ] {
            let server = Server::start(script);
            let shown = ask(&server.url, attempts).unwrap_err().to_string();
            assert!(shown.contains(expected), "{docs}: {shown}");
            assert!(!shown.contains("planted"), "{docs}: {shown}");
            assert_eq!(server.requests().len(), requests, "{docs}");
        }
        let silent = Server::start([Reply::Hang]);
        let error = ask_within(Duration::from_millis(200), &silent.url, 1).unwrap_err();
        assert!(matches!(error, CallError::NoInstance { .. }), "{error}");
        let error = ask("http://127.0.0.1:1", 1).unwrap_err();
        assert!(matches!(error, CallError::NoInstance { .. }), "{error}");
        for endpoint in ["http://not a url", "planted", "https://planted"] {
            let error = ask(endpoint, 1).unwrap_err();
            assert!(matches!(error, CallError::Settings { .. }), "{error}");
            assert!(!error.to_string().contains("planted"), "{error}");
        }
    }
}
