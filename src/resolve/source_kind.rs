//! The kinds of source that AWS's chain looks at, and their order.

use std::fmt;

/// A kind of source, by what it is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SourceKind {
    /// `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`
    Environment,
    /// `role_arn` with `source_profile` or `credential_source`
    AssumeRole,
    /// `AWS_WEB_IDENTITY_TOKEN_FILE`, or `web_identity_token_file` or `oidc` with `role_arn`
    WebIdentity,
    /// `saml_command` or `saml_login_url` with `role_arn`, or the flags of an assertion: awsx's own
    Saml,
    /// `sso_account_id` and `sso_role_name`
    Sso,
    /// `aws_access_key_id` in the credentials file
    CredentialsFile,
    /// `login_session`
    LoginSession,
    /// `credential_process`
    CredentialProcess,
    /// The access key that the vault keeps for a profile: awsx's own
    StoredKeys,
    /// `aws_access_key_id` in the config file
    ConfigFile,
    /// The access key of `NAME-long-term`, as aws-mfa's users have it: awsx's own
    LongTerm,
    /// `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or `_FULL_URI`
    Container,
    /// The instance metadata service
    Instance,
}

impl SourceKind {
    /// AWS's order, as the AWS CLI walks it; `docs/decisions/0001-chain-order.md` compares the SDKs, and says
    /// where stored and long-term keys stand.
    pub(crate) const ORDER: [Self; 13] = [
        Self::Environment,
        Self::AssumeRole,
        Self::WebIdentity,
        Self::Saml,
        Self::Sso,
        Self::CredentialsFile,
        Self::LoginSession,
        Self::CredentialProcess,
        Self::StoredKeys,
        Self::ConfigFile,
        Self::LongTerm,
        Self::Container,
        Self::Instance,
    ];

    /// The stable name in JSON output.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::AssumeRole => "assume-role",
            Self::WebIdentity => "web-identity",
            Self::Saml => "saml",
            Self::Sso => "sso",
            Self::CredentialsFile => "credentials-file",
            Self::LoginSession => "login-session",
            Self::CredentialProcess => "credential-process",
            Self::StoredKeys => "stored-keys",
            Self::ConfigFile => "config-file",
            Self::LongTerm => "long-term",
            Self::Container => "container",
            Self::Instance => "instance",
        }
    }

    /// Whether the source belongs to a profile; the others belong to the machine or the shell.
    pub(crate) fn is_in_profile(self) -> bool {
        !matches!(self, Self::Environment | Self::Container | Self::Instance)
    }
}

impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
