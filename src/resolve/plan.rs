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
use super::request::{Policy, Purpose};
use super::session_name;
use super::settings::{ROLE_DURATION, SESSION_DURATION};
use super::source::{Keys, Mfa, RoleHop, Source, WebIdentity};
use super::warning::Warning;
use crate::credentials::{
    AssumeRole, AssumeRoleWithWebIdentity, GetSessionToken, NoSession, SessionKey,
    SessionKeyBuilder,
};
use crate::env::Env;
use crate::profile::{ClientSettings, display_duration};

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
    policy: Policy,
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
            Self::Source(_) | Self::GetSessionToken(_) => None,
        }
    }

    /// `DurationSeconds`
    pub fn duration(&self) -> Option<Duration> {
        match self {
            Self::GetSessionToken(request) => Some(request.duration),
            Self::AssumeRole(request) => Some(request.duration),
            Self::AssumeRoleWithWebIdentity(request, _) => Some(request.duration),
            Self::Source(_) => None,
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
        self.policy.refresh
    }

    /// `--min-ttl`
    pub fn min_ttl(&self) -> Option<Duration> {
        self.policy.min_ttl
    }

    /// What must be left of the result of the step: more for the last one, which is handed over.
    pub fn margin(&self, step: usize) -> Duration {
        if step + 1 < self.steps.len() || self.policy.purpose == Purpose::Sign {
            return SIGNING_MARGIN;
        }
        self.policy.min_ttl.map_or(DELIVERY_MARGIN, |min_ttl| min_ttl.max(DELIVERY_MARGIN))
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

/// What the chain's first credentials are, as far as the plan must know.
enum Base {
    /// An IAM user's keys
    LongTerm,
    /// A session of an IAM user, or of whom nobody can tell
    Session,
    /// A role's session: it cannot present an MFA code
    Role,
}

/// The plan for a chain.
///
/// # Errors
/// [`PlanError`] where flags ask for what AWS cannot give.
pub fn plan(
    chain: Chain,
    policy: Policy,
    settings: ClientSettings,
    env: &Env,
) -> Result<Plan, PlanError> {
    let Chain { source, roles, profile, warnings } = chain;
    let mut planner = Planner {
        policy,
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
    if let (Some(asked), Some(duration)) = (policy.min_ttl, last.call.duration())
        && duration < asked
    {
        return Err(PlanError::MinTtl {
            asked,
            duration,
            subject: match &profile {
                Some(profile) => format!("profile \"{profile}\""),
                None => "this chain".to_owned(),
            },
            because: match (capped, policy.duration) {
                (true, _) => ", because role chaining ends after an hour",
                (false, Some(_)) => ", as --duration says",
                (false, None) => "; raise duration_seconds or give --duration",
            },
        });
    }
    Ok(Plan { steps, no_session, policy, settings, profile, warnings })
}

struct Planner<'a> {
    policy: Policy,
    settings: &'a ClientSettings,
    env: &'a Env,
    steps: Vec<Step>,
    no_session: Option<NoSession>,
    warnings: Vec<Warning>,
    capped: bool,
}

impl Planner<'_> {
    /// The source's own step, and the session that takes the place of long-term keys where no role
    /// follows.
    fn source(&mut self, source: Source, is_last: bool) -> Result<Base, PlanError> {
        if let Source::WebIdentity(web) = source {
            self.web_identity(web, is_last)?;
            return Ok(Base::Role);
        }
        let base = match &source {
            Source::Environment(Keys::LongTerm(_))
            | Source::StaticKeys { keys: Keys::LongTerm(_), .. } => Base::LongTerm,
            Source::Environment(Keys::Session(_))
            | Source::StaticKeys { keys: Keys::Session(_), .. }
            | Source::Process { .. }
            | Source::LoginSession { .. } => Base::Session,
            Source::SsoRole { .. } | Source::Container(_) | Source::Instance(_) => Base::Role,
            Source::WebIdentity(_) => unreachable!("handled above"),
        };
        let profile = match &source {
            Source::StaticKeys { profile, .. }
            | Source::SsoRole { profile, .. }
            | Source::LoginSession { profile, .. }
            | Source::Process { profile, .. } => Some(profile.clone()),
            Source::Environment(_)
            | Source::WebIdentity(_)
            | Source::Container(_)
            | Source::Instance(_) => None,
        };
        let exchange = match &source {
            Source::StaticKeys {
                keys: Keys::LongTerm(_), mfa, duration, no_session, at, ..
            } if is_last && self.policy.purpose == Purpose::Deliver => {
                Some((mfa.clone(), *duration, *no_session, at.clone()))
            }
            _ => None,
        };
        self.steps.push(Step {
            key: source_key(&source, self.settings),
            call: Call::Source(source),
            cacheable: false,
            mfa: None,
            profile: profile.clone(),
            note: None,
        });
        match exchange {
            Some((_, _, true, at)) => self.keep_long_term_keys(format!("session = false ({at})")),
            Some(_) if self.policy.no_session => {
                self.keep_long_term_keys("--no-session".to_owned());
            }
            Some((mfa, duration, ..)) => {
                let duration = self
                    .asked_duration("sts:GetSessionToken", SESSION_DURATION)?
                    .or(duration)
                    .unwrap_or(DEFAULT_SESSION_DURATION);
                self.get_session_token(
                    mfa,
                    duration,
                    profile,
                    "access keys never leave awsx; a session does",
                );
            }
            None if is_last && self.policy.duration.is_some() => {
                self.warnings.push(Warning::new(
                    "--duration has no effect: these credentials are handed over as they are found"
                        .to_owned(),
                ));
            }
            None => {}
        }
        Ok(base)
    }

    fn keep_long_term_keys(&mut self, because: String) {
        self.no_session = Some(NoSession::asked_for());
        self.warnings.push(Warning::new(format!(
            "the long-term access keys themselves are handed over, because of {because}"
        )));
    }

    fn asked_duration(
        &self,
        call: &'static str,
        (least, most): (Duration, Duration),
    ) -> Result<Option<Duration>, PlanError> {
        match self.policy.duration {
            Some(asked) if asked < least || asked > most => {
                Err(PlanError::Duration { asked, least, most, call })
            }
            asked => Ok(asked),
        }
    }

    fn get_session_token(
        &mut self,
        mfa: Option<Mfa>,
        duration: Duration,
        profile: Option<String>,
        note: &str,
    ) {
        let request =
            GetSessionToken { duration, mfa_serial: mfa.as_ref().map(|mfa| mfa.serial.clone()) };
        let key = self
            .key("GetSessionToken")
            .field("duration", &request.duration.as_secs().to_string())
            .optional("mfa_serial", request.mfa_serial.as_deref())
            .build();
        self.push(Call::GetSessionToken(request), key, mfa, profile, Some(note.to_owned()));
    }

    fn web_identity(&mut self, web: WebIdentity, is_last: bool) -> Result<(), PlanError> {
        let asked = match is_last {
            true => self.asked_duration("sts:AssumeRoleWithWebIdentity", ROLE_DURATION)?,
            false => None,
        };
        let key = source_key(&Source::WebIdentity(web.clone()), self.settings);
        let request = AssumeRoleWithWebIdentity {
            role_session_name: web
                .session_name
                .unwrap_or_else(|| session_name::default_session_name(self.env)),
            role_arn: web.role_arn,
            duration: asked.or(web.duration).unwrap_or(DEFAULT_ROLE_DURATION),
            context: web.context,
        };
        let key = SessionKey::builder("AssumeRoleWithWebIdentity")
            .upstream(&key)
            .field("role_arn", &request.role_arn)
            .field("role_session_name", &request.role_session_name)
            .field("duration", &request.duration.as_secs().to_string())
            .optional("policy", request.context.policy.as_deref());
        let key =
            request.context.policy_arns.iter().fold(key, |key, arn| key.field("policy_arn", arn));
        let call = Call::AssumeRoleWithWebIdentity(request, web.token_file);
        self.push(call, key.build(), None, web.profile, None);
        Ok(())
    }

    fn roles(&mut self, base: Base, roles: &[RoleHop]) -> Result<(), PlanError> {
        let Some((last, rest)) = roles.split_last() else { return Ok(()) };
        let asked = self.asked_duration("sts:AssumeRole", ROLE_DURATION)?;
        let wanted = asked.or(last.duration).unwrap_or(DEFAULT_ROLE_DURATION);
        let first = &roles[0];
        let device = roles.iter().find_map(|role| role.mfa.clone());
        // What signs the first AssumeRole: long-term keys, or a session that caps it at an hour.
        let mut by_session = !matches!(base, Base::LongTerm);
        let mut code_for_first = None;
        match (&base, device) {
            (_, None) => {}
            (Base::LongTerm, Some(device)) => {
                let direct =
                    rest.is_empty() && (wanted > CHAINED_ROLE_LIMIT || self.policy.no_session);
                if direct {
                    code_for_first = Some(device);
                } else {
                    let profile = first.profile.clone();
                    self.get_session_token(
                        Some(device),
                        DEFAULT_SESSION_DURATION,
                        profile,
                        "one MFA session for this device serves every role behind it",
                    );
                    by_session = true;
                }
            }
            (Base::Session, Some(_)) => code_for_first.clone_from(&first.mfa),
            (Base::Role, Some(_)) => {}
        }
        self.warn_of_unused_devices(&base, roles);
        for (index, role) in roles.iter().enumerate() {
            let is_last = index + 1 == roles.len();
            let wanted = match is_last {
                true => wanted,
                false => role.duration.unwrap_or(DEFAULT_ROLE_DURATION),
            };
            let chained = by_session || index > 0;
            let mfa = if index == 0 { code_for_first.take() } else { None };
            self.assume_role(role, wanted, chained, is_last, mfa);
        }
        Ok(())
    }

    /// `mfa_serial` where no code can be presented: the keys that would sign are a role's.
    fn warn_of_unused_devices(&mut self, base: &Base, roles: &[RoleHop]) {
        let used = match base {
            Base::LongTerm => roles.iter().find_map(|role| role.mfa.clone()),
            Base::Session => roles.first().and_then(|role| role.mfa.clone()),
            Base::Role => None,
        };
        for role in roles {
            if let (Some(mfa), Some(profile), Some(at)) = (&role.mfa, &role.profile, &role.at)
                && used.as_ref().map(|used| &used.serial) != Some(&mfa.serial)
            {
                self.warnings.push(Warning::at(
                    at.clone(),
                    format!(
                        "mfa_serial of profile \"{profile}\" is not used: only an IAM user's keys \
                         can present an MFA code, and this role is assumed with a session"
                    ),
                ));
            }
        }
    }

    fn assume_role(
        &mut self,
        role: &RoleHop,
        wanted: Duration,
        chained: bool,
        is_last: bool,
        mfa: Option<Mfa>,
    ) {
        let cap = chained && wanted > CHAINED_ROLE_LIMIT;
        let duration = if cap { CHAINED_ROLE_LIMIT } else { wanted };
        let note = cap.then(|| {
            format!(
                "{} instead of {}: AWS ends a role that is assumed with session credentials after \
                 an hour (role chaining)",
                display_duration(duration),
                display_duration(wanted)
            )
        });
        if is_last && cap {
            self.capped = true;
            let warning =
                format!("{} lasts {}", role.role_arn, note.as_deref().expect("a cap has its note"));
            self.warnings.push(match &role.at {
                Some(at) => Warning::at(at.clone(), warning),
                None => Warning::new(warning),
            });
        }
        let request = AssumeRole {
            role_arn: role.role_arn.clone(),
            role_session_name: role
                .session_name
                .clone()
                .unwrap_or_else(|| session_name::default_session_name(self.env)),
            duration,
            external_id: role.external_id.clone(),
            mfa_serial: mfa.as_ref().map(|mfa| mfa.serial.clone()),
            context: role.context.clone(),
        };
        let key = self.role_key(&request);
        self.push(Call::AssumeRole(request), key, mfa, role.profile.clone(), note);
    }

    fn role_key(&self, request: &AssumeRole) -> SessionKey {
        let AssumeRole { role_arn, role_session_name, duration, external_id, mfa_serial, context } =
            request;
        let mut key = self
            .key("AssumeRole")
            .field("role_arn", role_arn)
            .field("role_session_name", role_session_name)
            .field("duration", &duration.as_secs().to_string())
            .optional("external_id", external_id.as_deref())
            .optional("mfa_serial", mfa_serial.as_deref())
            .optional("policy", context.policy.as_deref())
            .optional("source_identity", context.source_identity.as_deref());
        for arn in &context.policy_arns {
            key = key.field("policy_arn", arn);
        }
        for (name, value) in &context.tags {
            key = key.field("tag", name).field("value", value);
        }
        for name in &context.transitive_tag_keys {
            key = key.field("transitive_tag_key", name);
        }
        key.build()
    }

    /// Starts the key of a call that is signed with what the step before gives.
    fn key(&self, kind: &str) -> SessionKeyBuilder {
        let upstream = self.steps.last().expect("the source's step comes first");
        SessionKey::builder(kind).upstream(&upstream.key)
    }

    fn push(
        &mut self,
        call: Call,
        key: SessionKey,
        mfa: Option<Mfa>,
        profile: Option<String>,
        note: Option<String>,
    ) {
        self.steps.push(Step { call, key, cacheable: true, mfa, profile, note });
    }
}

/// Names the identity of a source, without a call; the endpoint is part of it, because the same key
/// elsewhere is another AWS.
fn source_key(source: &Source, settings: &ClientSettings) -> SessionKey {
    let key =
        SessionKey::builder("source").optional("endpoint", settings.sts_endpoint_url.as_deref());
    match source {
        Source::Environment(keys) | Source::StaticKeys { keys, .. } => {
            key.field("access_key_id", keys.access_key_id())
        }
        Source::WebIdentity(web) => {
            key.field("web_identity_token_file", &web.token_file.to_string_lossy())
        }
        Source::SsoRole { account_id, role_name, session, .. } => key
            .field("sso_session", session)
            .field("sso_account_id", account_id)
            .field("sso_role_name", role_name),
        Source::LoginSession { session, .. } => key.field("login_session", session),
        Source::Process { command, .. } => key.field("credential_process", command),
        Source::Container(endpoint) => key.field("container", &endpoint.uri),
        Source::Instance(service) => key.field("instance", &service.endpoint),
    }
    .build()
}
