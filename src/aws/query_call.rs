//! How a call of the Query protocol is signed and sent.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::SCHEME_ID;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::config_bag::Layer;
use aws_types::region::{Region, SigningRegion};
use form_urlencoded::Serializer;

use super::attempt::{NotTwice, OneUse, Seen};
use super::client::Aws;
use super::query::{Structure, output, request, signing_options};
use crate::credentials::Keys;
use crate::ports::CallError;

/// One call, before it is made.
pub(super) struct QueryCall<'a> {
    /// The service's signing name and the operation: `iam:CreateAccessKey`
    pub(super) name: &'static str,
    /// Of the service's API
    pub(super) version: &'static str,
    pub(super) endpoint: String,
    /// What is signed for
    pub(super) region: String,
    /// None where AWS takes the call unsigned
    pub(super) keys: Option<&'a Keys>,
    pub(super) parameters: Vec<(&'a str, &'a str)>,
    pub(super) one_use: OneUse,
}

impl QueryCall<'_> {
    /// `CreateAccessKey`
    pub(super) fn operation(&self) -> &'static str {
        self.name.rsplit(':').next().unwrap_or_default()
    }

    fn form(&self) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("Action", self.operation()).append_pair("Version", self.version);
        form.extend_pairs(&self.parameters).finish()
    }
}

impl Aws {
    /// The structures of the answer, and what was seen on the wire.
    pub(super) fn query(&self, call: &QueryCall<'_>) -> Result<(Vec<Structure>, Seen), CallError> {
        self.call(call.name, call.one_use, |live, witness| {
            let (service, common) = match call.name.starts_with("iam:") {
                true => ("IAM", &live.iam),
                false => ("STS", &live.sts_by_name),
            };
            let mut built = Operation::builder()
                .service_name(service)
                .operation_name(call.operation())
                .endpoint_url(&call.endpoint)
                .runtime_plugin(common.clone())
                .interceptor(witness.clone());
            built = match call.keys {
                Some(keys) => built.runtime_plugin(signature(call.name, &call.region, keys)),
                None => built.no_auth(),
            };
            if call.one_use != OneUse::Nothing {
                built = built.retry_classifier(NotTwice(witness));
            }
            let operation = built.serializer(request).deserializer(output).build();
            let form = call.form();
            async move { operation.invoke(form).await }
        })
    }
}

/// Has a call be signed with these keys.
pub(super) fn signature(name: &'static str, region: &str, keys: &Keys) -> StaticRuntimePlugin {
    let scheme = StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]);
    let identity = SharedIdentityResolver::new(SharedCredentialsProvider::new(signer(keys)));
    let components = RuntimeComponentsBuilder::new(name)
        .with_auth_scheme_option_resolver(Some(scheme))
        .with_identity_resolver(SCHEME_ID, identity);
    let mut config = Layer::new(name);
    config.store_put(SigV4OperationSigningConfig {
        region: Some(SigningRegion::from(Region::new(region.to_owned()))),
        region_set: None,
        name: None,
        signing_options: signing_options(),
    });
    StaticRuntimePlugin::new().with_config(config.freeze()).with_runtime_components(components)
}

/// The keys as the SDK wants them.
pub(super) fn signer(keys: &Keys) -> Credentials {
    let (secret, token) = keys.secrets();
    let token = token.map(|token| token.expose().to_owned());
    Credentials::new(keys.access_key_id(), secret.expose(), token, None, "awsx")
}
