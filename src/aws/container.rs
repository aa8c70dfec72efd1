//! The credential endpoint of ECS, EKS Pod Identity and Greengrass,
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>
//!
//! Not aws-config's provider: that one reads the process environment itself. No proxy, no redirects.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use aws_smithy_http_client::tls::TrustStore;
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

use super::get::{Asked, CONNECT_TIMEOUT, get};
use super::http;
use super::token_file;
use crate::client_settings::{host, origin};
use crate::credentials::document::{InvalidDocument, parse_container_body};
use crate::credentials::{ContainerAuthorization, ContainerEndpoint, Secret, SessionCredentials};
use crate::ports::{CallError, SourceOf};

/// Asks the endpoint. `trust` is needed for `https` only.
pub(super) async fn credentials(
    endpoint: &ContainerEndpoint,
    trust: impl FnOnce() -> Result<TrustStore, CallError>,
) -> Result<SessionCredentials, CallError> {
    let target = Target::parse(&endpoint.uri)?;
    let builder =
        http::builder(http::connect_within(CONNECT_TIMEOUT), None).tls_provider(http::TLS);
    let connector = if target.is_tls {
        builder.tls_context(http::tls_context(trust()?)).build()
    } else {
        builder.tls_context(http::tls_context(TrustStore::empty())).build_with_resolver(OnlyAllowed)
    };
    let failure = |cause| target.failure(cause);
    let (call, origin) = ("container credentials", target.origin.as_str());
    let asked = Asked { call, origin, failure: &failure };
    // Read anew each time: the file is rotated.
    let request = || target.request(authorization(endpoint)?.as_ref());
    match get(&connector, &asked, request).await? {
        (200, body) => {
            parse_container_body(&body).map_err(|error| target.failure(error.to_string()))
        }
        (status, body) => Err(target.failure(refusal(status, &body))),
    }
}

/// The status, with the endpoint's own words if it has some.
fn refusal(status: u16, body: &[u8]) -> String {
    match parse_container_body(body) {
        Err(words @ InvalidDocument::Refused { .. }) => {
            format!("answered with HTTP {status}: {words}")
        }
        _ => format!("answered with HTTP {status}"),
    }
}

fn authorization(endpoint: &ContainerEndpoint) -> Result<Option<Secret>, CallError> {
    match &endpoint.authorization {
        Some(ContainerAuthorization::File(file)) => {
            token_file::read(file, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").map(Some)
        }
        Some(ContainerAuthorization::Token(token)) => Ok(Some(token.clone())),
        None => Ok(None),
    }
}

/// A URL that may be asked: any host over `https`; over `http` only this machine and the addresses
/// of the container agents, because the answer is credentials in clear text and the request may
/// hold a token.
#[derive(Debug)]
struct Target {
    url: String,
    is_tls: bool,
    /// Scheme, host and port: all that may be shown, the path can be an identifier to guess
    origin: String,
}

impl Target {
    fn parse(uri: &str) -> Result<Self, CallError> {
        let invalid = |cause: &str| CallError::Settings {
            origin: match uri.starts_with("http://169.254.170.2") {
                true => "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI".into(),
                false => "AWS_CONTAINER_CREDENTIALS_FULL_URI".into(),
            },
            cause: cause.into(),
        };
        let (scheme, rest) = uri.split_once("://").ok_or_else(|| invalid("is not a URL"))?;
        let scheme = scheme.to_ascii_lowercase();
        let url = format!("{scheme}://{rest}");
        let origin = origin(&url);
        let host = host(&origin);
        if HttpRequest::get(&url).is_err() || host.is_empty() || rest.contains('@') {
            return Err(invalid("is not a URL"));
        }
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        match (scheme.as_str(), address) {
            ("http", Ok(address)) if !is_allowed(address) => Err(invalid(&format!(
                "is http to {host}, which is neither this machine nor a container agent; use https"
            ))),
            ("http" | "https", _) => Ok(Self { is_tls: scheme == "https", url, origin }),
            _ => Err(invalid("is neither http nor https")),
        }
    }

    fn request(&self, authorization: Option<&Secret>) -> Result<HttpRequest, CallError> {
        let mut request =
            HttpRequest::get(&self.url).map_err(|_| self.failure("is not a URL".into()))?;
        let headers = request.headers_mut();
        headers.insert("Accept", "application/json");
        if let Some(token) = authorization {
            headers.try_insert("Authorization", token.expose().to_owned()).map_err(|_| {
                self.failure(
                    "the authorization token has a line break or a control character".into(),
                )
            })?;
        }
        Ok(request)
    }

    fn failure(&self, cause: String) -> CallError {
        CallError::Source {
            of: SourceOf::Container,
            origin: format!("container endpoint {}", self.origin),
            cause,
        }
    }
}

/// Loopback, the ECS agent, and the EKS Pod Identity agent.
fn is_allowed(address: IpAddr) -> bool {
    address.is_loopback()
        || address == Ipv4Addr::new(169, 254, 170, 2)
        || address == Ipv4Addr::new(169, 254, 170, 23)
        || address == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)
}

/// Looks names up and refuses the whole name if one of its addresses is not allowed. As the
/// connection uses these very addresses, the name cannot change its mind in between.
#[derive(Clone, Debug)]
struct OnlyAllowed;

