//! Back to the deepest fresh cached step of a plan, then forward, storing each result.
//!
//! One mint for each key, however many processes ask: the step's lock is held while its result is
//! made, and whoever waited for it reads the vault again first. Locks are taken from the last step
//! towards the first, and a key digests the keys before it, so two plans never wait for each other.
//! Nobody is asked meanwhile: where a code is needed, the walk ends, and begins anew with the code.

mod error;
mod given;
mod kept;

use std::cell::RefCell;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::by_assertion::Exchange;
use super::codes::{CodeNeeded, Codes};
use super::mfa_call::MfaCall;
use super::narrow::narrow;
use super::trust_policy::{is_of_trust, words_of_trust};
use super::whose::{check_caller, check_planned, source_of};
use crate::credentials::{
    AssumeRole, Expiration, Keys, LiveCredentials, Margin, MfaCode, Secret, SessionCredentials,
    SessionKey, StsAnswer, StsCall, TokenUsage,
};
use crate::guard::Expected;
use crate::keys::record::StoredKeysHeader;
use crate::login::Logins;
use crate::mfa::{DeviceHeader, StoredDevice};
use crate::ports::{CallError, CallerIdentity, Clock, Person, Sources, Sso, Sts};
use crate::profile::display_duration;
use crate::resolve::{
    CHAINED_ROLE_LIMIT, FirstCall, Mfa, Plan, SignedCall, SignedRequest, Step, StepSummary,
    TokenCall,
};
use crate::text::moment::span;
use crate::vault::{
    Flight, KeptSession, Lock, SessionHeader, SessionOf, Shared, Vault, session_header,
};

pub(crate) use error::MintError;
use error::{circle, failure_of, of_assertion, of_code, of_login};
use kept::{label, origin, session_of};

pub(crate) struct Minter<'a> {
    pub vault: &'a Vault,
    pub sts: &'a dyn Sts,
    pub sso: &'a dyn Sso,
    pub logins: Logins<'a>,
    pub sources: &'a dyn Sources,
    pub person: &'a dyn Person,
    pub clock: &'a dyn Clock,
    /// The sessions that processes above this one are getting, and wait for
    pub above: Vec<SessionKey>,
}

