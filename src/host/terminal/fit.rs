//! Questions that are wider than the terminal.

use super::Device;
use crate::text::{printable, wrap};

impl Device {
    /// The question, broken between words where the terminal ends.
    pub(in crate::host) fn fit(&self, question: &str) -> String {
        let question = printable(question);
        match self.columns() {
            Some(columns) => wrap(&question, columns).into_owned(),
            None => question.into_owned(),
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
