//! What the command line asks for, before any file is read.

use std::fmt;
use std::time::Duration;

use crate::credentials::{GetRoleCredentials, SessionContext, TokenOrigin};
use crate::env::Env;
use crate::profile::Location;
use crate::saml::AssertionSource;

/// Whose credentials, and what the last role session shall be like.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub selection: Selection,
    /// `--role-arn`: a role to assume last
    pub role_arn: Option<String>,
    pub session_name: Option<String>,
    pub external_id: Option<String>,
    /// `--saml-assertion`, `--saml-command`: takes the place of what the profile's source says
    pub assertion: Option<AssertionSource>,
    /// `--policy`, `--policy-arn`, `--tag`, `--transitive-tag`, `--source-identity`
    pub context: SessionContext,
    /// `--scope`, `--scope-for`, `--scope-note`
    pub scope: ScopeWords,
    /// `--allowed-account`
    pub allowed_accounts: Vec<String>,
}

impl Request {
    /// The credentials of a profile, as the files have them.
    pub(crate) fn of_profile(name: &str) -> Self {
        Self::new(Selection::of_profile(name))
    }

    /// What is selected, as the files have it.
    pub(super) fn new(selection: Selection) -> Self {
        Self {
            selection,
            role_arn: None,
            session_name: None,
            external_id: None,
            assertion: None,
            scope: ScopeWords::default(),
            context: SessionContext::default(),
            allowed_accounts: Vec::new(),
        }
    }
}

/// What is said of a scope, and not looked up yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct ScopeWords {
    pub scope: Option<ScopeText>,
    /// Another one that holds beside it: what an agent's sessions may do
    pub of_agents: Option<ScopeText>,
    /// `--scope-for`
    pub lasting: Option<Duration>,
    /// `--scope-note`
    pub note: Option<String>,
}

/// `--scope`, or `scope` of the profile.
#[derive(Clone, Debug)]
pub(crate) struct ScopeText {
    pub text: String,
    /// The line of the profile; none for the flag
    pub at: Option<Location>,
}

/// How the session is made and used; decided by flags and by the command.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SessionRules {
    pub duration: Option<Duration>,
    pub min_ttl: Option<Duration>,
    pub refresh: bool,
    pub no_session: bool,
    pub purpose: Purpose,
    /// Whether the profile's scope counts: for what a person asks for, not for what awsx does itself, such as to
    /// rotate the profile's keys
    pub is_scoped: bool,
}

/// What the credentials are for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// They leave awsx: long-term keys are exchanged for a session first.
    #[default]
    Deliver,
    /// They sign one harmless call of awsx itself (`whoami`), so no session and no MFA code is
    /// needed for an IAM user's own keys.
    Sign,
    /// They sign `sts:AssumeRole`: an IAM user's own keys, or the MFA session of a user with a device, as
    /// roles may demand it.
    Assume,
}

/// Whose credentials are asked for.
#[derive(Clone, Debug)]
pub(crate) enum Selection {
    /// Those that AWS's chain finds, with this profile for its files step
    Profile(SelectedProfile),
    /// `--sso`, `--account` and `--role`: those of a role of IAM Identity Center; no profile is looked at
    SsoRole(GetRoleCredentials),
    /// `--saml-assertion` or `--saml-command` without a profile: those of a role that the assertion has
    RoleBySaml(RoleBySaml),
    /// `--oidc` and `--role-arn`: those of a role that the token of a CI job opens; no profile is looked at
    Oidc { origin: TokenOrigin, role_arn: String },
}

/// A role, and the assertion that opens it.
#[derive(Clone, Debug)]
pub(crate) struct RoleBySaml {
    pub role_arn: String,
    pub principal_arn: Option<String>,
    pub assertion: AssertionSource,
}

impl Selection {
    /// `--profile`, or the positional argument.
    pub(crate) fn of_profile(name: &str) -> Self {
        Self::Profile(SelectedProfile { name: name.to_owned(), by: SelectedBy::CommandLine })
    }

    /// Nobody says: AWS's whole chain, with the profile that the environment selects.
    pub(crate) fn of_environment(env: &Env) -> Self {
        Self::Profile(SelectedProfile::of_environment(env))
    }

    /// A role that no profile stands for: `corp/222222222222/Admin`.
    pub(crate) fn role_name(&self) -> Option<String> {
        let Self::SsoRole(GetRoleCredentials { login, account_id, role_name }) = self else {
            return None;
        };
        let session = login.session.as_deref().unwrap_or_default();
        Some(format!("{session}/{account_id}/{role_name}"))
    }

    /// Who says so, in words.
    pub(crate) fn origin(&self) -> String {
        match self {
            Self::Profile(selected) => selected.by.to_string(),
            Self::SsoRole(_) => "named by --sso, --account and --role".to_owned(),
            Self::RoleBySaml(role) => format!("by {}", role.assertion.setting()),
            Self::Oidc { .. } => "named by --oidc and --role-arn".to_owned(),
        }
    }
}

/// The profile, or the role.
impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Profile(selected) => f.write_str(&selected.name),
            Self::SsoRole(GetRoleCredentials { login, account_id, role_name }) => {
                write!(f, "{role_name} in {account_id} ({login})")
            }
            Self::RoleBySaml(role) => f.write_str(&role.role_arn),
            Self::Oidc { role_arn, .. } => f.write_str(role_arn),
        }
    }
}

/// Which profile the files step of the chain looks at, and who says so.
#[derive(Clone, Debug)]
pub(crate) struct SelectedProfile {
    pub name: String,
    pub by: SelectedBy,
}

/// Who selects a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SelectedBy {
    /// `--profile` or the positional argument: the profile is used, or it fails
    CommandLine,
    /// `AWS_PROFILE` or `AWS_DEFAULT_PROFILE`
    Variable(&'static str),
    /// `.awsx.toml` of the directory or of one above it
    Directory,
    /// Nobody: it is `default`, if there is one
    Default,
}

/// Variables that answer for the chain where no profile does.
const ANSWERING: [&str; 4] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// Whether a variable says whose credentials to take.
pub(crate) fn is_said_by_environment(env: &Env) -> bool {
    SelectedProfile::of_environment(env).by != SelectedBy::Default
        || ANSWERING.iter().any(|variable| env.get(variable).is_some())
}

impl SelectedProfile {
    /// The profile that `AWS_PROFILE` names, else `AWS_DEFAULT_PROFILE`, else the directory, else `default`.
    pub(crate) fn of_environment(env: &Env) -> Self {
        ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]
            .into_iter()
            // A name that is no Unicode is a name all the same: one that no profile has.
            .filter_map(|variable| Some((variable, env.path(variable)?.to_string_lossy())))
            .find(|(_, name)| !name.trim().is_empty())
            .map(|(variable, name)| Self {
                name: name.into_owned(),
                by: match env.directory_file() {
                    Some(_) => SelectedBy::Directory,
                    None => SelectedBy::Variable(variable),
                },
            })
            .unwrap_or_else(|| Self { name: "default".to_owned(), by: SelectedBy::Default })
    }

    pub(super) fn is_named(&self) -> bool {
        self.by == SelectedBy::CommandLine
    }
}

impl fmt::Display for SelectedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine => f.write_str("named on the command line"),
            Self::Variable(variable) => write!(f, "named by {variable}"),
            Self::Directory => f.write_str("named by .awsx.toml"),
            Self::Default => f.write_str("the default"),
        }
    }
}
