//! What the runs print, and what came of them.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::board::{Board, Counts};
use super::files::Files;
use super::flags::Each;
use super::outcome::{Outcome, tell_all};
use super::run::{Run, Whose};
use crate::app::App;
use crate::host::crew::Stream;
use crate::report::{Failure, Look};

/// Bytes of a stream that are kept until its run has ended.
const LONGEST: usize = 16 * 1024 * 1024;

/// How it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Each line when it comes, behind the name of its run
    Lines,
    /// All of a run when it has ended, below its name
    Grouped,
    /// The same as a line of JSON
    Json,
}

/// What a run has printed in its last try.
#[derive(Debug, Default)]
struct Printed {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    is_cut: bool,
}

/// All that is printed.
pub(super) struct Output<'a> {
    app: &'a App,
    runs: &'a [Run],
    shape: Shape,
    printed: Vec<Printed>,
    outcomes: Vec<Outcome>,
    /// With `--out`: nothing of it is shown
    files: Option<Files>,
    board: Board,
    /// Columns of the longest name
    width: usize,
}

impl<'a> Output<'a> {
    pub(super) fn new(app: &'a App, each: &Each, runs: &'a [Run], files: Option<Files>) -> Self {
        let shape = match (each.json, each.group) {
            (true, _) => Shape::Json,
            (false, true) => Shape::Grouped,
            (false, false) => Shape::Lines,
        };
        let width = runs.iter().map(|run| console::measure_text_width(&run.name())).max();
        Self {
            app,
            runs,
            shape,
            printed: runs.iter().map(|_| Printed::default()).collect(),
            outcomes: vec![Outcome::default(); runs.len()],
            files,
            board: Board::new(app, !each.json),
            width: width.unwrap_or(0),
        }
    }

    pub(super) fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// A run begins its next try.
    pub(super) fn begin(&mut self, run: usize) -> Result<(), Failure> {
        self.outcomes[run].tries += 1;
        self.printed[run] = Printed::default();
        self.files.as_mut().map_or(Ok(()), |files| files.begin(run))
    }

