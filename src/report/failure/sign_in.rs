//! What stands between a person and a sign-in to AWS.

use super::session::{of_call, of_prompt, of_vault};
use super::{Failure, Kind, word};
use crate::ports::BrowserError;
use crate::session::renewal::RenewalError;
use crate::session::signing_in::SigningInError;

impl Failure {
    /// Nobody signed in for the profile.
    pub(crate) fn signing_in(error: &SigningInError, profile: &str) -> Self {
        let command = format!("awsx login aws {}", word(profile));
        let again = format!("run `{command}` again");
        let (kind, hint) = match error {
            SigningInError::Call(call) => of_call(call, Some(profile)),
            SigningInError::Prompt(prompt) => {
                of_prompt(prompt, format!("run `{command}` in a terminal"))
            }
            SigningInError::Denied { .. } => (Kind::Refused, Some(again)),
            SigningInError::TimedOut => (Kind::InputNeeded, Some(again)),
            SigningInError::Code { .. } => {
                (Kind::InputNeeded, Some(format!("run `{command} --remote` again")))
            }
            SigningInError::Browser(BrowserError::Listen { .. }) => (
                Kind::Unexpected,
                Some(format!("free the port, leave --port out, or run `{command} --remote`")),
            ),
            SigningInError::Browser(_) => {
                (Kind::Unexpected, Some(format!("run `{command} --no-browser`")))
            }
            SigningInError::SomebodyElse { .. } => (
                Kind::Config,
                Some(format!("sign in as the other one, or change the profile with `{command}`")),
            ),
            SigningInError::Kept(RenewalError::Call(call)) => of_call(call, Some(profile)),
            SigningInError::Kept(RenewalError::Vault(vault)) => of_vault(vault),
            SigningInError::Nobody => (Kind::Unreachable, Some(again)),
        };
        Self::new(kind, error, hint)
    }
}
