//! Carries out a plan: back to the deepest fresh cached step, then forward, storing each result.
//!
//! One mint for each key, however many processes ask: the step's lock is held while its result is
//! made, and whoever waited for it reads the vault again first. Locks are taken from the last step
//! towards the first, and a key digests the keys before it, so two plans never wait for each other.

use std::cell::RefCell;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::step_up::{CodeError, StepUp};
use crate::credentials::{
    Expiration, GetRoleCredentials, LiveCredentials, LoginSession, LongTermCredentials, MfaCode,
    Secret, SessionCredentials, SigningKeys,
};
use crate::login::{Freshness, LoginError, Logins};
use crate::ports::{CallError, CallerIdentity, Clock, Person, Sources, Sso, Sts};
use crate::resolve::{Call, DELIVERY_MARGIN, Keys, Mfa, Plan, Source, Step};
use crate::state::StateDirError;
use crate::vault::{KeptSession, Lock, SessionHeader, Vault, VaultError, session_header};

/// Mints the credentials of a plan.
pub struct Minter<'a> {
    /// Where sessions rest
    pub vault: &'a Vault,
    /// STS
    pub sts: &'a dyn Sts,
    /// IAM Identity Center
    pub sso: &'a dyn Sso,
    /// What plans begin with that a person logged in for
    pub logins: Logins<'a>,
    /// Sources that hand credentials over
    pub sources: &'a dyn Sources,
    /// The person
    pub person: &'a dyn Person,
    /// The time
    pub clock: &'a dyn Clock,
}

/// Why there are no credentials.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// The call or the source failed.
    #[error("{}", for_whom(.profile.as_deref(), .source))]
    Call {
        /// The profile whose step it was
        profile: Option<String>,
        /// What happened; part of the sentence above
        source: CallError,
    },
    /// No MFA code came, or none was accepted.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// What the source hands over has expired, or ends before `--min-ttl`.
    #[error("the credentials of {origin} {problem}")]
    TooShort {
        /// Where they come from
        origin: String,
        /// "expired at …", or "end at …, before --min-ttl …"
        problem: String,
    },
}

fn for_whom(profile: Option<&str>, cause: &CallError) -> String {
    match profile {
        Some(profile) => format!("profile \"{profile}\": {cause}"),
        None => cause.to_string(),
    }
}

/// What a step gave.
enum Held {
    LongTerm(LongTermCredentials),
    Session(SessionCredentials),
}

impl Held {
    fn signing_keys(&self) -> SigningKeys<'_> {
        match self {
            Self::LongTerm(keys) => keys.into(),
            Self::Session(session) => session.into(),
        }
    }
}

impl Minter<'_> {
    /// The credentials of the plan, fresh now. `code` is the MFA code of the command line; it is
    /// taken when it is sent.
    ///
    /// # Errors
    /// [`MintError`]; what was minted before the error stays in the vault.
    pub fn mint(
        &self,
        plan: &Plan,
        code: &RefCell<Option<MfaCode>>,
    ) -> Result<LiveCredentials, MintError> {
        match self.run(plan, code)? {
            Held::LongTerm(keys) => {
                let permission = plan.no_session().expect(
                    "a plan that delivers ends in a session, or says that the keys may leave",
                );
                Ok(LiveCredentials::long_term(keys, permission))
            }
            Held::Session(session) => {
                let expiration = session.expiration;
                self.tell_of_a_near_end(plan, &session);
                session
                    .live(self.clock.now(), least_left(plan))
                    .ok_or_else(|| self.too_short(plan, expiration))
            }
        }
    }

    /// Only what a source hands over can be about to end: awsx renews the rest.
    fn tell_of_a_near_end(&self, plan: &Plan, session: &SessionCredentials) {
        let now = self.clock.now();
        let Some(end) = session.expiration.at().filter(|end| *end > now) else { return };
        if !session.is_fresh(now, DELIVERY_MARGIN) {
            let origin = origin(plan.steps().last().expect("a plan has steps"));
            self.person.tell(&format!(
                "the credentials of {origin} end at {}, and awsx cannot renew them",
                end.format("%Y-%m-%dT%H:%M:%SZ")
            ));
        }
    }

    /// Who the plan's credentials are, and when they end; long-term keys are used as they are.
    ///
    /// # Errors
    /// [`MintError`], also for the call itself.
    pub fn identity(
        &self,
        plan: &Plan,
        code: &RefCell<Option<MfaCode>>,
    ) -> Result<(CallerIdentity, Expiration), MintError> {
        let held = self.run(plan, code)?;
        let expiration = match &held {
            Held::LongTerm(_) => Expiration::Unstated,
            Held::Session(session) => {
                if !session.is_fresh(self.clock.now(), least_left(plan)) {
                    return Err(self.too_short(plan, session.expiration));
                }
                session.expiration
            }
        };
        let identity = self.sts.get_caller_identity(held.signing_keys()).map_err(|source| {
            MintError::Call { profile: plan.profile().map(str::to_owned), source }
        })?;
        Ok((identity, expiration))
    }

    fn run(&self, plan: &Plan, code: &RefCell<Option<MfaCode>>) -> Result<Held, MintError> {
        let run = Run { minter: self, plan, started: self.clock.now(), code };
        run.step(plan.steps().len() - 1)
    }

    fn too_short(&self, plan: &Plan, expiration: Expiration) -> MintError {
        let at = expiration.at().expect("credentials without an end are never too short");
        let shown = at.format("%Y-%m-%dT%H:%M:%SZ");
        let problem = match plan.min_ttl() {
            Some(min_ttl) if at > self.clock.now() => format!(
                "end at {shown}, before the {} that --min-ttl asks for",
                crate::profile::display_duration(min_ttl)
            ),
            _ => format!("expired at {shown}"),
        };
        let origin = origin(plan.steps().last().expect("a plan has steps"));
        MintError::TooShort { origin, problem }
    }
}

