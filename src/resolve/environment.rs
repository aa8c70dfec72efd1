//! The sources that belong to the shell or the machine, read from variables: keys, web identity,
//! container, instance.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::assumed_role::AssumedRole;
use super::error::{ChainError, ChainErrorKind};
use super::settings::text;
use super::source::WebIdentity;
use super::warning::Warning;
use crate::credentials::{
    ContainerAuthorization, ContainerEndpoint, Expiration, InstanceMetadata, Keys,
    LongTermCredentials, Secret, SessionCredentials,
};
use crate::env::Env;
use crate::profile::Profile;

/// The variable's value; a blank one counts as unset.
fn value(env: &Env, name: &str) -> Option<String> {
    env.get(name).map(|value| value.trim().to_owned())
}

fn invalid(variable: &'static str, problem: impl Into<String>) -> ChainError {
    ChainErrorKind::InvalidVariable { variable, problem: problem.into() }.into()
}

/// The keys whose id is `AWS_ACCESS_KEY_ID`.
pub(super) fn keys(access_key_id: &str, env: &Env) -> Result<Keys, ChainError> {
    let access_key_id = access_key_id.to_owned();
    let secret_access_key = value(env, "AWS_SECRET_ACCESS_KEY")
        .map(Secret::new)
        .ok_or(ChainErrorKind::HalfKeyPairInEnvironment)?;
    let account_id = value(env, "AWS_ACCOUNT_ID");
    // The AWS CLI prefers the older name where both are set.
    let token = value(env, "AWS_SECURITY_TOKEN").or_else(|| value(env, "AWS_SESSION_TOKEN"));
    let Some(token) = token else {
        return Ok(Keys::LongTerm(LongTermCredentials {
            access_key_id,
            secret_access_key,
            account_id,
        }));
    };
    let expiration = match value(env, "AWS_CREDENTIAL_EXPIRATION") {
        Some(stated) => Expiration::At(
            DateTime::parse_from_rfc3339(&stated)
                .map_err(|_| {
                    let problem = "is not a time such as 2026-01-31T12:00:00Z";
                    invalid("AWS_CREDENTIAL_EXPIRATION", problem)
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

/// Says which of two different session tokens is used.
pub(super) fn warn_of_two_tokens(env: &Env) -> Option<Warning> {
    match (env.get("AWS_SECURITY_TOKEN"), env.get("AWS_SESSION_TOKEN")) {
        (Some(security), Some(session)) if security != session => Some(Warning::new(
            "AWS_SECURITY_TOKEN and AWS_SESSION_TOKEN differ; like the AWS CLI, awsx uses \
             AWS_SECURITY_TOKEN, while the AWS SDKs use AWS_SESSION_TOKEN",
        )),
        _ => None,
    }
}

/// The web identity of `AWS_WEB_IDENTITY_TOKEN_FILE`. The selected profile may say its role.
pub(super) fn web_identity(
    token_file: &Path,
    env: &Env,
    profile: Option<&Profile>,
) -> Result<WebIdentity, ChainError> {
    let setting = |key| profile.and_then(|profile| text(profile, key));
    let role_arn = value(env, "AWS_ROLE_ARN")
        .or_else(|| setting("role_arn"))
        .ok_or(ChainErrorKind::WebIdentityWithoutRole)?;
    let session_name = env.get("AWS_ROLE_SESSION_NAME").map(str::to_owned);
    Ok(WebIdentity {
        role: AssumedRole {
            session_name: session_name.or_else(|| setting("role_session_name")),
            ..AssumedRole::new(role_arn)
        },
        token_file: token_file.to_path_buf(),
        token: None,
    })
}

/// The container's endpoint; the relative address wins.
pub(super) fn container(env: &Env) -> Option<ContainerEndpoint> {
    let uri = match value(env, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
        Some(path) => format!("http://169.254.170.2{path}"),
        None => value(env, "AWS_CONTAINER_CREDENTIALS_FULL_URI")?,
    };
    let authorization = env
        .path("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
        .map(|file| ContainerAuthorization::File(file.to_path_buf()))
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
    const MODE: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE";
    let value = |variable: &str, key: &str| value(env, variable).or_else(|| text(profile?, key));
    let number = |variable: &'static str, key: &str| match value(variable, key) {
        None => Ok(1),
        Some(text) => match text.parse() {
            Ok(number) if number > 0 => Ok(number),
            _ => Err(invalid(
                variable,
                format!("(or {key} in the profile) is not a whole number above 0"),
            )),
        },
    };
    let mode = value(MODE, "ec2_metadata_service_endpoint_mode");
    let is_ipv6 = match mode.map(|mode| mode.to_ascii_lowercase()).as_deref() {
        Some("ipv6") => true,
        Some("ipv4") => false,
        Some(_) => {
            let problem =
                "(or ec2_metadata_service_endpoint_mode in the profile) is neither IPv4 nor IPv6";
            return Err(invalid(MODE, problem));
        }
        None => env.flag("AWS_IMDS_USE_IPV6"),
    };
    let by_mode = if is_ipv6 { "http://[fd00:ec2::254]" } else { "http://169.254.169.254" };
    let timeout: u32 = number("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout")?;
    Ok(InstanceMetadata {
        endpoint: value("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint")
            .unwrap_or_else(|| by_mode.to_owned()),
        timeout: Duration::from_secs(timeout.into()),
        attempts: number("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts")?,
    })
}