impl Minter<'_> {
    /// The credentials of the plan, fresh now. `code` is that of `--mfa-code`; it is taken when it is
    /// sent.
    /// What was minted before an error stays in the vault.
    pub(crate) fn mint(
        &self,
        plan: &Plan,
        code: &mut Option<MfaCode>,
    ) -> Result<LiveCredentials, MintError> {
        check_planned(plan)?;
        let keys = self.keys(plan, code)?;
        match (keys, plan.no_session()) {
            (Keys::LongTerm(keys), Some(permission)) => {
                Ok(LiveCredentials::long_term(keys, permission))
            }
            (Keys::LongTerm(_), None) => {
                Err(MintError::LongTermKeys { origin: origin(&plan.last_before_scope()) })
            }
            (Keys::Session(session), _) => {
                self.tell_of_near_end(plan, &session);
                session
                    .live(self.clock.now(), least_remaining(plan))
                    .map_err(|end| self.too_short(plan, end))
            }
        }
    }

    /// Who the plan's credentials are, and when they end; long-term keys are used as they are.
    pub(crate) fn identity(
        &self,
        plan: &Plan,
        code: &mut Option<MfaCode>,
    ) -> Result<(CallerIdentity, Expiration), MintError> {
        check_planned(plan)?;
        // Who it is, AWS says in any case.
        let keys = self.walk(plan, code, Vec::new())?;
        let expiration = match &keys {
            Keys::LongTerm(_) => Expiration::Unstated,
            Keys::Session(session) => {
                match session.ends_within(self.clock.now(), least_remaining(plan)) {
                    Some(end) => return Err(self.too_short(plan, end)),
                    None => session.expiration,
                }
            }
        };
        let identity = self.sts.get_caller_identity(&keys).map_err(failure_of(plan.profile()))?;
        check_caller(&plan.expectations_of_source(), &identity)?;
        Ok((identity, expiration))
    }

    /// The answer to a call by its name, signed with what the plan leads to. `code` is for the plan. A call
    /// that names an MFA device is sent with its own code, which is taken, or asked for.
    pub(crate) fn ask(
        &self,
        plan: &Plan,
        code: &mut Option<MfaCode>,
        call: &StsCall,
        device: Option<&Mfa>,
        own_code: &mut Option<MfaCode>,
    ) -> Result<StsAnswer, MintError> {
        let Minter { vault, sources, person, clock, .. } = *self;
        let keys = self.keys(plan, code)?;
        let profile = plan.profile();
        let Some(mfa) = device else {
            return self.sts.ask(Some(&keys), call, None).map_err(failure_of(profile));
        };
        let send = |code| self.sts.ask(Some(&keys), call, Some(code));
        let mut codes = Codes { vault, sources, person, clock, at_hand: own_code, asking: None };
        loop {
            let sent = MfaCall { vault, clock, serial: &mfa.serial }.send(codes.at_hand, &send)?;
            let need = match sent {
                Ok(answer) => return Ok(answer),
                Err(need) => need,
            };
            codes.get(mfa, profile, need, || false).map_err(of_code(profile))?;
        }
    }

    /// What the plan leads to, as awsx itself uses it.
    pub(crate) fn keys(&self, plan: &Plan, code: &mut Option<MfaCode>) -> Result<Keys, MintError> {
        self.walk(plan, code, plan.expectations_of_source())
    }

    /// The same. `unproved`: what is expected of what the plan begins with.
    fn walk(
        &self,
        plan: &Plan,
        code: &mut Option<MfaCode>,
        unproved: Vec<&Expected>,
    ) -> Result<Keys, MintError> {
        let Minter { vault, sources, person, clock, .. } = *self;
        let run = Run {
            minter: self,
            plan,
            started: clock.now(),
            held: RefCell::default(),
            unproved,
            source_arn: RefCell::default(),
        };
        let mut codes = Codes { vault, sources, person, clock, at_hand: code, asking: None };
        loop {
            match run.keys(plan.rest(), plan.margin(), codes.at_hand) {
                Ok(keys) => return Ok(keys),
                Err(Stop::Failed(error)) => return Err(error),
                Err(Stop::Code { step, mfa, need }) => {
                    let profile = step.profile.as_deref();
                    self.tell_why_code(step, mfa, &need);
                    let is_there = || run.has_fresh(&step.key, Margin::SIGNING);
                    codes.get(mfa, profile, need, is_there).map_err(of_code(profile))?;
                }
            }
        }
    }

    /// An MFA session is there, perhaps, and yet a code is asked for.
    fn tell_why_code(&self, step: &Step<SignedCall>, mfa: &Mfa, need: &CodeNeeded) {
        let SignedRequest::AssumeRole(request) = &step.call.request else { return };
        let is_long = request.duration > CHAINED_ROLE_LIMIT;
        let is_stored = || {
            self.vault.header_if_readable::<DeviceHeader>(&StoredDevice::key(&mfa.serial)).is_some()
        };
        let is_asked = mfa.process.is_none() && matches!(need, CodeNeeded::NoneAtHand);
        if is_long && is_asked && !is_stored() && self.person.terminal().is_ok() {
            self.person.tell(&format!(
                "a role for {} needs a code of its own: what an MFA session assumes ends after 1h",
                display_duration(request.duration)
            ));
        }
    }

    /// Only credentials that a source hands over can be about to end: awsx renews its own.
    fn tell_of_near_end(&self, plan: &Plan, session: &SessionCredentials) {
        let now = self.clock.now();
        let is_own = matches!(plan.first().call, FirstCall::ByToken(_));
        let is_meant = plan.rest().last().is_some_and(|step| step.summarize().duration.is_some());
        if let Some(end) = session
            .ends_within(now, Margin::DELIVERY.of_unknown())
            .filter(|end| *end > now && !is_own && !is_meant)
        {
            let then = match plan.is_renewable() {
                true => "; then awsx makes new ones",
                false => ", and awsx cannot renew them",
            };
            let (origin, end) = (origin(&plan.last_before_scope()), self.clock.until(end));
            self.person.tell(&format!("the credentials of {origin} end {end}{then}"));
        }
    }

    fn too_short(&self, plan: &Plan, end: DateTime<Utc>) -> MintError {
        let problem = match plan.rules().min_ttl {
            Some(min_ttl) if end > self.clock.now() => format!(
                "end {}, before the {} that --min-ttl asks for",
                self.clock.until(end),
                display_duration(min_ttl)
            ),
            _ => format!("expired {}", self.clock.on(end)),
        };
        MintError::TooShort { origin: origin(&plan.last_before_scope()), problem }
    }
}

