//! The role of an EC2 instance, from its metadata service. Version 2 only: the session token that
//! version 2 demands keeps a tricked web server from fetching credentials for somebody.
//!
//! The protocol is aws-config's; never through a proxy, with the time-outs and attempts asked for.

use aws_config::imds;
use aws_config::imds::client::error::ImdsError;
use aws_config::provider_config::ProviderConfig;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::tls::TrustStore;

use super::document::parse_container_body;
use super::error::connection_failure;
use super::http;
use super::proxy::Proxies;
use crate::credentials::SessionCredentials;
use crate::session::ports::{CallError, InstanceMetadata};

const ROLES: &str = "/latest/meta-data/iam/security-credentials/";

/// Asks for the role's name, then for its credentials.
pub(super) async fn credentials(
    service: &InstanceMetadata,
) -> Result<SessionCredentials, CallError> {
    let failure = |cause: String| CallError::Source {
        origin: format!("instance metadata service at {}", service.endpoint),
        cause,
    };
    let http = http::client(TrustStore::empty(), Proxies::default(), service.timeout);
    let config = ProviderConfig::empty().with_http_client(http).with_sleep_impl(TokioSleep::new());
    let client = imds::Client::builder()
        .configure(&config)
        .endpoint(&service.endpoint)
        .map_err(|_| failure("is not a URL".into()))?
        .max_attempts(service.attempts.max(1))
        .connect_timeout(service.timeout)
        .read_timeout(service.timeout)
        .operation_attempt_timeout(service.timeout)
        .build();
    let get =
        async |path: &str| client.get(path).await.map_err(|error| call_error(service, &error));

    let roles = get(ROLES).await?;
    let role = roles.as_ref().lines().next().unwrap_or_default().trim();
    if role.is_empty() {
        return Err(failure("the instance has no role".into()));
    }
    let document = get(&format!("{ROLES}{role}")).await?;
    parse_container_body(document.as_ref().as_bytes()).map_err(|error| failure(error.to_string()))
}

fn call_error(service: &InstanceMetadata, error: &ImdsError) -> CallError {
    let failure = |cause: String| CallError::Source {
        origin: format!("instance metadata service at {}", service.endpoint),
        cause,
    };
    match error {
        ImdsError::ErrorResponse(context) => match context.response().status().as_u16() {
            404 => failure("the instance has no role".into()),
            403 => failure("is turned off for this instance (HTTP 403)".into()),
            status => failure(format!("answered with HTTP {status}")),
        },
        other => failure(connection_failure(other)),
    }
}
