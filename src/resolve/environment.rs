//! The sources that belong to the shell or the machine: variables, container, instance.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::error::ChainError;
use super::settings::text;
use super::source::Keys;
use super::warning::Warning;
use crate::credentials::{
    ContainerAuthorization, ContainerEndpoint, Expiration, InstanceMetadata, LongTermCredentials,
    Secret, SessionCredentials,
};
use crate::env::Env;
use crate::profile::Profile;

/// The keys of the environment. A blank variable counts as unset.
pub(super) fn environment_keys(env: &Env) -> Result<Keys, ChainError> {
    let value = |name| env.get(name).map(|value| value.trim().to_owned());
    let access_key_id =
        value("AWS_ACCESS_KEY_ID").expect("the environment was only taken because it has a key");
    let secret_access_key = value("AWS_SECRET_ACCESS_KEY")
        .map(Secret::new)
        .ok_or(ChainError::HalfKeyPairInEnvironment)?;
    let account_id = value("AWS_ACCOUNT_ID");
    // The AWS CLI prefers the older name where both are set.
    let token = value("AWS_SECURITY_TOKEN").or_else(|| value("AWS_SESSION_TOKEN"));
    let Some(token) = token else {
        return Ok(Keys::LongTerm(LongTermCredentials {
            access_key_id,
            secret_access_key,
            account_id,
        }));
    };
    let expiration = match value("AWS_CREDENTIAL_EXPIRATION") {
        Some(stated) => Expiration::At(
            DateTime::parse_from_rfc3339(&stated)
                .map_err(|_| ChainError::InvalidVariable {
                    variable: "AWS_CREDENTIAL_EXPIRATION",
                    problem: "is not a time such as 2026-01-31T12:00:00Z".to_owned(),
                })?
                .with_timezone(&Utc),
        ),
        None => Expiration::Unstated,
    };
    Ok(Keys::Session(SessionCredentials {
        access_key_id,
        secret_access_key,
        session_token: Some(Secret::new(token)),
        expiration,
        account_id,
    }))
}

/// What is odd about the keys of the environment.
pub(super) fn environment_warnings(env: &Env) -> Option<Warning> {
    match (env.get("AWS_SECURITY_TOKEN"), env.get("AWS_SESSION_TOKEN")) {
        (Some(security), Some(session)) if security != session => Some(Warning::new(
            "AWS_SECURITY_TOKEN and AWS_SESSION_TOKEN differ; like the AWS CLI, awsx uses \
             AWS_SECURITY_TOKEN, while the AWS SDKs use AWS_SESSION_TOKEN"
                .to_owned(),
        )),
        _ => None,
    }
}

/// Whether the environment names a web identity token.
pub(super) fn has_web_identity(env: &Env) -> bool {
    env.path("AWS_WEB_IDENTITY_TOKEN_FILE").is_some()
}

/// The container's endpoint; the relative address wins.
pub(super) fn container(env: &Env) -> Option<ContainerEndpoint> {
    let uri = match env.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
        Some(path) => format!("http://169.254.170.2{}", path.trim()),
        None => env.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")?.trim().to_owned(),
    };
    let authorization = env
        .path("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
        .map(|file: &Path| ContainerAuthorization::File(file.to_path_buf()))
        .or_else(|| {
            let token = env.get("AWS_CONTAINER_AUTHORIZATION_TOKEN")?;
            Some(ContainerAuthorization::Token(Secret::new(token)))
        });
    Some(ContainerEndpoint { uri, authorization })
}

/// `AWS_EC2_METADATA_DISABLED`
pub(super) fn instance_is_disabled(env: &Env) -> bool {
    env.get("AWS_EC2_METADATA_DISABLED").is_some_and(|v| v.trim().eq_ignore_ascii_case("true"))
}

/// How the instance metadata service is reached; variables win over the profile's settings.
pub(super) fn instance(
    env: &Env,
    profile: Option<&Profile>,
) -> Result<InstanceMetadata, ChainError> {
    let value = |variable: &str, key: &str| {
        env.get(variable).map(|value| value.trim().to_owned()).or_else(|| text(profile?, key))
    };
    let number = |variable: &'static str, key: &str, default: u32| match value(variable, key) {
        None => Ok(default),
        Some(text) => match text.parse() {
            Ok(number) if number > 0 => Ok(number),
            _ => Err(ChainError::InvalidVariable {
                variable,
                problem: format!("(or {key} in the profile) is not a whole number above 0"),
            }),
        },
    };
    let mode =
        value("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode");
    let ipv6 = match mode.as_deref().map(str::to_ascii_lowercase).as_deref() {
        Some("ipv6") => true,
        Some("ipv4") => false,
        Some(_) => {
            return Err(ChainError::InvalidVariable {
                variable: "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                problem: "(or ec2_metadata_service_endpoint_mode in the profile) is neither IPv4 \
                          nor IPv6"
                    .to_owned(),
            });
        }
        None => env.flag("AWS_IMDS_USE_IPV6"),
    };
    let by_mode = if ipv6 { "http://[fd00:ec2::254]" } else { "http://169.254.169.254" };
    Ok(InstanceMetadata {
        endpoint: value("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint")
            .unwrap_or_else(|| by_mode.to_owned()),
        timeout: Duration::from_secs(
            number("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout", 1)?.into(),
        ),
        attempts: number("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts", 1)?,
    })
}
