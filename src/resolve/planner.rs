//! awsx's rules: which calls make a chain into credentials, with the fewest calls and prompts. Pure.
//!
//! - Long-term keys are exchanged for a session before they are handed over.
//! - One `GetSessionToken` for each MFA device serves every role behind it. A single role that wants
//!   more than an hour is assumed with the MFA code directly instead, because what is assumed with
//!   a session ends after an hour.
//! - A scope goes into the call that assumes the last role, or into one of its own behind all others: `scope.rs`.
//! - A session answers exactly one request: [`SessionKey`] digests all that is in it.

use std::time::Duration;

use super::assumed_role::{AssumedRole, Mfa};
use super::job::Job;
use super::plan::{FirstCall, Plan, SignedCall, SignedRequest, Step, TokenCall};
use super::plan_error::PlanError;
use super::request::{Purpose, SessionRules};
use super::scope::{Narrowing, Scope, narrow};
use super::session_key::{self, of_given, of_saml, of_sso_role, of_web_identity};
use super::settings::{DEFAULT_ROLE_DURATION, ROLE_DURATION, SESSION_DURATION};
use super::source::{
    Chain, Given, KeyUser, SamlIdentity, SignsAs, Source, StaticKeys, WebIdentity,
};
use super::warning::{About, Warning};
use crate::agent::Agent;
use crate::client_settings::ClientSettings;
use crate::credentials::{
    AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity, GetRoleCredentials,
    GetScopedCredentials, GetSessionToken, JobTag, Keys, NoSession, SessionContext, SessionKey,
    check_mfa_serial,
};
use crate::env::Env;
use crate::profile::display_duration;
use crate::saml::AssertionSource;

/// The longest role session that can be had with session credentials (role chaining),
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining>
pub(crate) const CHAINED_ROLE_LIMIT: Duration = Duration::from_secs(3600);
/// How long a `GetSessionToken` session lasts that nobody says more about: AWS's default.
const DEFAULT_SESSION_DURATION: Duration = Duration::from_secs(43_200);

/// Sees what AWS would refuse after a code was asked for.
fn check_device(mfa: Option<&Mfa>, profile: Option<&str>) -> Result<(), PlanError> {
    let Some(Mfa { serial, key, at: Some(at), .. }) = mfa else { return Ok(()) };
    check_mfa_serial(serial).map_err(|flaw| PlanError::NoDevice {
        at: at.clone(),
        key: key.clone(),
        profile: profile.unwrap_or_default().to_owned(),
        flaw,
    })
}

/// The plan for a chain; an error where flags ask for what AWS cannot give.
pub(crate) fn plan(
    mut chain: Chain,
    scopes: impl IntoIterator<Item = Scope>,
    mut rules: SessionRules,
    settings: ClientSettings,
    env: &Env,
) -> Result<Plan, PlanError> {
    let Narrowing { in_role, calls } = narrow(&mut chain, scopes, &mut rules)?;
    let Chain { source, roles, profile, warnings, scope, expected, .. } = chain;
    let signs_as = source.signs_as();
    let is_of_job = matches!(&source, Source::WebIdentity(web) if web.origin.is_of_job());
    let job = is_of_job.then(|| Job::of(env)).flatten();
    let name = job.and_then(Job::session_name).unwrap_or_else(|| default_session_name(env));
    let first = first_step(source, rules, &settings, &name, roles.is_empty())?;
    let (rest, no_session) = (Vec::new(), None);
    let plan = Plan { first, rest, no_session, rules, settings, profile, warnings, expected };
    let job_tags = job.map(Job::tags).unwrap_or_default();
    let is_narrowed = !calls.is_empty();
    let lasting = scope.lasting;
    let name_of_user = name_of_user(env);
    let mut planner =
        Planner { plan, name, name_of_user, job_tags, is_capped: false, is_narrowed, lasting };
    match roles.is_empty() {
        true => planner.hand_over()?,
        false => planner.assume_roles(signs_as, &roles)?,
    }
    planner.narrow(in_role, calls);
    planner.check_min_ttl()?;
    let settings = &planner.plan.settings;
    let said = [settings.warn_of_clear_text(), settings.warn_of_sigv4a()];
    planner.plan.warnings.extend(said.into_iter().flatten().map(Warning::new));
    Ok(planner.plan)
}

