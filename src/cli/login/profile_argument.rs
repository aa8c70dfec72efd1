//! The profile that a login is for.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::env::Env;
use crate::resolve::SelectedProfile;

/// The profile as an argument or as `--profile`.
#[derive(Debug, Default, Args)]
pub(super) struct LoginProfile {
    /// The profile; without one AWS_PROFILE, AWS_DEFAULT_PROFILE, default
    #[arg(value_name = "PROFILE", value_parser = NonEmptyStringValueParser::new())]
    positional: Option<String>,
    /// The same as PROFILE
    #[arg(
        short,
        long,
        value_name = "PROFILE",
        value_parser = NonEmptyStringValueParser::new(),
        conflicts_with = "positional"
    )]
    profile: Option<String>,
}

impl LoginProfile {
    pub(super) fn new(name: String) -> Self {
        Self { positional: Some(name), profile: None }
    }

    /// The one that is named, else that of the environment.
    pub(super) fn name(self, env: &Env) -> String {
        let named = self.positional.or(self.profile);
        named.unwrap_or_else(|| SelectedProfile::of_environment(env).name)
    }
}
