//! Progress of long work, on stderr.

use std::sync::Once;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A line with a bar. It disappears when dropped; without a terminal there is none.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// What Ctrl-C does
    note: &'static str,
    /// From when on the bar is shown, unless it is from the first step on
    late: Option<(Instant, Once)>,
}

/// What takes no longer is not worth a line that comes and goes.
const PATIENCE: Duration = Duration::from_secs(1);

impl Progress {
    /// Of a list that is kept as it grows. `what` is counted, such as "accounts".
    pub(crate) fn of_list(total: usize, what: &'static str) -> Self {
        Self::new(total, what, "Ctrl-C keeps what is listed", None)
    }

    /// Of work that may be over at once: shown where it is not.
    pub(crate) fn of_work(total: usize, what: &'static str) -> Self {
        let progress = Self::new(
            total,
            what,
            "Ctrl-C ends it",
            Some((Instant::now() + PATIENCE, Once::new())),
        );
        progress.bar.set_draw_target(ProgressDrawTarget::hidden());
        progress
    }

    fn new(
        total: usize,
        what: &'static str,
        note: &'static str,
        late: Option<(Instant, Once)>,
    ) -> Self {
        let style = ProgressStyle::with_template("{prefix} [{bar:24}] {pos}/{len} ({msg})")
            .expect("the template is well-formed");
        let bar = ProgressBar::new(total as u64).with_style(style.progress_chars("=> "));
        Self { bar: bar.with_prefix(what).with_message(note), note, late }
    }

    /// Says why it goes slowly.
    pub(crate) fn explain(&self, why: &str) {
        self.bar.set_message(format!("{why}; {}", self.note));
    }

    pub(crate) fn set(&self, done: usize) {
        self.bar.set_position(done as u64);
    }

    /// One more is done, in whichever thread.
    pub(crate) fn step(&self) {
        if let Some((from, once)) = &self.late
            && !once.is_completed()
            && Instant::now() >= *from
        {
            once.call_once(|| self.bar.set_draw_target(ProgressDrawTarget::stderr()));
        }
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_needs_no_terminal() {
        // The tests' stderr is no terminal, or one where a line may come and go.
        let progress = Progress::of_list(10, "accounts");
        progress.set(3);
        progress.explain("AWS throttles");
        assert_eq!(progress.bar.position(), 3);
        assert_eq!(progress.bar.message(), "AWS throttles; Ctrl-C keeps what is listed");
    }

    #[test]
    fn work_is_counted_in_every_thread_and_shown_when_it_is_long() {
        let mut progress = Progress::of_work(4, "files");
        let steps = |progress: &Progress| {
            std::thread::scope(|scope| {
                scope.spawn(|| progress.step());
                progress.step();
            });
        };
        steps(&progress);
        let is_shown = |progress: &Progress| {
            progress.late.as_ref().is_some_and(|(_, once)| once.is_completed())
        };
        // What is no second old.
        progress.late = Some((Instant::now() + Duration::from_secs(3600), Once::new()));
        steps(&progress);
        assert_eq!((progress.bar.position(), is_shown(&progress)), (4, false));
        progress.late = Some((Instant::now(), Once::new()));
        progress.step();
        assert!(is_shown(&progress));
    }
}
