//! The calls that make a chain into credentials, settled before any of them is sent.

use std::time::Duration;

use super::assumed_role::Mfa;
use super::request::{Purpose, SessionRules};
use super::session_key::login_key;
use super::source::Given;
use super::warning::Warning;
use crate::client_settings::ClientSettings;
use crate::credentials::{
    AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity, GetRoleCredentials,
    GetScopedCredentials, GetSessionToken, Login, Margin, NoSession, SessionKey, TokenOrigin,
};
use crate::guard::Expected;
use crate::profile::FileSession;
use crate::saml::AssertionSource;

/// How long a call may take until its answer is there.
const TO_SIGN: Duration = Duration::from_secs(60);

/// The calls that lead to the credentials asked for; each of `rest` is signed with what the one
/// before it gave.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(super) first: Step<FirstCall>,
    pub(super) rest: Vec<Step<SignedCall>>,
    pub(super) no_session: Option<NoSession>,
    pub(super) rules: SessionRules,
    pub(super) settings: ClientSettings,
    pub(super) profile: Option<String>,
    pub(super) warnings: Vec<Warning>,
    /// `--allowed-account`, and what guards say
    pub(super) expected: Vec<Expected>,
}

#[derive(Clone, Debug)]
pub(crate) struct Step<C> {
    pub call: C,
    /// The name under which the vault keeps the result; for what is not kept, the name of its identity
    pub key: SessionKey,
    /// The profile that asks for the step
    pub profile: Option<String>,
    /// Why the step is as it is, where that is not plain
    pub note: Option<String>,
    /// What its policy narrows the session to, as somebody calls it
    pub scope: Option<String>,
}

/// How a plan begins: no credentials sign it.
#[derive(Clone, Debug)]
pub(crate) enum FirstCall {
    /// Handed over as it is, and not kept
    Given(Given),
    /// A session that a token gives
    ByToken(TokenCall),
}

/// A call that a token proves.
#[derive(Clone, Debug)]
pub(crate) enum TokenCall {
    /// `sso:GetRoleCredentials`, with the access token of a login
    GetRoleCredentials(GetRoleCredentials),
    /// `sts:AssumeRoleWithWebIdentity`, with a token from there
    AssumeRoleWithWebIdentity(AssumeRoleWithWebIdentity, TokenOrigin),
    /// `sts:AssumeRoleWithSAML`, with an assertion from there
    AssumeRoleWithSaml(AssumeRoleWithSaml, AssertionSource),
}

/// A call that the keys of the step before it sign.
#[derive(Clone, Debug)]
pub(crate) struct SignedCall {
    pub request: SignedRequest,
    /// The device whose code the call needs
    pub mfa: Option<Mfa>,
}

/// What STS is asked for with keys.
#[derive(Clone, Debug)]
pub(crate) enum SignedRequest {
    /// `sts:GetSessionToken`
    GetSessionToken(GetSessionToken),
    /// `sts:AssumeRole`
    AssumeRole(Box<AssumeRole>),
    /// `sts:GetScopedCredentials`
    GetScopedCredentials(GetScopedCredentials),
}

/// What can be told of a step of either kind.
#[derive(Clone, Debug)]
pub(crate) struct StepSummary<'p> {
    /// AWS's name of the call, or of the source
    pub call: &'static str,
    /// Of keys that a file or the environment states
    pub access_key_id: Option<&'p str>,
    pub role_arn: Option<&'p str>,
    /// The role of IAM Identity Center
    pub sso_role: Option<&'p GetRoleCredentials>,
    /// `DurationSeconds`; none where the source, the permission set or an assertion decides
    pub duration: Option<Duration>,
    pub mfa: Option<&'p Mfa>,
    /// Where the vault keeps the result; none for what is not kept
    pub kept_as: Option<SessionKey>,
    pub profile: Option<&'p str>,
    pub note: Option<&'p str>,
    /// What the session is narrowed to
    pub scope: Option<&'p str>,
    /// The policy that does it; none for one of AWS's own
    pub policy: Option<&'p str>,
}

impl Plan {
    /// Whether nothing says whose credentials to take: the instance is asked because nothing else is left.
    pub(crate) fn is_last_resort(&self) -> bool {
        self.profile.is_none() && matches!(self.first.call, FirstCall::Given(Given::Instance(_)))
    }
}

