//! The identity token of a job of GitHub Actions,
//! <https://docs.github.com/actions/reference/security/oidc#methods-for-requesting-the-oidc-token>

use aws_smithy_http_client::tls::TrustStore;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use form_urlencoded::byte_serialize;
use serde::Deserialize;

use super::get::{Asked, CONNECT_TIMEOUT, get};
use super::http;
use super::proxy::Proxies;
use super::token_file::is_token;
use crate::client_settings::{host, is_loopback, origin};
use crate::credentials::{GithubJob, Secret};
use crate::ports::{CallError, SourceOf};

const URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

#[derive(Deserialize)]
struct Answer {
    value: String,
}

/// Asks for a new token.
pub(super) async fn token(
    job: &GithubJob,
    proxies: &Proxies,
    trust: impl FnOnce() -> Result<TrustStore, CallError>,
) -> Result<Secret, CallError> {
    let Some((url, bearer)) = &job.request else {
        return Err(match job.is_job {
            true => {
                failure(SourceOf::Github, format!("this job may not ask for one: {URL} is not set"))
            }
            false => failure(
                SourceOf::NoGithubJob,
                format!("this is no job of GitHub Actions: {URL} is not set"),
            ),
        });
    };
    let invalid = |problem: &str| CallError::Settings { origin: URL.into(), cause: problem.into() };
    let is_tls = url.starts_with("https://");
    let has_scheme = url.contains("://");
    if !has_scheme || HttpRequest::get(url.as_str()).is_err() || host(url).is_empty() {
        return Err(invalid("is not a URL"));
    }
    // The answer is somebody, and the request holds what gives it.
    let is_private = is_tls || url.starts_with("http://") && is_loopback(url);
    if !is_private {
        return Err(invalid("is neither https nor of this machine"));
    }
    let separator = if url.contains('?') { '&' } else { '?' };
    let audience: String = byte_serialize(job.audience().as_bytes()).collect();
    let url = format!("{url}{separator}audience={audience}");
    let proxy = proxies.of(&url).map(|proxy| proxy.config.clone());
    let trust = if is_tls { Some(trust()?) } else { None };
    let connector = http::connector(http::connect_within(CONNECT_TIMEOUT), proxy, trust);
    let failed = |cause: String| failure(SourceOf::Github, cause);
    let origin = origin(&url);
    let asked = Asked { call: "the token of GitHub Actions", origin: &origin, failure: &failed };
    let request = || {
        let mut request = HttpRequest::get(&url).map_err(|_| invalid("is not a URL"))?;
        let headers = request.headers_mut();
        headers.insert("Accept", "application/json; api-version=2.0");
        let bearer = format!("Bearer {}", bearer.expose());
        headers.try_insert("Authorization", bearer).map_err(|_| CallError::Settings {
            origin: TOKEN.into(),
            cause: "has a line break or a control character".into(),
        })?;
        Ok(request)
    };
    let (status, body) = get(&connector, &asked, request).await?;
    if status != 200 {
        return Err(failed(format!("GitHub answered with HTTP {status}")));
    }
    match serde_json::from_slice::<Answer>(&body) {
        Ok(Answer { value }) if is_token(&value) => Ok(Secret::new(value)),
        _ => Err(failed("GitHub answered with something else".into())),
    }
}

fn failure(of: SourceOf, cause: String) -> CallError {
    CallError::Source { of, origin: "the token of GitHub Actions".into(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Reply, Server};

    fn ask(url: &str, bearer: &str, audience: Option<&str>) -> Result<Secret, CallError> {
        let request = Some((url.to_owned(), Secret::new(bearer)));
        let other_audience = audience.map(str::to_owned);
        let job = GithubJob { is_job: true, request, other_audience };
        let trust = || Ok(TrustStore::empty());
        http::Executor::new()?.block_on(token(&job, &Proxies::default(), trust))
    }

    fn given() -> Reply {
        Reply::new(200, r#"{"count":2036,"value":"planted.token.x"}"#)
    }

    #[test]
    fn the_request_is_as_github_documents_it() {
        let server = Server::start([given()]);
        for (path, audience, sent) in [
            (
                "/_apis/token?api-version=2.0",
                None,
                "/_apis/token?api-version=2.0&audience=sts.amazonaws.com",
            ),
            ("/token", None, "/token?audience=sts.amazonaws.com"),
            ("/token", Some("sts.amazonaws.com.cn"), "/token?audience=sts.amazonaws.com.cn"),
            (
                "/token",
                Some("https://a.b/?c=d&e"),
                "/token?audience=https%3A%2F%2Fa.b%2F%3Fc%3Dd%26e",
            ),
        ] {
            let token = ask(&format!("{}{path}", server.url), "planted-bearer", audience).unwrap();
            assert_eq!(token.expose(), "planted.token.x");
            let seen = server.requests().pop().unwrap();
            assert_eq!(seen.line.trim_end(), format!("GET {sent} HTTP/1.1"));
            assert_eq!(seen.header("authorization"), Some("Bearer planted-bearer"));
            assert_eq!(seen.header("accept"), Some("application/json; api-version=2.0"));
        }
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for (docs, script, requests, expected) in [
            ("a token", vec![given()], 1, "token"),
            ("after faults", vec![Reply::new(503, ""), Reply::Close, given()], 3, "token"),
            ("after too many", vec![Reply::new(429, ""), given()], 2, "token"),
            ("down", vec![Reply::new(500, "planted")], 3, "after 3 attempts at http://127.0.0.1"),
            ("refused", vec![Reply::new(403, "planted")], 1, "GitHub answered with HTTP 403"),
            ("no JSON", vec![Reply::new(200, "planted")], 1, "GitHub answered with something else"),
            ("two lines", vec![Reply::new(200, r#"{"value":"planted\n"}"#)], 1, "something else"),
            ("none", vec![Reply::new(200, r#"{"value":""}"#)], 1, "something else"),
            ("a redirect", vec![Reply::new(302, "")], 1, "GitHub answered with HTTP 302"),
        ] {
            let server = Server::start(script);
            let shown = match ask(&format!("{}/planted", server.url), "planted", None) {
                Ok(_) => "token".to_owned(),
                Err(error) => error.to_string(),
            };
            assert!(shown.contains(expected) && !shown.contains("planted"), "{docs}: {shown}");
            assert_eq!(server.requests().len(), requests, "{docs}");
        }
    }

    #[test]
    fn nobody_else_is_asked() {
        for (url, bearer, expected) in [
            ("http://192.0.2.1/planted", "x", "URL: is neither https nor of this machine"),
            ("http://127.0.0.1.example/", "x", "URL: is neither https nor of this machine"),
            ("ftp://127.0.0.1/", "x", "URL: is neither https nor of this machine"),
            ("planted", "x", "URL: is not a URL"),
            ("https://", "x", "URL: is not a URL"),
            ("http://127.0.0.1:1/", "planted\r\nX: y", "TOKEN: has a line break"),
        ] {
            let error = ask(url, bearer, None).unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains("planted"), "{url}: {error}");
        }
    }
}
