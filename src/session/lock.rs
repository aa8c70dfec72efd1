//! Single flight: of all awsx processes that need the same session, one mints it. Whoever waited
//! looks into the vault again. What is minted is left to the caller.

use crate::credentials::SessionKey;
use crate::ports::Person;
use crate::state::{FileLock, StateDir, StateDirError};
use crate::vault::{UnlockerKind, Vault, VaultError};

/// Held until it is dropped, or its process ends in any way: a killed awsx blocks nobody.
#[derive(Debug)]
#[must_use = "the lock is held only as long as this lives"]
pub struct Guard(#[expect(dead_code, reason = "held, not read")] FileLock);

/// The lock cannot be had at all; another process that holds it is no error. Work can go on
/// without: two processes may then mint the same session, and both are right.
#[derive(Debug, thiserror::Error)]
#[error("awsx cannot keep other processes from minting the same session")]
pub struct LockError(#[from] pub(super) StateDirError);

/// The lock, or none where nothing is shared with other processes: a vault in memory, or a state
/// directory that cannot be written, which is said.
///
/// # Errors
/// The state directory is not safe.
pub(super) fn or_go_on(
    vault: &Vault,
    person: &dyn Person,
    lock: impl FnOnce(&StateDir) -> Result<Guard, LockError>,
) -> Result<Option<Guard>, VaultError> {
    let Some(state) = vault.state_dir().filter(|_| vault.unlocker() != UnlockerKind::Memory) else {
        return Ok(None);
    };
    match lock(state) {
        Ok(guard) => Ok(Some(guard)),
        Err(LockError(cause @ StateDirError::Unsafe { .. })) => Err(cause.into()),
        Err(LockError(cause)) => {
            person.tell(&format!("going on without a lock: {cause}"));
            Ok(None)
        }
    }
}

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

/// Holds the lock of a login, so that its refresh token is used once and one person is asked once.
///
/// # Errors
/// As [`session`].
pub fn login(
    state: &StateDir,
    key: &SessionKey,
    on_wait: impl FnOnce(),
) -> Result<Guard, LockError> {
    Ok(Guard(state.lock(&format!("login-{}", key.to_hex()), on_wait)?))
}

/// Held while a person logs in, so that several commands open one login between them. Not the lock
/// of [`login`]: who asks nobody does not wait for a person.
///
/// # Errors
/// As [`session`].
pub fn person(
    state: &StateDir,
    key: &SessionKey,
    on_wait: impl FnOnce(),
) -> Result<Guard, LockError> {
    Ok(Guard(state.lock(&format!("person-{}", key.to_hex()), on_wait)?))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_and_devices_are_locked_apart() {
        let root = tempfile::tempdir().unwrap();
        let state = StateDir::at(root.path());
        let key = |name: &str| SessionKey::builder(name).build();
        let unheard = || panic!("nobody holds it");
        let _a = self::session(&state, &key("a"), unheard).unwrap();
        let _b = self::session(&state, &key("b"), unheard).unwrap();
        let _device = mfa_device(&state, "arn:aws:iam::1:mfa/m", unheard).unwrap();
        let _other = mfa_device(&state, "GAHT12345678", unheard).unwrap();
    }

    #[test]
    fn of_many_that_need_a_session_one_mints_it() {
        let root = tempfile::tempdir().unwrap();
        let state = StateDir::at(root.path());
        let key = SessionKey::builder("k").build();
        let minted = root.path().join("minted");
        let mints = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let _guard = self::session(&state, &key, || ()).unwrap();
                    if !minted.exists() {
                        mints.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                        std::fs::write(&minted, "").unwrap();
                    }
                });
            }
        });
        assert_eq!(mints.into_inner(), 1);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        std::fs::write(&file, "").unwrap();
        let key = SessionKey::builder("k").build();
        let error = session(&StateDir::at(&file.join("state")), &key, || ()).unwrap_err();
        assert!(matches!(error, LockError(StateDirError::Write { .. })), "{error:?}");
    }
}
