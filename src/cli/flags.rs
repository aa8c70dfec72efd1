//! The flags that commands share.

use std::time::Duration;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::credentials::{GetRoleCredentials, MfaCode, Secret, SessionContext};
use crate::profile::parse_duration;
use crate::report::Failure;
use crate::resolve::{Purpose, Request, SessionRules};

/// The profile as an argument or as `--profile`.
#[derive(Clone, Debug, Default, Args)]
pub struct ProfileArgument {
    /// The profile; without one the whole chain, with AWS_PROFILE, AWS_DEFAULT_PROFILE, default
    #[arg(value_name = "PROFILE", value_parser = NonEmptyStringValueParser::new())]
    positional: Option<String>,
    /// The same as PROFILE
    #[arg(
        short = 'p',
        long = "profile",
        value_name = "PROFILE",
        value_parser = NonEmptyStringValueParser::new(),
        conflicts_with = "positional"
    )]
    flag: Option<String>,
}

impl ProfileArgument {
    /// The profile that the command line names.
    pub fn name(&self) -> Option<&str> {
        self.positional.as_deref().or(self.flag.as_deref())
    }
}

/// Flags of the commands that resolve credentials.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Session")]
pub struct SessionFlags {
    /// A role of IAM Identity Center instead of a profile: the [sso-session]
    #[arg(long, value_name = "SESSION", requires_all = ["account", "role"])]
    sso: Option<String>,
    /// Its account, by name or id
    #[arg(long, value_name = "NAME|ID", requires = "sso")]
    account: Option<String>,
    /// Its role: the name of the permission set
    #[arg(long, value_name = "ROLE", requires = "sso")]
    role: Option<String>,
    /// How long a new session lasts, such as 15m, 1h30m or 3600
    #[arg(long, value_name = "D", value_parser = duration)]
    pub duration: Option<Duration>,
    /// Renew first if less is left; refuse if no renewal can give it
    #[arg(long, value_name = "D", value_parser = duration)]
    pub min_ttl: Option<Duration>,
    /// Ignore cached sessions
    #[arg(long)]
    pub refresh: bool,
    /// No GetSessionToken: hand over the long-term keys themselves
    #[arg(long)]
    pub no_session: bool,
    /// The code of the MFA device, instead of asking for it
    #[arg(long, value_name = "CODE", value_parser = secret)]
    mfa_code: Option<Secret>,
    /// The name of the role session
    #[arg(long, value_name = "NAME")]
    session_name: Option<String>,
    /// A session policy: JSON, or a file that holds it
    #[arg(long, value_name = "FILE|JSON")]
    policy: Option<String>,
    /// Managed policies to use as session policies
    #[arg(long, value_name = "ARN", value_delimiter = ',')]
    policy_arn: Vec<String>,
    /// Session tags
    #[arg(long, value_name = "K=V", value_parser = tag)]
    tag: Vec<(String, String)>,
    /// Session tags that further roles inherit
    #[arg(long, value_name = "K", value_delimiter = ',')]
    transitive_tag: Vec<String>,
    /// The source identity of the role session
    #[arg(long, value_name = "S")]
    source_identity: Option<String>,
    /// A role to assume last, with what the chain leads to
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,
    /// The external id of the last role
    #[arg(long, value_name = "ID")]
    external_id: Option<String>,
}

impl SessionFlags {
    /// `--sso`, `--account` and `--role`.
    pub fn sso_role(&self) -> Option<[&str; 3]> {
        Some([self.sso.as_deref()?, self.account.as_deref()?, self.role.as_deref()?])
    }

    /// What is asked for, policy files read.
    ///
    /// # Errors
    /// A usage failure where the policy is neither JSON nor a readable file.
    pub fn request(
        &self,
        profile: Option<&str>,
        sso_role: Option<GetRoleCredentials>,
    ) -> Result<Request, Failure> {
        Ok(Request {
            profile: profile.map(str::to_owned),
            sso_role,
            role_arn: self.role_arn.clone(),
            session_name: self.session_name.clone(),
            external_id: self.external_id.clone(),
            context: SessionContext {
                policy: self.policy.as_deref().map(policy_text).transpose()?,
                policy_arns: self.policy_arn.clone(),
                tags: self.tag.clone(),
                transitive_tag_keys: self.transitive_tag.clone(),
                source_identity: self.source_identity.clone(),
            },
        })
    }

    /// How the session is made.
    pub fn rules(&self, purpose: Purpose) -> SessionRules {
        SessionRules {
            duration: self.duration,
            min_ttl: self.min_ttl,
            refresh: self.refresh,
            no_session: self.no_session,
            purpose,
        }
    }

    /// The code of `--mfa-code`.
    ///
    /// # Errors
    /// A usage failure where it is not six digits.
    pub fn mfa_code(&self) -> Result<Option<MfaCode>, Failure> {
        let code = self.mfa_code.as_ref().map(|code| MfaCode::parse(code.expose())).transpose();
        code.map_err(|error| {
            Failure::usage(
                format!("--mfa-code: {error}"),
                "give the six digits that the device shows",
            )
        })
    }
}

fn policy_text(given: &str) -> Result<String, Failure> {
    let text = if given.trim_start().starts_with('{') {
        given.to_owned()
    } else {
        std::fs::read_to_string(given).map_err(|error| {
            Failure::usage(
                format!("--policy: {given} cannot be read: {error}"),
                "give a file that holds a JSON policy, or the JSON itself",
            )
        })?
    };
    match serde_json::from_str::<serde::de::IgnoredAny>(&text) {
        Ok(_) => Ok(text),
        Err(error) => Err(Failure::usage(
            format!("--policy is not JSON: {error}"),
            "see https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session",
        )),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).map_err(|error| error.to_string())
}

fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text))
}

fn tag(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("a tag is KEY=VALUE".to_owned()),
    }
}
