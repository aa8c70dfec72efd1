//! How long the sessions that the files hold must last to be used.

use chrono::{DateTime, Utc};

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Need {
    pub now: DateTime<Utc>,
    /// `now`, or later where more is asked for
    pub until: DateTime<Utc>,
}