impl<C> Step<C> {
    fn summary(&self, call: &'static str) -> StepSummary<'_> {
        StepSummary {
            call,
            access_key_id: None,
            role_arn: None,
            sso_role: None,
            duration: None,
            mfa: None,
            kept_as: Some(self.key),
            profile: self.profile.as_deref(),
            note: self.note.as_deref(),
            scope: self.scope.as_deref(),
            policy: None,
        }
    }
}

impl Step<FirstCall> {
    pub(crate) fn summarize(&self) -> StepSummary<'_> {
        match &self.call {
            FirstCall::Given(given) => {
                let access_key_id = given.access_key_id();
                let summary = self.summary(given.kind().as_str());
                StepSummary { kept_as: None, access_key_id, ..summary }
            }
            FirstCall::ByToken(TokenCall::GetRoleCredentials(request)) => {
                StepSummary { sso_role: Some(request), ..self.summary("sso:GetRoleCredentials") }
            }
            FirstCall::ByToken(TokenCall::AssumeRoleWithWebIdentity(request, _)) => StepSummary {
                role_arn: Some(&request.role_arn),
                duration: Some(request.duration),
                policy: request.context.policy.as_deref(),
                ..self.summary("sts:AssumeRoleWithWebIdentity")
            },
            FirstCall::ByToken(TokenCall::AssumeRoleWithSaml(request, _)) => StepSummary {
                role_arn: Some(&request.role_arn),
                duration: request.duration,
                policy: request.context.policy.as_deref(),
                ..self.summary("sts:AssumeRoleWithSAML")
            },
        }
    }
}

impl Step<SignedCall> {
    fn is_scope(&self) -> bool {
        matches!(self.call.request, SignedRequest::GetScopedCredentials(_))
    }

    /// What must be left of the session that signs, where `own` must be left of the result: what is narrowed ends with
    /// what it is made of.
    pub(crate) fn margin_of_signer(&self, own: Margin) -> Margin {
        match &self.call.request {
            SignedRequest::GetScopedCredentials(request) => {
                let and_signs = |lasting| Margin::SIGNING.at_least(lasting + TO_SIGN);
                request.duration.map_or(own, and_signs)
            }
            SignedRequest::GetSessionToken(_) | SignedRequest::AssumeRole(_) => Margin::SIGNING,
        }
    }

    pub(crate) fn summarize(&self) -> StepSummary<'_> {
        let SignedCall { request, mfa } = &self.call;
        let summary = match request {
            SignedRequest::GetSessionToken(request) => StepSummary {
                duration: Some(request.duration),
                ..self.summary("sts:GetSessionToken")
            },
            SignedRequest::AssumeRole(request) => StepSummary {
                role_arn: Some(&request.role_arn),
                duration: Some(request.duration),
                policy: request.context.policy.as_deref(),
                ..self.summary("sts:AssumeRole")
            },
            SignedRequest::GetScopedCredentials(request) => StepSummary {
                duration: request.duration,
                policy: request.policy.as_deref(),
                ..self.summary("sts:GetScopedCredentials")
            },
        };
        StepSummary { mfa: mfa.as_ref(), ..summary }
    }
}

impl Plan {
    /// The step that no keys sign.
    pub(crate) fn first(&self) -> &Step<FirstCall> {
        &self.first
    }

    /// The steps after it, in order.
    pub(crate) fn rest(&self) -> &[Step<SignedCall>] {
        &self.rest
    }

