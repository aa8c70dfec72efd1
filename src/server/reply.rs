//! Answers, and refusals in the JSON that the SDKs read: `code` and `message`.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>

use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue};
#[cfg(unix)]
use serde_json::Value;
use serde_json::json;
use zeroize::Zeroizing;

use crate::credentials::Secret;

/// What is sent back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// Perhaps credentials, so it is wiped
    pub(crate) body: Zeroizing<String>,
}

const JSON: &str = "application/json";

impl Reply {
    fn new(status: StatusCode, content_type: &'static str, body: Zeroizing<String>) -> Self {
        Self { status, content_type, headers: Vec::new(), body }
    }

    /// The document of credentials, with `before` in front of its fields.
    pub(super) fn credentials(before: &str, document: &Secret) -> Self {
        let document = document.expose();
        let mut body = Zeroizing::new(String::with_capacity(document.len() + before.len()));
        body.push('{');
        body.push_str(before);
        body.push_str(document.strip_prefix('{').unwrap_or(document));
        Self::new(StatusCode::OK, JSON, body)
    }

    #[cfg(unix)]
    pub(super) fn json(document: &Value) -> Self {
        Self::new(StatusCode::OK, JSON, Zeroizing::new(document.to_string()))
    }

    #[cfg(unix)]
    pub(super) fn text(text: &str) -> Self {
        Self::new(StatusCode::OK, "text/plain", Zeroizing::new(text.to_owned()))
    }

    pub(super) fn refuse(status: StatusCode, code: &str, message: &str) -> Self {
        let body = json!({"code": code, "message": message}).to_string();
        Self::new(status, JSON, Zeroizing::new(body))
    }

    pub(super) fn unavailable(message: &str) -> Self {
        Self::refuse(StatusCode::SERVICE_UNAVAILABLE, "CredentialsUnavailable", message)
    }

    pub(super) fn too_large() -> Self {
        Self::refuse(StatusCode::PAYLOAD_TOO_LARGE, "BadRequest", "nothing is posted here")
    }

    pub(super) fn with_header(mut self, name: HeaderName, value: String) -> Self {
        if let Ok(value) = HeaderValue::try_from(value) {
            self.headers.push((name, value));
        }
        self
    }
}
