//! Records that are over are removed when a new one is kept.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Header, Lock, Vault};
use crate::credentials::SessionKey;

/// How many records one sweep looks at: a bound for a directory that somebody filled.
const SWEEP: usize = 500;

/// After this long nobody is still writing a temporary file.
const LEFT_OVER: Duration = Duration::from_secs(3600);

/// Removes records of a kind that are over at `now`, and what a killed awsx left half written. Never
/// fails: the next sweep does what this one could not.
pub(crate) fn sweep<H: Header>(vault: &Vault, now: DateTime<Utc>, end: fn(&H) -> DateTime<Utc>) {
    let Some(state) = vault.durable() else { return };
    let is_over = |key: &SessionKey| {
        vault.header_if_readable::<H>(key).is_some_and(|header| end(&header) <= now)
    };
    for key in vault.keys::<H>().unwrap_or_default().iter().take(SWEEP) {
        if !is_over(key) {
            continue;
        }
        // Whoever renews this record holds its lock: then it is left alone.
        let Some(lock) = Lock::Session(key).try_hold(state) else { continue };
        if is_over(key) && vault.remove::<H>(key).is_ok() {
            lock.remove();
        }
    }
    state.remove_left_over(now - LEFT_OVER);
}
