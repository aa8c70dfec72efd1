//! What the AWS files, the environment and the flags lead to instead of a plan.

use super::{Failure, Kind, word};
use crate::client_settings::ClientSettingsError;
use crate::config::ConfigError;
use crate::preferences::PreferencesError;
use crate::profile::ProfileError;
use crate::resolve::{ChainError, PlanError};

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let hint = error.hint();
        Self::new(Kind::Config, &error, hint)
    }
}

impl From<PreferencesError> for Failure {
    fn from(error: PreferencesError) -> Self {
        let hint = match &error {
            PreferencesError::NotReadable { path, .. } => {
                format!("check {} and the directories above it", path.display())
            }
            PreferencesError::Invalid { place, .. } => {
                format!("edit {}:{}", place.file.display(), place.line)
            }
        };
        Self::new(Kind::Config, &error, hint)
    }
}

impl From<ProfileError> for Failure {
    fn from(error: ProfileError) -> Self {
        Self::new(Kind::Config, &error, "correct include_profile in that line".to_owned())
    }
}

impl From<ClientSettingsError> for Failure {
    fn from(error: ClientSettingsError) -> Self {
        let hint = match &error {
            ClientSettingsError::Region { .. } => "correct it, or give --region",
            ClientSettingsError::MissingServices { .. } | ClientSettingsError::Services(_) => {
                "see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html"
            }
            ClientSettingsError::Endpoint { .. } | ClientSettingsError::Boolean { .. } => {
                "correct it, or leave it out"
            }
        };
        Self::new(Kind::Config, &error, hint.to_owned())
    }
}

impl From<ChainError> for Failure {
    fn from(error: ChainError) -> Self {
        use ChainError as E;
        let (kind, hint) = match &error {
            E::UnknownProfile { similar: Some(similar), .. } => {
                (Kind::Config, format!("did you mean \"{similar}\"? `awsx profiles` lists all"))
            }
            E::UnknownProfile { similar: None, named_by: "named on the command line", .. } => (
                Kind::Config,
                "`awsx profiles` lists all; for a command without a profile: `awsx exec -- COMMAND`"
                    .to_owned(),
            ),
            E::UnknownProfile { .. } => (
                Kind::Config,
                "`awsx profiles` lists all; unset the variable to use the default chain".to_owned(),
            ),
            E::UnknownSourceProfile { similar: Some(similar), .. } => {
                (Kind::Config, format!("did you mean \"{similar}\"?"))
            }
            E::UnknownSourceProfile { source_profile, .. } => (
                Kind::Config,
                format!("add [profile {source_profile}], or correct source_profile in that line"),
            ),
            E::Cycle { .. } => {
                (Kind::Config, "let one of them have credentials of its own".to_owned())
            }
            E::BothSources { .. } => (Kind::Config, "remove one of the two lines".to_owned()),
            E::NoSource { .. } => (
                Kind::Config,
                "add source_profile = NAME, the profile whose credentials may assume the role"
                    .to_owned(),
            ),
            E::UnknownCredentialSource { .. } => {
                (Kind::Config, "correct credential_source in that line".to_owned())
            }
            E::CredentialSourceAbsent { .. } => (
                Kind::Config,
                "run it where that source is, or use source_profile instead".to_owned(),
            ),
            E::SourceWithoutCredentials { profile, .. } => (
                Kind::Config,
                format!(
                    "`aws configure --profile {}` stores keys, or give it a role",
                    word(profile)
                ),
            ),
            E::HalfKeyPair { missing, .. } => {
                (Kind::Config, format!("add {missing} beside it, or remove the line"))
            }
            E::HalfKeyPairInEnvironment => (
                Kind::Config,
                "set AWS_SECRET_ACCESS_KEY too, or `unset AWS_ACCESS_KEY_ID`".to_owned(),
            ),
            E::Incomplete { missing, .. } => (Kind::Config, format!("add {missing} beside it")),
            E::WebIdentityWithoutRole => (
                Kind::Config,
                "set AWS_ROLE_ARN too, or `unset AWS_WEB_IDENTITY_TOKEN_FILE`".to_owned(),
            ),
            E::UnknownSsoSession { session, .. } => (
                Kind::Config,
                format!("add [sso-session {session}] with sso_start_url and sso_region"),
            ),
            E::IncompleteSsoSession { missing, .. } => {
                (Kind::Config, format!("add {missing} below that line"))
            }
            E::SsoSettingsDiffer { key, .. } => {
                (Kind::Config, format!("remove {key} from the profile, or correct one of the two"))
            }
            E::InvalidSetting { key, .. } => {
                (Kind::Config, format!("correct {key} in that line"))
            }
            E::InvalidVariable { variable, .. } => {
                (Kind::Config, format!("correct it, or `unset {variable}`"))
            }
            E::ProfileWithoutCredentials { profile, .. } => (
                Kind::NoCredentials,
                format!(
                    "`aws configure --profile {0}` stores keys; \
                     `awsx explain {0}` shows what was looked at",
                    word(profile)
                ),
            ),
            E::NoCredentials { .. } => (
                Kind::NoCredentials,
                "name a profile (`awsx profiles` lists them), or see `awsx explain`".to_owned(),
            ),
            E::FlagWithoutRole { .. } => {
                (Kind::Usage, "add --role-arn ARN, or leave the flag out".to_owned())
            }
            E::Profile(_) => (Kind::Config, "correct include_profile in that line".to_owned()),
        };
        Self::new(kind, &error, hint)
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        let hint = match &error {
            PlanError::Duration { .. } => "give a duration within the bounds",
            PlanError::MinTtl { .. } => "ask for less, or make the session longer",
        };
        Self::new(Kind::Usage, &error, hint.to_owned())
    }
}
