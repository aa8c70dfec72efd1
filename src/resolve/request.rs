//! What the command line asks for, before any file is read.

use std::time::Duration;

use crate::credentials::{GetRoleCredentials, SessionContext};
use crate::env::Env;

/// Whose credentials, and what the last role session shall be like.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `--profile`, or the positional argument
    pub profile: Option<String>,
    /// `--sso`, `--account` and `--role`: a role of IAM Identity Center instead of a profile
    pub sso_role: Option<GetRoleCredentials>,
    /// `--role-arn`: a role to assume last
    pub role_arn: Option<String>,
    /// `--session-name`
    pub session_name: Option<String>,
    /// `--external-id`
    pub external_id: Option<String>,
    /// `--policy`, `--policy-arn`, `--tag`, `--transitive-tag`, `--source-identity`
    pub context: SessionContext,
}

/// How the session is made and used; decided by flags and by the command.
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionRules {
    /// `--duration`
    pub duration: Option<Duration>,
    /// `--min-ttl`
    pub min_ttl: Option<Duration>,
    /// `--refresh`
    pub refresh: bool,
    /// `--no-session`
    pub no_session: bool,
    /// What the credentials are for
    pub purpose: Purpose,
}

/// What the credentials are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// They leave awsx: long-term keys are exchanged for a session first.
    #[default]
    Deliver,
    /// They sign one harmless call of awsx itself (`whoami`), so no session and no MFA code is
    /// needed for an IAM user's own keys.
    Sign,
}

/// Which profile the files step of the chain looks at, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// `--profile` or the positional argument: used, or it fails
    Flag(String),
    /// `AWS_PROFILE` or `AWS_DEFAULT_PROFILE`
    Variable(&'static str, String),
    /// `--sso`, `--account` and `--role`, in words: no profile is looked at
    SsoRole(String),
    /// Nobody names one: `default`, if there is one
    Default,
}

impl Selection {
    /// The selection of a request: flag, then `AWS_PROFILE`, then `AWS_DEFAULT_PROFILE`.
    pub fn of(request: &Request, env: &Env) -> Self {
        if let Some(name) = &request.profile {
            return Self::Flag(name.clone());
        }
        if let Some(GetRoleCredentials { login, account_id, role_name }) = &request.sso_role {
            return Self::SsoRole(format!("{role_name} in {account_id} ({login})"));
        }
        ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]
            .into_iter()
            // A name that is no Unicode is a name all the same: one that no profile has.
            .filter_map(|variable| Some((variable, env.path(variable)?.to_string_lossy())))
            .find(|(_, name)| !name.trim().is_empty())
            .map_or(Self::Default, |(variable, name)| Self::Variable(variable, name.into_owned()))
    }

    /// The profile's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Flag(name) | Self::Variable(_, name) | Self::SsoRole(name) => name,
            Self::Default => "default",
        }
    }

    /// Who names it, in words.
    pub fn named_by(&self) -> &'static str {
        match self {
            Self::Flag(_) => "named on the command line",
            Self::SsoRole(_) => "named by --sso, --account and --role",
            Self::Variable("AWS_PROFILE", _) => "named by AWS_PROFILE",
            Self::Variable(..) => "named by AWS_DEFAULT_PROFILE",
            Self::Default => "the default",
        }
    }
}
