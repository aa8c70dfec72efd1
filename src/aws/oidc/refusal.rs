//! The refusals of the OIDC service. It answers as OAuth has it,
//! `{"error":"slow_down","error_description":"…"}`, where the SDK looks for `message`; the SDK takes
//! the code from the header `x-amzn-ErrorType`, which proxies drop.
//! <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html>

use std::future::Future;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use serde::Deserialize;

use crate::aws::refusal::Refusal;

/// The `error` of an answer, and AWS's code for it. What is not here is not AWS's answer.
const CODES: [(&str, &str); 13] = [
    ("access_denied", "AccessDeniedException"),
    ("authorization_pending", "AuthorizationPendingException"),
    ("expired_token", "ExpiredTokenException"),
    ("invalid_client", "InvalidClientException"),
    ("invalid_client_metadata", "InvalidClientMetadataException"),
    ("invalid_grant", "InvalidGrantException"),
    ("invalid_redirect_uri", "InvalidRedirectUriException"),
    ("invalid_request", "InvalidRequestException"),
    ("invalid_scope", "InvalidScopeException"),
    ("server_error", "InternalServerException"),
    ("slow_down", "SlowDownException"),
    ("unauthorized_client", "UnauthorizedClientException"),
    ("unsupported_grant_type", "UnsupportedGrantTypeException"),
];

/// The answer to a call, its refusal in AWS's words.
pub(super) async fn in_awss_words<T, E: ProvideErrorMetadata>(
    answer: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
) -> Result<T, SdkError<Refusal, HttpResponse>> {
    answer.await.map_err(|error| {
        let body = error.raw_response().and_then(|response| response.body().bytes());
        let words = body.and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
        error.map_service_error(|error| refusal(error.meta(), words))
    })
}

/// What OAuth has in the body.
#[derive(Default, Deserialize)]
struct Words {
    error: Option<String>,
    error_description: Option<String>,
}

fn refusal(found: &ErrorMetadata, words: Words) -> Refusal {
    let code = |error: String| CODES.iter().find(|(own, _)| *own == error).map(|(_, code)| *code);
    let code = found.code().or(words.error.and_then(code));
    Refusal::new(code, found.message().or(words.error_description.as_deref()))
}
