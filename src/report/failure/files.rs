//! What the AWS files, the environment and the flags lead to instead of a plan.

use super::{Failure, Kind, word};
use crate::client_settings::ClientSettingsError;
use crate::config::ConfigError;
use crate::preferences::PreferencesError;
use crate::profile::{Location, ProfileError};
use crate::resolve::{ChainError, ChainErrorKind, PlanError, Section, SelectedBy};

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
        use ChainErrorKind as E;
        let config = |hint: &str| (Kind::Config, hint.to_owned());
        let line = error.at.as_ref().map(Location::to_string).unwrap_or_default();
        let (kind, hint) = match &error.kind {
            E::UnknownProfile { similar: Some(similar), .. } => {
                (Kind::Config, format!("did you mean \"{similar}\"? `awsx profiles` lists all"))
            }
            E::UnknownProfile { similar: None, by: SelectedBy::CommandLine, .. } => config(
                "`awsx profiles` lists all; for a command without a profile: `awsx exec -- COMMAND`",
            ),
            E::UnknownProfile { .. } => {
                config("`awsx profiles` lists all; unset the variable to use the default chain")
            }
            E::UnknownSourceProfile { similar: Some(similar), .. } => {
                (Kind::Config, format!("did you mean \"{similar}\"?"))
            }
            E::UnknownSourceProfile { source_profile, .. } => (
                Kind::Config,
                format!("add [profile {source_profile}], or correct source_profile in that line"),
            ),
            E::Cycle { .. } => config("let one of them have credentials of its own"),
            E::BothSources { .. } => config("remove one of the two lines"),
            E::NoSource { .. } => config(
                "add source_profile = NAME, the profile whose credentials may assume the role",
            ),
            E::UnknownCredentialSource { .. } => config("correct credential_source in that line"),
            E::CredentialSourceAbsent { .. } => {
                config("run it where that source is, or use source_profile instead")
            }
            E::SourceWithoutCredentials { profile } => {
                let word = word(profile);
                (
                    Kind::Config,
                    format!("`aws configure --profile {word}` stores keys, or give it a role"),
                )
            }
            E::HalfKeyPair { missing, .. } => {
                (Kind::Config, format!("add {missing} beside it, or remove the line"))
            }
            E::HalfKeyPairInEnvironment => {
                config("set AWS_SECRET_ACCESS_KEY too, or `unset AWS_ACCESS_KEY_ID`")
            }
            E::Incomplete { missing, .. } => (Kind::Config, format!("add {missing} beside it")),
            E::WebIdentityWithoutRole => {
                config("set AWS_ROLE_ARN too, or `unset AWS_WEB_IDENTITY_TOKEN_FILE`")
            }
            E::UnknownSsoSession { session, .. } => (
                Kind::Config,
                format!("add [sso-session {session}] with sso_start_url and sso_region"),
            ),
            E::NoSuchSsoSession { known, .. } if known.is_empty() => {
                config("`awsx config sso` makes one")
            }
            E::NoSuchSsoSession { known, .. } => {
                let known: Vec<_> = known.iter().map(|name| word(name)).collect();
                (Kind::Config, format!("there are: {}", known.join(", ")))
            }
            E::IncompleteSsoSession { missing, profile: Some(_), .. } => {
                (Kind::Config, format!("add {missing} below that line"))
            }
            E::IncompleteSsoSession { missing, profile: None, .. } => {
                (Kind::Config, format!("add {missing} at {line}"))
            }
            E::SsoSettingsDiffer { key, .. } => {
                (Kind::Config, format!("remove {key} from the profile, or correct one of the two"))
            }
            E::InvalidSetting { key, section: Section::Profile(_), .. } => {
                (Kind::Config, format!("correct {key} in that line"))
            }
            E::InvalidSetting { section: Section::SsoSession(_), .. } => {
                (Kind::Config, format!("edit {line}"))
            }
            E::InvalidVariable { variable, .. } => {
                (Kind::Config, format!("correct it, or `unset {variable}`"))
            }
            E::ProfileWithoutCredentials { profile } => (
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
            E::Profile(_) => config("correct include_profile in that line"),
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
