//! Why nobody is logged in.

use std::error::Error;
use std::fmt;

use crate::credentials::{Login, LoginWords};
use crate::login::current::LoginError;
use crate::ports::{CallError, CallbackError, ListenError, Nobody, Unanswered};
use crate::vault::VaultError;

/// Why nobody is logged in, and where.
#[derive(Debug)]
pub(crate) struct LogInError {
    /// `sso-session "corp"`, `AWS sign-in`
    place: String,
    pub(crate) words: &'static LoginWords,
    pub(crate) failure: Box<LogInFailure>,
}

/// What ended the attempt to log in.
#[derive(Debug)]
pub(crate) enum LogInFailure {
    Call(CallError),
    Vault(VaultError),
    /// The browser could not come back
    Listen(ListenError),
    Terminal(Unanswered),
    /// The person pressed Ctrl-C or Ctrl-D
    Cancelled,
    Nobody(Nobody),
    /// The person or AWS said no, in AWS's words
    Denied(String),
    TimedOut,
    /// Two browsers opened the address that is for one
    OpenedTwice,
    /// What the person brought is not the code that the page of AWS sign-in shows
    NotTheCode(String),
    /// Another ARN logged in than the one whose credentials a command needs
    SomebodyElse {
        logged_in: String,
        needed: String,
    },
    /// AWS did not say who logged in
    Nameless,
    /// The vault would forget the login at once
    NothingKept,
    /// It is kept, but the AWS CLI's cache cannot be written
    NotShared(CallError),
}

impl LogInError {
    pub(super) fn new(login: &Login, failure: LogInFailure) -> Self {
        match login {
            Login::IdentityCenter(_) => {
                Self { place: login.to_string(), words: login.words(), failure: Box::new(failure) }
            }
            Login::Console(_) => Self::at_console(failure),
        }
    }

    /// For a profile whose assertion a person brings.
    pub(crate) fn for_profile(profile: &str, failure: LogInFailure) -> Self {
        let place = format!("profile \"{profile}\"");
        Self { place, words: Login::SAML, failure: Box::new(failure) }
    }

    pub(super) fn at_console(failure: LogInFailure) -> Self {
        Self { place: "AWS sign-in".to_owned(), words: Login::CONSOLE, failure: Box::new(failure) }
    }
}

impl fmt::Display for LogInError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, words: LoginWords { noun, verb, .. }, failure } = self;
        f.write_str(place)?;
        match &**failure {
            // The cause says the rest.
            LogInFailure::Call(_)
            | LogInFailure::Vault(_)
            | LogInFailure::Listen(_)
            | LogInFailure::Terminal(_) => Ok(()),
            LogInFailure::NotShared(_) => {
                write!(f, ": the {noun} is kept, but the AWS CLI's cache does not have it")
            }
            LogInFailure::Cancelled => write!(f, ": the {noun} was cancelled"),
            LogInFailure::Nobody(nobody) => write!(f, ": a person must {verb}, and {nobody}"),
            LogInFailure::Denied(reason) => write!(f, ": the {noun} was denied: {reason}"),
            LogInFailure::TimedOut => write!(f, ": nobody confirmed the {noun} in time"),
            LogInFailure::OpenedTwice => f.write_str(
                ": two browsers opened the address that awsx gave to one, perhaps somebody else's on \
                 this machine; nothing is taken from either",
            ),
            LogInFailure::NotTheCode(problem) => {
                write!(f, ": what was pasted is not the code of the page: {problem}")
            }
            LogInFailure::SomebodyElse { logged_in, needed } => {
                write!(f, ": {logged_in} signed in, but {needed} was to")
            }
            LogInFailure::NothingKept => write!(
                f,
                ": the vault is in memory, which forgets a {noun} at the end of the command"
            ),
            LogInFailure::Nameless => {
                f.write_str(": the answer names nobody: it has no idToken with an ARN for `sub`")
            }
        }
    }
}

impl Error for LogInError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &*self.failure {
            LogInFailure::Call(cause) | LogInFailure::NotShared(cause) => Some(cause),
            LogInFailure::Vault(cause) => Some(cause),
            LogInFailure::Listen(cause) => Some(cause),
            LogInFailure::Terminal(cause) => Some(cause),
            LogInFailure::Cancelled
            | LogInFailure::Nobody(_)
            | LogInFailure::Denied(_)
            | LogInFailure::TimedOut
            | LogInFailure::OpenedTwice
            | LogInFailure::NotTheCode(_)
            | LogInFailure::SomebodyElse { .. }
            | LogInFailure::Nameless
            | LogInFailure::NothingKept => None,
        }
    }
}

impl From<CallError> for LogInFailure {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl From<VaultError> for LogInFailure {
    fn from(error: VaultError) -> Self {
        Self::Vault(error)
    }
}

impl From<LoginError> for LogInFailure {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Call(error) => Self::Call(error),
            LoginError::Vault(error) => Self::Vault(error),
        }
    }
}

impl From<Nobody> for LogInFailure {
    fn from(nobody: Nobody) -> Self {
        Self::Nobody(nobody)
    }
}

impl From<Unanswered> for LogInFailure {
    fn from(error: Unanswered) -> Self {
        match error {
            Unanswered::Cancelled => Self::Cancelled,
            Unanswered::Terminal(_) => Self::Terminal(error),
        }
    }
}

impl From<ListenError> for LogInFailure {
    fn from(error: ListenError) -> Self {
        Self::Listen(error)
    }
}

impl From<CallbackError> for LogInFailure {
    fn from(error: CallbackError) -> Self {
        match error {
            CallbackError::TimedOut => Self::TimedOut,
            CallbackError::OpenedTwice => Self::OpenedTwice,
            CallbackError::Unanswered(error) => error.into(),
        }
    }
}
