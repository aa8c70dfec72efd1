//! Whose setting is meant: what `awsx config get`, `set`, `unset` and `list` have in common.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::config::edit::Target;
use crate::env::Env;
use crate::profile::{NoSettingName, Profiles, SettingName};
use crate::report::failure::{Failure, word};
use crate::resolve::{SelectedBy, SelectedProfile};

#[derive(Debug, Default, Args)]
pub(super) struct SettingFlags {
    /// The profile; without one AWS_PROFILE, AWS_DEFAULT_PROFILE, default
    #[arg(short, long, value_name = "PROFILE", value_parser = NonEmptyStringValueParser::new())]
    pub(super) profile: Option<String>,
    /// Of an [sso-session] instead
    #[arg(long, value_name = "NAME", conflicts_with_all = ["profile", "services"], value_parser = NonEmptyStringValueParser::new())]
    pub(super) sso_session: Option<String>,
    /// Of a `[services]` section instead
    #[arg(long, value_name = "NAME", conflicts_with = "profile", value_parser = NonEmptyStringValueParser::new())]
    pub(super) services: Option<String>,
}

/// Whose settings are meant.
#[derive(Clone, Debug)]
pub(super) enum Whose {
    Profile(SelectedProfile),
    SsoSession(String),
    Services(String),
}

/// Sections of the AWS CLI alone, which `aws configure set plugins.NAME` means.
/// <https://docs.aws.amazon.com/cli/latest/reference/configure/set.html>
const OF_THE_AWS_CLI: [&str; 2] = ["plugins", "preview"];

impl SettingFlags {
    /// Whose settings the flags mean, without a name of one.
    pub(super) fn whose(&self, env: &Env) -> Whose {
        match (&self.sso_session, &self.services, &self.profile) {
            (Some(name), ..) => Whose::SsoSession(name.clone()),
            (None, Some(name), _) => Whose::Services(name.clone()),
            (None, None, Some(name)) => Whose::of_command_line(name.clone()),
            (None, None, None) => Whose::Profile(SelectedProfile::of_environment(env)),
        }
    }

    /// Which setting a name means, and whose.
    pub(super) fn setting(
        &self,
        text: &str,
        files: &Profiles,
        env: &Env,
    ) -> Result<(SettingName, Whose), Failure> {
        let whose = self.whose(env);
        let no_name = |problem: NoSettingName| {
            Failure::usage(
                format!("\"{text}\" names no setting: {problem}"),
                "see `awsx config get --help`",
            )
        };
        let Whose::Profile(_) = whose else {
            return Ok((SettingName::in_section(text).map_err(no_name)?, whose));
        };
        let name = SettingName::read(text, |name| files.contains(name)).map_err(no_name)?;
        let whose = name.profile.clone().map_or(whose, Whose::of_command_line);
        Ok((name, whose))
    }

    /// The same of one that is changed: sections that the AWS CLI alone reads are its own to change.
    pub(super) fn setting_to_change(
        &self,
        text: &str,
        files: &Profiles,
        env: &Env,
    ) -> Result<(SettingName, Whose), Failure> {
        let (name, whose) = self.setting(text, files, env)?;
        let is_of_cli = name.profile.is_none()
            && name.nested.is_some()
            && matches!(whose, Whose::Profile(_))
            && OF_THE_AWS_CLI.contains(&&*name.key);
        if is_of_cli {
            let message = format!("[{}] is a section that the AWS CLI alone reads", name.key);
            let hint = format!("`aws configure set {} VALUE` changes it", word(text));
            return Err(Failure::usage(message, &hint));
        }
        Ok((name, whose))
    }
}

impl Whose {
    fn of_command_line(name: String) -> Self {
        Self::Profile(SelectedProfile { name, by: SelectedBy::CommandLine })
    }

    /// `profile "dev"`, `[sso-session corp]`
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Profile(selected) => format!("profile \"{}\"", selected.name),
            Self::SsoSession(name) => format!("[sso-session {name}]"),
            Self::Services(name) => format!("[services {name}]"),
        }
    }

    pub(super) fn target(&self) -> Target<'_> {
        match self {
            Self::Profile(selected) => Target::Profile(&selected.name),
            Self::SsoSession(name) => Target::SsoSession(name),
            Self::Services(name) => Target::Services(name),
        }
    }

    /// A setting of it as the command line names it: `profile.dev.region`, `sso_region --sso-session corp`.
    pub(super) fn words(&self, setting: &str) -> String {
        match self {
            Self::Profile(selected) => {
                word(&format!("profile.{}.{setting}", selected.name)).into_owned()
            }
            Self::SsoSession(name) => format!("{} --sso-session {}", word(setting), word(name)),
            Self::Services(name) => format!("{} --services {}", word(setting), word(name)),
        }
    }
}

/// `region`, `s3.max_queue_size`
pub(super) fn with_dots(name: &SettingName) -> String {
    match &name.nested {
        Some(nested) => format!("{}.{nested}", name.key),
        None => name.key.clone(),
    }
}
