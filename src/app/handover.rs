//! What a command hands over.

use super::audit::By;
use super::consent::Consent;
use crate::guard::Identity;

/// What is handed over, and what the command line says to a guard.
#[derive(Debug)]
pub(crate) struct Handover {
    /// What comes next: `run terraform`
    pub to_do: String,
    pub by: By,
    pub consent: Consent,
    pub yields: Yields,
    /// Whose credentials the command itself makes of the plan's
    pub result: Option<Identity>,
    /// Where it is used, where that is not the plan's region
    pub region: Option<String>,
}

/// What of the plan's result somebody gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Yields {
    /// The result, or what can do no more than that
    Session,
    /// A token of who it is, in words; what the session may do is no matter
    Identity(&'static str),
    /// What this call yields, which is another session
    Call(&'static str),
    /// Nothing but an answer of AWS
    Answer,
}

/// Said of `--no-session`, which no limit of a session reaches.
pub(super) const KEYS_THEMSELVES: &str = "--no-session hands over the access keys themselves";

impl Yields {
    /// Why it may do what a limit of the session says no to.
    pub(super) fn beyond(&self) -> Option<String> {
        match self {
            Self::Session | Self::Answer => None,
            Self::Identity(what) => Some(format!("{what} opens whatever its bearer may")),
            Self::Call(call) => Some(format!("what {call} gives is a session of its own")),
        }
    }
}

impl Handover {
    /// The result of a plan.
    pub(crate) fn new(command: &str, to_do: &str, consent: Consent) -> Self {
        let (yields, result, region) = (Yields::Session, None, None);
        let by = By { command: command.to_owned(), program: None };
        Self { to_do: to_do.to_owned(), by, consent, yields, result, region }
    }
}
