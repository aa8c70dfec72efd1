//! The person at the terminal device, if there is one.

use crate::credentials::{MfaCode, Secret};

/// The person at the terminal device, if there is one.
pub trait Prompt {
    /// Asks for the code of an MFA device.
    fn mfa_code(&self, question: &MfaQuestion<'_>) -> Result<MfaCode, PromptError>;
    /// Asks for a passphrase; nothing is echoed.
    fn passphrase(&self, question: &str) -> Result<Secret, PromptError>;
    /// Asks for something that is pasted and may be longer than a line of a terminal (4,095 bytes
    /// on Linux, 1,024 on macOS); nothing is echoed.
    fn pasted(&self, question: &str) -> Result<Secret, PromptError> {
        self.passphrase(question)
    }
    /// Asks for a line of text; an empty answer is `default`, where there is one.
    fn text(&self, question: &str, default: Option<&str>) -> Result<String, PromptError>;
    /// Asks yes or no; Enter alone is `default`.
    fn confirm(&self, question: &str, default: bool) -> Result<bool, PromptError>;
    /// Waits until the person presses Enter.
    fn enter(&self, message: &str) -> Result<(), PromptError>;
    /// Lets the person pick one of `items` by typing a part of it; the index of the choice.
    fn pick(&self, question: &str, items: &[String]) -> Result<usize, PromptError>;
    /// Whether somebody can be asked at all.
    fn is_attended(&self) -> bool;
    /// Tells the person what to do; on stderr, whatever else is kept quiet.
    fn instruct(&self, message: &str);
    /// Tells the person something while they wait; on stderr, also where nobody can be asked.
    fn notice(&self, message: &str);
}

/// What the person needs to know to give a code.
#[derive(Clone, Copy, Debug)]
pub struct MfaQuestion<'a> {
    /// The device: `arn:aws:iam::…:mfa/…` or a hardware serial number
    pub serial: &'a str,
    /// The profile that needs the code
    pub profile: Option<&'a str>,
    /// Why the last code was not taken, when asking again
    pub problem: Option<&'a str>,
}

/// No answer came.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// There is no terminal, or `--no-input` was given.
    #[error("nobody can be asked: {reason}")]
    NobodyToAsk {
        /// `--no-input`, `AWSX_NO_INPUT` or "no terminal"
        reason: &'static str,
    },
    /// The person pressed Ctrl-C or Ctrl-D, or Escape in a list.
    #[error("cancelled at the prompt")]
    Cancelled,
    /// The terminal failed.
    #[error("the terminal could not be read")]
    Terminal(#[source] std::io::Error),
}
