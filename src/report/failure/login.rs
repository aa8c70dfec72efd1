//! What stands between a person and a login.

use super::session::{login_command, of_call, of_prompt, of_unanswered, of_vault};
use super::{Failure, Kind, word};
use crate::organization::account_name::AccountNameError;
use crate::ports::{BrowserError, CallError};
use crate::resolve::SsoSessionError;
use crate::session::renewal::RenewalError;
use crate::session::sso_login::{LoginError, LoginFailure};

impl Failure {
    /// The same, where only a login for this profile helps: it reaches AWS its own way.
    #[must_use]
    pub(crate) fn for_login_of(mut self, profile: &str) -> Self {
        self.hint = Some(format!("run `awsx login sso --profile {}`", word(profile)));
        self
    }
}

impl From<LoginError> for Failure {
    fn from(error: LoginError) -> Self {
        let command = login_command(&error.login, None);
        let (kind, hint) = match &error.cause {
            LoginFailure::Call(call) => of_call(call, None),
            LoginFailure::Cancelled => (Kind::Cancelled, None),
            LoginFailure::Prompt(prompt) => {
                of_prompt(prompt, format!("run `{command}` in a terminal"))
            }
            LoginFailure::Denied { .. } => (
                Kind::Refused,
                Some(format!("run `{command}` again, and allow awsx on the page that opens")),
            ),
            LoginFailure::TimedOut => (Kind::InputNeeded, Some(format!("run `{command}` again"))),
            LoginFailure::Browser(browser) => of_browser(browser, &command),
            LoginFailure::Vault(vault) => of_vault(vault),
        };
        Self::new(kind, &error, hint)
    }
}

fn of_browser(error: &BrowserError, command: &str) -> (Kind, Option<String>) {
    match error {
        BrowserError::NotOpened { .. } => {
            (Kind::Unexpected, Some(format!("run `{command} --no-browser`")))
        }
        BrowserError::Listen { .. } => (
            Kind::Unexpected,
            Some(format!("free the port, leave --port out, or run `{command} --device-code`")),
        ),
        BrowserError::TimedOut { .. } => {
            (Kind::InputNeeded, Some(format!("run `{command}` again")))
        }
        BrowserError::Unanswered(unanswered) => of_unanswered(unanswered),
    }
}

impl From<RenewalError> for Failure {
    fn from(error: RenewalError) -> Self {
        let (kind, hint) = match &error {
            RenewalError::Call(call) => of_call(call, None),
            RenewalError::Vault(vault) => of_vault(vault),
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

impl From<SsoSessionError> for Failure {
    fn from(error: SsoSessionError) -> Self {
        let hint = match &error {
            SsoSessionError::Unknown { known, .. } if known.is_empty() => {
                "`awsx config sso` makes one".to_owned()
            }
            SsoSessionError::Unknown { known, .. } => {
                let known: Vec<_> = known.iter().map(|name| word(name)).collect();
                format!("there are: {}", known.join(", "))
            }
            SsoSessionError::Incomplete { at, missing, .. } => format!("add {missing} at {at}"),
            SsoSessionError::Invalid { at, .. } => format!("edit {at}"),
        };
        Self::new(Kind::Config, &error, hint)
    }
}