/// Why a walk gave no keys.
enum Stop<'a> {
    /// A step needs a code
    Code {
        step: &'a Step<SignedCall>,
        mfa: &'a Mfa,
        need: CodeNeeded,
    },
    Failed(MintError),
}

impl<E: Into<MintError>> From<E> for Stop<'_> {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// A call's failure is the same for all that need the session; whether a code can be had is not.
impl Shared for Stop<'_> {
    fn to_note(&self) -> Option<String> {
        match self {
            Self::Failed(MintError::Call { profile, cause }) => {
                serde_json::to_string(&(profile, cause)).ok()
            }
            _ => None,
        }
    }

    fn from_note(note: &str) -> Option<Self> {
        let (profile, cause) = serde_json::from_str(note).ok()?;
        Some(Self::Failed(MintError::Call { profile, cause }))
    }
}

/// Walks through a plan.
struct Run<'a> {
    minter: &'a Minter<'a>,
    plan: &'a Plan,
    started: DateTime<Utc>,
    /// The sessions that are being made, from the last one to the first
    held: RefCell<Vec<SessionKey>>,
    /// What is expected of the credentials that the plan begins with
    unproved: Vec<&'a Expected>,
    /// Whose AWS says that they are
    source_arn: RefCell<Option<String>>,
}

