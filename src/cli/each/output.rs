//! What the runs print, and what came of them.

use std::io::{self, Write};
use std::time::Duration;

use serde_json::json;

use super::run::{Run, Whose};
use crate::app::App;
use crate::host::crew::Stream;
use crate::report::{Failure, Look};

/// Bytes of a stream that are kept until its run has ended.
const LONGEST: usize = 16 * 1024 * 1024;

/// How it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Each line when it comes, behind the name of its run
    Lines,
    /// All of a run when it has ended, below its name
    Grouped,
    /// The same as a line of JSON
    Json,
}

/// What a run has printed, and what came of it.
#[derive(Debug, Default)]
struct Printed {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    is_cut: bool,
    code: Option<i32>,
}

/// All that is printed.
pub(super) struct Output<'a> {
    app: &'a App,
    runs: &'a [Run],
    shape: Shape,
    printed: Vec<Printed>,
    /// Columns of the longest name
    width: usize,
}

impl<'a> Output<'a> {
    pub(super) fn new(app: &'a App, runs: &'a [Run], shape: Shape) -> Self {
        let printed = runs.iter().map(|_| Printed::default()).collect();
        let width = runs.iter().map(|run| console::measure_text_width(&run.name())).max();
        Self { app, runs, shape, printed, width: width.unwrap_or(0) }
    }

    /// Takes a line, or a piece of one.
    pub(super) fn line(
        &mut self,
        run: usize,
        stream: Stream,
        bytes: Vec<u8>,
    ) -> Result<(), Failure> {
        if self.shape == Shape::Lines {
            return self.show(run, stream, &bytes);
        }
        let printed = &mut self.printed[run];
        let kept = match stream {
            Stream::Stdout => &mut printed.stdout,
            Stream::Stderr => &mut printed.stderr,
        };
        let room = LONGEST.saturating_sub(kept.len()).min(bytes.len());
        printed.is_cut |= room < bytes.len();
        kept.extend_from_slice(&bytes[..room]);
        Ok(())
    }

    /// Behind the name of its run, a line of its own.
    fn show(&self, run: usize, stream: Stream, bytes: &[u8]) -> Result<(), Failure> {
        let name = self.runs[run].name();
        let blanks = " ".repeat(self.width - console::measure_text_width(&name).min(self.width));
        let mut head = self.app.out().screen();
        head.look(Look::Faint, &format!("{name}{blanks} | "));
        let end = if bytes.ends_with(b"\n") { &b""[..] } else { b"\n" };
        let line = [head.text().as_bytes(), bytes, end].concat();
        match stream {
            Stream::Stdout => self.app.out().write(line)?,
            Stream::Stderr => write_stderr(&line),
        }
        Ok(())
    }

    /// A run has ended.
    pub(super) fn take_end(
        &mut self,
        run: usize,
        code: i32,
        lasted: Duration,
    ) -> Result<(), Failure> {
        let printed = &mut self.printed[run];
        printed.code = Some(code);
        let (stdout, stderr) =
            (std::mem::take(&mut printed.stdout), std::mem::take(&mut printed.stderr));
        match self.shape {
            Shape::Lines => Ok(()),
            Shape::Grouped => {
                let mut head = self.app.out().screen();
                head.look(Look::Strong, &self.runs[run].name()).line();
                self.app.out().show(&head)?;
                self.app.out().write(stdout)?;
                write_stderr(&stderr);
                Ok(())
            }
            Shape::Json => {
                let Run { whose, account, .. } = &self.runs[run];
                let role = matches!(whose, Whose::Role { .. }).then(|| whose.name());
                let is_text = str::from_utf8(&stdout).is_ok() && str::from_utf8(&stderr).is_ok();
                let line = json!({
                    "version": 1,
                    "profile": whose.profile(),
                    "role": role,
                    "account": account,
                    "region": self.runs[run].effective_region(),
                    "exit_code": code,
                    "duration_ms": u64::try_from(lasted.as_millis()).unwrap_or(u64::MAX),
                    "stdout": String::from_utf8_lossy(&stdout),
                    "stderr": String::from_utf8_lossy(&stderr),
                    "is_text": is_text,
                    "is_cut": self.printed[run].is_cut,
                });
                self.app.out().write(format!("{line}\n"))
            }
        }
    }

    /// Says what came of all of them. `left`: those that were not started.
    pub(super) fn tell_all(&self, left: &[Run]) -> Result<(), Failure> {
        let codes = || self.printed.iter().filter_map(|printed| printed.code);
        let (ran, good) = (codes().count(), codes().filter(|code| *code == 0).count());
        let failed = self.runs.iter().zip(&self.printed).filter_map(|(run, printed)| {
            let code = printed.code.filter(|code| *code != 0)?;
            Some(format!("{} ({code})", run.name()))
        });
        let failed: Vec<String> = failed.collect();
        let mut parts = vec![format!("{good} of {ran} ended with 0")];
        if !failed.is_empty() {
            parts.push(format!("not {}", failed.join(", ")));
        }
        if !left.is_empty() {
            let names: Vec<String> = left.iter().map(Run::name).collect();
            parts.push(format!("not started: {}", names.join(", ")));
        }
        self.app.out().notice(&parts.join("; "));
        Ok(())
    }

    /// The highest exit code.
    pub(super) fn code(&self) -> i32 {
        self.printed.iter().filter_map(|printed| printed.code).max().unwrap_or(0)
    }
}

/// Nobody is left to tell if stderr is closed.
fn write_stderr(bytes: &[u8]) {
    let _ = io::stderr().lock().write_all(bytes);
}
