//! The person who runs awsx: what they are told, and what they are asked at the terminal device.

use std::time::Duration;

use super::Clock;
use super::list::List;
use crate::credentials::{MfaCode, Secret};
use crate::text::{Colour, Words};

/// The person who runs awsx, who may be nobody.
pub trait Person {
    /// The terminal where the person can be asked, opened on first use; else why nobody can be.
    fn terminal(&self) -> Result<&dyn Terminal, Nobody>;
    /// Whether a keychain may show its own dialog: not with `--no-input`, nor without a desktop.
    fn allows_dialogs(&self) -> bool;
    /// Tells something while the person waits; `--quiet` silences it.
    fn tell(&self, message: &str);
    /// Tells what the person has to do; nothing silences it.
    fn instruct(&self, message: &str);
}

impl dyn Person + '_ {
    pub fn ask<T, E: Into<PromptError>>(
        &self,
        question: impl FnOnce(&dyn Terminal) -> Result<T, E>,
    ) -> Result<T, PromptError> {
        question(self.terminal()?).map_err(E::into)
    }
}

/// What is done before a pause, and after it.
pub struct Ends<'a> {
    /// Whether there is anything to wait for
    pub first: &'a dyn Fn() -> bool,
    pub last: &'a dyn Fn(),
}

impl Ends<'_> {
    /// Both, and the pause between them, which nobody ends.
    pub fn sleep_between(&self, length: Duration, clock: &dyn Clock) {
        if (self.first)() {
            clock.sleep(length);
            (self.last)();
        }
    }
}

/// The terminal device. Questions are shown as they are given, without what could steer it.
pub trait Terminal {
    /// Reads a line, which is shown while it is typed.
    fn line(&self, question: &str) -> Result<Secret, Unanswered>;
    /// Reads a line that can be edited while it is typed, where the terminal can do that.
    fn edit_line(&self, question: &str) -> Result<Secret, Unanswered> {
        self.line(question)
    }
    /// The same, with a name between two stretches of the question, in its colour where the terminal shows colours.
    fn line_with_name(
        &self,
        question: [&str; 3],
        colour: Option<Colour>,
    ) -> Result<Secret, Unanswered> {
        let _ = colour;
        self.line(&question.concat())
    }
    /// Reads a line, which is not shown.
    fn secret_line(&self, question: &str) -> Result<Secret, Unanswered>;
    /// Reads something that is pasted and may be longer than a line of a terminal (4,095 bytes on
    /// Linux, 1,024 on macOS); it is not shown.
    fn paste(&self, question: &str) -> Result<Secret, Unanswered>;
    /// Lets the person pick a line of the list by typing words of it; the index of the choice. On Windows,
    /// nobody can pick where stderr is not a console.
    fn pick_from(&self, list: &List<'_>) -> Result<usize, PromptError>;
    /// Lets the person tick several lines of the list, of which none may be ticked but one is chosen; those, in their
    /// order. A terminal that cannot move its cursor has one picked.
    #[cfg(unix)]
    fn pick_several(&self, list: &List<'_>) -> Result<Vec<usize>, PromptError> {
        Ok(vec![self.pick_from(list)?])
    }
    /// Waits; what is typed meanwhile means nothing, but Ctrl-C cancels.
    fn pause(&self, length: Duration, clock: &dyn Clock) -> Result<(), Unanswered> {
        self.pause_between(&Ends { first: &|| true, last: &|| {} }, length, clock)
    }
    /// The same between two things, of which the last is done whatever ends or stops awsx after the first.
    fn pause_between(
        &self,
        ends: &Ends<'_>,
        length: Duration,
        clock: &dyn Clock,
    ) -> Result<(), Unanswered> {
        ends.sleep_between(length, clock);
        Ok(())
    }
}

impl dyn Terminal + '_ {
    /// Asks for the code of an MFA device until six digits come. They are shown: the code is worth
    /// nothing once used, and a mistyped one costs the wait for the next.
    pub fn mfa_code(&self, question: &MfaQuestion<'_>) -> Result<MfaCode, Unanswered> {
        let mut problem = question.problem.map(str::to_owned);
        loop {
            let answer = self.line(&question.text(problem.as_deref()))?;
            match MfaCode::parse(answer.expose()) {
                Ok(code) => return Ok(code),
                Err(invalid) => problem = Some(invalid.to_string()),
            }
        }
    }

    /// Asks for a passphrase, which is not shown.
    pub fn passphrase(&self, question: &str) -> Result<Secret, Unanswered> {
        self.secret_line(&format!("{question}: "))
    }

    /// Asks for text; an empty line is `default`, where there is one.
    pub fn text(&self, question: &str, default: Option<&str>) -> Result<String, Unanswered> {
        let shown = default.map(|text| format!(" [{text}]")).unwrap_or_default();
        let mut problem = "";
        loop {
            let line = self.edit_line(&format!("{problem}{question}{shown}: "))?;
            if let Some(text) = text_answer(line.expose(), default) {
                return Ok(text.to_owned());
            }
            problem = "An answer is needed; Ctrl-C cancels.\n";
        }
    }