impl<'a> Run<'a> {
    /// What the first step and `signed` of the steps after it lead to. `margin` is what must be left of
    /// a cached session.
    fn keys(
        &self,
        signed: &'a [Step<SignedCall>],
        margin: Margin,
        code: &mut Option<MfaCode>,
    ) -> Result<Keys, Stop<'a>> {
        if let Some((step, before)) = signed.split_last() {
            return self.session(&step.key, &step.summarize(), margin, || {
                let keys = self.keys(before, step.margin_of_signer(margin), code)?;
                self.sign(step, &keys, code)
            });
        }
        let step = self.plan.first();
        match &step.call {
            FirstCall::Given(given) => {
                let keys = self.take(given, step, margin)?;
                self.prove(&keys)?;
                Ok(keys)
            }
            FirstCall::ByToken(call) => self.session(&step.key, &step.summarize(), margin, || {
                Ok((self.by_token(call, step)?, TokenUsage::default()))
            }),
        }
    }

    /// The step's session: the cached one, else the one that `mint` makes.
    fn session(
        &self,
        key: &SessionKey,
        step: &StepSummary<'_>,
        margin: Margin,
        mint: impl FnOnce() -> Result<(SessionCredentials, TokenUsage), Stop<'a>>,
    ) -> Result<Keys, Stop<'a>> {
        let session = self.minter.vault.once::<_, Stop<'a>>(
            Lock::Session(key),
            "waiting for another awsx that is getting the same session",
            || match self.find_cached(key, step, margin)? {
                None if self.minter.above.contains(key) => {
                    let back = "it leads back to the session that it is run for";
                    Err(failure_of(step.profile)(circle(back)).into())
                }
                found => Ok(found),
            },
            |flight: &Flight| {
                self.held.borrow_mut().push(*key);
                let session = flight.make(mint);
                self.held.borrow_mut().pop();
                let (session, usage) = session?;
                self.keep(key, step, &session, usage)?;
                Ok(session)
            },
        )?;
        Ok(Keys::Session(session))
    }

    fn find_cached(
        &self,
        key: &SessionKey,
        step: &StepSummary<'_>,
        margin: Margin,
    ) -> Result<Option<SessionCredentials>, MintError> {
        // The header is in the clear, so an expired session is rejected without opening the vault.
        if !self.has_fresh(key, margin) {
            return Ok(None);
        }
        // Opening the record proves what its header says.
        let kept = self.minter.vault.get::<KeptSession>(key)?;
        let kept = kept.filter(|kept| self.is_usable(kept.header(), margin));
        if let Some(kept) = &kept {
            let of = &kept.header().of;
            if let Some(source) = source_of(of) {
                self.unproved.iter().try_for_each(|expected| expected.check(&source))?;
                self.source_arn.replace(of.source_arn.clone());
            }
            let left = self.left_until(kept.header().expires_at);
            tracing::info!("{}: from the cache, {left} left", label(step, self.plan));
        }
        Ok(kept.map(KeptSession::into_credentials))
    }

    /// Asks AWS whose the credentials are that the plan begins with, where somebody expects another's.
    fn prove(&self, keys: &Keys) -> Result<(), MintError> {
        if self.unproved.is_empty() {
            return Ok(());
        }
        let failure = failure_of(self.plan.profile());
        let caller = self.minter.sts.get_caller_identity(keys).map_err(failure)?;
        check_caller(&self.unproved, &caller)?;
        self.source_arn.replace(Some(caller.arn));
        Ok(())
    }

    fn left_until(&self, end: DateTime<Utc>) -> String {
        span(end - self.minter.clock.now())
    }

    fn has_fresh(&self, key: &SessionKey, margin: Margin) -> bool {
        session_header(self.minter.vault, key).is_some_and(|header| self.is_usable(&header, margin))
    }

    fn is_usable(&self, header: &SessionHeader, margin: Margin) -> bool {
        // Another awsx minted it after this command started: do not mint again.
        let is_new = header.minted_at >= self.started;
        let margin = if is_new { Margin::NONE } else { margin };
        (is_new || !self.plan.rules().refresh)
            && (self.unproved.is_empty() || source_of(&header.of).is_some())
            && header.lifetime().leaves(margin, self.minter.clock.now())
    }

    /// Keeps a session that states when it expires.
    fn keep(
        &self,
        key: &SessionKey,
        step: &StepSummary<'_>,
        session: &SessionCredentials,
        usage: TokenUsage,
    ) -> Result<(), MintError> {
        let Minter { vault, clock, .. } = self.minter;
        let label = label(step, self.plan);
        let login = origin_key(self.plan);
        let of = session_of(step, self.plan, session);
        let source_arn = self.source_arn.borrow().clone();
        let of = SessionOf { token_percent: usage.percent, scopes: usage.scopes, source_arn, ..of };
        let Some(kept) = KeptSession::new(session.clone(), &label, clock.now(), login, of) else {
            return Ok(());
        };
        tracing::info!("{label}: new, {} left", self.left_until(kept.header().expires_at));
        Ok(kept.keep(vault, key)?)
    }

    fn by_token(
        &self,
        call: &TokenCall,
        step: &Step<FirstCall>,
    ) -> Result<SessionCredentials, MintError> {
        let Minter { sts, sso, sources, logins, person, .. } = self.minter;
        match call {
            TokenCall::GetRoleCredentials(request) => {
                let call = |token: &Secret| sso.role_credentials(token, request);
                logins.with_token(&request.login, call).map_err(|error| of_login(error, step))
            }
            TokenCall::AssumeRoleWithWebIdentity(request, origin) => {
                let failure = failure_of(step.profile.as_deref());
                let token = sources.web_identity_token(origin, &self.held.borrow());
                let token = token.map_err(&failure)?;
                sts.assume_role_with_web_identity(request, token.clone()).map_err(|cause| {
                    if is_of_trust(&cause) {
                        let words = words_of_trust(&token, &request.role_arn);
                        words.iter().for_each(|line| person.tell(line));
                    }
                    failure(cause)
                })
            }
            TokenCall::AssumeRoleWithSaml(request, source) => {
                let (clock, held) = (self.minter.clock, &*self.held.borrow());
                let last = session_header(self.minter.vault, &step.key);
                let last_end = last.map(|header| header.expires_at);
                let exchange = Exchange { sources: *sources, sts: *sts, clock, held, last_end };
                exchange.session(request, source).map_err(|error| of_assertion(error, step))
            }
        }
    }

    /// With the job's tags, as far as AWS takes them.
    fn assume_role(
        &self,
        keys: &Keys,
        request: &AssumeRole,
        code: Option<MfaCode>,
    ) -> Result<SessionCredentials, CallError> {
        let Minter { sts, person, .. } = self.minter;
        let answer = sts.assume_role(keys, request, code);
        match answer.as_ref().err().and_then(|cause| fewer_tags(request, cause)) {
            Some((fewer, told)) => {
                person.tell(&told);
                self.assume_role(keys, &fewer, None)
            }
            None => answer,
        }
    }

    fn sign(
        &self,
        step: &'a Step<SignedCall>,
        keys: &Keys,
        code: &mut Option<MfaCode>,
    ) -> Result<(SessionCredentials, TokenUsage), Stop<'a>> {
        let Minter { vault, sts, person, clock, .. } = *self.minter;
        let SignedCall { request, mfa } = &step.call;
        let profile = step.profile.as_deref();
        let unknown = |session| (session, TokenUsage::default());
        let is_session = matches!(keys, Keys::Session(session) if session.session_token.is_some());
        if matches!(request, SignedRequest::GetScopedCredentials(_)) && !is_session {
            let origin = origin(&self.plan.last_before_scope());
            return Err(MintError::ScopeOfKeys { origin }.into());
        }
        let send = |code: Option<MfaCode>| match request {
            SignedRequest::GetSessionToken(request) => {
                sts.get_session_token(keys, request, code).map(unknown)
            }
            SignedRequest::AssumeRole(request) => {
                self.assume_role(keys, request, code).map(unknown)
            }
            SignedRequest::GetScopedCredentials(request) => narrow(sts, keys, request, clock.now()),
        };
        let Some(mfa) = mfa else {
            let session = send(None).map_err(failure_of(profile))?;
            // Said when such a session is made, not each time it is used.
            if let SignedRequest::GetSessionToken(_) = request
                && person.terminal().is_ok()
            {
                person.tell(
                    "this session was made without MFA, so AWS refuses it IAM and most STS calls; \
                     add mfa_serial to the profile, or use --no-session to hand over the keys \
                     themselves",
                );
            }
            return Ok(session);
        };
        let call = MfaCall { vault, clock, serial: &mfa.serial };
        match call.send(code, &|code| send(Some(code)))? {
            Ok(session) => Ok(session),
            Err(need) => Err(Stop::Code { step, mfa, need }),
        }
    }
}

