//! The ports as tests of several modules need them.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{
    Clock, List, Nobody, Person, PromptError, RunInShell, SharedClock, Terminal, Unanswered,
};
use crate::credentials::Secret;

/// A person at a terminal, or nobody.
#[derive(Default)]
pub(crate) struct FakePerson {
    pub(crate) is_there: bool,
    /// What they type, line by line, before they cancel; none: they press Enter, always
    pub(crate) lines: Option<RefCell<VecDeque<String>>>,
    /// What they were asked and told
    pub(crate) said: RefCell<Vec<String>>,
}

impl FakePerson {
    /// One who presses Enter.
    pub(crate) fn agreeing() -> Self {
        Self { is_there: true, ..Self::default() }
    }

    /// One who types these lines in turn, and then cancels.
    pub(crate) fn typing(lines: &[&str]) -> Self {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        Self { lines: Some(RefCell::new(lines)), ..Self::agreeing() }
    }
}

impl Person for FakePerson {
    fn terminal(&self) -> Result<&dyn Terminal, Nobody> {
        match self.is_there {
            true => Ok(self),
            false => Err(Nobody("there is no terminal")),
        }
    }

    fn allows_dialogs(&self) -> bool {
        false
    }

    fn tell(&self, message: &str) {
        self.said.borrow_mut().push(message.to_owned());
    }

    fn instruct(&self, message: &str) {
        self.tell(message);
    }
}

impl Terminal for FakePerson {
    fn line(&self, question: &str) -> Result<Secret, Unanswered> {
        self.tell(question);
        match &self.lines {
            None => Ok(Secret::new("")),
            Some(lines) => {
                lines.borrow_mut().pop_front().map(Secret::new).ok_or(Unanswered::Cancelled)
            }
        }
    }

    fn secret_line(&self, question: &str) -> Result<Secret, Unanswered> {
        self.line(question)
    }

    fn paste(&self, question: &str) -> Result<Secret, Unanswered> {
        self.line(question)
    }

    fn pick_from(&self, list: &List<'_>) -> Result<usize, PromptError> {
        self.tell(list.question);
        Ok(0)
    }
}

/// A machine that runs nothing.
pub(crate) fn no_command() -> RunInShell {
    Box::new(|line| Err(format!("{line}: is not found")))
}

/// A clock that stands still.
pub(crate) struct FixedClock(DateTime<Utc>);

impl FixedClock {
    pub(crate) fn at(now: DateTime<Utc>) -> SharedClock {
        Arc::new(Self(now))
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }

    fn sleep(&self, _: Duration) {}
}
