//! What stands behind a server: whoever makes the credentials.

use chrono::{DateTime, Utc};

use crate::credentials::Secret;

/// Who makes the credentials that a server hands over, or keeps them.
pub(crate) trait Backend: Send + Sync + 'static {
    /// Those of a profile, within the second or two that SDKs wait.
    fn credentials(
        &self,
        profile: &str,
    ) -> impl Future<Output = Result<Served, Unavailable>> + Send;
}

/// Credentials as they are handed over.
#[derive(Clone, Debug)]
pub(crate) struct Served {
    /// What [`super::document`] writes
    pub document: Secret,
    /// None where the source states no end
    pub expires: Option<DateTime<Utc>>,
}

/// Why there are no credentials just now: a sentence, with the command that helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unavailable {
    pub message: String,
}
