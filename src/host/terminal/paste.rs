//! Reads what a person pastes, while something else may come first.
//!
//! Not by the terminal's own lines: those end at 4,095 bytes on Linux and at 1,024 on macOS, and
//! what AWS gives a person to paste can be longer. So single bytes are read, and the few keys that
//! edit a line are dealt with here. Nothing is echoed: what is pasted holds a code.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use rustix::process::getpgrp;
use rustix::termios::{
    InputModes, LocalModes, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetpgrp,
};
use zeroize::{Zeroize, Zeroizing};

use super::abilities::Abilities;
use super::signals::{Ready, Signals};
use super::unix::Device;
use crate::credentials::Secret;
use crate::ports::Unanswered;

/// The longest line that is taken, in bytes: a SAML assertion has 100,000 at most, and a form around it.
const LIMIT: usize = 128 * 1024;

/// What may come before the person does.
#[derive(Default)]
pub(in crate::host) struct Meanwhile<'a> {
    /// Ends the wait once it can be read or its other end is closed
    pub(in crate::host) woken: Option<BorrowedFd<'a>>,
    pub(in crate::host) until: Option<Instant>,
}

/// What ended the wait.
#[derive(Debug)]
pub(in crate::host) enum Pasted<T> {
    Taken(T),
    Woken,
    Late,
}

impl Device {
    /// The terminal, if this process may read it: one in the background would be stopped.
    pub(in crate::host) fn in_foreground() -> Option<Self> {
        let device = Self::open(Abilities::default()).ok()?;
        (tcgetpgrp(&device.file).ok()? == getpgrp()).then_some(device)
    }

    /// Asks for a line of any length.
    pub(super) fn paste_line(&self, question: &str) -> Result<Secret, Unanswered> {
        match self.paste_unless(question, &Meanwhile::default(), |text| Ok(text.clone()))? {
            Pasted::Taken(text) => Ok(text),
            // Neither was waited for.
            Pasted::Woken | Pasted::Late => Err(Unanswered::Cancelled),
        }
    }

    /// Asks for lines until `accept` takes one; the reason why it does not take one is shown.
    pub(in crate::host) fn paste_unless<T>(
        &self,
        question: &str,
        meanwhile: &Meanwhile<'_>,
        mut accept: impl FnMut(&Secret) -> Result<T, String>,
    ) -> Result<Pasted<T>, Unanswered> {
        let change = |mode: &mut Termios| {
            mode.input_modes |= InputModes::ICRNL;
            mode.local_modes |= LocalModes::ISIG;
            mode.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ECHONL);
            mode.special_codes[SpecialCodeIndex::VMIN] = 1;
            mode.special_codes[SpecialCodeIndex::VTIME] = 0;
        };
        self.dialogue(change, |signals| {
            let outcome = self.read_paste(question, signals, meanwhile, &mut accept);
            // What is left of a paste is not for the shell, which would show or even run it.
            let _ = tcflush(&self.file, QueueSelector::IFlush);
            let _ = (&self.file).write_all(b"\n");
            outcome
        })
    }

    /// `None` at Ctrl-D, or if a signal came first.
    fn read_paste<T>(
        &self,
        question: &str,
        signals: &Signals,
        meanwhile: &Meanwhile<'_>,
        accept: &mut impl FnMut(&Secret) -> Result<T, String>,
    ) -> io::Result<Option<Pasted<T>>> {
        let mut file = &self.file;
        file.write_all(question.as_bytes())?;
        let mut line = Line::new();
        let mut chunk = Zeroizing::new([0; 4096]);
        loop {
            match signals.ready(file.as_fd(), meanwhile.woken, meanwhile.until)? {
                Ready::Signal => return Ok(None),
                Ready::Woken => return Ok(Some(Pasted::Woken)),
                Ready::Late => return Ok(Some(Pasted::Late)),
                Ready::Resized => continue,
                Ready::Input => {}
            }
            let count = match file.read(&mut *chunk) {
                Ok(0) => return Ok(None),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            for byte in &chunk[..count] {
                let problem = match line.push(*byte) {
                    Typed::More => continue,
                    Typed::End => return Ok(None),
                    Typed::Line(None) => "This is more than 128 KiB of text.".to_owned(),
                    Typed::Line(Some(text)) => match accept(&text) {
                        Ok(taken) => return Ok(Some(Pasted::Taken(taken))),
                        Err(problem) => problem,
                    },
                };
                write!(file, "\n{problem}\n{question}")?;
            }
        }
    }
}

/// What a byte makes of the line.
#[derive(Debug)]
enum Typed {
    More,
    /// It is complete; `None` if it is too long, or not UTF-8.
    Line(Option<Secret>),
    /// Ctrl-D on an empty line.
    End,
}

struct Line {
    /// Never moves, so that no copy is left behind
    bytes: Zeroizing<Vec<u8>>,
    overflows: bool,
}

