//! What a file said before awsx changed it, sealed, so that the change can be taken back. Of the text that was there
//! only what the new one lacks is kept.

mod version;

use chrono::{DateTime, TimeDelta, Utc};

use crate::vault::{Vault, VaultError};
pub(crate) use version::{Standing, Version, VersionHeader};

/// How long a change can be taken back.
pub(crate) const KEPT_FOR: TimeDelta = TimeDelta::days(30);

/// How many commands can be taken back, one after the other.
const MOST_STEPS: usize = 20;

/// Keeps a version, and forgets those whose time is over.
pub(crate) fn keep(vault: &Vault, version: &Version, now: DateTime<Utc>) -> Result<(), VaultError> {
    vault.put(&version.header.key(), version)?;
    let mut all = vault.headers::<VersionHeader>()?;
    all.sort_by_key(|(_, header)| std::cmp::Reverse(header.step));
    let mut steps: Vec<_> = all.iter().map(|(_, header)| header.step).collect();
    steps.dedup();
    let oldest = steps.get(MOST_STEPS - 1).copied().unwrap_or(DateTime::<Utc>::MIN_UTC);
    for (key, header) in all {
        if header.step < oldest || header.step + KEPT_FOR < now {
            vault.remove::<VersionHeader>(&key)?;
        }
    }
    Ok(())
}

/// The version with this header; none where it is gone.
pub(crate) fn read(vault: &Vault, header: &VersionHeader) -> Result<Option<Version>, VaultError> {
    vault.get(&header.key())
}

/// Forgets a version.
pub(crate) fn forget(vault: &Vault, header: &VersionHeader) -> Result<(), VaultError> {
    vault.remove::<VersionHeader>(&header.key()).map(drop)
}

/// The versions of the files that the last command changed; none where there is none, or its time is over.
pub(crate) fn find_last(
    vault: &Vault,
    now: DateTime<Utc>,
) -> Result<Vec<VersionHeader>, VaultError> {
    let all = vault.headers::<VersionHeader>()?.into_iter().map(|(_, header)| header);
    let mut kept: Vec<_> = all.filter(|header| header.step + KEPT_FOR >= now).collect();
    let last = kept.iter().map(|header| header.step).max();
    kept.retain(|header| Some(header.step) == last);
    kept.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(kept)
}