impl ResolveDns for OnlyAllowed {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = tokio::net::lookup_host((name, 0)).await.map_err(ResolveDnsError::new)?;
            let addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
            match addresses.iter().find(|address| !is_allowed(**address)) {
                Some(address) => Err(ResolveDnsError::new(format!(
                    "http to {name} is not allowed: {address} is neither this machine nor a \
                     container agent"
                ))),
                None => Ok(addresses),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::get::BODY_LIMIT;
    use crate::aws::testing::{Reply, Server};

    fn ask(endpoint: &ContainerEndpoint) -> Result<SessionCredentials, CallError> {
        http::Executor::new()?.block_on(credentials(endpoint, || Ok(TrustStore::empty())))
    }

    fn endpoint(uri: String, token: Option<&str>) -> ContainerEndpoint {
        let authorization = token.map(|token| ContainerAuthorization::Token(Secret::new(token)));
        ContainerEndpoint { uri, authorization }
    }

    fn granted() -> Reply {
        Reply::new(200, r#"{"AccessKeyId":"ASIA","SecretAccessKey":"S","Token":"T"}"#)
    }

    #[test]
    fn which_hosts_may_be_asked() {
        for (uri, expected) in [
            ("https://anywhere.example/x", "https"),
            ("HTTPS://anywhere.example", "https"),
            ("http://169.254.170.2/v2/credentials/1", "http"),
            ("http://169.254.170.23/v1/credentials", "http"),
            ("http://[fd00:ec2::23]/v1/credentials", "http"),
            ("http://127.0.0.1:9/", "http"),
            ("http://127.9.9.9", "http"),
            ("http://[::1]:9/x", "http"),
            ("http://localhost/x", "http"),
            ("http://192.168.1.1/x", "is http to 192.168.1.1"),
            ("http://169.254.169.254/x", "is http to 169.254.169.254"),
            ("http://[::ffff:127.0.0.1]/x", "is http to [::ffff:127.0.0.1]"),
            ("http://127.0.0.1@evil.example/x", "is not a URL"),
            ("http://evil.example@127.0.0.1/x", "is not a URL"),
            ("http:///x", "is not a URL"),
            ("http://a b/x", "is not a URL"),
            ("/v2/credentials", "is not a URL"),
            ("file:///etc/passwd", "is not a URL"),
            ("ftp://127.0.0.1/x", "is neither http nor https"),
        ] {
            match Target::parse(uri) {
                Ok(target) => {
                    assert_eq!(if target.is_tls { "https" } else { "http" }, expected, "{uri}");
                }
                Err(error) => assert!(error.to_string().contains(expected), "{uri}: {error}"),
            }
        }
    }

    /// `127.1` and numbers are names to us and addresses to the resolver.
    #[test]
    fn names_are_judged_by_their_addresses() {
        let resolve = |name: &'static str| {
            let resolved = http::Executor::new().unwrap().block_on(OnlyAllowed.resolve_dns(name));
            resolved.map_err(|error| super::super::error::innermost(&error))
        };
        assert!(resolve("localhost").unwrap().iter().all(|address| address.is_loopback()));
        assert!(resolve("192.168.257").unwrap_err().contains("192.168.1.1 is neither"));
    }

    #[test]
    fn the_path_and_the_token_are_sent_as_they_are() {
        let server = Server::start([granted()]);
        let uri = format!("{}/v2/credentials/id?a=b", server.url);
        ask(&endpoint(uri.replace("127.0.0.1", "localhost"), Some("Bearer abc"))).unwrap();
        let sent = server.requests().remove(0);
        assert_eq!(sent.line.trim_end(), "GET /v2/credentials/id?a=b HTTP/1.1");
        assert_eq!(sent.header("authorization"), Some("Bearer abc"));

        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "from-file\n").unwrap();
        let authorization = Some(ContainerAuthorization::File(file.path().into()));
        ask(&ContainerEndpoint { uri: server.url.clone(), authorization }).unwrap();
        assert_eq!(server.requests()[1].header("authorization"), Some("from-file"));
    }

    #[test]
    fn answers_are_credentials_or_an_error() {
        let location = vec![("Location", "http://127.0.0.1:1/".to_owned())];
        for (docs, script, token, requests, expected) in [
            ("credentials", vec![granted()], None, 1, "granted"),
            (
                "after faults",
                vec![Reply::new(500, ""), Reply::Close, granted()],
                None,
                3,
                "granted",
            ),
            ("down", vec![Reply::new(503, "planted")], None, 3, "after 3 attempts"),
            ("reset", vec![Reply::Close], None, 3, "after 3 attempts"),
            (
                "refused in words",
                vec![Reply::new(400, r#"{"code":"NoRole","message":"none here"}"#)],
                None,
                1,
                "answered with HTTP 400: NoRole: none here",
            ),
            ("refused", vec![Reply::new(404, "planted")], None, 1, "answered with HTTP 404"),
            (
                "redirects are not followed",
                vec![Reply::Answer(302, location, String::new())],
                None,
                1,
                "answered with HTTP 302",
            ),
            ("not JSON", vec![Reply::new(200, "planted")], None, 1, "not JSON (line 1, column 1)"),
            (
                "endless",
                vec![Reply::new(200, "x".repeat(BODY_LIMIT + 1))],
                None,
                1,
                "more than 64 KiB",
            ),
            ("a token of two lines", vec![granted()], Some("planted\r\nX: y"), 0, "line break"),
        ] {
            let server = Server::start(script);
            let result = ask(&endpoint(format!("{}/planted-path", server.url), token));
            let shown = match result {
                Ok(_) => "granted".into(),
                Err(error) => error.to_string(),
            };
            assert!(shown.contains(expected), "{docs}: {shown}");
            assert!(!shown.contains("planted"), "{docs}: {shown}");
            assert_eq!(server.requests().len(), requests, "{docs}");
        }
    }
}
