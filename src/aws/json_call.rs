//! How a call of AWS's JSON protocol is made that no SDK client is here for, beside those of the Query protocol.
//! <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>

use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::metadata::ErrorMetadata;
use serde_json::Value;

use super::attempt::{OneUse, Seen};
use super::client::Aws;
use super::query_call::signature;
use crate::credentials::Keys;
use crate::ports::CallError;

/// One call without parameters, before it is made.
pub(super) struct JsonCall<'a> {
    /// The service's signing name and the operation: `ecr:GetAuthorizationToken`
    pub(super) name: &'static str,
    /// The service, as `X-Amz-Target` names it
    pub(super) target: &'static str,
    pub(super) endpoint: String,
    /// What is signed for
    pub(super) region: &'a str,
    pub(super) keys: &'a Keys,
}

impl Aws {
    /// The answer, and what was seen on the wire.
    pub(super) fn json(&self, call: &JsonCall<'_>) -> Result<(Value, Seen), CallError> {
        let operation = call.name.rsplit(':').next().unwrap_or_default();
        let target = format!("{}.{operation}", call.target);
        self.call(call.name, OneUse::Nothing, |live, witness| {
            let (service, common) = match call.name.starts_with("ecr:") {
                true => ("ECR", &live.ecr),
                false => ("ECR PUBLIC", &live.ecr_public),
            };
            let target = target.clone();
            let operation = Operation::builder()
                .service_name(service)
                .operation_name(operation)
                .endpoint_url(&call.endpoint)
                .runtime_plugin(common.clone())
                .interceptor(witness)
                .runtime_plugin(signature(call.name, call.region, call.keys))
                .serializer(move |body: &'static str| request(&target, body))
                .deserializer(output)
                .build();
            async move { operation.invoke("{}").await }
        })
    }
}

fn request(target: &str, body: &'static str) -> Result<HttpRequest, BoxError> {
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("POST")?;
    request.headers_mut().insert("content-type", "application/x-amz-json-1.1");
    request.headers_mut().try_insert("x-amz-target", target.to_owned())?;
    Ok(request)
}

/// A success, or the service's refusal; what is not in its format has no code.
fn output(response: &HttpResponse) -> Result<Value, OrchestratorError<ErrorMetadata>> {
    let body = response.body().bytes().unwrap_or_default();
    let said = serde_json::from_slice::<Value>(body).unwrap_or_default();
    if response.status().is_success() && said.is_object() {
        return Ok(said);
    }
    let mut error = ErrorMetadata::builder();
    // `com.amazonaws.ecr#ServerException`, `ServerException:http://…`
    let code = said["__type"].as_str().and_then(|code| code.rsplit('#').next()?.split(':').next());
    if let Some(code) = code {
        error = error.code(code);
    }
    if let Some(message) = said["message"].as_str().or(said["Message"].as_str()) {
        error = error.message(message);
    }
    Err(OrchestratorError::operation(error.build()))
}
