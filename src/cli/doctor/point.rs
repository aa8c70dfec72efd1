//! What was looked at.

use crate::report::failure::Failure;

/// What was looked at, and how it is.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) state: State,
    pub(super) topic: &'static str,
    /// One clause
    pub(super) said: String,
    /// What to run or do
    pub(super) next: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Bad,
    Doubtful,
    Good,
}

impl State {
    pub(super) fn mark(self) -> &'static str {
        match self {
            Self::Bad => "✗",
            Self::Doubtful => "!",
            Self::Good => "✓",
        }
    }

    /// The stable name in JSON.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Doubtful => "doubtful",
            Self::Good => "good",
        }
    }
}

impl Point {
    pub(super) fn new(state: State, topic: &'static str, said: impl Into<String>) -> Self {
        Self { state, topic, said: said.into(), next: None }
    }

    pub(super) fn next(self, next: impl Into<String>) -> Self {
        Self { next: Some(next.into()), ..self }
    }

    pub(super) fn of_failure(topic: &'static str, failure: &Failure) -> Self {
        let next = failure.hint().map(str::to_owned);
        Self { next, ..Self::new(State::Bad, topic, failure.message()) }
    }
}
