//! Why the files and the environment lead to no chain.

use crate::profile::{Location, ProfileError};

/// Each variant names the profile, where it is written and, where there is one, the path taken.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// No file has this profile.
    #[error("profile \"{name}\" ({named_by}) is in neither {config} nor {credentials}")]
    UnknownProfile {
        /// As typed
        name: String,
        /// "from the command line", or the variable that names it
        named_by: &'static str,
        /// The config file that was read
        config: String,
        /// The credentials file that was read
        credentials: String,
        /// A name that is near
        similar: Option<String>,
    },
    /// `source_profile` names a profile that does not exist.
    #[error(
        "{at}: source_profile of profile \"{profile}\" names \"{source_profile}\", which does not exist (path: {path})"
    )]
    UnknownSourceProfile {
        /// The profile that has the setting
        profile: String,
        /// Where the setting is
        at: Location,
        /// The missing name
        source_profile: String,
        /// `a -> b`
        path: String,
        /// A name that is near
        similar: Option<String>,
    },
    /// The source profiles form a circle.
    #[error("{at}: the source profiles form a circle: {path}")]
    Cycle {
        /// The profile asked for
        profile: String,
        /// The `source_profile` that closes the circle
        at: Location,
        /// `a -> b -> a`
        path: String,
    },
    /// Both ways to state a source.
    #[error(
        "{at}: profile \"{profile}\" has both source_profile and credential_source ({other}); a role has one source (path: {path})"
    )]
    BothSources {
        /// The profile
        profile: String,
        /// `source_profile`
        at: Location,
        /// `credential_source`
        other: Location,
        /// `a -> b`
        path: String,
    },
    /// No way to state a source.
    #[error(
        "{at}: profile \"{profile}\" has role_arn but neither source_profile nor credential_source (path: {path})"
    )]
    NoSource {
        /// The profile
        profile: String,
        /// `role_arn`
        at: Location,
        /// `a -> b`
        path: String,
    },
    /// `credential_source` has a value that AWS does not know.
    #[error(
        "{at}: credential_source of profile \"{profile}\" is \"{value}\"; AWS knows Environment, Ec2InstanceMetadata and EcsContainer, spelled so (path: {path})"
    )]
    UnknownCredentialSource {
        /// The profile
        profile: String,
        /// The setting
        at: Location,
        /// Its value
        value: String,
        /// `a -> b`
        path: String,
    },
    /// `credential_source` names a source that is not there.
    #[error(
        "{at}: profile \"{profile}\" takes its credentials from {value}, but {missing} (path: {path})"
    )]
    CredentialSourceAbsent {
        /// The profile
        profile: String,
        /// The setting
        at: Location,
        /// Its value
        value: String,
        /// Which variable is missing
        missing: &'static str,
        /// `a -> b`
        path: String,
    },
    /// A source profile without any credentials.
    #[error("{at}: source profile \"{profile}\" has no credentials (path: {path})")]
    SourceWithoutCredentials {
        /// The source profile
        profile: String,
        /// Its header
        at: Location,
        /// `a -> b`
        path: String,
    },
    /// One of the two halves of a key pair.
    #[error(
        "{at}: profile \"{profile}\" has {present} but no {missing} in the same file (path: {path})"
    )]
    HalfKeyPair {
        /// The profile
        profile: String,
        /// The half that is there
        at: Location,
        /// Its key
        present: &'static str,
        /// The other key
        missing: &'static str,
        /// `a -> b`
        path: String,
    },
    /// Half a key pair in the environment.
    #[error("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not")]
    HalfKeyPairInEnvironment,
    /// A setting that needs another one.
    #[error("{at}: profile \"{profile}\" has {present} but no {missing} (path: {path})")]
    Incomplete {
        /// The profile
        profile: String,
        /// The setting that is there
        at: Location,
        /// Its key
        present: &'static str,
        /// What is missing
        missing: &'static str,
        /// `a -> b`
        path: String,
    },
    /// `AWS_WEB_IDENTITY_TOKEN_FILE` without a role.
    #[error("AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not")]
    WebIdentityWithoutRole,
    /// `sso_session` names a section that does not exist.
    #[error(
        "{at}: sso_session of profile \"{profile}\" names \"{session}\", but there is no [sso-session {session}] (path: {path})"
    )]
    UnknownSsoSession {
        /// The profile
        profile: String,
        /// The setting
        at: Location,
        /// The missing name
        session: String,
        /// `a -> b`
        path: String,
    },
    /// A `[sso-session]` that does not say enough.
    #[error(
        "{at}: [sso-session {session}] has no {missing}, and neither has profile \"{profile}\" (path: {path})"
    )]
    IncompleteSsoSession {
        /// The profile that needs it
        profile: String,
        /// The section's header
        at: Location,
        /// The section's name
        session: String,
        /// The key
        missing: &'static str,
        /// `a -> b`
        path: String,
    },
    /// A profile and its `[sso-session]` say different things.
    #[error(
        "{at}: {key} of profile \"{profile}\" is not that of its [sso-session {session}] ({other})"
    )]
    SsoSettingsDiffer {
        /// The profile
        profile: String,
        /// The profile's setting
        at: Location,
        /// Its key
        key: &'static str,
        /// The section's name
        session: String,
        /// The section's setting
        other: Location,
    },
    /// A setting whose value does not fit.
    #[error("{at}: {key} of profile \"{profile}\" {problem}")]
    InvalidSetting {
        /// The profile
        profile: String,
        /// The setting
        at: Location,
        /// Its key
        key: &'static str,
        /// What is wrong; never the value of a secret
        problem: String,
    },
    /// A variable whose value does not fit.
    #[error("{variable} {problem}")]
    InvalidVariable {
        /// Its name
        variable: &'static str,
        /// What is wrong
        problem: String,
    },
    /// The named profile holds no credentials of any kind.
    #[error(
        "{at}: profile \"{profile}\" has no credentials: no role_arn, sso_account_id, aws_access_key_id, credential_process, web_identity_token_file or login_session"
    )]
    ProfileWithoutCredentials {
        /// The profile
        profile: String,
        /// Its header
        at: Location,
    },
    /// The chain ended.
    #[error(
        "no credentials: not in the environment, not in profile \"{profile}\", not from a container, and the instance metadata service is switched off"
    )]
    NoCredentials {
        /// The profile that its files step looked at
        profile: String,
    },
    /// Role flags without a role.
    #[error("{flag} applies to a role session, but {subject} ends without a role")]
    FlagWithoutRole {
        /// `--external-id`
        flag: &'static str,
        /// Whose chain
        subject: String,
    },
    /// `include_profile` does not hold.
    #[error(transparent)]
    Profile(#[from] ProfileError),
}