/// One walk through a plan.
struct Run<'a> {
    minter: &'a Minter<'a>,
    plan: &'a Plan,
    started: DateTime<Utc>,
    code: &'a RefCell<Option<MfaCode>>,
}

impl Run<'_> {
    /// The result of the step: from the vault, or made from the step before it.
    fn step(&self, index: usize) -> Result<Held, MintError> {
        let step = &self.plan.steps()[index];
        if let Call::Source(source) = &step.call {
            return self.source(source, step, index);
        }
        let session = self.minter.vault.once(
            Lock::Session(&step.key),
            "waiting for another awsx that is getting the same session",
            || self.cached(step, index),
            || self.mint(step, index),
        )?;
        Ok(Held::Session(session))
    }

    /// Mints a session, and keeps it if it states when it expires.
    fn mint(&self, step: &Step, index: usize) -> Result<SessionCredentials, MintError> {
        let session = self.call(step, index)?;
        let (label, now) = (label(step, self.plan), self.minter.clock.now());
        let kept = KeptSession::new(session.clone(), &label, now, self.plan.login_key());
        if let Some(kept) = kept {
            self.keep(step, &kept)?;
        }
        Ok(session)
    }

    /// A state directory that cannot be written costs the cache, not the session.
    fn keep(&self, step: &Step, session: &KeptSession) -> Result<(), MintError> {
        match session.keep(self.minter.vault, &step.key) {
            Err(VaultError::StateDir(error @ StateDirError::Write { .. })) => {
                self.minter.person.tell(&format!("the session is not kept: {error}"));
                Ok(())
            }
            kept => Ok(kept?),
        }
    }

    fn cached(&self, step: &Step, index: usize) -> Result<Option<SessionCredentials>, MintError> {
        // The record's header is in the clear: one that has expired costs no keychain.
        let is_usable = |header: &SessionHeader| {
            // What another awsx minted meanwhile is as new as what this one would mint.
            let is_new = header.minted_at >= self.started;
            let margin = if is_new { Duration::ZERO } else { self.plan.margin(index) };
            // With --refresh only that counts.
            (is_new || !self.plan.refresh())
                && header.lifetime().is_usable(self.minter.clock.now(), margin)
        };
        let vault = self.minter.vault;
        if !session_header(vault, &step.key).is_some_and(|header| is_usable(&header)) {
            return Ok(None);
        }
        // What the header said is proved now.
        let kept = vault.get::<KeptSession>(&step.key)?.filter(|kept| is_usable(kept.header()));
        let found = kept.map(KeptSession::into_credentials);
        if found.is_some() {
            tracing::info!(call = step.call.name(), role = step.call.role_arn(), "cached");
        }
        Ok(found)
    }

    fn call(&self, step: &Step, index: usize) -> Result<SessionCredentials, MintError> {
        let failed = |source| MintError::Call { profile: step.profile.clone(), source };
        if let Call::AssumeRoleWithWebIdentity(request, token_file) = &step.call {
            let token = self.minter.sources.web_identity_token(token_file).map_err(failed)?;
            return self.minter.sts.assume_role_with_web_identity(request, token).map_err(failed);
        }
        if let Call::GetRoleCredentials(request) = &step.call {
            let call = |token: &Secret| self.minter.sso.role_credentials(token, request);
            let session = self.minter.logins.with_token(&request.login, call);
            return session.map_err(|error| not_renewed(error, step));
        }
        let upstream = self.step(index - 1)?;
        let keys = upstream.signing_keys();
        let send = |code: Option<MfaCode>| match &step.call {
            Call::GetSessionToken(request) => {
                self.minter.sts.get_session_token(keys, request, code)
            }
            Call::AssumeRole(request) => self.minter.sts.assume_role(keys, request, code),
            Call::Source(_) | Call::GetRoleCredentials(_) | Call::AssumeRoleWithWebIdentity(..) => {
                unreachable!("handled before")
            }
        };
        match &step.mfa {
            Some(mfa) => self.with_code(step, mfa, &send),
            None => {
                let session = send(None).map_err(failed)?;
                self.tell_of_iam(step);
                Ok(session)
            }
        }
    }

    fn with_code(
        &self,
        step: &Step,
        mfa: &Mfa,
        send: &dyn Fn(Option<MfaCode>) -> Result<SessionCredentials, CallError>,
    ) -> Result<SessionCredentials, MintError> {
        let step_up = StepUp {
            vault: self.minter.vault,
            sources: self.minter.sources,
            person: self.minter.person,
            clock: self.minter.clock,
            mfa,
            profile: step.profile.as_deref(),
        };
        step_up.call(self.code.take(), send).map_err(|error| match error {
            CodeError::Call(source) => MintError::Call { profile: step.profile.clone(), source },
            other => MintError::Code(other),
        })
    }

    /// Said when such a session is made, not each time it is used.
    fn tell_of_iam(&self, step: &Step) {
        if matches!(step.call, Call::GetSessionToken(_)) && self.minter.person.terminal().is_ok() {
            self.minter.person.tell(
                "this session was made without MFA, so AWS refuses it IAM and most STS calls; add \
                 mfa_serial to the profile, or use --no-session to hand over the keys themselves",
            );
        }
    }

    fn source(&self, source: &Source, step: &Step, index: usize) -> Result<Held, MintError> {
        let failed = |source| MintError::Call { profile: step.profile.clone(), source };
        let sources = self.minter.sources;
        let session = match source {
            Source::StaticKeys { keys: Keys::LongTerm(keys), .. } => {
                return Ok(Held::LongTerm(keys.clone()));
            }
            // The chain found them as they are, and as they are they are passed on.
            Source::Environment(Keys::LongTerm(keys)) => SessionCredentials {
                access_key_id: keys.access_key_id.clone(),
                secret_access_key: keys.secret_access_key.clone(),
                session_token: None,
                expiration: Expiration::Unstated,
                account_id: keys.account_id.clone(),
            },
            Source::Environment(Keys::Session(session))
            | Source::StaticKeys { keys: Keys::Session(session), .. } => session.clone(),
            Source::Process { command, .. } => sources.process(command).map_err(failed)?,
            Source::Container(endpoint) => sources.container(endpoint).map_err(failed)?,
            Source::Instance(service) => sources.instance(service).map_err(failed)?,
            Source::LoginSession { session, .. } => {
                let need = Freshness {
                    margin: self.plan.margin(index),
                    started: self.started,
                    refresh: self.plan.refresh(),
                };
                let session = LoginSession::new(&**session);
                let session = self.minter.logins.credentials(&session, need);
                session.map_err(|error| not_renewed(error, step))?
            }
            Source::SsoRole { .. } | Source::WebIdentity(_) => {
                unreachable!("the plan has a call of its own for each")
            }
        };
        if !session.is_fresh(self.minter.clock.now(), Duration::ZERO) {
            let at = session.expiration.at().expect("only stated ends pass");
            return Err(MintError::TooShort {
                origin: origin(step),
                problem: format!("expired at {}", at.format("%Y-%m-%dT%H:%M:%SZ")),
            });
        }
        Ok(Held::Session(session))
    }
}

