//! A terminal that a prompt has changed, and how it is put back.

use std::sync::{Mutex, PoisonError};

/// Whether it shows what is typed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Echo {
    On,
    Off,
}

/// What switches to the other screen, and what back to the one that was found, with its cursor. Where there
/// is only one, they do nothing.
pub(super) const OTHER_SCREEN: &str = "\x1b[?1049h";
pub(super) const FOUND_SCREEN: &str = "\x1b[?1049l";

static UNDO: Mutex<Option<Box<dyn FnOnce() + Send>>> = Mutex::new(None);

/// Puts the terminal back into the mode it was found in, if a prompt has changed it.
pub(in crate::host) fn restore() {
    // Not `lock`: the panic hook calls this, perhaps while the lock is held.
    let undo = UNDO.try_lock().ok().and_then(|mut undo| undo.take());
    if let Some(undo) = undo {
        undo();
    }
}

/// Lives as long as the terminal is changed.
pub(super) struct Changed;

impl Changed {
    pub(super) fn until_dropped(undo: impl FnOnce() + Send + 'static) -> Self {
        *UNDO.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(undo));
        Self
    }
}

impl Drop for Changed {
    fn drop(&mut self) {
        restore();
    }
}
