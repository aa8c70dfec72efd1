//! The sources that belong to the shell or the machine, read from variables: keys, web identity,
//! container, instance.

use std::path::Path;
use std::time::Duration;

use super::assumed_role::AssumedRole;
use super::error::{ChainError, ChainErrorKind};
use super::settings::{check_session_name, role_arn, text};
use super::source::WebIdentity;
use super::warning::Warning;
use crate::credentials::arn::check_role_arn;
use crate::credentials::document::instant;
use crate::credentials::{
    ContainerAuthorization, ContainerEndpoint, Expiration, InstanceMetadata, Keys,
    LongTermCredentials, Secret, SessionCredentials, TokenFile, TokenOrigin, check_line,
    check_word,
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

/// The variables that say whose credentials they are.
const IDENTITY: [&str; 6] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
];

/// Holds them to be text on one line: one that is not was meant, and nothing else may take its place.
pub(super) fn check_identity(env: &Env) -> Result<(), ChainError> {
    for variable in IDENTITY {
        if !env.is_text(variable) {
            return Err(invalid(variable, "is not text (UTF-8)"));
        }
        if env.get(variable).is_some_and(|value| value.trim().contains(char::is_control)) {
            return Err(invalid(variable, "has a line break or another control character"));
        }
    }
    Ok(())
}

/// The variable's value, which must be printable ASCII without blanks.
fn word(variable: &'static str, value: String) -> Result<String, ChainError> {
    check_word(&value).map(|()| value).map_err(|flaw| invalid(variable, flaw.to_string()))
}

/// The keys whose id is `AWS_ACCESS_KEY_ID`.
pub(super) fn keys(access_key_id: &str, env: &Env) -> Result<Keys, ChainError> {
    let access_key_id = word("AWS_ACCESS_KEY_ID", access_key_id.to_owned())?;
    let secret_access_key =
        value(env, "AWS_SECRET_ACCESS_KEY").ok_or(ChainErrorKind::HalfKeyPairInEnvironment)?;
    check_line(&secret_access_key)
        .map_err(|flaw| invalid("AWS_SECRET_ACCESS_KEY", flaw.to_string()))?;
    let secret_access_key = Secret::new(secret_access_key);
    let checked = |name| value(env, name).map(|text| word(name, text)).transpose();
    let account_id = checked("AWS_ACCOUNT_ID")?;
    // The AWS CLI prefers the older name where both are set.
    let token = match checked("AWS_SECURITY_TOKEN")? {
        Some(token) => Some(token),
        None => checked("AWS_SESSION_TOKEN")?,
    };
    let Some(token) = token else {
        return Ok(Keys::LongTerm(LongTermCredentials {
            access_key_id,
            secret_access_key,
            account_id,
        }));
    };
    let expiration = match value(env, "AWS_CREDENTIAL_EXPIRATION") {
        Some(stated) => instant(&stated).and_then(Expiration::new).ok_or_else(|| {
            let problem = "is not a time such as 2026-01-31T12:00:00Z";
            invalid("AWS_CREDENTIAL_EXPIRATION", problem)
        })?,
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
    let of_profile = || Some((profile?, profile?.get("role_arn")?));
    let role = match role(env, profile)? {
        Some(role) => role,
        None => {
            let (profile, arn) = of_profile().ok_or(ChainErrorKind::WebIdentityWithoutRole)?;
            let session_name = session_name(env, Some(profile))?;
            AssumedRole { session_name, ..AssumedRole::new(role_arn(profile, arn)?) }
        }
    };
    let token_file =
        TokenFile { path: token_file.to_path_buf(), named_by: "AWS_WEB_IDENTITY_TOKEN_FILE" };
    Ok(WebIdentity { role, origin: TokenOrigin::File(token_file), token: None })
}

/// The role of `AWS_ROLE_ARN`; the profile may say the name of its session.
pub(super) fn role(
    env: &Env,
    profile: Option<&Profile>,
) -> Result<Option<AssumedRole>, ChainError> {
    const VARIABLE: &str = "AWS_ROLE_ARN";
    let Some(role_arn) = value(env, VARIABLE) else { return Ok(None) };
    check_role_arn(&role_arn).map_err(|flaw| invalid(VARIABLE, flaw))?;
    let session_name = session_name(env, profile)?;
    Ok(Some(AssumedRole { session_name, ..AssumedRole::new(role_arn) }))
}

pub(super) fn session_name(
    env: &Env,
    profile: Option<&Profile>,
) -> Result<Option<String>, ChainError> {
    const VARIABLE: &str = "AWS_ROLE_SESSION_NAME";
    match (value(env, VARIABLE), profile.and_then(|profile| profile.get("role_session_name"))) {
        (Some(name), _) => {
            check_session_name(&name).map_err(|why| invalid(VARIABLE, why))?;
            Ok(Some(name))
        }
        (None, Some(setting)) => Ok(Some(setting.value.trim().to_owned())),
        (None, None) => Ok(None),
    }
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

/// A role that nothing opens: a job without a token, most often.
pub(super) fn warn_of_role_without_token(env: &Env) -> Option<Warning> {
    let is_half =
        env.get("AWS_ROLE_ARN").is_some() && env.path("AWS_WEB_IDENTITY_TOKEN_FILE").is_none();
    is_half.then(|| {
        Warning::new(
            "AWS_ROLE_ARN is set, but AWS_WEB_IDENTITY_TOKEN_FILE is not, so the role is not used; a job \
             of GitHub Actions takes `--oidc github` or `oidc = github` in a profile",
        )
    })
}

/// Files that the AWS CLI takes keys from before it asks container and instance.
pub(super) fn warn_of_old_files(env: &Env) -> Option<Warning> {
    let variable =
        ["AWS_CREDENTIAL_FILE", "BOTO_CONFIG"].into_iter().find(|v| env.path(v).is_some())?;
    Some(Warning::new(format!(
        "{variable} is set: the AWS CLI takes keys from that old kind of file first, awsx does not \
         read it"
    )))
}

/// How the instance metadata service is reached without a profile.
pub(crate) fn instance_metadata(env: &Env) -> Result<InstanceMetadata, ChainError> {
    instance(env, None)
}

/// How the instance metadata service is reached; variables win over the profile's settings.
pub(super) fn instance(
    env: &Env,
    profile: Option<&Profile>,
) -> Result<InstanceMetadata, ChainError> {
    const ENDPOINT: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
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
    let endpoint = value(ENDPOINT, "ec2_metadata_service_endpoint");
    if endpoint.as_ref().is_some_and(|url| !url.starts_with("http://")) {
        let problem =
            "(or ec2_metadata_service_endpoint in the profile) is not a URL such as http://HOST";
        return Err(invalid(ENDPOINT, problem));
    }
    let timeout: u32 = number("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout")?;
    Ok(InstanceMetadata {
        endpoint: endpoint.unwrap_or_else(|| by_mode.to_owned()),
        timeout: Duration::from_secs(timeout.into()),
        attempts: number("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts")?,
    })
}