    /// Takes a line, or a piece of one.
    pub(super) fn line(
        &mut self,
        run: usize,
        stream: Stream,
        bytes: Vec<u8>,
    ) -> Result<(), Failure> {
        if let Some(files) = &self.files {
            return files.write(run, stream, &bytes);
        }
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
    fn show(&mut self, run: usize, stream: Stream, bytes: &[u8]) -> Result<(), Failure> {
        let name = self.runs[run].name();
        let blanks = " ".repeat(self.width - console::measure_text_width(&name).min(self.width));
        let is_stdout = stream == Stream::Stdout;
        let out = self.app.out();
        let mut head = if is_stdout { out.screen() } else { out.side_screen() };
        let look = self.runs[run].colour.map_or(Look::Faint, Look::Own);
        head.look(look, &name).look(Look::Faint, &format!("{blanks} | "));
        let end = if bytes.ends_with(b"\n") { &b""[..] } else { b"\n" };
        let line = [head.text().as_bytes(), bytes, end].concat();
        self.board.clear(is_stdout);
        match stream {
            Stream::Stdout => self.app.out().write(line)?,
            Stream::Stderr => write_stderr(&line),
        }
        Ok(())
    }

    /// A try has ended, after which none follows.
    pub(super) fn take_end(
        &mut self,
        run: usize,
        code: i32,
        lasted: Duration,
    ) -> Result<(), Failure> {
        self.note_end(run, code, lasted);
        let Printed { stdout, stderr, is_cut } = std::mem::take(&mut self.printed[run]);
        match (self.shape, &self.files) {
            (Shape::Lines, _) | (Shape::Grouped, Some(_)) => Ok(()),
            (Shape::Grouped, None) => {
                let mut head = self.app.out().screen();
                head.look(Look::Strong, &self.runs[run].name()).line();
                self.board.clear(true);
                self.app.out().show(&head)?;
                self.app.out().write(stdout)?;
                self.board.clear(false);
                write_stderr(&stderr);
                Ok(())
            }
            (Shape::Json, files) => {
                let is_text = str::from_utf8(&stdout).is_ok() && str::from_utf8(&stderr).is_ok();
                let printed = match files {
                    None => json!({
                        "stdout": String::from_utf8_lossy(&stdout),
                        "stderr": String::from_utf8_lossy(&stderr),
                        "is_text": is_text,
                        "is_cut": is_cut,
                    }),
                    Some(files) => json!({
                        "stdout_file": files.path(run, Stream::Stdout).to_string_lossy(),
                        "stderr_file": files.path(run, Stream::Stderr).to_string_lossy(),
                    }),
                };
                let line = self.document(run, printed);
                self.app.out().write(format!("{line}\n"))
            }
        }
    }

    /// A try has ended, of which nothing is told now.
    pub(super) fn note_end(&mut self, run: usize, code: i32, lasted: Duration) {
        let outcome = &mut self.outcomes[run];
        (outcome.code, outcome.lasted) = (Some(code), lasted);
        if let Some(files) = &mut self.files {
            files.end(run);
        }
    }

    /// A try has ended, and the run waits for the next one.
    pub(super) fn take_try(
        &mut self,
        run: usize,
        code: i32,
        lasted: Duration,
        [wait, tries]: [String; 2],
    ) {
        self.note_end(run, code, lasted);
        let name = self.runs[run].name();
        self.notice(&format!("{name} ended with {code}; again in {wait} ({tries})"));
    }

    fn document(&self, run: usize, printed: Value) -> Value {
        let (whose, outcome) = (&self.runs[run].whose, &self.outcomes[run]);
        let role = matches!(whose, Whose::Role { .. }).then(|| whose.name());
        let mut document = json!({
            "version": 1,
            "profile": whose.profile(),
            "role": role,
            "account": self.runs[run].account,
            "region": self.runs[run].effective_region(),
            "exit_code": outcome.code,
            "duration_ms": u64::try_from(outcome.lasted.as_millis()).unwrap_or(u64::MAX),
            "tries": outcome.tries,
        });
        if let (Value::Object(document), Value::Object(printed)) = (&mut document, printed) {
            document.extend(printed);
        }
        document
    }

    /// Something that happens while they run.
    pub(super) fn notice(&mut self, message: &str) {
        self.board.clear(false);
        self.app.out().notice(message);
    }

    /// The same that a person has to know.
    pub(super) fn instruction(&mut self, message: &str) {
        self.board.clear(false);
        self.app.out().instruction(message);
    }

    /// When the line of what runs is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.board.due()
    }

    /// Shows what runs. `running`: those that do
    pub(super) fn refresh(&mut self, running: impl Iterator<Item = usize>, note: &str) {
        let Self { board, outcomes, runs, .. } = self;
        board.draw(|| {
            let running: Vec<usize> = running.collect();
            let names: Vec<String> = running.iter().map(|run| runs[*run].name()).collect();
            // One that is tried again has a code, and has not ended.
            let ended = outcomes.iter().enumerate();
            let ended =
                ended.filter(|(run, outcome)| outcome.code.is_some() && !running.contains(run));
            let (all, good): (Vec<_>, Vec<_>) =
                ended.partition(|(_, outcome)| outcome.code != Some(0));
            Counts {
                ended: all.len() + good.len(),
                of: runs.len(),
                failed: all.len(),
                running: names,
                note: note.to_owned(),
            }
        });
    }

    /// Says what came of all of them.
    pub(super) fn tell_all(&mut self) {
        self.board.clear(false);
        tell_all(self.app, self.runs, &self.outcomes, self.shape != Shape::Json);
    }

    /// The highest exit code.
    pub(super) fn code(&self) -> i32 {
        self.outcomes.iter().filter_map(|outcome| outcome.code).max().unwrap_or(0)
    }
}

/// Nobody is left to tell if stderr is closed.
fn write_stderr(bytes: &[u8]) {
    let _ = io::stderr().lock().write_all(bytes);
}
