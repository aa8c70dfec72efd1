//! How a call of AWS's Query protocol is made that no SDK client is here for: by what carries the calls of
//! the SDK's crates, so that retries, the clock, proxies and time-outs are the same.
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

mod answer;

use aws_runtime::auth::SigningOptions;
use aws_runtime::auth::sigv4::SigV4AuthScheme;
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_runtime::service_clock_skew::{ServiceClockSkewClassifier, ServiceClockSkewInterceptor};
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::http::connection_poisoning::ConnectionPoisoningInterceptor;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::{AuthSchemeOptionResolverParams, SharedAuthScheme};
use aws_smithy_runtime_api::client::orchestrator::{
    HttpRequest, HttpResponse, OrchestratorError, SensitiveOutput,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::{SharedRuntimePlugin, StaticRuntimePlugin};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::metadata::ErrorMetadata;
use aws_types::{SdkConfig, SigningName};

pub(super) use answer::Structure;
use answer::{error, structures};

use super::error::TRANSIENT;

/// What the calls of a service have in common; it learns AWS's time.
pub(super) type Common = SharedRuntimePlugin;

pub(super) fn request(form: String) -> Result<HttpRequest, BoxError> {
    let mut request = HttpRequest::new(SdkBody::from(form));
    request.set_method("POST")?;
    request.headers_mut().insert("content-type", "application/x-www-form-urlencoded");
    Ok(request)
}

/// A success, or the service's refusal; what is not in its format has no code.
pub(super) fn output(
    response: &HttpResponse,
) -> Result<Vec<Structure>, OrchestratorError<ErrorMetadata>> {
    let body = response.body().bytes().unwrap_or_default();
    match structures(body) {
        Some(structures) if response.status().is_success() => Ok(structures),
        found => Err(OrchestratorError::operation(error(found.as_deref()))),
    }
}

/// What the SDK's crates do for their calls. `service`: the name to sign for.
pub(super) fn common(config: &SdkConfig, service: &'static str) -> Common {
    let mut layer = Layer::new(service);
    layer.store_put(ApiMetadata::new(service, env!("CARGO_PKG_VERSION")));
    layer.store_put(SigningName::from_static(service));
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SensitiveOutput);
    layer.store_or_unset(config.app_name().cloned());
    layer.store_or_unset(config.timeout_config().cloned());
    layer.store_or_unset(config.retry_config().cloned());
    let components = RuntimeComponentsBuilder::new(service)
        .with_http_client(config.http_client())
        .with_sleep_impl(config.sleep_impl())
        .with_time_source(config.time_source())
        .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
        .with_interceptor(ConnectionPoisoningInterceptor::new())
        .with_interceptor(ServiceClockSkewInterceptor::new())
        .with_interceptor(RequestInfoInterceptor::new())
        .with_interceptor(UserAgentInterceptor::new())
        .with_interceptor(InvocationIdInterceptor::new())
        .with_retry_classifier(HttpStatusCodeClassifier::default())
        .with_retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
        .with_retry_classifier(
            AwsErrorCodeClassifier::<ErrorMetadata>::builder()
                .transient_errors(TRANSIENT.to_vec())
                .build(),
        )
        .with_retry_classifier(ServiceClockSkewClassifier::<ErrorMetadata>::new());
    let plugin = StaticRuntimePlugin::new().with_config(layer.freeze());
    SharedRuntimePlugin::new(plugin.with_runtime_components(components))
}

pub(super) fn signing_options() -> SigningOptions {
    let mut options = SigningOptions::default();
    options.double_uri_encode = true;
    options.normalize_uri_path = true;
    options
}
