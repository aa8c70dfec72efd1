//! What is asked of a rotation, and what came of it.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::record::StoredKeysHeader;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wish {
    /// Go back to the key from before
    pub abort: bool,
    /// Keep the old key, inactive
    pub keep: Option<Duration>,
    /// Leave a younger key alone
    pub older_than: Option<Duration>,
    /// The other key that has to make room
    pub replace: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Rotated {
    pub outcome: Outcome,
    /// The stored key
    pub header: StoredKeysHeader,
    /// The key that it has replaced
    pub before: Option<Before>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A new key is stored.
    Rotated,
    /// The stored key is the one from before.
    Aborted,
    /// The key is not old enough.
    NotDue,
    /// There was nothing to go back from.
    NothingBegun,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Before {
    pub access_key_id: String,
    /// Until when it is kept, inactive; `None`: it is deleted.
    pub kept_until: Option<DateTime<Utc>>,
}