    /// Lets the person pick a line without moving the cursor: by its name, or by words that only it has; the index of
    /// the choice.
    pub fn pick_by_words(&self, list: &List<'_>) -> Result<usize, Unanswered> {
        let List { question, lines: items, ranked, details, .. } = *list;
        const SHOWN: usize = 20;
        let list = |found: &[usize]| {
            let line = |at: &usize| match details.state(*at).words {
                state if state.is_empty() => format!("{}\n", items[*at]),
                state => format!("{}  {state}\n", items[*at]),
            };
            let mut text: String = found.iter().take(SHOWN).map(line).collect();
            match found.len().saturating_sub(SHOWN) {
                _ if found.is_empty() => text.push_str("none has these words\n"),
                0 => {}
                more => text.push_str(&format!("… and {more} more\n")),
            }
            text
        };
        let mut found: Vec<usize> = (0..items.len()).collect();
        loop {
            let line = self.line(&format!("{}{question}, or words of it: ", list(&found)))?;
            let words = Words::new(line.expose());
            if let Some(at) = items.iter().position(|item| words.are_name_of(item)) {
                return Ok(at);
            }
            found = words.find(items, ranked);
            // What has only some letters of them is shown, and never taken: nobody has seen it.
            let mut exact = found.iter().filter(|at| words.are_in(&items[**at]));
            if let (Some(only), None) = (exact.next(), exact.next()) {
                return Ok(*only);
            }
        }
    }

    /// Whether the person types this word, and nothing else, where something is lost for good. `colour`: of what has
    /// that name.
    pub fn type_word(
        &self,
        word: &str,
        colour: Option<Colour>,
        to_do: &str,
    ) -> Result<bool, Unanswered> {
        let line = self.line_with_name(["Type ", word, &format!(" to {to_do}: ")], colour)?;
        Ok(line.expose().trim() == word)
    }

    /// Asks yes or no; Enter alone is `default`.
    pub fn confirm(&self, question: &str, default: bool) -> Result<bool, Unanswered> {
        let shown = if default { "Y/n" } else { "y/N" };
        let mut problem = "";
        loop {
            let line = self.line(&format!("{problem}{question} [{shown}] "))?;
            if let Some(answer) = yes_or_no(line.expose(), default) {
                return Ok(answer);
            }
            problem = "Answer y or n.\n";
        }
    }
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

impl MfaQuestion<'_> {
    fn text(&self, problem: Option<&str>) -> String {
        let problem = problem.map(|problem| format!("{problem}\n")).unwrap_or_default();
        let profile = self.profile.map(|profile| format!(" ({profile})")).unwrap_or_default();
        format!("{problem}MFA code for {}{profile}: ", self.serial)
    }
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

/// Nobody can be asked; why, as a clause: "there is no terminal".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nobody can be asked: {0}")]
pub struct Nobody(pub &'static str);

/// The person was asked, and gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// The person pressed Ctrl-C or Ctrl-D, or Escape in a list.
    #[error("cancelled at the prompt")]
    Cancelled,
    #[error("the terminal could not be read")]
    Terminal(#[source] std::io::Error),
}

/// No answer came, from whomever.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// There is no terminal, or `--no-input` was given.
    #[error(transparent)]
    Nobody(#[from] Nobody),
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::testing::FakePerson;

    #[test]
    fn the_question_says_what_for_and_what_was_wrong() {
        let question = MfaQuestion { serial: "arn:m", profile: None, problem: None };
        assert_eq!(question.text(None), "MFA code for arn:m: ");
        let question = MfaQuestion { profile: Some("dev"), ..question };
        assert_eq!(question.text(None), "MFA code for arn:m (dev): ");
        assert_eq!(question.text(Some("no")), "no\nMFA code for arn:m (dev): ");
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
    fn a_choice_is_made_by_words() {
        let items: Vec<String> =
            ["dev", "acct-42/Billing", "acct-42/Admin", "acct-7/Billing"].map(str::to_owned).into();
        for (docs, typed, expected) in [
            ("its name", &["dev"][..], 0),
            ("words in any order", &["bill 42"], 1),
            ("more words after several", &["acct", "billing", "7 billing"], 3),
            ("none, then one", &["nope", "ADMIN"], 2),
        ] {
            let person = FakePerson::typing(typed);
            let terminal = person.terminal().unwrap();
            assert_eq!(
                terminal.pick_by_words(&List::new("Profile", &items)).unwrap(),
                expected,
                "{docs}"
            );
            let said = person.said.borrow();
            let is_told = said.iter().any(|line| line.starts_with("none has these words\n"));
            assert_eq!(is_told, docs.starts_with("none"), "{said:?}");
        }
    }

    #[test]
    fn what_is_no_answer_is_asked_for_again() {
        let person = FakePerson::typing(&["maybe", "y", "", "eu-west-1", "12345", "123456"]);
        let terminal = person.terminal().unwrap();
        assert!(terminal.confirm("Write it?", false).unwrap());
        assert_eq!(terminal.text("Region", None).unwrap(), "eu-west-1");
        let device = MfaQuestion { serial: "arn:m", profile: None, problem: None };
        assert_eq!(terminal.mfa_code(&device).unwrap().expose(), "123456");
        assert!(matches!(terminal.confirm("Write it?", true), Err(Unanswered::Cancelled)));
        let said = person.said.borrow();
        assert_eq!(said[..3], ["Write it? [y/N] ", "Answer y or n.\nWrite it? [y/N] ", "Region: "]);
        assert!(said[5].ends_with("\nMFA code for arn:m: "), "{said:?}");
    }
}
