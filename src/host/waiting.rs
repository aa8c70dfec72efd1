//! A line on stderr that is there while a person waits for AWS.

use std::sync::Arc;

use console::Term;

use crate::ports::ShowWaiting;

/// Shows the line for a call, and removes it.
pub(crate) fn show_waiting() -> ShowWaiting {
    let terminal = Term::stderr();
    Arc::new(move |call| {
        // It is only a courtesy.
        let _ = match call {
            Some(call) => terminal.write_str(&format!("awsx: asking AWS ({call})…")),
            None => terminal.clear_line(),
        };
    })
}
