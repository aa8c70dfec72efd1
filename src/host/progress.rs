//! Progress of long work, on stderr.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::text::printable;

/// One line that shows how far the work is. It disappears when dropped.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A line for `what` ("accounts"): a bar where the `total` is known, else a spinner. Nothing is
    /// shown unless it is `visible` and stderr is a terminal.
    pub fn new(visible: bool, total: Option<u64>, what: &str) -> Self {
        let target = match visible {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let template = match total {
            Some(_) => "{prefix} [{bar:24}] {pos}/{len} {msg}",
            None => "{spinner} {prefix} {pos} {msg}",
        };
        let style = ProgressStyle::with_template(template).expect("the template is well-formed");
        let bar = ProgressBar::with_draw_target(total, target)
            .with_style(style.progress_chars("=> "))
            .with_prefix(printable(what).into_owned());
        if total.is_none() {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        Self { bar }
    }

    pub fn set(&self, done: u64) {
        self.bar.set_position(done);
    }

    pub fn message(&self, text: &str) {
        self.bar.set_message(printable(text).replace('\n', " "));
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
    fn it_can_be_shown_nowhere() {
        for (docs, visible, total) in [
            ("a bar", true, Some(10)),
            ("a spinner", true, None),
            ("hidden", false, Some(10)),
            ("hidden, without a total", false, None),
        ] {
            // The tests' stderr is no terminal, or one where a line may come and go.
            let progress = Progress::new(visible, total, "accounts");
            progress.set(3);
            progress.message("Production\u{1b}[2J");
            assert_eq!(progress.bar.position(), 3, "{docs}");
            assert!(!progress.bar.message().contains('\u{1b}'), "{docs}");
        }
    }
}
