//! What a loopback address waits for.

use zeroize::Zeroizing;

#[cfg(unix)]
use super::answer::answer_in_address;
use super::answer::{AnswerProblem, answer_in_query};
use crate::credentials::Secret;
use crate::ports::{AuthorizationAnswer, CheckAssertion};

/// The path of the callback, fixed by the redirect address that awsx registers.
const PATH: &str = "/oauth/callback";

/// The field of the form that an identity provider has the browser post.
const FIELD: &str = "SAMLResponse";

pub(in crate::host) enum Wants {
    /// `code` beside this `state`, in an address
    Code { state: String },
    /// An assertion that is posted to this path
    Assertion { path: String, check: CheckAssertion },
}

impl Wants {
    pub(super) fn path(&self) -> &str {
        match self {
            Self::Code { .. } => PATH,
            Self::Assertion { path, .. } => path,
        }
    }

    /// The code in the query of an address; an assertion is not there.
    pub(super) fn in_query(&self, query: &str) -> Result<AuthorizationAnswer, AnswerProblem> {
        match self {
            Self::Code { state } => answer_in_query(query, state),
            Self::Assertion { .. } => Err(AnswerProblem::NoCode),
        }
    }

    /// The assertion in a form; else what is wrong with it, in words behind "it".
    pub(super) fn in_form(&self, form: &[u8]) -> Result<Secret, String> {
        let Self::Assertion { check, .. } = self else { return Err("is posted".to_owned()) };
        let mut fields = form_urlencoded::parse(form)
            .filter(|(name, _)| name == FIELD)
            .map(|(_, value)| Zeroizing::new(value.into_owned()));
        match (fields.next(), fields.next()) {
            (Some(only), None) => {
                let assertion = Secret::new(&**only);
                check(&assertion).map(|()| assertion)
            }
            (None, _) => Err(format!("has no {FIELD}")),
            (Some(_), Some(_)) => Err(format!("has {FIELD} twice")),
        }
    }

    /// What a person pasted; else what is wrong with it, as a sentence.
    #[cfg(unix)]
    pub(super) fn read(&self, text: &Secret) -> Result<AuthorizationAnswer, String> {
        match self {
            Self::Code { state } => answer_in_address(text, state)
                .map_err(|problem| format!("This is not the address: {problem}.")),
            Self::Assertion { check, .. } => check(text)
                .map(|()| AuthorizationAnswer::Code(text.clone()))
                .map_err(|problem| format!("This is not the assertion: it {problem}.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_form_has_one_assertion() {
        let check: CheckAssertion = Arc::new(|text: &Secret| match text.expose() {
            "a+b=" => Ok(()),
            _ => Err("is another".to_owned()),
        });
        let wants = Wants::Assertion { path: "/saml".to_owned(), check };
        for (form, expected) in [
            ("RelayState=x&SAMLResponse=a%2Bb%3D", Ok("a+b=")),
            ("SAMLResponse=a", Err("is another")),
            ("RelayState=x", Err("has no SAMLResponse")),
            ("", Err("has no SAMLResponse")),
            ("SAMLResponse=a&SAMLResponse=b", Err("has SAMLResponse twice")),
        ] {
            let found = wants.in_form(form.as_bytes());
            assert_eq!(found.as_ref().map(Secret::expose).map_err(|e| &**e), expected, "{form}");
        }
        assert!(Wants::Code { state: "s".to_owned() }.in_form(b"SAMLResponse=a").is_err());
    }
}
