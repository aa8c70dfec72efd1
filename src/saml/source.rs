//! Where an assertion comes from.

use std::time::Duration;

use super::assertion::Assertion;

#[derive(Clone, Debug)]
pub(crate) enum AssertionSource {
    /// A program that prints it
    Command {
        command: String,
        /// `saml_command` or `--saml-command`
        named_by: &'static str,
    },
    /// `--saml-assertion`
    Given(Box<Assertion>),
}

impl AssertionSource {
    /// The setting or the flag that says it.
    pub(crate) fn setting(&self) -> &'static str {
        match self {
            Self::Command { named_by, .. } => named_by,
            Self::Given(_) => "--saml-assertion",
        }
    }

    /// How long the session shall last, where that is known before the assertion is asked for.
    pub(crate) fn duration(&self) -> Option<Duration> {
        match self {
            Self::Command { .. } => None,
            Self::Given(assertion) => assertion.duration,
        }
    }
}
