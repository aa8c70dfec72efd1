//! Calls of tools that wait for their turn, and those that their client wants no more.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use super::tools::ToolName;

/// A call, as a client asked for it.
pub(super) struct Call {
    pub(super) id: Value,
    pub(super) tool: ToolName,
    pub(super) arguments: Map<String, Value>,
    /// Of the version without a handshake
    pub(super) is_stamped: bool,
}

/// The ids of calls that have no answer yet, the oldest first.
#[derive(Default)]
pub(super) struct Unanswered(Mutex<Vec<Value>>);

impl Unanswered {
    pub(super) fn add(&self, id: &Value) {
        self.ids().push(id.clone());
    }

    /// Whether the client still wants the answer.
    pub(super) fn has(&self, id: &Value) -> bool {
        self.ids().contains(id)
    }

    /// The same, for the last time; or the client wants it no more.
    pub(super) fn take(&self, id: &Value) -> bool {
        let mut ids = self.ids();
        let at = ids.iter().position(|one| one == id);
        at.map(|at| ids.remove(at)).is_some()
    }

    fn ids(&self) -> MutexGuard<'_, Vec<Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
