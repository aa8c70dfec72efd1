//! ECR and its public registry: the one call that gives a password.
//! <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::request::Request;
use super::sigv4::Signed;
use super::state::State;

const PRIVATE: &str = "AmazonEC2ContainerRegistry_V20150921";
const PUBLIC: &str = "SpencerFrontendService";
/// Of a password.
const SECONDS: i64 = 43_200;

/// Whether it is a call of ECR's, and which.
pub(super) fn operation(request: &Request) -> Option<&str> {
    let (service, operation) = request.header("x-amz-target")?.split_once('.')?;
    [PRIVATE, PUBLIC].contains(&service).then_some(operation)
}

pub(super) fn answer(state: &mut State, request: &Request) -> Answer {
    match result(state, request) {
        Ok(body) => Answer::json(200, &body, "OK"),
        Err(refusal) => refuse(&refusal),
    }
}

pub(super) fn refuse(refusal: &Refusal) -> Answer {
    let body = json!({ "__type": refusal.code, "message": refusal.message });
    Answer::json(refusal.status, &body, refusal.code)
}

fn result(state: &mut State, request: &Request) -> Result<Value, Refusal> {
    let is_public = request.header("x-amz-target").is_some_and(|name| name.starts_with(PUBLIC));
    let service = if is_public { "ecr-public" } else { "ecr" };
    if request.method != "POST"
        || request.header("content-type") != Some("application/x-amz-json-1.1")
    {
        return Err(Refusal::new(404, "UnknownOperationException", ""));
    }
    if operation(request) != Some("GetAuthorizationToken") {
        return Err(Refusal::new(400, "UnknownOperationException", ""));
    }
    if request.body != b"{}" {
        return Err(Refusal::new(400, "SerializationException", "registryIds is deprecated"));
    }
    let signed = Signed::of(request)?;
    // The public registry has one region that gives passwords.
    let region = is_public.then_some("us-east-1");
    signed.check(request, service, region, state.now(), state.tolerance).map_err(json_words)?;
    let caller = state.verify(request, &signed, service).map_err(json_words)?;
    let account = caller.identity.account().to_owned();
    let password = state.random.session_token(600);
    state.registry_passwords.push(password.clone());
    let token = STANDARD.encode(format!("AWS:{password}"));
    let end = state.now().timestamp() + SECONDS;
    #[expect(clippy::cast_precision_loss, reason = "AWS's own form")]
    let mut data = json!({ "authorizationToken": token, "expiresAt": end as f64 + 0.5 });
    if is_public {
        return Ok(json!({ "authorizationData": data }));
    }
    let host = format!("https://{account}.dkr.ecr.{}.amazonaws.com", signed.region);
    data["proxyEndpoint"] = host.into();
    Ok(json!({ "authorizationData": [data] }))
}

/// The same refusal under the name that the services with JSON have for it.
fn json_words(refusal: Refusal) -> Refusal {
    let code = match refusal.code {
        "InvalidClientTokenId" => "UnrecognizedClientException",
        "SignatureDoesNotMatch" => "InvalidSignatureException",
        "ExpiredToken" => "ExpiredTokenException",
        code => code,
    };
    Refusal { status: 400, code, ..refusal }
}
