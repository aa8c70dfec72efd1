//! What came of the runs, and how that is told when all have ended.

use std::borrow::Cow;
use std::time::Duration;

use super::run::Run;
use crate::app::App;
use crate::cli::columns::{Cells, Columns};
use crate::report::Look;

/// So many lines a person still reads; of more, those that failed.
const READABLE: usize = 24;

/// So many of them the last line names.
const NAMED: usize = 5;

/// Signals that end commands, by their numbers on all systems.
/// <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/kill.html>
const SIGNALS: [(i32, &str); 7] = [
    (1, "SIGHUP"),
    (2, "SIGINT"),
    (3, "SIGQUIT"),
    (6, "SIGABRT"),
    (9, "SIGKILL"),
    (14, "SIGALRM"),
    (15, "SIGTERM"),
];

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    /// Of its last try; none where it was not started, or has not ended
    pub code: Option<i32>,
    pub lasted: Duration,
    pub tries: u32,
}

/// Says what came of all of them: a line of columns for each, and one for all.
pub(super) fn tell_all(app: &App, runs: &[Run], outcomes: &[Outcome], has_table: bool) {
    let ran = || outcomes.iter().filter_map(|outcome| outcome.code);
    let (count, good) = (ran().count(), ran().filter(|code| *code == 0).count());
    let all: Vec<(&Run, &Outcome)> = runs.iter().zip(outcomes).collect();
    let bad: Vec<_> = all.iter().filter(|(_, outcome)| outcome.code != Some(0)).copied().collect();
    if has_table && runs.len() > 1 {
        let is_readable = all.len() <= READABLE;
        show_table(app, if is_readable { &all } else { &bad });
    }
    let failed =
        bad.iter().filter_map(|(run, outcome)| Some(format!("{} ({})", run.name(), outcome.code?)));
    let not_started = bad.iter().filter(|(_, outcome)| outcome.code.is_none());
    let left = not_started.map(|(run, _)| run.name());
    let mut parts = vec![format!("{good} of {count} ended with 0")];
    parts.extend(few(failed.collect()).map(|failed| format!("not {failed}")));
    parts.extend(few(left.collect()).map(|left| format!("not started: {left}")));
    app.out().notice(&parts.join("; "));
}

/// The first of these names, and how many there are more.
fn few(names: Vec<String>) -> Option<String> {
    let more = names.len().checked_sub(NAMED).filter(|more| *more > 0);
    let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
    let shown: Vec<_> = names.into_iter().take(NAMED).collect();
    (!shown.is_empty()).then(|| shown.join(", ") + &more)
}

fn show_table(app: &App, all: &[(&Run, &Outcome)]) {
    let shown = &all[..all.len().min(READABLE)];
    let cells: Vec<Cells<'_, 6>> = shown.iter().map(|(run, outcome)| cells(run, outcome)).collect();
    let columns = Columns::new(cells.iter());
    let mut screen = app.out().side_screen();
    for ((_, outcome), cells) in shown.iter().zip(&cells) {
        let (name, rest) = columns.align(cells);
        let look = if outcome.code == Some(0) { Look::Plain } else { Look::Bad };
        screen.look(Look::Strong, &name).look(look, &rest).line();
    }
    if all.len() > shown.len() {
        screen.plain(&format!("… and {} more\n", all.len() - shown.len()));
    }
    if !shown.is_empty() {
        app.out().show_aside(&screen);
    }
}

fn cells<'a>(run: &'a Run, outcome: &Outcome) -> Cells<'a, 6> {
    let dash = |text: Option<&'a str>| Cow::from(text.unwrap_or("-"));
    let code = outcome.code.map(words_of_code);
    let lasted = outcome.code.map(|_| length(outcome.lasted));
    let tries = if outcome.tries > 1 { format!("{} tries", outcome.tries) } else { String::new() };
    [
        run.whose_name().into(),
        dash(run.account.as_deref()),
        dash(run.effective_region()),
        code.unwrap_or_else(|| "not started".to_owned()).into(),
        lasted.unwrap_or_default().into(),
        tries.into(),
    ]
}

/// `0`, `3`, `143 SIGTERM`
fn words_of_code(code: i32) -> String {
    let signal = SIGNALS.iter().find(|(number, _)| 128 + number == code);
    signal.map_or_else(|| code.to_string(), |(_, name)| format!("{code} {name}"))
}

/// `0.3s`, `12s`, `3m05s`, `2h03m`
pub(super) fn length(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        ..10 => format!("{}.{}s", seconds, time.subsec_millis() / 100),
        10..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_few() {
        let names = |count: usize| (0..count).map(|number| number.to_string()).collect();
        assert_eq!(few(names(0)), None);
        assert_eq!(few(names(5)).as_deref(), Some("0, 1, 2, 3, 4"));
        assert_eq!(few(names(6)).as_deref(), Some("0, 1, 2, 3, 4 and 1 more"));
    }

    #[test]
    fn lengths_and_codes_are_short() {
        for (millis, expected) in [
            (0, "0.0s"),
            (1_290, "1.2s"),
            (9_999, "9.9s"),
            (10_000, "10s"),
            (61_000, "1m01s"),
            (3_600_000, "1h00m"),
            (90_061_000, "25h01m"),
        ] {
            assert_eq!(length(Duration::from_millis(millis)), expected);
        }
        for (code, expected) in [(0, "0"), (143, "143 SIGTERM"), (137, "137 SIGKILL"), (200, "200")]
        {
            assert_eq!(words_of_code(code), expected);
        }
    }
}