    pub(crate) fn steps(&self) -> impl Iterator<Item = StepSummary<'_>> {
        let rest = self.rest.iter().map(Step::<SignedCall>::summarize);
        std::iter::once(self.first.summarize()).chain(rest)
    }

    /// The step whose result is asked for.
    pub(crate) fn last(&self) -> StepSummary<'_> {
        match self.rest.last() {
            Some(last) => last.summarize(),
            None => self.first.summarize(),
        }
    }

    /// The name of what the plan leads to, kept or not.
    pub(crate) fn last_key(&self) -> &SessionKey {
        self.rest.last().map_or(&self.first.key, |step| &step.key)
    }

    /// The steps after the first one that give somebody's session; what narrows it comes behind them.
    pub(crate) fn rest_before_scope(&self) -> &[Step<SignedCall>] {
        let narrowing = self.rest.iter().rev().take_while(|step| step.is_scope()).count();
        &self.rest[..self.rest.len() - narrowing]
    }

    /// The step that says who it is.
    pub(crate) fn last_before_scope(&self) -> StepSummary<'_> {
        match self.rest_before_scope().last() {
            Some(last) => last.summarize(),
            None => self.first.summarize(),
        }
    }

    /// Whether what the first step gives is narrowed, and nothing else done with it.
    pub(super) fn narrows_source(&self) -> bool {
        self.rest_before_scope().is_empty() && !self.rest.is_empty()
    }

    /// Whether the plan leads to a session, and to no access key of a user, as far as that is known ahead.
    pub(crate) fn ends_in_session(&self) -> bool {
        !self.rest.is_empty()
            || match &self.first.call {
                FirstCall::Given(given) => given.is_session(),
                FirstCall::ByToken(_) => true,
            }
    }

    /// The name of what the plan leads to, where the vault keeps that. Who else hands credentials over may give
    /// another's the next time.
    pub(crate) fn key_of_kept(&self) -> Option<SessionKey> {
        match (self.last().kept_as, &self.first.call) {
            (None, FirstCall::Given(Given::StoredKeys { .. } | Given::LoginSession { .. })) => {
                Some(self.first.key)
            }
            (kept, _) => kept,
        }
    }

    /// What must be left of the plan's result.
    pub(crate) fn margin(&self) -> Margin {
        let margin = match self.rules.purpose {
            Purpose::Deliver => Margin::DELIVERY,
            Purpose::Sign | Purpose::Assume => Margin::SIGNING,
        };
        margin.at_least(self.rules.min_ttl.unwrap_or_default())
    }

    /// The sessions that the vault may hold, and what must be left of each for it to be used.
    pub(crate) fn sessions(&self) -> impl Iterator<Item = (SessionKey, Margin)> {
        let mut margins = vec![self.margin()];
        for step in self.rest.iter().rev() {
            margins.push(step.margin_of_signer(margins[margins.len() - 1]));
        }
        self.steps()
            .zip(margins.into_iter().rev())
            .filter_map(|(step, margin)| Some((step.kept_as?, margin)))
    }

    /// The same up to the session that an MFA code gives; none where no such session leads to the others.
    pub(crate) fn up_to_mfa(mut self) -> Option<Self> {
        let is_it = |step: &Step<SignedCall>| {
            step.call.mfa.is_some()
                && matches!(step.call.request, SignedRequest::GetSessionToken(_))
        };
        let at = self.rest.iter().position(is_it)?;
        self.rest.truncate(at + 1);
        Some(self)
    }

    /// The same without `--refresh`, which was meant once.
    pub(crate) fn for_renewal(mut self) -> Self {
        self.rules.refresh = false;
        self
    }

    pub(crate) fn no_session(&self) -> Option<NoSession> {
        self.no_session
    }

    pub(crate) fn rules(&self) -> SessionRules {
        self.rules
    }

    pub(crate) fn settings(&self) -> &ClientSettings {
        &self.settings
    }

    /// The region that the child gets.
    pub(crate) fn region(&self) -> Option<&str> {
        self.settings.region.as_deref()
    }

    pub(crate) fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    pub(crate) fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Whether the plan starts from the token of a CI job.
    pub(crate) fn is_of_job(&self) -> bool {
        matches!(&self.first.call, FirstCall::ByToken(TokenCall::AssumeRoleWithWebIdentity(_, origin))
            if origin.is_of_job())
    }

    /// The login that the plan starts from, if it starts from one.
    pub(crate) fn login(&self) -> Option<Login> {
        match &self.first.call {
            FirstCall::ByToken(TokenCall::GetRoleCredentials(request)) => {
                Some(Login::IdentityCenter(request.login.clone()))
            }
            FirstCall::Given(Given::LoginSession { session, .. }) => {
                Some(Login::Console(session.clone()))
            }
            FirstCall::ByToken(
                TokenCall::AssumeRoleWithWebIdentity(..) | TokenCall::AssumeRoleWithSaml(..),
            )
            | FirstCall::Given(_) => None,
        }
    }

    /// Whether the plan starts from the session of a SAML login, which only a person can make anew.
    pub(crate) fn begins_with_saml_login(&self) -> bool {
        matches!(
            self.first.call,
            FirstCall::ByToken(TokenCall::AssumeRoleWithSaml(_, AssertionSource::Login { .. }))
        )
    }

    /// The session of a file that the plan hands over as it is.
    pub(crate) fn file_session(&self) -> Option<&FileSession> {
        match &self.first.call {
            FirstCall::Given(Given::StaticKeys(keys)) if self.rest_before_scope().is_empty() => {
                keys.session.as_ref()
            }
            _ => None,
        }
    }

    /// Whether the plan starts from such a session, which awsx can make anew.
    pub(crate) fn is_renewable(&self) -> bool {
        matches!(&self.first.call, FirstCall::Given(Given::StaticKeys(keys)) if keys.is_renewable)
    }

    /// The name of the stored keys that the plan starts from, if it starts from any.
    pub(crate) fn name_of_stored_keys(&self) -> Option<&str> {
        match &self.first.call {
            FirstCall::Given(given) => given.name_of_stored_keys(),
            FirstCall::ByToken(_) => None,
        }
    }

    /// The key in the vault of the login that the plan starts from.
    pub(crate) fn login_key(&self) -> Option<SessionKey> {
        self.login().map(|login| login_key(&login, &self.settings))
    }
}
