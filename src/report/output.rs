//! The two streams: data on stdout, everything else on stderr.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::failure::Failure;
use super::globals::{Color, Globals};
use crate::env::Env;
use crate::profile::display_duration;
use crate::text::{printable, printable_json, steers, utc};

/// Where a command speaks.
pub(crate) struct Out {
    quiet: bool,
    colored: bool,
}

impl Out {
    pub(crate) fn new(globals: &Globals, env: &Env) -> Self {
        let colored = match globals.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                !env.is_present("NO_COLOR")
                    && env.get("TERM") != Some("dumb")
                    && io::stderr().is_terminal()
            }
        };
        Self { quiet: globals.quiet, colored }
    }

    /// stdout itself, for what writes its own text.
    pub(crate) fn stdout(&self) -> impl Write {
        io::stdout().lock()
    }

    /// Text for stdout, without what could steer the terminal.
    pub(crate) fn data(&self, text: &str) -> Result<(), Failure> {
        self.write(&printable(text))
    }

    /// A JSON document for stdout.
    pub(crate) fn json(&self, value: &impl Serialize) -> Result<(), Failure> {
        let mut text = serde_json::to_string_pretty(value).expect("plain data is always JSON");
        text.push('\n');
        self.write(&printable_json(&text))
    }

    /// A reader that has seen enough (`| head`) is no failure.
    fn write(&self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::output(&error)),
            _ => Ok(()),
        }
    }

    /// Something that the person should know; not with `--quiet`.
    pub(crate) fn warning(&self, message: &str) {
        if !self.quiet {
            self.tell("warning", "33", message);
        }
    }

    /// Something that happens while the person waits; not with `--quiet`.
    pub(crate) fn notice(&self, message: &str) {
        if !self.quiet {
            self.instruction(message);
        }
    }

    /// What the person must do for the command to go on; also with `--quiet`.
    pub(crate) fn instruction(&self, message: &str) {
        self.line(&format!("awsx: {}", printable(message)));
    }

    /// Whether a line that moves is for somebody to see.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Why the command failed, and what to do next.
    pub(crate) fn failure(&self, failure: &Failure, json: bool) {
        if json {
            let document = serde_json::json!({
                "version": 1,
                "error": {
                    "kind": failure.kind.contract().0,
                    "message": failure.message,
                    "hint": failure.hint,
                },
            });
            return self.line(&printable_json(&document.to_string()));
        }
        self.tell("error", "31", &failure.message);
        if let Some(hint) = &failure.hint {
            self.tell("hint", "36", hint);
        }
    }

    fn tell(&self, what: &str, color: &str, message: &str) {
        // A line of its own could pass for awsx's words.
        let message = message.replace('\n', " ");
        let message = printable(&message);
        match self.colored {
            true => self.line(&format!("\x1b[1;{color}m{what}\x1b[0m: {message}")),
            false => self.line(&format!("{what}: {message}")),
        }
    }

    fn line(&self, text: &str) {
        // Nobody is left to tell if stderr is closed.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// An instant for people: the local time is left to them, how long it still is is not.
    pub(crate) fn instant(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        let shown = utc(at);
        match (at - now).to_std() {
            Ok(left) => {
                let whole = Duration::from_secs(left.as_secs() / 60 * 60);
                match left.as_secs() / 86_400 {
                    0 if whole.is_zero() => format!("{shown} (in less than a minute)"),
                    0 | 1 => format!("{shown} (in {})", display_duration(whole)),
                    days => format!("{shown} (in {days} days)"),
                }
            }
            Err(_) => format!("{shown} (expired)"),
        }
    }
}

/// What clap has to say: help and version on stdout, mistakes on stderr with exit code 2.
pub(crate) fn usage(error: &clap::Error, json: bool, env: &Env) -> ExitCode {
    if json && error.use_stderr() {
        let text = error.to_string();
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let failure = Failure::usage(message.to_owned(), "`awsx --help` shows what there is");
        Out::new(&Globals::default(), env).failure(&failure, true);
        return failure.exit_code();
    }
    let text = error.to_string();
    // Nobody is left to tell if the stream is closed.
    let _ = match text.contains(|c| steers(c) && c != '\n') {
        // clap quotes the arguments as they are, and its colours are escape sequences too.
        true => write!(io::stderr().lock(), "{}", printable(&text)),
        false => error.print(),
    };
    match error.use_stderr() {
        true => ExitCode::from(2),
        false => ExitCode::SUCCESS,
    }
}