/// `--duration`, if it is within AWS's bounds for the call.
fn duration_flag(
    rules: SessionRules,
    call: &'static str,
    (least, most): (Duration, Duration),
) -> Result<Option<Duration>, PlanError> {
    match rules.duration {
        Some(asked) if asked < least || asked > most => {
            Err(PlanError::Duration { asked, least, most, call })
        }
        asked => Ok(asked),
    }
}

fn first_step(
    source: Source,
    rules: SessionRules,
    settings: &ClientSettings,
    name: &str,
    is_last: bool,
) -> Result<Step<FirstCall>, PlanError> {
    Ok(match source {
        Source::Given(given) => Step {
            key: of_given(&given, settings),
            profile: given.profile().map(str::to_owned),
            call: FirstCall::Given(given),
            note: None,
            scope: None,
        },
        Source::SsoRole { profile, request } => {
            let GetRoleCredentials { login, account_id, role_name } = &request;
            let note =
                format!("role {role_name} of account {account_id}, with the login of {login}");
            Step {
                key: of_sso_role(&request, settings),
                call: FirstCall::ByToken(TokenCall::GetRoleCredentials(request)),
                profile,
                note: Some(note),
                scope: None,
            }
        }
        Source::WebIdentity(WebIdentity { role, origin, token }) => {
            let asked = match is_last {
                true => duration_flag(rules, "sts:AssumeRoleWithWebIdentity", ROLE_DURATION)?,
                false => None,
            };
            let request = AssumeRoleWithWebIdentity {
                role_session_name: role.session_name.unwrap_or_else(|| name.to_owned()),
                role_arn: role.role_arn,
                duration: asked.or(role.duration).unwrap_or(DEFAULT_ROLE_DURATION),
                context: role.context,
            };
            let key = of_web_identity(&origin, token, &request, settings);
            let call = TokenCall::AssumeRoleWithWebIdentity(request, origin);
            let call = FirstCall::ByToken(call);
            Step { call, key, profile: role.profile, note: None, scope: None }
        }
        Source::Saml(saml) => {
            let is_asked = is_last && !saml.is_login();
            let SamlIdentity { role, principal_arn, assertion } = saml;
            let asked = match is_asked {
                true => duration_flag(rules, "sts:AssumeRoleWithSAML", ROLE_DURATION)?,
                false => None,
            };
            let note = format!("with the assertion of {}", assertion.setting());
            let request = AssumeRoleWithSaml {
                role_arn: role.role_arn,
                principal_arn,
                duration: asked.or(role.duration).or(assertion.duration()),
                context: role.context,
            };
            Step {
                key: of_saml(&assertion, &request, settings),
                call: FirstCall::ByToken(TokenCall::AssumeRoleWithSaml(request, assertion)),
                profile: role.profile,
                note: Some(note),
                scope: None,
            }
        }
    })
}

/// Adds to a plan what comes after its first step.
struct Planner {
    plan: Plan,
    /// The name of role sessions that nobody gives one
    name: String,
    /// The same where a person gives the code
    name_of_user: String,
    job_tags: Vec<JobTag>,
    /// Whether the last role lasts shorter than was asked for
    is_capped: bool,
    /// Whether a scope comes after the session
    is_narrowed: bool,
    /// `--scope-for`
    lasting: Option<Duration>,
}