/// The name of the login, or of the record of stored keys, that all of a plan comes from.
pub(crate) fn origin_key(plan: &Plan) -> Option<SessionKey> {
    let stored = || Some(StoredKeysHeader::key(plan.name_of_stored_keys()?));
    plan.login_key().or_else(stored)
}

/// The same request with fewer of the tags that nobody asked for, if that is why AWS refuses it; and what is said
/// of that.
fn fewer_tags(request: &AssumeRole, cause: &CallError) -> Option<(AssumeRole, String)> {
    let CallError::Refused { code, message, .. } = cause else { return None };
    let mut fewer = request.clone();
    let told = if code == "PackedPolicyTooLarge" {
        fewer.job_tags.retain(|tag| !tag.is_droppable);
        "AWS cannot pack all tags of this job: those of its commit and its run are left out"
            .to_owned()
    } else if message.contains("sts:TagSession") && request.context.tags.is_empty() {
        fewer.job_tags.clear();
        format!("{} does not allow sts:TagSession: the job's tags are left out", request.role_arn)
    } else {
        return None;
    };
    (fewer.job_tags.len() < request.job_tags.len()).then_some((fewer, told))
}

/// The least remaining lifetime of the result. `--min-ttl` for credentials that a source hands over,
/// and for a role of IAM Identity Center or of an assertion, whose lifetime is known only now. Zero for other sessions
/// that awsx made or cached: they were checked before.
fn least_remaining(plan: &Plan) -> Duration {
    match (plan.rest_before_scope().last(), &plan.first().call) {
        (Some(_), _) | (None, FirstCall::ByToken(TokenCall::AssumeRoleWithWebIdentity(..))) => {
            Duration::ZERO
        }
        (
            None,
            FirstCall::Given(_)
            | FirstCall::ByToken(
                TokenCall::GetRoleCredentials(_) | TokenCall::AssumeRoleWithSaml(..),
            ),
        ) => plan.rules().min_ttl.unwrap_or_default(),
    }
}
