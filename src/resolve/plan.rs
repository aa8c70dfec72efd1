//! awsx's rules: which calls make a chain into credentials, with the fewest calls and prompts. Pure.
//!
//! - Long-term keys are exchanged for a session before they are handed over.
//! - One `GetSessionToken` for each MFA device serves every role behind it. A single role that wants
//!   more than an hour is assumed with the MFA code directly instead, because what is assumed with
//!   a session ends after an hour.
//! - A session answers exactly one request: [`SessionKey`] digests all that is in it.

use std::path::PathBuf;
use std::time::Duration;

use super::chain::Chain;
use super::planner::Planner;
use super::request::{Purpose, SessionRules};
use super::session_key::{sign_in_key, sso_login_key};
use super::source::{Mfa, Source};
use super::warning::Warning;
use crate::client_settings::ClientSettings;
use crate::credentials::{
    AssumeRole, AssumeRoleWithWebIdentity, GetRoleCredentials, GetSessionToken, Login,
    LoginSession, NoSession, SessionKey, SsoLogin,
};
use crate::env::Env;
use crate::profile::display_duration;

/// How long a role session lasts that nobody says more about: AWS's default.
pub const DEFAULT_ROLE_DURATION: Duration = Duration::from_secs(3600);
/// The longest role session that can be had with session credentials (role chaining),
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining>
pub const CHAINED_ROLE_LIMIT: Duration = Duration::from_secs(3600);
/// How long a `GetSessionToken` session lasts that nobody says more about: AWS's default.
pub const DEFAULT_SESSION_DURATION: Duration = Duration::from_secs(43_200);
/// What must be left of credentials that are handed over.
pub const DELIVERY_MARGIN: Duration = Duration::from_secs(300);
/// What must be left of a session that signs the next call.
pub const SIGNING_MARGIN: Duration = Duration::from_secs(60);

/// The calls that lead to the credentials asked for, in order; each is signed with what the one
/// before it gave.
#[derive(Clone, Debug)]
pub struct Plan {
    steps: Vec<Step>,
    no_session: Option<NoSession>,
    rules: SessionRules,
    settings: ClientSettings,
    profile: Option<String>,
    warnings: Vec<Warning>,
}

/// One step of a plan.
#[derive(Clone, Debug)]
pub struct Step {
    /// What is called
    pub call: Call,
    /// The name under which the result is kept; names the identity where nothing is kept
    pub key: SessionKey,
    /// Whether the result is kept
    pub cacheable: bool,
    /// How the code of an MFA device is got, where the call needs one
    pub mfa: Option<Mfa>,
    /// The profile that asks for the step
    pub profile: Option<String>,
    /// Why the step is as it is, where that is not plain
    pub note: Option<String>,
}

/// What a step calls.
#[derive(Clone, Debug)]
pub enum Call {
    /// Takes what a source hands over
    Source(Source),
    /// `sso:GetRoleCredentials`
    GetRoleCredentials(GetRoleCredentials),
    /// `sts:GetSessionToken`
    GetSessionToken(GetSessionToken),
    /// `sts:AssumeRole`
    AssumeRole(AssumeRole),
    /// `sts:AssumeRoleWithWebIdentity` with the token of this file
    AssumeRoleWithWebIdentity(AssumeRoleWithWebIdentity, PathBuf),
}

impl Call {
    /// AWS's name of the call, or of the source.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Source(source) => source.kind().as_str(),
            Self::GetRoleCredentials(_) => "sso:GetRoleCredentials",
            Self::GetSessionToken(_) => "sts:GetSessionToken",
            Self::AssumeRole(_) => "sts:AssumeRole",
            Self::AssumeRoleWithWebIdentity(..) => "sts:AssumeRoleWithWebIdentity",
        }
    }

    /// `RoleArn`
    pub fn role_arn(&self) -> Option<&str> {
        match self {
            Self::AssumeRole(request) => Some(&request.role_arn),
            Self::AssumeRoleWithWebIdentity(request, _) => Some(&request.role_arn),
            Self::Source(_) | Self::GetRoleCredentials(_) | Self::GetSessionToken(_) => None,
        }
    }

    /// `DurationSeconds`; a role at IAM Identity Center lasts as long as its permission set says
    pub fn duration(&self) -> Option<Duration> {
        match self {
            Self::GetSessionToken(request) => Some(request.duration),
            Self::AssumeRole(request) => Some(request.duration),
            Self::AssumeRoleWithWebIdentity(request, _) => Some(request.duration),
            Self::Source(_) | Self::GetRoleCredentials(_) => None,
        }
    }
}

impl Plan {
    /// The steps, in order; never empty.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The region that the child gets.
    pub fn region(&self) -> Option<&str> {
        self.settings.region.as_deref()
    }