impl Planner {
    /// For a chain without roles: the first step's credentials are what was asked for, but a session
    /// takes the place of long-term keys.
    fn hand_over(&mut self) -> Result<(), PlanError> {
        let rules = self.plan.rules;
        let why_no_duration = match &self.plan.first.call {
            FirstCall::Given(
                Given::StaticKeys(StaticKeys { keys: Keys::LongTerm(_), user, .. })
                | Given::StoredKeys { user, .. },
            ) if rules.purpose == Purpose::Deliver
                || self.is_narrowed
                || rules.purpose == Purpose::Assume
                    && user.mfa.is_some()
                    && user.no_session.is_none() =>
            {
                let KeyUser { mfa, duration, no_session, .. } = user;
                if self.is_narrowed && (no_session.is_some() || rules.no_session) {
                    let at = no_session.clone();
                    let because = if at.is_some() { "session = false" } else { "--no-session" };
                    return Err(PlanError::ScopeOfKeys { because: because.to_owned(), at });
                }
                if let Some(at) = no_session {
                    self.allow_long_term_keys(format!("session = false ({at})"));
                } else if rules.no_session {
                    self.allow_long_term_keys("--no-session".to_owned());
                } else {
                    let mfa = mfa.clone();
                    let duration = duration_flag(rules, "sts:GetSessionToken", SESSION_DURATION)?
                        .or(*duration)
                        .unwrap_or(DEFAULT_SESSION_DURATION);
                    let profile = user.serves.clone().or(self.plan.first.profile.clone());
                    let note = "access keys never leave awsx; a session does";
                    self.get_session_token(mfa, duration, profile, note)?;
                }
                return Ok(());
            }
            FirstCall::Given(Given::Environment(Keys::LongTerm(_))) if self.is_narrowed => {
                if rules.no_session {
                    let because = "--no-session".to_owned();
                    return Err(PlanError::ScopeOfKeys { because, at: None });
                }
                let duration = duration_flag(rules, "sts:GetSessionToken", SESSION_DURATION)?;
                let duration = duration.unwrap_or(DEFAULT_SESSION_DURATION);
                let note = "AWS narrows sessions, and no access keys";
                return self.get_session_token(None, duration, self.plan.profile.clone(), note);
            }
            FirstCall::Given(given) => {
                if let Given::Environment(Keys::LongTerm(_)) = given {
                    self.plan.no_session = Some(NoSession::as_found());
                }
                "these credentials are handed over as they are found"
            }
            FirstCall::ByToken(TokenCall::GetRoleCredentials(_)) => {
                "the permission set says how long a role of IAM Identity Center lasts"
            }
            FirstCall::ByToken(TokenCall::AssumeRoleWithSaml(_, AssertionSource::Login { .. })) => {
                "the session was made when you logged in"
            }
            FirstCall::ByToken(
                TokenCall::AssumeRoleWithWebIdentity(..) | TokenCall::AssumeRoleWithSaml(..),
            ) => return Ok(()),
        };
        if rules.duration.is_some() {
            let warning = format!("--duration has no effect: {why_no_duration}");
            self.plan.warnings.push(Warning::new(warning));
        }
        Ok(())
    }

    fn allow_long_term_keys(&mut self, because: String) {
        self.plan.no_session = Some(NoSession::on_request());
        self.plan.warnings.push(Warning::new(format!(
            "the long-term access keys themselves are handed over, because of {because}"
        )));
    }

    fn assume_roles(&mut self, signs_as: SignsAs, roles: &[AssumedRole]) -> Result<(), PlanError> {
        let asked = duration_flag(self.plan.rules, "sts:AssumeRole", ROLE_DURATION)?;
        let wanted = |index: usize, role: &AssumedRole| {
            let asked = asked.filter(|_| index + 1 == roles.len());
            asked.or(role.duration).unwrap_or(DEFAULT_ROLE_DURATION)
        };
        let mut device = match signs_as {
            SignsAs::User => roles.iter().find_map(|role| role.mfa.clone()),
            SignsAs::Session => roles.first().and_then(|role| role.mfa.clone()),
            SignsAs::Role => None,
        };
        self.warn_of_unused_devices(device.as_ref(), roles);
        let is_long = matches!(roles, [role] if wanted(0, role) > CHAINED_ROLE_LIMIT);
        let by_session = signs_as == SignsAs::User && !self.plan.rules.no_session && !is_long;
        if by_session && let Some(device) = device.take() {
            let profile = roles.first().and_then(|role| role.profile.clone());
            let note = "one MFA session for this device serves every role behind it";
            self.get_session_token(Some(device), DEFAULT_SESSION_DURATION, profile, note)?;
        }
        for (index, role) in roles.iter().enumerate() {
            let is_chained = signs_as != SignsAs::User || !self.plan.rest.is_empty();
            self.assume_role(role, wanted(index, role), is_chained, device.take())?;
        }
        if let (Some(role), Some(note)) = (roles.last(), self.plan.last().note) {
            let message = format!("{} lasts {note}", role.role_arn);
            let at = role.at.clone();
            self.plan.warnings.push(Warning { about: About::Length, message, at });
            self.is_capped = true;
        }
        Ok(())
    }

