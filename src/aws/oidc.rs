//! The calls to the OIDC service of IAM Identity Center: a client registers, a person allows it to
//! act for them, and it gets tokens. None of them is signed.

use std::future::Future;

use aws_sdk_ssooidc::Client;
use aws_sdk_ssooidc::config::{Builder, Config, Region};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::attempt::{NotTwice, OneUse, Seen, Witness};
use super::client::{Aws, text, word};
use super::error::incomplete;
use super::{authorize_url, start_url};
use crate::credentials::{
    Authorization, AuthorizedCode, DeviceAuthorization, Expiration, Grant, Registration, Secret,
    SsoLogin, SsoToken, TokenProof,
};
use crate::ports::{CallError, Oidc};
use crate::text::steers;

#[cfg(test)]
mod tests;

const REGISTER: &str = "sso-oidc:RegisterClient";
const START: &str = "sso-oidc:StartDeviceAuthorization";
const TOKEN: &str = "sso-oidc:CreateToken";

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

/// Where the browser may come back to. AWS compares it without the port,
/// <https://datatracker.ietf.org/doc/html/rfc8252#section-7.3>.
const REDIRECT_URI: &str = "http://127.0.0.1/oauth/callback";

/// Seconds between two polls where AWS states none,
/// <https://datatracker.ietf.org/doc/html/rfc8628#section-3.2>
const INTERVAL: u64 = 5;

impl Aws {
    fn oidc<T, E, F>(
        &self,
        name: &'static str,
        login: &SsoLogin,
        one_use: OneUse,
        send: impl Fn(&Client, Builder, Witness) -> F,
    ) -> Result<(T, Seen), CallError>
    where
        E: ProvideErrorMetadata,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        self.call(name, one_use, |live, witness| {
            let mut specific = Config::builder().region(Region::new(login.region.clone()));
            if start_url::is_dualstack(login) && self.settings.sso_oidc_endpoint_url.is_none() {
                specific = specific.use_dual_stack(true);
            }
            if one_use != OneUse::Nothing {
                specific = specific.retry_classifier(NotTwice(witness.clone()));
            }
            in_awss_words(send(&live.oidc, specific, witness))
        })
    }

    /// The end of what AWS gives for `seconds`, by the local clock. Counted from the request, so that it is
    /// too early rather than too late.
    pub(super) fn end_of(&self, seconds: i32, seen: &Seen) -> Option<DateTime<Utc>> {
        let asked_at = seen.sent_at.map_or_else(|| self.clock.now(), DateTime::from);
        (seconds > 0).then(|| asked_at + TimeDelta::seconds(seconds.into()))
    }
}

impl Oidc for Aws {
    fn start_url(&self, login: &SsoLogin) -> Result<String, CallError> {
        self.resolve_start_url(login)
    }

    fn register(&self, login: &SsoLogin, grant: Grant) -> Result<Registration, CallError> {
        let (output, seen) =
            self.oidc(REGISTER, login, OneUse::Nothing, |client, specific, witness| {
                let call = client
                    .register_client()
                    .client_name("awsx")
                    .client_type("public")
                    .set_scopes(Some(login.scopes.clone()));
                let call = match grant {
                    Grant::AuthorizationCode => call
                        .grant_types("authorization_code")
                        .grant_types("refresh_token")
                        .redirect_uris(REDIRECT_URI)
                        .issuer_url(&login.start_url),
                    // As the AWS CLI: without a list, AWS grants device codes and refresh tokens.
                    Grant::DeviceCode => call,
                };
                call.customize().config_override(specific).interceptor(witness).send()
            })?;
        let registration = || {
            let expires_at = Some(output.client_secret_expires_at).filter(|end| *end > 0)?;
            let expires_at = DateTime::<Utc>::from_timestamp(expires_at, 0)?;
            Some(Registration {
                client_id: text(output.client_id)?,
                client_secret: Secret::new(text(output.client_secret)?),
                expires_at: Expiration::new(seen.in_local_time(expires_at))?.at()?,
            })
        };
        let what = "clientId, clientSecret and clientSecretExpiresAt";
        registration().ok_or_else(|| incomplete(REGISTER, what, &seen, OneUse::Nothing))
    }

    fn authorize_url(
        &self,
        login: &SsoLogin,
        registration: &Registration,
        authorization: &Authorization,
    ) -> Result<String, CallError> {
        authorize_url::identity_center(&self.settings, login, registration, authorization)
    }

