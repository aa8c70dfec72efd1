//! Progress of long work, on stderr.

use indicatif::{ProgressBar, ProgressStyle};

/// A line with a bar. It disappears when dropped; without a terminal there is none.
pub(crate) struct Progress(ProgressBar);

const KEEPS: &str = "Ctrl-C keeps what is listed";

impl Progress {
    /// `what` is counted, such as "accounts".
    pub(crate) fn new(total: usize, what: &'static str) -> Self {
        let style = ProgressStyle::with_template("{prefix} [{bar:24}] {pos}/{len} ({msg})")
            .expect("the template is well-formed");
        let bar = ProgressBar::new(total as u64).with_style(style.progress_chars("=> "));
        Self(bar.with_prefix(what).with_message(KEEPS))
    }

    /// Says why it goes slowly.
    pub(crate) fn explain(&self, why: &str) {
        self.0.set_message(format!("{why}; {KEEPS}"));
    }

    pub(crate) fn set(&self, done: usize) {
        self.0.set_position(done as u64);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_needs_no_terminal() {
        // The tests' stderr is no terminal, or one where a line may come and go.
        let progress = Progress::new(10, "accounts");
        progress.set(3);
        assert_eq!(progress.0.position(), 3);
    }
}