    /// `mfa_serial` where no code can be presented: the keys that would sign are a role's.
    fn warn_of_unused_devices(&mut self, used: Option<&Mfa>, roles: &[AssumedRole]) {
        for role in roles {
            if let (Some(mfa), Some(profile), Some(at)) = (&role.mfa, &role.profile, &role.at)
                && used.map(|used| &used.serial) != Some(&mfa.serial)
            {
                let message = format!(
                    "mfa_serial of profile \"{profile}\" is not used: only an IAM user's keys can \
                     present an MFA code, and this role is assumed with a session"
                );
                let at = Some(at.clone());
                self.plan.warnings.push(Warning { about: About::Device, message, at });
            }
        }
    }

    /// `is_chained`: session credentials sign the call.
    fn assume_role(
        &mut self,
        role: &AssumedRole,
        wanted: Duration,
        is_chained: bool,
        mfa: Option<Mfa>,
    ) -> Result<(), PlanError> {
        check_device(mfa.as_ref(), role.profile.as_deref())?;
        let duration = if is_chained { wanted.min(CHAINED_ROLE_LIMIT) } else { wanted };
        let note = (duration < wanted).then(|| {
            format!(
                "{} instead of {}: AWS ends a role that is assumed with session credentials after \
                 an hour (role chaining)",
                display_duration(duration),
                display_duration(wanted)
            )
        });
        // Only a person gives the code, so a session that needs one is the person's, and an agent finds it.
        let default = if mfa.is_some() { &self.name_of_user } else { &self.name };
        let request = AssumeRole {
            role_arn: role.role_arn.clone(),
            role_session_name: role.session_name.clone().unwrap_or_else(|| default.clone()),
            duration,
            external_id: role.external_id.clone(),
            mfa_serial: mfa.as_ref().map(|mfa| mfa.serial.clone()),
            context: role.context.clone(),
            job_tags: self.job_tags_beside(&role.context),
        };
        let key = session_key::of_role(self.upstream(), &request);
        let call = SignedCall { request: SignedRequest::AssumeRole(Box::new(request)), mfa };
        let profile = role.profile.clone();
        self.plan.rest.push(Step { call, key, profile, note, scope: None });
        Ok(())
    }

    /// The job's tags; one that somebody gives counts instead.
    fn job_tags_beside(&self, context: &SessionContext) -> Vec<JobTag> {
        let is_given =
            |key: &str| context.tags.iter().any(|(own, _)| own.eq_ignore_ascii_case(key));
        self.job_tags.iter().filter(|tag| !is_given(&tag.key)).cloned().collect()
    }

    fn get_session_token(
        &mut self,
        mfa: Option<Mfa>,
        duration: Duration,
        profile: Option<String>,
        note: &str,
    ) -> Result<(), PlanError> {
        check_device(mfa.as_ref(), profile.as_deref())?;
        let mfa_serial = mfa.as_ref().map(|mfa| mfa.serial.clone());
        let request = GetSessionToken { duration, mfa_serial };
        let key = session_key::of_session(self.upstream(), &request);
        let call = SignedCall { request: SignedRequest::GetSessionToken(request), mfa };
        self.plan.rest.push(Step { call, key, profile, note: Some(note.to_owned()), scope: None });
        Ok(())
    }