    fn start_device_authorization(
        &self,
        login: &SsoLogin,
        registration: &Registration,
    ) -> Result<DeviceAuthorization, CallError> {
        let (output, seen) =
            self.oidc(START, login, OneUse::Nothing, |client, specific, witness| {
                let call = client
                    .start_device_authorization()
                    .client_id(&registration.client_id)
                    .client_secret(registration.client_secret.expose())
                    .start_url(&login.start_url);
                call.customize().config_override(specific).interceptor(witness).send()
            })?;
        let authorization = || {
            Some(DeviceAuthorization {
                device_code: Secret::new(text(output.device_code)?),
                user_code: displayable(output.user_code, CODE)?,
                verification_uri: web_address(output.verification_uri)?,
                verification_uri_complete: web_address(output.verification_uri_complete),
                expires_at: self.end_of(output.expires_in, &seen)?,
                interval: u64::try_from(output.interval)
                    .ok()
                    .filter(|seconds| *seconds > 0)
                    .unwrap_or(INTERVAL),
            })
        };
        let what = "deviceCode, userCode, verificationUri and expiresIn";
        authorization().ok_or_else(|| incomplete(START, what, &seen, OneUse::Nothing))
    }

    fn token(
        &self,
        login: &SsoLogin,
        registration: &Registration,
        proof: &TokenProof,
    ) -> Result<SsoToken, CallError> {
        let one_use = match proof {
            TokenProof::Code(_) | TokenProof::Refresh(_) => OneUse::Grant,
            // Asking again is how one waits.
            TokenProof::Device(_) => OneUse::Nothing,
        };
        let (output, seen) = self.oidc(TOKEN, login, one_use, |client, specific, witness| {
            let call = client
                .create_token()
                .client_id(&registration.client_id)
                .client_secret(registration.client_secret.expose());
            let call = match proof {
                TokenProof::Code(AuthorizedCode { code, verifier, redirect_uri }) => call
                    .grant_type("authorization_code")
                    .code(code.expose())
                    .code_verifier(verifier.expose())
                    .redirect_uri(redirect_uri),
                TokenProof::Device(code) => call
                    .grant_type("urn:ietf:params:oauth:grant-type:device_code")
                    .device_code(code.expose()),
                TokenProof::Refresh(token) => {
                    call.grant_type("refresh_token").refresh_token(token.expose())
                }
            };
            call.customize().config_override(specific).interceptor(witness).send()
        })?;
        let token = || {
            Some(SsoToken {
                access_token: Secret::new(word(output.access_token)?),
                expires_at: self.end_of(output.expires_in, &seen)?,
                refresh_token: text(output.refresh_token).map(Secret::new),
            })
        };
        token().ok_or_else(|| incomplete(TOKEN, "accessToken and expiresIn", &seen, one_use))
    }
}

/// The answer to a call, its refusal in AWS's words. The service answers as OAuth has it,
/// `{"error":"slow_down","error_description":"…"}`, where the SDK looks for `message`; the SDK takes
/// the code from the header `x-amzn-ErrorType`, which proxies drop.
/// <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html>
async fn in_awss_words<T, E: ProvideErrorMetadata>(
    answer: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
) -> Result<T, SdkError<ErrorMetadata, HttpResponse>> {
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

fn refusal(found: &ErrorMetadata, words: Words) -> ErrorMetadata {
    let code = |error: String| CODES.iter().find(|(own, _)| *own == error).map(|(_, code)| *code);
    let mut refusal = found.clone().into_builder();
    if found.code().is_none()
        && let Some(code) = words.error.and_then(code)
    {
        refusal = refusal.code(code);
    }
    if found.message().is_none()
        && let Some(message) = words.error_description
    {
        refusal = refusal.message(message);
    }
    refusal.build()
}

/// The most characters of a code that a person is to compare, and of an address.
const CODE: usize = 50;
const ADDRESS: usize = 2048;

/// A text that can be shown to the person: not too long, and without what steers a terminal.
fn displayable(field: Option<String>, most: usize) -> Option<String> {
    text(field).filter(|text| text.len() <= most && !text.contains(steers))
}

/// An address for a browser, and for no other program that opens addresses.
fn web_address(field: Option<String>) -> Option<String> {
    displayable(field, ADDRESS).filter(|url| {
        (url.starts_with("https://") || url.starts_with("http://")) && !url.contains(' ')
    })
}