impl Line {
    fn new() -> Self {
        Self { bytes: Zeroizing::new(Vec::with_capacity(LIMIT)), overflows: false }
    }

    fn push(&mut self, byte: u8) -> Typed {
        match byte {
            b'\r' | b'\n' if self.bytes.is_empty() => {}
            b'\r' | b'\n' => return Typed::Line(self.take()),
            // Ctrl-D
            0x04 if self.bytes.is_empty() => return Typed::End,
            0x04 => {}
            // Backspace, as either key sends it
            0x08 | 0x7f => {
                self.bytes.pop();
            }
            // Ctrl-U
            0x15 => {
                self.take();
            }
            _ if self.bytes.len() == LIMIT => self.overflows = true,
            _ => self.bytes.push(byte),
        }
        Typed::More
    }

    /// What was typed, and an empty line in its place.
    fn take(&mut self) -> Option<Secret> {
        let overflowed = std::mem::take(&mut self.overflows);
        let text = std::str::from_utf8(&self.bytes).ok().filter(|_| !overflowed).map(Secret::new);
        // Wipes all of it, and keeps the room.
        self.bytes.zeroize();
        text
    }
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use std::io::PipeWriter;
    use std::time::Duration;

    use super::*;
    use crate::host::terminal::testing::at_a_terminal;

    /// Pastes `typed` at the question `q>`; what came of it, and what was shown after the question.
    fn paste(
        typed: &str,
        wake: Option<PipeWriter>,
        meanwhile: &Meanwhile<'_>,
        accept: impl FnMut(&Secret) -> Result<String, String>,
    ) -> (Result<Pasted<String>, Unanswered>, String) {
        let typed = typed.to_owned();
        let ask = |device: &Device| device.paste_unless("q>", meanwhile, accept);
        at_a_terminal(ask, move |person| {
            person.expect("q>");
            person.type_text(&typed);
            drop(wake);
            // The line end that follows every outcome.
            person.expect("\n")
        })
    }

    fn anything(text: &Secret) -> Result<String, String> {
        Ok(text.expose().to_owned())
    }

    #[test]
    fn what_is_typed_becomes_a_line() {
        let long = "x".repeat(20_000);
        for (docs, typed, expected) in [
            ("a line", "abc\r".to_owned(), Some("abc")),
            ("longer than a terminal's line", format!("{long}\r"), Some(&*long)),
            ("what follows it is dropped", "abc\rls\r".to_owned(), Some("abc")),
            ("empty lines first", "\r\n\nabc\n".to_owned(), Some("abc")),
            ("backspace", "abd\x7fc\r".to_owned(), Some("abc")),
            ("Ctrl-U", "xyz\x15abc\r".to_owned(), Some("abc")),
            ("Ctrl-D within a line", "ab\x04c\r".to_owned(), Some("abc")),
            ("Ctrl-D alone", "\x04".to_owned(), None),
        ] {
            let (outcome, shown) = paste(&typed, None, &Meanwhile::default(), anything);
            match (outcome, expected) {
                (Ok(Pasted::Taken(text)), Some(expected)) => assert_eq!(text, expected, "{docs}"),
                (Err(Unanswered::Cancelled), None) => {}
                (outcome, _) => panic!("{docs}: {outcome:?}"),
            }
            assert_eq!(shown, "\r\n", "{docs}: nothing is echoed");
        }
    }

    #[test]
    fn a_line_that_is_not_taken_is_asked_for_again() {
        let mut seen = Vec::new();
        let accept = |text: &Secret| {
            seen.push(text.expose().to_owned());
            if text.expose() == "right" { Ok("taken".into()) } else { Err("not that".into()) }
        };
        let (outcome, _) = paste("wrong\rright\r", None, &Meanwhile::default(), accept);
        assert!(matches!(outcome, Ok(Pasted::Taken(text)) if text == "taken"));
        assert_eq!(seen, ["wrong", "right"]);
    }

    #[test]
    fn something_else_comes_first() {
        let (woken, wake) = io::pipe().unwrap();
        let meanwhile = Meanwhile { woken: Some(woken.as_fd()), until: None };
        let (outcome, _) = paste("half a li", Some(wake), &meanwhile, anything);
        assert!(matches!(outcome, Ok(Pasted::Woken)), "{outcome:?}");

        let until = Instant::now().checked_add(Duration::from_millis(1));
        let meanwhile = Meanwhile { woken: None, until };
        let (outcome, _) = paste("half a li", None, &meanwhile, anything);
        assert!(matches!(outcome, Ok(Pasted::Late)), "{outcome:?}");
    }

    #[test]
    fn too_long_a_line_is_not_taken() {
        let mut line = Line::new();
        (0..=LIMIT).for_each(|_| assert!(matches!(line.push(b'x'), Typed::More)));
        assert!(matches!(line.push(b'\r'), Typed::Line(None)));
        line.push(b'x');
        assert!(matches!(line.push(b'\r'), Typed::Line(Some(text)) if text.expose() == "x"));
    }
}