    /// Says which scope the last role's own call has, and adds the calls that narrow what it gives.
    fn narrow(
        &mut self,
        in_role: Option<String>,
        calls: Vec<(Option<String>, GetScopedCredentials)>,
    ) {
        match self.plan.rest.last_mut() {
            Some(step) => step.scope = in_role,
            None => self.plan.first.scope = in_role,
        }
        for (scope, request) in calls {
            let key = session_key::of_scope(self.upstream(), &request);
            let allows_all = scope.is_none() && request.policy.is_some();
            let note = "AWS takes a note only with a policy or an end: this policy allows all";
            let note = allows_all.then(|| note.to_owned());
            let call =
                SignedCall { request: SignedRequest::GetScopedCredentials(request), mfa: None };
            let profile = self.plan.profile.clone();
            self.plan.rest.push(Step { call, key, profile, note, scope });
        }
    }

    /// The key of what signs the next call.
    fn upstream(&self) -> &SessionKey {
        self.plan.rest.last().map_or(&self.plan.first.key, |step| &step.key)
    }

    fn check_min_ttl(&self) -> Result<(), PlanError> {
        let rules = self.plan.rules;
        // One that is narrowed ends with what it is made of, unless it ends sooner.
        let duration = self.plan.steps().filter_map(|step| step.duration).last();
        let duration =
            if self.plan.narrows_source() { self.plan.last().duration } else { duration };
        match (rules.min_ttl, duration) {
            (Some(asked), Some(duration)) if duration < asked => Err(PlanError::MinTtl {
                asked,
                duration,
                subject: match &self.plan.profile {
                    Some(profile) => format!("profile \"{profile}\""),
                    None => "this chain".to_owned(),
                },
                because: match (self.is_capped, rules.duration) {
                    _ if self.lasting == Some(duration) => ", as --scope-for says",
                    (true, _) => ", because role chaining ends after an hour",
                    (false, Some(_)) => ", as --duration says",
                    (false, None) => "; raise duration_seconds or give --duration",
                },
            }),
            _ => Ok(()),
        }
    }
}

/// The longest `RoleSessionName` that STS takes.
const LONGEST_NAME: usize = 64;

/// The default `RoleSessionName`, which CloudTrail shows: `awsx-<user name>`, and behind it the agent that runs awsx,
/// where one does.
pub(crate) fn default_session_name(env: &Env) -> String {
    let mut name = name_of_user(env);
    if let Some(agent) = Agent::of(env) {
        name.truncate(LONGEST_NAME - 1 - agent.name.len());
        name = format!("{name}-{}", agent.name);
    }
    name
}

/// The same of whoever uses awsx, within what STS accepts (`[\w+=,.@-]{2,64}`); `awsx` where the user's name is
/// unknown. Stable, so that one session serves every command of the user.
fn name_of_user(env: &Env) -> String {
    let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| env.get(name));
    let Some(user) = user else { return "awsx".to_owned() };
    let allowed =
        |c: char| if c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) { c } else { '-' };
    "awsx-".chars().chain(user.trim().chars().map(allowed)).take(LONGEST_NAME).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_what_sts_accepts() {
        for (user, expected) in [
            ("alice", "awsx-alice"),
            ("CORP\\Ann Lee", "awsx-CORP-Ann-Lee"),
            ("jürgen", "awsx-j-rgen"),
        ] {
            assert_eq!(default_session_name(&Env::from_pairs([("USER", user)])), expected);
        }
        assert_eq!(default_session_name(&Env::default()), "awsx");
        let long = [("USER", "x".repeat(99)), ("CLAUDECODE", "1".to_owned())];
        assert_eq!(default_session_name(&Env::from_pairs(long[..1].to_vec())).len(), 64);
        let name = default_session_name(&Env::from_pairs(long));
        assert!(name.len() == 64 && name.ends_with("x-claude-code"), "{name}");
    }
}
