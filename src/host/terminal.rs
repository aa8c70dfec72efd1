//! The person at the terminal device, which is neither stdin nor stdout: prompts work inside
//! `eval "$(awsx env dev)"` and leave stdin to the command.
//!
//! What is asked and how often is the callers' business, `session` above all.

#[cfg(unix)]
mod paste;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io::{self, Write};

use dialoguer::FuzzySelect;
use dialoguer::theme::ColorfulTheme;

use crate::credentials::{MfaCode, Secret};
use crate::env::Env;
use crate::ports::{MfaQuestion, Prompt, PromptError};

#[cfg(unix)]
use unix as device;
#[cfg(windows)]
use windows as device;

#[cfg(windows)]
use device::Device;
#[cfg(unix)]
pub(super) use device::Device;
use device::Echo;
pub(super) use device::restore;
#[cfg(unix)]
pub(super) use paste::{Meanwhile, Pasted};

/// The terminal if somebody can be asked, else what says why not.
pub fn prompt(no_input: bool, env: &Env) -> Box<dyn Prompt> {
    if no_input {
        return Box::new(NoPrompt { reason: "--no-input was given" });
    }
    if env.flag("AWSX_NO_INPUT") {
        return Box::new(NoPrompt { reason: "AWSX_NO_INPUT is set" });
    }
    match Device::open() {
        Ok(device) => Box::new(Terminal { device }),
        Err(_) => Box::new(NoPrompt { reason: "there is no terminal" }),
    }
}

/// Asks on the terminal device. Ctrl-C and Ctrl-D cancel, and whatever ends or stops awsx at a
/// prompt, the terminal is left as it was found.
pub struct Terminal {
    device: Device,
}

impl Prompt for Terminal {
    /// The digits are shown: the code is worth nothing once used, and a mistyped one costs the
    /// wait for the next.
    fn mfa_code(&self, question: &MfaQuestion<'_>) -> Result<MfaCode, PromptError> {
        let mut problem = question.problem.map(printable);
        loop {
            let answer = self.device.line(&mfa_question(question, problem.as_deref()), Echo::On)?;
            match MfaCode::parse(answer.expose()) {
                Ok(code) => return Ok(code),
                Err(invalid) => problem = Some(invalid.to_string()),
            }
        }
    }

    fn passphrase(&self, question: &str) -> Result<Secret, PromptError> {
        self.device.line(&format!("{}: ", printable(question)), Echo::Off)
    }

    /// Not the terminal's own lines, which are too short.
    #[cfg(unix)]
    fn pasted(&self, question: &str) -> Result<Secret, PromptError> {
        let question = format!("{} (it is not shown): ", printable(question));
        let taken = |text: &Secret| Ok(text.clone());
        match self.device.paste(&question, &Meanwhile::default(), taken)? {
            Pasted::Taken(text) => Ok(text),
            Pasted::Woken | Pasted::Late => unreachable!("nothing else is waited for"),
        }
    }

    fn text(&self, question: &str, default: Option<&str>) -> Result<String, PromptError> {
        let shown = default.map(|text| format!(" [{}]", printable(text))).unwrap_or_default();
        let question = format!("{}{shown}: ", printable(question));
        loop {
            let line = self.device.line(&question, Echo::On)?;
            if let Some(text) = text_answer(line.expose(), default) {
                return Ok(text.to_owned());
            }
        }
    }

    fn confirm(&self, question: &str, default: bool) -> Result<bool, PromptError> {
        let shown = if default { "Y/n" } else { "y/N" };
        let question = format!("{} [{shown}] ", printable(question));
        let mut problem = "";
        loop {
            let line = self.device.line(&format!("{problem}{question}"), Echo::On)?;
            if let Some(answer) = yes_or_no(line.expose(), default) {
                return Ok(answer);
            }
            problem = "Please answer y or n.\n";
        }
    }

    /// What is typed before Enter is not shown, as it means nothing.
    fn enter(&self, message: &str) -> Result<(), PromptError> {
        self.device.line(&format!("{} ", printable(message)), Echo::Off).map(drop)
    }

    fn pick(&self, question: &str, items: &[String]) -> Result<usize, PromptError> {
        let theme = ColorfulTheme::default();
        let select = FuzzySelect::with_theme(&theme)
            .with_prompt(printable(question))
            .items(items.iter().map(|item| printable(item)))
            .default(0);
        self.device.keys(|term| Ok(select.clone().interact_on_opt(term)?))
    }

    fn is_attended(&self) -> bool {
        true
    }

    fn instruct(&self, message: &str) {
        to_stderr(message);
    }

    fn notice(&self, message: &str) {
        to_stderr(message);
    }
}

/// Nobody can be asked.
#[derive(Clone, Copy, Debug)]
pub struct NoPrompt {
    /// Why, as a clause: "there is no terminal"
    pub reason: &'static str,
}

