//! What the answers of all services have in common.

use chrono::{DateTime, TimeDelta, Utc};

use super::attempt::{OneUse, Seen};
use super::error::no_answer;
use crate::ports::CallError;

/// From this on, expirations are translated to the local clock. Less is noise: `Date` has whole
/// seconds, and answers take time.
const NOTABLE_SKEW_SECONDS: u64 = 60;

/// The text of a field, unless it is missing: where a field must be there, the SDK makes an empty one.
pub(super) fn text(field: impl Into<Option<String>>) -> Option<String> {
    field.into().filter(|text| !text.is_empty())
}

/// AWS's time `at`, by the local clock.
pub(super) fn in_local_time(at: DateTime<Utc>, seen: &Seen) -> DateTime<Utc> {
    let skew = seen.skew.filter(|skew| skew.unsigned_abs() >= NOTABLE_SKEW_SECONDS).unwrap_or(0);
    at - TimeDelta::seconds(skew)
}

/// AWS acted, but what it said cannot be used.
pub(super) fn incomplete(
    call: &'static str,
    what: &str,
    seen: &Seen,
    one_use: OneUse,
) -> CallError {
    no_answer(call, format!("the answer holds no complete {what}"), seen, one_use)
}
