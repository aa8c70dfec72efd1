//! What was looked at.

use crate::app::App;
use crate::report::failure::Failure;
use crate::report::{Look, Screen};
use crate::text::abbreviate;

/// What was looked at, and how it is.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) state: State,
    pub(super) topic: &'static str,
    /// One clause
    pub(super) said: String,
    /// What to run or do
    pub(super) next: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Bad,
    Doubtful,
    Good,
}

impl State {
    pub(super) fn mark(self) -> &'static str {
        match self {
            Self::Bad => "✗",
            Self::Doubtful => "!",
            Self::Good => "✓",
        }
    }

    /// The stable name in JSON.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Doubtful => "doubtful",
            Self::Good => "good",
        }
    }
}

impl Point {
    pub(super) fn new(state: State, topic: &'static str, said: impl Into<String>) -> Self {
        Self { state, topic, said: said.into(), next: None }
    }

    pub(super) fn next(self, next: impl Into<String>) -> Self {
        Self { next: Some(next.into()), ..self }
    }

    pub(super) fn of_failure(topic: &'static str, failure: &Failure) -> Self {
        let next = failure.hint().map(str::to_owned);
        Self { next, ..Self::new(State::Bad, topic, failure.message()) }
    }
}

/// A line for each, and below it what to do.
pub(super) fn text(points: &[Point], app: &App) -> Screen {
    let mut screen = app.out().screen();
    let short = |text: &str| abbreviate(text, app.env.home()).into_owned();
    // As wide as the longest of the usual ones, or of what there is.
    let width = points.iter().map(|point| point.topic.len()).max().unwrap_or(0).max(11);
    for Point { state, topic, said, next } in points {
        let look = match state {
            State::Bad => Look::Bad,
            State::Doubtful => Look::Strong,
            State::Good => Look::Good,
        };
        screen.look(look, state.mark()).look(Look::Faint, &format!(" {topic:<width$}  "));
        screen.plain(&short(said)).line();
        if let Some(next) = next {
            screen.plain(&short(&format!("{:1$}{next}", "", width + 4))).line();
        }
    }
    screen
}
