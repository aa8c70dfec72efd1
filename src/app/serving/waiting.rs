//! What waits for a person: a file for each profile whose server cannot renew it without one. `awsx renew` finds
//! it, in any terminal.
//!
//! A lock says that the server lives: what a killed one left is swept by whoever looks.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::state::files::random_name;
use crate::state::{FileLock, StateDir, StateDirError};

const FOLDER: &str = "waiting";
/// Bytes of a file, at most.
const LONGEST: u64 = 64 * 1024;

/// Version 1; fields are only ever added. Never a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub version: u32,
    /// As the server calls it
    pub name: String,
    /// None where flags alone say whose credentials they are
    pub profile: Option<String>,
    /// The flags of `awsx exec`, without its command and without a code
    pub flags: Vec<String>,
    /// The process that is served
    pub pid: u32,
    pub ends_at: Option<DateTime<Utc>>,
}

/// A file that goes when it is dropped.
pub(super) struct Left {
    state: StateDir,
    id: String,
    lock: Option<FileLock>,
}

impl Waiting {
    /// Leaves it for whoever runs `awsx renew`.
    pub(super) fn leave(&self, state: &StateDir) -> Result<Left, StateDirError> {
        let id = random_name();
        let lock = state.try_lock(&lock_name(&id))?;
        let text = serde_json::to_vec(self).expect("texts and numbers are JSON");
        state.write(&file_name(&id), &text)?;
        Ok(Left { state: state.clone(), id, lock })
    }

    /// All that waits, the oldest end first.
    pub(crate) fn all(state: &StateDir) -> Result<Vec<Self>, StateDirError> {
        let mut found = Vec::new();
        for name in state.names(FOLDER)? {
            let Some(id) = name.to_str().and_then(|name| name.strip_suffix(".json")) else {
                continue;
            };
            if !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                continue;
            }
            if let Some(lock) = state.try_lock(&lock_name(id))? {
                state.remove(&file_name(id))?;
                lock.remove();
                continue;
            }
            let text = state.read(&file_name(id), LONGEST)?.unwrap_or_default();
            found.extend(serde_json::from_slice::<Self>(&text).ok());
        }
        found.sort_by(|one, other| (one.ends_at, &one.name).cmp(&(other.ends_at, &other.name)));
        Ok(found)
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        // What stays is swept later.
        let _ = self.state.remove(&file_name(&self.id));
        if let Some(lock) = self.lock.take() {
            lock.remove();
        }
    }
}

fn lock_name(id: &str) -> String {
    format!("waiting-{id}")
}

fn file_name(id: &str) -> String {
    format!("{FOLDER}/{id}.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_found_until_it_is_over() {
        let root = tempfile::tempdir().unwrap();
        let state = StateDir::at(&root.path().join("state"));
        assert!(Waiting::all(&state).unwrap().is_empty());
        let waiting = |name: &str| Waiting {
            version: 1,
            name: name.into(),
            profile: Some(name.into()),
            flags: vec!["--duration".into(), "4h".into()],
            pid: 1,
            ends_at: None,
        };
        let (b, a) = (waiting("b").leave(&state).unwrap(), waiting("a").leave(&state).unwrap());
        assert_eq!(Waiting::all(&state).unwrap(), [waiting("a"), waiting("b")]);
        drop(a);
        assert_eq!(Waiting::all(&state).unwrap(), [waiting("b")]);
        // As if it was killed: the lock alone goes.
        let mut b = b;
        drop(b.lock.take());
        std::mem::forget(b);
        assert!(Waiting::all(&state).unwrap().is_empty());
        assert!(state.names(FOLDER).unwrap().is_empty());
    }
}
