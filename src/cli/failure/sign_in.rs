//! What stands between a person and a sign-in to AWS.

use super::session::{of_call, of_prompt, of_vault};
use super::{Failure, Kind, word};
use crate::cli::login::aws::LoginAwsError;
use crate::session::ports::BrowserError;
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

impl From<LoginAwsError> for Failure {
    fn from(error: LoginAwsError) -> Self {
        let (kind, hint) = match &error {
            LoginAwsError::NoRegion { profile, source } => {
                let again = format!(
                    "give --region, as in `awsx login aws {} --region us-east-1`",
                    word(profile)
                );
                let (kind, hint) = of_prompt(source, again);
                return Self::new(kind, &error, hint);
            }
            LoginAwsError::OtherCredentials { key, .. } => (
                Kind::Config,
                format!("name another profile, which need not exist yet, or remove {key}"),
            ),
            LoginAwsError::SomebodyElse { .. } => {
                (Kind::Config, "name another profile, or sign in as the other one".to_owned())
            }
            LoginAwsError::NothingKept => (
                Kind::Vault,
                "unset AWSX_VAULT, or hand the sign-in to the AWS CLI's cache with --share"
                    .to_owned(),
            ),
            LoginAwsError::Unwritable { .. } => (
                Kind::Config,
                "make the file writable and correct, or name another profile".to_owned(),
            ),
            LoginAwsError::Profile { session, profile, .. } => (
                Kind::Config,
                format!("add `login_session = {session}` to profile {}", word(profile)),
            ),
        };
        Self::new(kind, &error, hint)
    }
}
