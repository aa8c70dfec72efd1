//! What stands between a person and a login.

use super::call::call_advice;
use super::files::MAKE_AWS_FILES_YOURS;
use super::{Advice, Advise, Failure, Kind, word};
use crate::login::{LogInError, LogInFailure, LoginError, NotTold};

impl Failure {
    /// Nobody logged in. `command` is what a person runs to log in.
    pub(crate) fn log_in(error: &LogInError, command: &str, profile: Option<&str>) -> Self {
        let elsewhere = error.words.elsewhere;
        let again = format!("run `{command}` again");
        let advice = match &*error.failure {
            LogInFailure::Call(call) => call_advice(call, profile),
            LogInFailure::Vault(vault) => vault.advice(),
            LogInFailure::Cancelled => Kind::Cancelled.without_hint(),
            LogInFailure::Terminal(unanswered) => unanswered.advice(),
            LogInFailure::Nobody(_) => {
                Kind::InputNeeded.with(format!("run `{command}` in a terminal"))
            }
            LogInFailure::Denied { .. } => {
                Kind::Refused.with(format!("{again}, and allow awsx on the page that opens"))
            }
            LogInFailure::TimedOut => Kind::InputNeeded.with(again),
            LogInFailure::OpenedTwice => Kind::Refused
                .with(format!("run `{command} --no-browser`, and open what it shows to you alone")),
            LogInFailure::NotTheCode { .. } => {
                Kind::InputNeeded.with(format!("run `{command} {elsewhere}` again"))
            }
            LogInFailure::SomebodyElse { .. } => Kind::Config
                .with(format!("sign in as the other one, or change the profile with `{command}`")),
            LogInFailure::NothingKept => Kind::Vault.with(format!(
                "unset AWSX_VAULT, or hand the {} to the AWS CLI's cache with --share",
                error.words.noun
            )),
            LogInFailure::NotShared(_) => {
                Kind::Config.with(format!("{MAKE_AWS_FILES_YOURS}, then share it again"))
            }
            LogInFailure::Nameless => Kind::Unreachable.with(again),
            LogInFailure::Listen(_) => Kind::Unexpected
                .with(format!("free the port, leave --port out, or run `{command} {elsewhere}`")),
        };
        Self::new(error, advice)
    }

    /// The same, where only a login for this profile helps: it reaches AWS its own way.
    #[must_use]
    pub(crate) fn for_login_of(mut self, profile: &str) -> Self {
        self.hint = Some(format!("run `awsx login sso --profile {}`", word(profile)));
        self
    }

    /// The same; where a person must log in, with another command to run.
    #[must_use]
    pub(crate) fn with_login_by(mut self, command: &str) -> Self {
        if self.kind == Kind::InputNeeded {
            self.hint = Some(format!("run `{command}` in a terminal"));
        }
        self
    }
}

impl Advise for NotTold {
    fn advice(&self) -> Advice {
        match self {
            Self::Call(call) => call.advice(),
            Self::Sealed(_) => Kind::Vault.with(
                "AWS ends it in time, and an administrator can at once: \
                 https://docs.aws.amazon.com/singlesignon/latest/userguide/end-active-sessions.html",
            ),
        }
    }
}

impl Advise for LoginError {
    fn advice(&self) -> Advice {
        match self {
            Self::Call(call) => call.advice(),
            Self::Vault(vault) => vault.advice(),
        }
    }
}
