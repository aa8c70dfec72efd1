//! Single flight: of all awsx processes that need the same session, one mints it. Whoever waited
//! looks into the vault again. What is minted is left to the caller.

use crate::credentials::SessionKey;
use crate::vault::{FileLock, StateDir, StateDirError};

/// Held until it is dropped, or its process ends in any way: a killed awsx blocks nobody.
#[derive(Debug)]
#[must_use = "the lock is held only as long as this lives"]
pub struct Guard(#[expect(dead_code, reason = "held, not read")] FileLock);

/// The lock cannot be had at all; another process that holds it is no error. Work can go on
/// without: two processes may then mint the same session, and both are right.
#[derive(Debug, thiserror::Error)]
#[error("awsx cannot keep other processes from minting the same session")]
pub struct LockError(#[from] StateDirError);

/// Holds the lock of a session. `on_wait` is called once if another process has it; then this
/// waits as long as that takes. Ctrl-C ends the wait with the process.
///
/// # Errors
/// The state directory is unsafe, unwritable, or on a file system without locks.
pub fn session(
    state: &StateDir,
    key: &SessionKey,
    on_wait: impl FnOnce(),
) -> Result<Guard, LockError> {
    // The vault's sweep leaves a record alone whose lock of this name is held.
    Ok(Guard(state.lock(&key.to_hex(), on_wait)?))
}

/// Holds the lock of an MFA device, so that no code is sent twice and one person is asked once.
///
/// # Errors
/// As [`session`].
pub fn mfa_device(
    state: &StateDir,
    serial: &str,
    on_wait: impl FnOnce(),
) -> Result<Guard, LockError> {
    let digest = SessionKey::builder("mfa device").field("serial", serial).build();
    Ok(Guard(state.lock(&format!("mfa-{}", digest.to_hex()), on_wait)?))
}