/// Why the step's login gave nothing.
fn not_renewed(error: LoginError, step: &Step) -> MintError {
    match error {
        LoginError::Call(source) => MintError::Call { profile: step.profile.clone(), source },
        LoginError::Vault(source) => source.into(),
    }
}

/// What must be left of a plan's result when it is used. A kept session was held against the margin
/// already, and a new one gives all that can be had; what a source hands over is held against what
/// was asked for.
fn least_left(plan: &Plan) -> Duration {
    match plan.steps().last().expect("a plan has steps").call {
        // How long a role of IAM Identity Center lasts is known only now.
        Call::Source(_) | Call::GetRoleCredentials(_) => plan.min_ttl().unwrap_or_default(),
        Call::GetSessionToken(_) | Call::AssumeRole(_) | Call::AssumeRoleWithWebIdentity(..) => {
            Duration::ZERO
        }
    }
}

/// Where credentials come from, for an error's sentence.
fn origin(step: &Step) -> String {
    match (&step.profile, step.call.role_arn()) {
        (_, Some(role)) => role.to_owned(),
        (Some(profile), None) => format!("profile \"{profile}\""),
        (None, None) => format!("the {}", step.call.name()),
    }
}

/// What the vault's list shows for a session.
fn label(step: &Step, plan: &Plan) -> String {
    let profile = step.profile.as_deref().or(plan.profile()).unwrap_or("-");
    if let Call::GetRoleCredentials(GetRoleCredentials { account_id, role_name, .. }) = &step.call {
        return format!("{profile}: {} {role_name} in {account_id}", step.call.name());
    }
    match (step.call.role_arn(), &step.mfa) {
        (Some(role), _) => format!("{profile}: {} {role}", step.call.name()),
        (None, Some(mfa)) => format!("{profile}: {} with {}", step.call.name(), mfa.serial),
        (None, None) => format!("{profile}: {}", step.call.name()),
    }
}
