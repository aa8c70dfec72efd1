//! What a chain is made of: where the first credentials come from, and the roles assumed with them.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::credentials::{
    ContainerEndpoint, GetRoleCredentials, InstanceMetadata, LongTermCredentials, SessionContext,
    SessionCredentials, SessionKey,
};
use crate::profile::Location;

/// The kinds of source that AWS's chain looks at, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SourceKind {
    /// `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`
    Environment,
    /// `role_arn` with `source_profile` or `credential_source`
    AssumeRole,
    /// `AWS_WEB_IDENTITY_TOKEN_FILE`, or `web_identity_token_file` with `role_arn`
    WebIdentity,
    /// `sso_account_id` and `sso_role_name`
    Sso,
    /// `aws_access_key_id` in the credentials file
    CredentialsFile,
    /// `login_session`
    LoginSession,
    /// `credential_process`
    CredentialProcess,
    /// `aws_access_key_id` in the config file
    ConfigFile,
    /// `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or `_FULL_URI`
    Container,
    /// The instance metadata service
    Instance,
}

impl SourceKind {
    /// AWS's order, as the AWS CLI walks it; `docs/decisions/0001-chain-order.md` compares the SDKs.
    pub const ORDER: [Self; 10] = [
        Self::Environment,
        Self::AssumeRole,
        Self::WebIdentity,
        Self::Sso,
        Self::CredentialsFile,
        Self::LoginSession,
        Self::CredentialProcess,
        Self::ConfigFile,
        Self::Container,
        Self::Instance,
    ];

    /// The stable name in JSON output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::AssumeRole => "assume-role",
            Self::WebIdentity => "web-identity",
            Self::Sso => "sso",
            Self::CredentialsFile => "credentials-file",
            Self::LoginSession => "login-session",
            Self::CredentialProcess => "credential-process",
            Self::ConfigFile => "config-file",
            Self::Container => "container",
            Self::Instance => "instance",
        }
    }

    /// Whether the source belongs to a profile; the others belong to the machine or the shell.
    pub fn is_in_profile(self) -> bool {
        !matches!(self, Self::Environment | Self::Container | Self::Instance)
    }
}

impl fmt::Display for SourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An access key as a file or the environment states it.
#[derive(Clone, Debug)]
pub enum Keys {
    /// Without a session token: an IAM user's key
    LongTerm(LongTermCredentials),
    /// With a session token
    Session(SessionCredentials),
}

impl Keys {
    /// `AccessKeyId`
    pub fn access_key_id(&self) -> &str {
        match self {
            Self::LongTerm(keys) => &keys.access_key_id,
            Self::Session(session) => &session.access_key_id,
        }
    }
}

/// Where the first credentials of a chain come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// `AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… [AWS_SESSION_TOKEN=…]`
    Environment(Keys),
    /// ```ini
    /// [base]
    /// aws_access_key_id = AKIA…
    /// aws_secret_access_key = …
    /// ```
    StaticKeys {
        /// The profile that holds them
        profile: String,
        /// The keys
        keys: Keys,
        /// Where `aws_access_key_id` stands
        at: Location,
        /// Which file that is
        kind: SourceKind,
        /// `mfa_serial` of a profile that has keys and no role
        mfa: Option<Mfa>,
        /// `duration_seconds` of such a profile
        duration: Option<Duration>,
        /// `session = false`: hand the keys over as they are
        no_session: bool,
    },
    /// ```ini
    /// [profile ci]
    /// role_arn = arn:aws:iam::…:role/…
    /// web_identity_token_file = /var/run/token
    /// ```
    /// or `AWS_WEB_IDENTITY_TOKEN_FILE` with `AWS_ROLE_ARN`
    WebIdentity(WebIdentity),
    /// ```ini
    /// [profile sso]
    /// sso_session = corp
    /// sso_account_id = 111122223333
    /// sso_role_name = Admin
    /// ```
    SsoRole {
        /// The profile; none for `--sso`
        profile: Option<String>,
        /// Account, role and login
        request: GetRoleCredentials,
    },
    /// ```ini
    /// [profile console]
    /// login_session = arn:aws:sts::…
    /// ```
    LoginSession {
        /// The profile
        profile: String,
        /// Where `login_session` stands
        at: Location,
        /// The identity that signed in
        session: String,
    },
    /// ```ini
    /// [profile tool]
    /// credential_process = /opt/bin/tool --json
    /// ```
    Process {
        /// The profile
        profile: String,
        /// Where `credential_process` stands
        at: Location,
        /// The command line
        command: String,
    },
    /// `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/…` or `_FULL_URI=http://…`
    Container(ContainerEndpoint),
    /// Nothing else applies, or `credential_source = Ec2InstanceMetadata`
    Instance(InstanceMetadata),
}

impl Source {
    /// Which kind this is.
    pub fn kind(&self) -> SourceKind {
        match self {
            Self::Environment(_) => SourceKind::Environment,
            Self::StaticKeys { kind, .. } => *kind,
            Self::WebIdentity(_) => SourceKind::WebIdentity,
            Self::SsoRole { .. } => SourceKind::Sso,
            Self::LoginSession { .. } => SourceKind::LoginSession,
            Self::Process { .. } => SourceKind::CredentialProcess,
            Self::Container(_) => SourceKind::Container,
            Self::Instance(_) => SourceKind::Instance,
        }
    }
}

/// `AssumeRoleWithWebIdentity` as the environment or a profile asks for it.
#[derive(Clone, Debug)]
pub struct WebIdentity {
    /// `AWS_ROLE_ARN`, `role_arn`
    pub role_arn: String,
    /// `AWS_ROLE_SESSION_NAME`, `role_session_name`
    pub session_name: Option<String>,
    /// `AWS_WEB_IDENTITY_TOKEN_FILE`, `web_identity_token_file`
    pub token_file: PathBuf,
    /// Names the token in that file; none until somebody has read it, or where it holds none
    pub token: Option<SessionKey>,
    /// The profile, if it is one that says so
    pub profile: Option<String>,
    /// `duration_seconds`; AWS's own tools ignore it here
    pub duration: Option<Duration>,
    /// What flags add when this is the last role: session policies
    pub context: SessionContext,
}

/// An MFA device and how its code is got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mfa {
    /// `mfa_serial`
    pub serial: String,
    /// `mfa_process`: a command that prints the code
    pub process: Option<String>,
}

/// One `AssumeRole` of a chain, as written; the plan settles duration, session name and MFA.
#[derive(Clone, Debug)]
pub struct AssumedRole {
    /// The profile that names the role; none for `--role-arn`
    pub profile: Option<String>,
    /// Where `role_arn` stands; none for `--role-arn`
    pub at: Option<Location>,
    /// `role_arn`
    pub role_arn: String,
    /// `role_session_name`
    pub session_name: Option<String>,
    /// `external_id`
    pub external_id: Option<String>,
    /// `duration_seconds`
    pub duration: Option<Duration>,
    /// `mfa_serial`
    pub mfa: Option<Mfa>,
    /// Session policies, tags and source identity
    pub context: SessionContext,
}
