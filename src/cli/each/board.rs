//! A line that says what runs, below all that is printed; it goes before anything else is, and comes back.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use console::{Term, measure_text_width, truncate_str};

use super::outcome::length;
use crate::app::App;
use crate::host::terminal::is_in_background;

/// How often it is drawn anew.
const BETWEEN: Duration = Duration::from_millis(200);

/// The line, where a terminal can show one.
pub(super) struct Board {
    is_there: bool,
    /// Whether stdout is that terminal too, so that what goes there needs its place
    is_stdout: bool,
    began: Instant,
    is_drawn: bool,
    due: Instant,
}

/// What is counted on it.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub ended: usize,
    pub of: usize,
    pub failed: usize,
    /// Those that run
    pub running: Vec<String>,
    /// What keeps others from being started
    pub note: String,
}

impl Board {
    pub(super) fn new(app: &App, is_wanted: bool) -> Self {
        let moves = app.env.get("TERM") != Some("dumb");
        let began = Instant::now();
        Self {
            is_there: is_wanted && moves && app.out().shows_progress(),
            is_stdout: app.out().is_seen(),
            began,
            is_drawn: false,
            // What takes no longer is not worth a line that comes and goes.
            due: began + BETWEEN,
        }
    }

    /// When it is drawn next.
    pub(super) fn due(&self) -> Option<Instant> {
        self.is_there.then_some(self.due)
    }

    /// Draws it, if it is time.
    pub(super) fn draw(&mut self, counts: impl FnOnce() -> Counts) {
        let now = Instant::now();
        if !self.is_there || now < self.due {
            return;
        }
        self.due = now + BETWEEN;
        // There it would be in the way of what is typed and shown in front.
        if is_in_background(io::stderr()) {
            return;
        }
        let columns = Term::stderr().size_checked().map_or(80, |(_, columns)| columns.into());
        let line = counts().line(now - self.began, columns);
        write(&format!("\r\x1b[K{line}"));
        self.is_drawn = true;
    }

    /// Makes room for what goes to stderr, or to stdout.
    pub(super) fn clear(&mut self, is_for_stdout: bool) {
        if self.is_drawn && (!is_for_stdout || self.is_stdout) {
            write("\r\x1b[K");
            self.is_drawn = false;
        }
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        self.clear(false);
    }
}

impl Counts {
    /// In one line of a terminal: names as far as there is room.
    fn line(&self, since: Duration, columns: usize) -> String {
        let Self { ended, of, failed, running, note } = self;
        let failed = if *failed > 0 { format!(", {failed} failed") } else { String::new() };
        let note = if note.is_empty() { String::new() } else { format!(", {note}") };
        let count = running.len();
        let line =
            format!("{ended} of {of} ended{failed}, {count} running{note}, {}", length(since));
        let names = crate::text::one_line(&running.join(", "));
        let room = columns.saturating_sub(measure_text_width(&line) + 3);
        // The last column stays free: some terminals go on in the next line at once.
        match names.is_empty() || room < 8 {
            true => truncate_str(&line, columns.saturating_sub(1), "…").into_owned(),
            false => format!("{line}: {}", truncate_str(&names, room, "…")),
        }
    }
}

/// Nobody is left to tell if stderr is closed.
fn write(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_line_of_any_terminal() {
        let running = ["dev", "日本語", "a\u{7}b"].map(str::to_owned).to_vec();
        let counts = Counts { ended: 3, of: 9, failed: 1, running, note: String::new() };
        let line = |columns| counts.line(Duration::from_secs(61), columns);
        assert_eq!(line(80), "3 of 9 ended, 1 failed, 3 running, 1m01s: dev, 日本語, a b");
        for columns in 0..90 {
            let width = measure_text_width(&line(columns));
            assert!(width < columns.max(2), "{columns}: {width}");
        }
        let quiet = Counts { of: 2, note: "no more are started".to_owned(), ..Counts::default() };
        assert_eq!(
            quiet.line(Duration::ZERO, 80),
            "0 of 2 ended, 0 running, no more are started, 0.0s"
        );
    }
}
