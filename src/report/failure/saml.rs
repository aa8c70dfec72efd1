//! Assertions that are none, and roles that they do not have.

use super::call::call_advice;
use super::{Advice, Advise, Failure, Kind, word};
use crate::saml::{AssertionFlaw, NoRole, SamlRole};
use crate::session::SamlError;

impl Advise for AssertionFlaw {
    fn advice(&self) -> Advice {
        Kind::Usage.with(hint_of_assertion(self))
    }
}

/// What to do about a text that is no assertion.
pub(super) fn hint_of_assertion(flaw: &AssertionFlaw) -> &'static str {
    use AssertionFlaw as F;
    match flaw {
        F::Empty
        | F::Bare
        | F::Page
        | F::Token
        | F::NotBase64
        | F::NotText
        | F::Request
        | F::NotResponse
        | F::Xml => {
            "it is the value of SAMLResponse: the browser's developer tools show it under Network, in the \
             request to signin.aws.amazon.com/saml"
        }
        F::TooLong(_) => "have the identity provider send fewer roles and attributes",
        F::Refusal(_) => "sign in at the identity provider again; it says there what is missing",
        F::Encrypted => {
            "`awsx sts assume-role-with-saml --role-arn ARN --principal-arn ARN --saml-assertion FILE` hands \
             it to AWS unread"
        }
        F::NoAssertion | F::NoRole(_) => {
            "see that the application at the identity provider is the one for AWS, and that it sends \
             https://aws.amazon.com/SAML/Attributes/Role"
        }
        F::Dtd
        | F::Entity
        | F::Several(_)
        | F::Nested
        | F::Markup(_)
        | F::Twice(_)
        | F::Time(_) => {
            "do not use it: ask whoever administers the identity provider how it came to be like that"
        }
    }
}

/// What comes of an assertion that opens no session of this profile.
pub(super) fn saml_advice(error: &SamlError, profile: Option<&str>) -> Advice {
    use AssertionFlaw as F;
    match error {
        SamlError::Call(call) => call_advice(call, profile),
        SamlError::Over { .. } => Kind::NoCredentials.with("get a new one"),
        SamlError::LoginNeeded(_) => {
            let profile = profile.map(|profile| format!(" {}", word(profile))).unwrap_or_default();
            Kind::InputNeeded.with(format!("run `awsx login saml{profile}`"))
        }
        SamlError::Flaw { flaw: F::Empty | F::Bare | F::Page | F::Token | F::NotBase64 | F::NotText, .. } => {
            Kind::NoCredentials.with(
                "run the command yourself: it must print the assertion in base 64, and nothing else",
            )
        }
        SamlError::Flaw { flaw, .. } => Kind::NoCredentials.with(hint_of_assertion(flaw)),
        SamlError::Role(none) if profile.is_none() => none.advice(),
        SamlError::Role(NoRole::SeveralProviders(roles)) => {
            Kind::Config.with(format!("add principal_arn = {} beside role_arn", principal(roles)))
        }
        SamlError::Role(NoRole::Lacks { .. } | NoRole::Several(_)) => Kind::NoCredentials.with(
            "correct role_arn or principal_arn, or ask whoever administers the identity provider for \
             that role",
        ),
    }
}

impl Failure {
    /// Of an assertion for this profile.
    pub(crate) fn saml(error: &SamlError, profile: &str) -> Self {
        Self::new(error, saml_advice(error, Some(profile)))
    }
}

impl Advise for SamlError {
    fn advice(&self) -> Advice {
        saml_advice(self, None)
    }
}

fn principal(roles: &[SamlRole]) -> &str {
    roles.first().map_or("ARN", |role| &role.principal_arn)
}

impl Advise for NoRole {
    fn advice(&self) -> Advice {
        let first = |flag: &str, arn: &str| format!("name one of them: {flag} {}", word(arn));
        Kind::Usage.with(match self {
            Self::Several(roles) | Self::Lacks { roles, .. } => {
                first("--role-arn", roles.first().map_or("ARN", |role| &role.role_arn))
            }
            Self::SeveralProviders(roles) => first("--principal-arn", principal(roles)),
        })
    }
}
