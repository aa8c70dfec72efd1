//! Any error as a kind, one sentence, a hint and an exit code. Every match is exhaustive, so that a
//! new error cannot be forgotten here.

mod call;
mod deliver;
mod files;
mod guard;
mod keys;
mod login;
mod mfa;
mod mint;
mod organization;
mod person;
mod resolve;
mod rotate;
mod saml;
mod vault;

pub(crate) use call::{SESSION_DENIED, hint_of_decoders, hint_of_keys, login_command};
pub(crate) use deliver::{CMD, hint_of_command};
pub(crate) use files::MAKE_AWS_FILES_YOURS;
pub(crate) use mfa::hint_of_serial;
pub(crate) use mint::hint_of_code;
pub(crate) use person::prompt_advice;

use std::error::Error;
use std::io;
use std::process::ExitCode;

use crate::profile::Location;
use crate::text::with_causes;
pub(crate) use crate::text::word;

/// The kinds of failure; `docs/cli.md` is the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 1: a bug or an unclassified I/O error
    Unexpected,
    /// 1: nothing says what was asked for, as with `aws configure get`
    NotSet,
    /// 1: keys where none should be, as with git-secrets
    KeysFound,
    /// 1: ways around awsx, where none should be
    WaysOpen,
    /// 2: the command line
    Usage,
    /// 3: unreadable or contradictory files, unknown profile, cycle
    Config,
    /// 4: something must be asked and nobody can be
    InputNeeded,
    /// 5: AWS said no
    Refused,
    /// 6: network, time-out, throttled past the bound
    Unreachable,
    /// 7: the keychain is locked, absent or failed
    Vault,
    /// 8: the chain ended without any
    NoCredentials,
    /// 126: the command cannot be executed
    CannotExecute,
    /// 127: the command is not found
    NotFound,
    /// 130: Ctrl-C at a prompt
    Cancelled,
}

impl Kind {
    pub const ALL: [Self; 14] = [
        Self::Unexpected,
        Self::NotSet,
        Self::KeysFound,
        Self::WaysOpen,
        Self::Usage,
        Self::Config,
        Self::InputNeeded,
        Self::Refused,
        Self::Unreachable,
        Self::Vault,
        Self::NoCredentials,
        Self::CannotExecute,
        Self::NotFound,
        Self::Cancelled,
    ];

    /// The stable name in JSON, and the exit code.
    pub fn contract(self) -> (&'static str, u8) {
        match self {
            Self::Unexpected => ("unexpected", 1),
            Self::NotSet => ("not_set", 1),
            Self::KeysFound => ("keys_found", 1),
            Self::WaysOpen => ("ways_open", 1),
            Self::Usage => ("usage", 2),
            Self::Config => ("config", 3),
            Self::InputNeeded => ("input_needed", 4),
            Self::Refused => ("refused", 5),
            Self::Unreachable => ("unreachable", 6),
            Self::Vault => ("vault", 7),
            Self::NoCredentials => ("no_credentials", 8),
            Self::CannotExecute => ("cannot_execute", 126),
            Self::NotFound => ("not_found", 127),
            Self::Cancelled => ("cancelled", 130),
        }
    }
}

/// What an error comes to.
pub(crate) struct Advice {
    pub(crate) kind: Kind,
    /// What to do next
    pub(crate) hint: Option<String>,
    /// AWS's error code, where AWS refused a call
    pub(crate) code: Option<String>,
}

impl Kind {
    pub(crate) fn with(self, hint: impl Into<String>) -> Advice {
        Advice { kind: self, hint: Some(hint.into()), code: None }
    }

    pub(crate) fn without_hint(self) -> Advice {
        Advice { kind: self, hint: None, code: None }
    }
}

/// An error that ends a command.
pub(crate) trait Advise: Error + 'static {
    fn advice(&self) -> Advice;
}

/// A command's end in failure.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(super) kind: Kind,
    /// One sentence: profile, place and cause
    pub(super) message: String,
    pub(super) hint: Option<String>,
    /// AWS's error code, where AWS refused a call
    pub(super) refusal: Option<String>,
    /// The person knows it already, perhaps from another awsx; a program is told all the same
    pub(crate) is_told: bool,
}

impl<E: Advise> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(&error, error.advice())
    }
}

impl Failure {
    /// An error with advice that depends on where it came up.
    pub(crate) fn new(error: &(dyn Error + 'static), advice: Advice) -> Self {
        Self::say(with_causes(error), advice)
    }

    /// Advice on something that is no error of its own.
    pub(crate) fn say(message: String, Advice { kind, hint, code }: Advice) -> Self {
        Self { kind, message, hint, refusal: code, is_told: false }
    }

    /// Whether it comes from AWS, which may not know what was said of it.
    pub(crate) fn is_of_answers(&self) -> bool {
        matches!(self.kind, Kind::Refused | Kind::Unreachable)
    }

    /// A mistake on the command line that clap cannot see.
    pub(crate) fn usage(message: String, hint: &str) -> Self {
        Self::say(message, Kind::Usage.with(hint))
    }

    /// An I/O error that nobody expects.
    pub(crate) fn io(what: &str, error: &io::Error) -> Self {
        Self::say(format!("{what}: {error}"), Kind::Unexpected.without_hint())
    }

    /// The same, with the place of the profile before the sentence.
    #[must_use]
    pub(crate) fn at(mut self, place: &Location) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }

    pub(crate) fn output(error: &io::Error) -> Self {
        Self::io("the output could not be written", error)
    }

    #[must_use]
    pub(crate) fn with_hint(mut self, hint: String) -> Self {
        self.hint = Some(hint);
        self
    }

    /// The same, with more to do after that.
    #[must_use]
    pub(crate) fn and_then_hint(mut self, next: &str) -> Self {
        self.hint = Some(match self.hint {
            Some(hint) => format!("{hint}; {next}"),
            None => next.to_owned(),
        });
        self
    }

    /// As programs are told of it.
    pub(crate) fn document(&self) -> serde_json::Value {
        let kind = self.kind.contract().0;
        let command = self.command();
        serde_json::json!({ "kind": kind, "message": self.message, "hint": self.hint, "command": command })
    }

    /// The command line of awsx that the hint names first.
    pub(crate) fn command(&self) -> Option<&str> {
        let quoted = self.hint.as_deref()?.split('`').skip(1).step_by(2);
        quoted.into_iter().find(|text| text.starts_with("awsx "))
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code())
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    pub(crate) fn code(&self) -> u8 {
        self.kind.contract().1
    }
}
