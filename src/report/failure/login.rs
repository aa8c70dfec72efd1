//! What stands between a person and a login.

use super::session::{of_call, of_vault};
use super::{Failure, Kind, word};
use crate::login::{LogInError, LogInFailure, LoginError};
use crate::organization::account_name::AccountNameError;
use crate::ports::{BrowserError, CallError};

impl Failure {
    /// The same, where only a login for this profile helps: it reaches AWS its own way.
    #[must_use]
    pub(crate) fn for_login_of(mut self, profile: &str) -> Self {
        self.hint = Some(format!("run `awsx login sso --profile {}`", word(profile)));
        self
    }
}

impl Failure {
    /// Nobody logged in. `command` is what a person runs to log in.
    pub(crate) fn log_in(error: &LogInError, command: &str, profile: Option<&str>) -> Self {
        let elsewhere = error.words().elsewhere;
        let again = format!("run `{command}` again");
        let (kind, hint) = match error.failure() {
            LogInFailure::Call(call) => of_call(call, profile),
            LogInFailure::Vault(vault) => of_vault(vault),
            LogInFailure::Cancelled => (Kind::Cancelled, None),
            LogInFailure::Terminal(_) => (Kind::Unexpected, None),
            LogInFailure::Nobody(_) => {
                (Kind::InputNeeded, Some(format!("run `{command}` in a terminal")))
            }
            LogInFailure::Denied { .. } => {
                (Kind::Refused, Some(format!("{again}, and allow awsx on the page that opens")))
            }
            LogInFailure::TimedOut => (Kind::InputNeeded, Some(again)),
            LogInFailure::NotTheCode { .. } => {
                (Kind::InputNeeded, Some(format!("run `{command} {elsewhere}` again")))
            }
            LogInFailure::SomebodyElse { .. } => (
                Kind::Config,
                Some(format!("sign in as the other one, or change the profile with `{command}`")),
            ),
            LogInFailure::NothingKept => (
                Kind::Vault,
                Some(format!(
                    "unset AWSX_VAULT, or hand the {} to the AWS CLI's cache with --share",
                    error.words().noun
                )),
            ),
            LogInFailure::Nameless => (Kind::Unreachable, Some(again)),
            LogInFailure::Browser(browser) => of_browser(browser, command, elsewhere),
        };
        Self::new(kind, error, hint)
    }
}

fn of_browser(error: &BrowserError, command: &str, elsewhere: &str) -> (Kind, Option<String>) {
    match error {
        BrowserError::NotOpened { .. } => {
            (Kind::Unexpected, Some(format!("run `{command} --no-browser`")))
        }
        BrowserError::Listen { .. } => (
            Kind::Unexpected,
            Some(format!("free the port, leave --port out, or run `{command} {elsewhere}`")),
        ),
        BrowserError::TimedOut { .. } | BrowserError::Unanswered(_) => {
            (Kind::InputNeeded, Some(format!("run `{command}` again")))
        }
    }
}

impl From<LoginError> for Failure {
    fn from(error: LoginError) -> Self {
        let (kind, hint) = match &error {
            LoginError::Call(call) => of_call(call, None),
            LoginError::Vault(vault) => of_vault(vault),
        };
        Self::new(kind, &error, hint)
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        let (kind, hint) = of_call(&error, None);
        Self::new(kind, &error, hint)
    }
}

impl From<AccountNameError> for Failure {
    fn from(error: AccountNameError) -> Self {
        let (kind, hint) = match &error {
            AccountNameError::Unknown { name, .. } if name.bytes().all(|b| b.is_ascii_digit()) => (
                Kind::Usage,
                "an account id has 12 digits; `awsx sso accounts` lists those that are yours",
            ),
            AccountNameError::Unknown { .. } => {
                (Kind::Usage, "`awsx sso accounts` lists those that are yours")
            }
            AccountNameError::Ambiguous { .. } => (Kind::Usage, "give the id"),
            AccountNameError::StateDir(_) => {
                (Kind::Vault, "set AWSX_STATE_DIR to a directory of your own")
            }
        };
        Self::new(kind, &error, hint.to_owned())
    }
}
