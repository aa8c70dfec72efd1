//! No answer of a person.

use super::{Advice, Advise, Failure, Kind};
use crate::ports::{PromptError, Unanswered};

/// What comes of it that nobody answers; `again` is what to do instead where nobody can be asked.
pub(crate) fn prompt_advice(error: &PromptError, again: String) -> Advice {
    match error {
        PromptError::Nobody(_) => Kind::InputNeeded.with(again),
        PromptError::Unanswered(unanswered) => unanswered.advice(),
    }
}

impl Failure {
    /// A question that nobody answers, with what to do instead.
    pub(crate) fn no_answer(error: &PromptError, instead: String) -> Self {
        Self::new(error, prompt_advice(error, instead))
    }
}

impl Advise for Unanswered {
    fn advice(&self) -> Advice {
        match self {
            Self::Cancelled => Kind::Cancelled.without_hint(),
            Self::Terminal(_) => Kind::Unexpected.without_hint(),
        }
    }
}

impl Advise for PromptError {
    fn advice(&self) -> Advice {
        prompt_advice(self, "name a profile on the command line".to_owned())
    }
}
