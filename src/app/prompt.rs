//! The person, met on the first question only.

use std::cell::OnceCell;
use std::rc::Rc;

use crate::credentials::{MfaCode, Secret};
use crate::env::Env;
use crate::host;
use crate::ports::{MfaQuestion, Prompt, PromptError};
use crate::report::Out;
use crate::vault::AskError;

pub(super) fn ask_error(error: PromptError) -> AskError {
    match error {
        PromptError::NobodyToAsk { reason } => AskError::NobodyToAsk { reason },
        PromptError::Cancelled => AskError::Cancelled,
        PromptError::Terminal(source) => AskError::Terminal(source),
    }
}

/// Opens the terminal device on the first question.
pub(super) struct LazyPrompt {
    no_input: bool,
    env: Env,
    out: Rc<Out>,
    opened: OnceCell<Box<dyn Prompt>>,
}

impl LazyPrompt {
    pub(super) fn new(no_input: bool, env: Env, out: Rc<Out>) -> Self {
        Self { no_input, env, out, opened: OnceCell::new() }
    }

    fn opened(&self) -> &dyn Prompt {
        &**self.opened.get_or_init(|| host::terminal::prompt(self.no_input, &self.env))
    }
}

impl Prompt for LazyPrompt {
    fn mfa_code(&self, question: &MfaQuestion<'_>) -> Result<MfaCode, PromptError> {
        self.opened().mfa_code(question)
    }

    fn passphrase(&self, question: &str) -> Result<Secret, PromptError> {
        self.opened().passphrase(question)
    }

    fn pasted(&self, question: &str) -> Result<Secret, PromptError> {
        self.opened().pasted(question)
    }

    fn text(&self, question: &str, default: Option<&str>) -> Result<String, PromptError> {
        self.opened().text(question, default)
    }

    fn confirm(&self, question: &str, default: bool) -> Result<bool, PromptError> {
        self.opened().confirm(question, default)
    }

    fn enter(&self, message: &str) -> Result<(), PromptError> {
        self.opened().enter(message)
    }

    fn pick(&self, question: &str, items: &[String]) -> Result<usize, PromptError> {
        self.opened().pick(question, items)
    }

    fn is_attended(&self) -> bool {
        self.opened().is_attended()
    }

    fn instruct(&self, message: &str) {
        self.out.instruction(message);
    }

    fn notice(&self, message: &str) {
        self.out.notice(message);
    }
}
