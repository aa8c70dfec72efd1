//! Exchanges a SAML assertion for the session of a role.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::credentials::{AssumeRoleWithSaml, Secret, SessionCredentials, SessionKey, StsCall};
use crate::ports::{CallError, Clock, Sources, Sts};
use crate::saml::{Assertion, AssertionFlaw, AssertionSource, NoRole, SamlRole, choose};

const CALL: &str = "sts:AssumeRoleWithSAML";

/// AWS's default, where neither a setting nor the assertion says how long.
const USUAL_DURATION: Duration = Duration::from_secs(3600);

/// How far this machine's clock may be off: what is over for longer, AWS does not take either.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// Why an assertion opens no session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SamlError {
    #[error("the output of {named_by} {flaw}")]
    Flaw { named_by: &'static str, flaw: AssertionFlaw },
    #[error("the assertion of {named_by} ended {ended}; AWS takes one for five minutes")]
    Over { named_by: &'static str, ended: String },
    /// A person must log in; when the last login's session ended or ends, in words
    #[error("a login is needed: {}", .0.as_deref().unwrap_or("nobody has logged in"))]
    LoginNeeded(Option<String>),
    #[error(transparent)]
    Role(NoRole),
    #[error(transparent)]
    Call(CallError),
}

impl SamlError {
    /// The setting that it is about.
    pub(crate) fn setting(&self) -> &'static str {
        match self {
            Self::Flaw { named_by, .. } | Self::Over { named_by, .. } => named_by,
            Self::LoginNeeded(_) => "saml_login_url",
            Self::Role(_) | Self::Call(_) => "role_arn",
        }
    }
}

/// Who takes part.
pub(super) struct Exchange<'a> {
    pub sources: &'a dyn Sources,
    pub sts: &'a dyn Sts,
    pub clock: &'a dyn Clock,
    /// The sessions that it is needed for
    pub held: &'a [SessionKey],
    /// The end of the session that the last assertion gave
    pub last_end: Option<DateTime<Utc>>,
}

impl Exchange<'_> {
    pub(super) fn session(
        &self,
        request: &AssumeRoleWithSaml,
        source: &AssertionSource,
    ) -> Result<SessionCredentials, SamlError> {
        let assertion = self.assertion(source)?;
        let over = |end: &DateTime<Utc>| *end + SKEW <= self.clock.now();
        if let Some(end) = assertion.ends.filter(over) {
            let (named_by, ended) = (source.setting(), self.clock.on(end));
            return Err(SamlError::Over { named_by, ended });
        }
        let AssumeRoleWithSaml { role_arn, principal_arn, duration, .. } = request;
        let role = choose(&assertion.roles, Some(role_arn), principal_arn.as_deref());
        let duration = duration.or(assertion.duration).unwrap_or(USUAL_DURATION);
        let call = call(request, role.map_err(SamlError::Role)?, duration, &assertion.encoded);
        let answer = self.sts.ask(None, &call, None).map_err(SamlError::Call)?;
        answer.session.ok_or_else(|| {
            SamlError::Call(CallError::Unreachable {
                call: CALL,
                endpoint: "STS".to_owned(),
                attempts: 1,
                cause: "the answer holds no complete Credentials".to_owned(),
            })
        })
    }

    fn assertion(&self, source: &AssertionSource) -> Result<Assertion, SamlError> {
        match source {
            AssertionSource::Given(assertion)
            | AssertionSource::Login { brought: Some(assertion), .. } => Ok((**assertion).clone()),
            AssertionSource::Login { brought: None, .. } => {
                let now = self.clock.now();
                Err(SamlError::LoginNeeded(self.last_end.map(|end| match end > now {
                    true => format!("the session of the last one ends {}", self.clock.until(end)),
                    false => format!("the session of the last one ended {}", self.clock.on(end)),
                })))
            }
            AssertionSource::Command { command, named_by } => {
                let printed = self.sources.saml_assertion(named_by, command, self.held);
                Assertion::read(&printed.map_err(SamlError::Call)?)
                    .map_err(|flaw| SamlError::Flaw { named_by, flaw })
            }
        }
    }
}

fn call(
    request: &AssumeRoleWithSaml,
    role: &SamlRole,
    duration: Duration,
    assertion: &Secret,
) -> StsCall {
    let plain = |name: &str, text: &str| (name.to_owned(), Secret::new(text));
    let SamlRole { role_arn, principal_arn } = role;
    let mut parameters = vec![
        plain("RoleArn", role_arn),
        plain("PrincipalArn", principal_arn),
        ("SAMLAssertion".to_owned(), assertion.clone()),
        plain("DurationSeconds", &duration.as_secs().to_string()),
    ];
    let context = &request.context;
    parameters.extend(context.policy.as_deref().map(|policy| plain("Policy", policy)));
    for (at, arn) in context.policy_arns.iter().enumerate() {
        parameters.push(plain(&format!("PolicyArns.member.{}.arn", at + 1), arn));
    }
    StsCall { name: CALL, parameters, arn: Some(role_arn.clone()) }
}
