//! The names of cached sessions: every input of a call that affects its result, one field each.
//!
//! Not in a key: the region and the kind of endpoint, because STS answers the same everywhere in a
//! partition, and the partition is in the role's ARN.

use super::source::{Given, StaticKeys};
use crate::client_settings::ClientSettings;
use crate::credentials::{
    AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity, GetRoleCredentials,
    GetScopedCredentials, GetSessionToken, JobTag, Login, SessionContext, SessionKey,
    SessionKeyBuilder, TokenFile, TokenOrigin,
};
use crate::saml::AssertionSource;

/// The identity of a source, without a call; the endpoint is part of it, because the same key
/// elsewhere is another AWS.
fn source(settings: &ClientSettings) -> SessionKeyBuilder {
    SessionKey::builder("source").optional("endpoint", settings.sts_endpoint_url.as_deref())
}

pub(super) fn of_given(given: &Given, settings: &ClientSettings) -> SessionKey {
    let key = source(settings);
    match given {
        Given::Environment(keys) | Given::StaticKeys(StaticKeys { keys, .. }) => {
            key.field("access_key_id", keys.access_key_id())
        }
        // The same key of a file gives the same sessions.
        Given::StoredKeys { key: stored, .. } => key.field("access_key_id", &stored.access_key_id),
        Given::LoginSession { session, .. } => key.field("login_session", session.arn()),
        Given::Process { command, .. } => key.field("credential_process", command),
        Given::Container(endpoint) => key.field("container", &endpoint.uri),
        Given::Instance(service) => key.field("instance", &service.endpoint),
    }
    .build()
}

pub(super) fn of_sso_role(request: &GetRoleCredentials, settings: &ClientSettings) -> SessionKey {
    let GetRoleCredentials { login, account_id, role_name } = request;
    source(settings)
        .optional("sso_endpoint", settings.sso_endpoint_url.as_deref())
        // Two sessions at one portal may be two people.
        .optional("sso_session", login.session.as_deref())
        .field("sso_start_url", &login.start_url)
        .field("sso_region", &login.region)
        .field("sso_account_id", account_id)
        .field("sso_role_name", role_name)
        .build()
}

/// `token` names the token, or who asks for one.
pub(super) fn of_web_identity(
    origin: &TokenOrigin,
    token: Option<SessionKey>,
    request: &AssumeRoleWithWebIdentity,
    settings: &ClientSettings,
) -> SessionKey {
    let of = source(settings);
    let of = match origin {
        TokenOrigin::File(TokenFile { path, .. }) => {
            of.field("web_identity_token_file", &path.to_string_lossy())
        }
        TokenOrigin::Github(job) => {
            of.field("oidc", "github").optional("audience", job.other_audience.as_deref())
        }
        TokenOrigin::Variable { name, .. } => of.field("oidc_variable", name),
        TokenOrigin::Command { line, job } => {
            of.field("oidc_command", line).optional("job", job.as_deref())
        }
    };
    let token = of.optional("token", token.map(SessionKey::to_hex).as_deref()).build();
    let AssumeRoleWithWebIdentity { role_arn, role_session_name, duration, context } = request;
    let key = SessionKey::builder("AssumeRoleWithWebIdentity")
        .upstream(&token)
        .field("role_arn", role_arn)
        .field("role_session_name", role_session_name)
        .field("duration", &duration.as_secs().to_string());
    with_context(key, context).build()
}

pub(super) fn of_saml(
    assertion: &AssertionSource,
    request: &AssumeRoleWithSaml,
    settings: &ClientSettings,
) -> SessionKey {
    let key = source(settings);
    let source = match assertion {
        AssertionSource::Command { command, .. } => key.field("saml_command", command),
        AssertionSource::Login { url, .. } => key.field("saml_login_url", url),
        AssertionSource::Given(given) => key.field("saml_assertion", &given.name().to_hex()),
    };
    let AssumeRoleWithSaml { role_arn, principal_arn, duration, context } = request;
    let duration = duration.map(|duration| duration.as_secs().to_string());
    let key = SessionKey::builder("AssumeRoleWithSAML")
        .upstream(&source.build())
        .field("role_arn", role_arn)
        .optional("principal_arn", principal_arn.as_deref())
        .optional("duration", duration.as_deref());
    with_context(key, context).build()
}

/// The key of a login in the vault. The endpoints are part of it: a token is for one AWS.
pub(crate) fn login_key(login: &Login, settings: &ClientSettings) -> SessionKey {
    match login {
        Login::IdentityCenter(login) => SessionKey::builder("sso login")
            .optional("sso_oidc_endpoint", settings.sso_oidc_endpoint_url.as_deref())
            .optional("sso_endpoint", settings.sso_endpoint_url.as_deref())
            .optional("sso_session", login.session.as_deref())
            .field("sso_start_url", &login.start_url)
            .field("sso_region", &login.region)
            .field("sso_registration_scopes", &login.scopes.join(" ")),
        Login::Console(session) => SessionKey::builder("sign-in")
            .optional("signin_endpoint", settings.signin_endpoint_url.as_deref())
            .field("login_session", session.arn()),
    }
    .build()
}

/// `upstream` is the key of what signs the call.
pub(super) fn of_session(upstream: &SessionKey, request: &GetSessionToken) -> SessionKey {
    let GetSessionToken { duration, mfa_serial } = request;
    SessionKey::builder("GetSessionToken")
        .upstream(upstream)
        .field("duration", &duration.as_secs().to_string())
        .optional("mfa_serial", mfa_serial.as_deref())
        .build()
}

/// `upstream` is the key of what is narrowed.
pub(super) fn of_scope(upstream: &SessionKey, request: &GetScopedCredentials) -> SessionKey {
    let GetScopedCredentials { policy, duration, note } = request;
    SessionKey::builder("GetScopedCredentials")
        .upstream(upstream)
        .optional("policy", policy.as_deref())
        .optional("duration", duration.map(|duration| duration.as_secs().to_string()).as_deref())
        .optional("note", note.as_deref())
        .build()
}

/// `upstream` is the key of what signs the call.
pub(super) fn of_role(upstream: &SessionKey, request: &AssumeRole) -> SessionKey {
    let AssumeRole {
        role_arn,
        role_session_name,
        duration,
        external_id,
        mfa_serial,
        context,
        job_tags,
    } = request;
    let key = SessionKey::builder("AssumeRole")
        .upstream(upstream)
        .field("role_arn", role_arn)
        .field("role_session_name", role_session_name)
        .field("duration", &duration.as_secs().to_string())
        .optional("external_id", external_id.as_deref())
        .optional("mfa_serial", mfa_serial.as_deref());
    let with_tag = |key: SessionKeyBuilder, JobTag { key: name, value, .. }: &JobTag| {
        key.field("job_tag", name).field("value", value)
    };
    job_tags.iter().fold(with_context(key, context), with_tag).build()
}

fn with_context(mut key: SessionKeyBuilder, context: &SessionContext) -> SessionKeyBuilder {
    let SessionContext { policy, policy_arns, tags, transitive_tag_keys, source_identity } =
        context;
    key = key
        .optional("policy", policy.as_deref())
        .optional("source_identity", source_identity.as_deref());
    for arn in policy_arns {
        key = key.field("policy_arn", arn);
    }
    for (name, value) in tags {
        key = key.field("tag", name).field("value", value);
    }
    for name in transitive_tag_keys {
        key = key.field("transitive_tag_key", name);
    }
    key
}
