//! What is asked of AWS, and of the local services that hand out credentials: plain data, shared by the
//! plan that decides it, the key that digests it and the client that sends it. Fields have AWS's names.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::Secret;

/// `sts:GetSessionToken`, <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GetSessionToken {
    /// `DurationSeconds`, 15 minutes to 36 hours
    pub duration: Duration,
    /// `SerialNumber`; with it the call needs a code too
    pub mfa_serial: Option<String>,
}

/// `sts:GetScopedCredentials`, <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetScopedCredentials.html>;
/// AWS demands a policy or a duration
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GetScopedCredentials {
    /// `Policy`, JSON of at most 2,048 characters
    pub policy: Option<String>,
    /// `DurationSeconds`, a second to 36 hours; until the end of the session without it
    pub duration: Option<Duration>,
    /// `ScopedSessionDescription`, which CloudTrail shows
    pub note: Option<String>,
}

/// `sts:AssumeRole`, <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AssumeRole {
    pub role_arn: String,
    pub role_session_name: String,
    /// `DurationSeconds`, 15 minutes to 12 hours
    pub duration: Duration,
    pub external_id: Option<String>,
    /// `SerialNumber`; with it the call needs a code too
    pub mfa_serial: Option<String>,
    pub context: SessionContext,
    /// Sent beside those of the context, as far as AWS takes them
    pub job_tags: Vec<JobTag>,
}

/// A session tag that nobody asked for: it tells which CI job it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JobTag {
    pub key: String,
    pub value: String,
    /// Whether it is left out where all of them are too many for AWS to pack
    pub is_droppable: bool,
}

/// `sts:AssumeRoleWithWebIdentity`,
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AssumeRoleWithWebIdentity {
    pub role_arn: String,
    pub role_session_name: String,
    /// `DurationSeconds`, 15 minutes to 12 hours
    pub duration: Duration,
    /// Only policies; tags and source identity come from the token
    pub context: SessionContext,
}

/// `sts:AssumeRoleWithSAML`,
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AssumeRoleWithSaml {
    pub role_arn: String,
    /// None where the assertion has one provider for the role
    pub principal_arn: Option<String>,
    /// `DurationSeconds`, 15 minutes to 12 hours; none where the assertion says it (`SessionDuration`)
    pub duration: Option<Duration>,
    /// Only policies; tags and source identity come from the assertion
    pub context: SessionContext,
}

/// A file that holds a web identity token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenFile {
    pub path: PathBuf,
    /// `AWS_WEB_IDENTITY_TOKEN_FILE`, `web_identity_token_file`, `oidc` or `--oidc`
    pub named_by: &'static str,
}

/// `sso:GetRoleCredentials`,
/// <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GetRoleCredentials {
    /// Whose access token proves who asks
    pub login: SsoLogin,
    /// 12 digits
    pub account_id: String,
    /// The name of a permission set
    pub role_name: String,
}

/// A login at IAM Identity Center, as the AWS files name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SsoLogin {
    /// `sso_session`: the `[sso-session]` that one logs in to; none where the profile itself says it
    pub session: Option<String>,
    /// `sso_start_url`
    pub start_url: String,
    /// `sso_region`: where the access portal is
    pub region: String,
    /// `sso_registration_scopes`, or [`Self::DEFAULT_SCOPE`] where none are written
    pub scopes: Vec<String>,
}

impl SsoLogin {
    /// Access to accounts and roles. A login without any scope gets no refresh token.
    pub(crate) const DEFAULT_SCOPE: &str = "sso:account:access";
}

impl fmt::Display for SsoLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.session {
            Some(session) => write!(f, "sso-session \"{session}\""),
            None => f.write_str(&self.start_url),
        }
    }
}

/// What narrows or labels a role session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionContext {
    /// An inline session policy, JSON
    pub policy: Option<String>,
    /// Managed policies used as session policies
    pub policy_arns: Vec<String>,
    pub tags: Vec<(String, String)>,
    pub transitive_tag_keys: Vec<String>,
    pub source_identity: Option<String>,
}

/// `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or `_FULL_URI` with its authorization, as the
/// environment states them,
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>
#[derive(Clone, Debug)]
pub(crate) struct ContainerEndpoint {
    /// The full address; a relative one is on `http://169.254.170.2`.
    pub uri: String,
    pub authorization: Option<ContainerAuthorization>,
}

/// Where the container's authorization comes from; the file wins over the variable.
#[derive(Clone, Debug)]
pub(crate) enum ContainerAuthorization {
    /// `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`, read anew for every request
    File(PathBuf),
    /// `AWS_CONTAINER_AUTHORIZATION_TOKEN`
    Token(Secret),
}

/// How the instance metadata service is reached,
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InstanceMetadata {
    /// `AWS_EC2_METADATA_SERVICE_ENDPOINT`, or the address of the `_MODE`
    pub endpoint: String,
    /// `AWS_METADATA_SERVICE_TIMEOUT`, one second unless set
    pub timeout: Duration,
    /// `AWS_METADATA_SERVICE_NUM_ATTEMPTS`, one unless set
    pub attempts: u32,
}