impl NoPrompt {
    fn nobody<T>(&self) -> Result<T, PromptError> {
        Err(PromptError::NobodyToAsk { reason: self.reason })
    }
}

impl Prompt for NoPrompt {
    fn mfa_code(&self, _question: &MfaQuestion<'_>) -> Result<MfaCode, PromptError> {
        self.nobody()
    }

    fn passphrase(&self, _question: &str) -> Result<Secret, PromptError> {
        self.nobody()
    }

    fn pasted(&self, _question: &str) -> Result<Secret, PromptError> {
        self.nobody()
    }

    fn text(&self, _question: &str, _default: Option<&str>) -> Result<String, PromptError> {
        self.nobody()
    }

    fn confirm(&self, _question: &str, _default: bool) -> Result<bool, PromptError> {
        self.nobody()
    }

    fn enter(&self, _message: &str) -> Result<(), PromptError> {
        self.nobody()
    }

    fn pick(&self, _question: &str, _items: &[String]) -> Result<usize, PromptError> {
        self.nobody()
    }

    fn is_attended(&self) -> bool {
        false
    }

    fn instruct(&self, message: &str) {
        to_stderr(message);
    }

    fn notice(&self, message: &str) {
        to_stderr(message);
    }
}

/// A closed stderr is no reason to fail: the message is a courtesy.
fn to_stderr(message: &str) {
    let _ = writeln!(io::stderr(), "{}", printable(message));
}

/// The answer in a line; none if it has to be asked for again.
fn text_answer<'a>(line: &'a str, default: Option<&'a str>) -> Option<&'a str> {
    match line.trim() {
        "" => default,
        text => Some(text),
    }
}

/// The answer in a line; none if it is neither.
fn yes_or_no(line: &str, default: bool) -> Option<bool> {
    match line.trim().to_ascii_lowercase().as_str() {
        "" => Some(default),
        "y" | "yes" => Some(true),
        "n" | "no" => Some(false),
        _ => None,
    }
}

fn mfa_question(question: &MfaQuestion<'_>, problem: Option<&str>) -> String {
    let problem = problem.map(|problem| format!("{problem}\n")).unwrap_or_default();
    let serial = printable(question.serial);
    match question.profile {
        Some(profile) => format!("{problem}MFA code for {serial} ({}): ", printable(profile)),
        None => format!("{problem}MFA code for {serial}: "),
    }
}

/// Text from a file or a server, without what could steer the terminal.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && c != '\n' {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        for (text, shown) in [
            ("dev", "dev"),
            ("ünï 🔑", "ünï 🔑"),
            ("two\nlines", "two\nlines"),
            ("\u{1b}[2Jclear", "\\u{1b}[2Jclear"),
            ("back\rover", "back\\rover"),
            ("\u{9b}2J", "\\u{9b}2J"),
        ] {
            assert_eq!(printable(text), shown);
        }
    }

    #[test]
    fn the_question_says_what_for_and_what_was_wrong() {
        let question = MfaQuestion { serial: "arn:m", profile: None, problem: None };
        assert_eq!(mfa_question(&question, None), "MFA code for arn:m: ");
        let question = MfaQuestion { profile: Some("dev"), ..question };
        assert_eq!(mfa_question(&question, None), "MFA code for arn:m (dev): ");
        assert_eq!(mfa_question(&question, Some("no")), "no\nMFA code for arn:m (dev): ");
    }

    #[test]
    fn lines_become_answers() {
        for (docs, line, default, expected) in [
            ("text", "dev", None, Some("dev")),
            ("instead of the default", "dev", Some("prod"), Some("dev")),
            ("blanks around it", "  a b ", None, Some("a b")),
            ("Enter alone", "", Some("prod"), Some("prod")),
            ("blanks alone", "  ", Some("prod"), Some("prod")),
            ("nothing, and no default", "", None, None),
        ] {
            assert_eq!(text_answer(line, default), expected, "{docs}");
        }
        for (docs, line, default, expected) in [
            ("Enter alone, yes", "", true, Some(true)),
            ("Enter alone, no", " ", false, Some(false)),
            ("y", "y", false, Some(true)),
            ("in capitals", "YES", false, Some(true)),
            ("n", "n", true, Some(false)),
            ("no", " No ", true, Some(false)),
            ("neither", "yeah", true, None),
        ] {
            assert_eq!(yes_or_no(line, default), expected, "{docs}");
        }
    }

    #[test]
    fn nobody_is_asked_when_told_so() {
        for (no_input, variable, reason) in
            [(true, "", "--no-input was given"), (false, "1", "AWSX_NO_INPUT is set")]
        {
            let prompt = prompt(no_input, &Env::from_pairs([("AWSX_NO_INPUT", variable)]));
            assert!(!prompt.is_attended());
            let error = prompt.passphrase("p").expect_err(reason);
            assert_eq!(error.to_string(), format!("nobody can be asked: {reason}"));
        }
    }
}