    /// How AWS is reached.
    pub fn settings(&self) -> &ClientSettings {
        &self.settings
    }

    /// The profile that the plan is for.
    pub fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// The permission to hand over long-term keys.
    pub fn no_session(&self) -> Option<NoSession> {
        self.no_session
    }

    /// `--refresh`: cached sessions do not count.
    pub fn refresh(&self) -> bool {
        self.rules.refresh
    }

    /// `--min-ttl`
    pub fn min_ttl(&self) -> Option<Duration> {
        self.rules.min_ttl
    }

    /// The login that the plan starts from, if it starts from one.
    pub fn login(&self) -> Option<Login> {
        match (self.login_session(), self.sso_login()) {
            (Some(session), _) => Some(Login::Console(LoginSession::new(session))),
            (None, login) => login.cloned().map(Login::IdentityCenter),
        }
    }

    /// The login at IAM Identity Center that the plan starts from.
    pub fn sso_login(&self) -> Option<&SsoLogin> {
        match &self.steps.first()?.call {
            Call::GetRoleCredentials(request) => Some(&request.login),
            Call::Source(_)
            | Call::GetSessionToken(_)
            | Call::AssumeRole(_)
            | Call::AssumeRoleWithWebIdentity(..) => None,
        }
    }

    /// The `login_session` that the plan starts from, if it starts from one.
    pub fn login_session(&self) -> Option<&str> {
        match &self.steps.first()?.call {
            Call::Source(Source::LoginSession { session, .. }) => Some(session),
            _ => None,
        }
    }

    /// The name in the vault of the login, of either kind, that the plan starts from.
    pub fn login_key(&self) -> Option<SessionKey> {
        match (self.login_session(), self.sso_login()) {
            (Some(session), _) => Some(sign_in_key(session, &self.settings)),
            (None, login) => login.map(|login| sso_login_key(login, &self.settings)),
        }
    }

    /// What must be left of the result of the step: more for the last one, which is handed over.
    pub fn margin(&self, step: usize) -> Duration {
        if step + 1 < self.steps.len() {
            return SIGNING_MARGIN;
        }
        let margin = match self.rules.purpose {
            Purpose::Deliver => DELIVERY_MARGIN,
            Purpose::Sign => SIGNING_MARGIN,
        };
        self.rules.min_ttl.unwrap_or_default().max(margin)
    }

    /// What the person should know although the plan holds.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

/// Why there is no plan for a chain.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// `--duration` is out of AWS's bounds.
    #[error("--duration {} is out of bounds: AWS allows {} to {} for {call}", display_duration(*asked), display_duration(*least), display_duration(*most))]
    Duration {
        /// As asked
        asked: Duration,
        /// AWS's lower bound
        least: Duration,
        /// AWS's upper bound
        most: Duration,
        /// The call it applies to
        call: &'static str,
    },
    /// No session of this chain can last as long as `--min-ttl` asks.
    #[error("--min-ttl {} cannot be had: a session of {subject} lasts {}{because}", display_duration(*asked), display_duration(*duration))]
    MinTtl {
        /// As asked
        asked: Duration,
        /// How long a new session lasts
        duration: Duration,
        /// "profile \"prod\""
        subject: String,
        /// ", because …" or nothing
        because: &'static str,
    },
}

/// The plan for a chain.
///
/// # Errors
/// [`PlanError`] where flags ask for what AWS cannot give.
pub fn plan(
    chain: Chain,
    rules: SessionRules,
    settings: ClientSettings,
    env: &Env,
) -> Result<Plan, PlanError> {
    let Chain { source, roles, profile, warnings } = chain;
    let mut planner = Planner {
        rules,
        settings: &settings,
        env,
        steps: Vec::new(),
        no_session: None,
        warnings,
        capped: false,
    };
    let base = planner.source(source, roles.is_empty())?;
    planner.roles(base, &roles)?;
    let Planner { steps, no_session, warnings, capped, .. } = planner;
    let last = steps.last().expect("every plan begins with its source");
    if let (Some(asked), Some(duration)) = (rules.min_ttl, last.call.duration())
        && duration < asked
    {
        return Err(PlanError::MinTtl {
            asked,
            duration,
            subject: match &profile {
                Some(profile) => format!("profile \"{profile}\""),
                None => "this chain".to_owned(),
            },
            because: match (capped, rules.duration) {
                (true, _) => ", because role chaining ends after an hour",
                (false, Some(_)) => ", as --duration says",
                (false, None) => "; raise duration_seconds or give --duration",
            },
        });
    }
    Ok(Plan { steps, no_session, rules, settings, profile, warnings })
}
