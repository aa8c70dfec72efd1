//! Questions that are wider than the terminal.

use super::Device;
#[cfg(unix)]
use crate::text::{Colour, Palette};
use crate::text::{printable, wrap};

impl Device {
    /// The question, broken between words where the terminal ends.
    pub(in crate::host) fn fit(&self, question: &str) -> String {
        self.break_lines(&printable(question))
    }

    /// The same, with the name between its two stretches in a colour.
    #[cfg(unix)]
    pub(super) fn fit_with_name(
        &self,
        question: [&str; 3],
        (colour, palette): (Colour, Palette),
    ) -> String {
        let [before, name, after] = question.map(printable);
        self.break_lines(&format!("{before}{}{after}", palette.paint(colour, &name)))
    }

    fn break_lines(&self, text: &str) -> String {
        match self.columns() {
            Some(columns) => wrap(text, columns).into_owned(),
            None => text.to_owned(),
        }
    }

    /// None where the terminal does not say.
    #[cfg(unix)]
    fn columns(&self) -> Option<usize> {
        let size = rustix::termios::tcgetwinsize(&self.file).ok()?;
        Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
    }

    #[cfg(windows)]
    fn columns(&self) -> Option<usize> {
        let _ = self;
        console::Term::stderr().size_checked().map(|(_, columns)| columns.into())
    }
}
