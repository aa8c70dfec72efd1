//! Single flight: of all awsx processes that need the same thing, one makes it, and whoever waited
//! looks again.

use super::{Vault, VaultError};
use crate::credentials::SessionKey;
use crate::state::{FileLock, StateDir, StateDirError};

/// What one process does at a time.
#[derive(Clone, Copy, Debug)]
pub enum Lock<'a> {
    Session(&'a SessionKey),
    /// Uses the refresh token of this login, and replaces its record
    Login(&'a SessionKey),
    /// Asks a person to log in. Not [`Self::Login`]: commands that never prompt take the other lock.
    Person(&'a SessionKey),
    /// Lists the accounts and roles of this login
    Organization(&'a SessionKey),
    /// Asks for a code of this MFA device and sends it, so that no code is sent twice
    MfaDevice(&'a str),
}

impl Lock<'_> {
    fn name(self) -> String {
        match self {
            Self::Session(key) => key.to_hex(),
            Self::Login(key) => format!("login-{}", key.to_hex()),
            Self::Person(key) => format!("person-{}", key.to_hex()),
            Self::Organization(key) => format!("organization-{}", key.to_hex()),
            Self::MfaDevice(serial) => {
                let digest = SessionKey::builder("mfa device").field("serial", serial).build();
                format!("mfa-{}", digest.to_hex())
            }
        }
    }

    /// Holds the lock. `on_wait` is called once if another process has it; then this waits as long as
    /// that takes. Ctrl-C ends the wait with the process.
    pub(crate) fn hold(
        self,
        state: &StateDir,
        on_wait: impl FnOnce(),
    ) -> Result<FileLock, StateDirError> {
        state.lock(&self.name(), on_wait)
    }

    pub(crate) fn try_hold(self, state: &StateDir) -> Option<FileLock> {
        state.try_lock(&self.name())
    }
}

impl Vault {
    /// What `look` finds; else what `make` makes, while every other awsx that needs the same waits, and
    /// then looks again. `waiting` is said where this one waits.
    pub fn once<T, E: From<VaultError>>(
        &self,
        lock: Lock<'_>,
        waiting: &str,
        mut look: impl FnMut() -> Result<Option<T>, E>,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        if let Some(found) = look()? {
            return Ok(found);
        }
        // Before the lock: a person may take minutes to give a passphrase.
        self.open_existing()?;
        let _held = self.hold(lock, waiting)?;
        match look()? {
            Some(found) => Ok(found),
            None => make(),
        }
    }

    /// Holds a lock; `None` where nothing is shared with other processes (a vault in memory), or where
    /// the state directory cannot be written, which is said: two processes may then make the same,
    /// and both are right.
    pub(crate) fn hold(
        &self,
        lock: Lock<'_>,
        waiting: &str,
    ) -> Result<Option<FileLock>, VaultError> {
        let Some(state) = self.durable() else { return Ok(None) };
        match lock.hold(state, || self.person.tell(waiting)) {
            Ok(guard) => Ok(Some(guard)),
            Err(cause @ StateDirError::Unsafe { .. }) => Err(cause.into()),
            Err(cause) => {
                self.person.tell(&format!("going on without a lock: {cause}"));
                Ok(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::vault::UnlockerKind;

    fn key(name: &str) -> SessionKey {
        SessionKey::builder(name).build()
    }

    #[test]
    fn different_things_are_locked_apart() {
        let root = tempfile::tempdir().unwrap();
        let state = StateDir::at(root.path());
        let (a, b) = (key("a"), key("b"));
        let held: Vec<FileLock> = [
            Lock::Session(&a),
            Lock::Session(&b),
            Lock::Login(&a),
            Lock::Person(&a),
            Lock::Organization(&a),
            Lock::MfaDevice("arn:aws:iam::1:mfa/m"),
            Lock::MfaDevice("GAHT12345678"),
        ]
        .map(|lock| lock.hold(&state, || panic!("nobody holds it")).unwrap())
        .into();
        assert_eq!(held.len(), 7);
    }

    #[test]
    fn of_many_that_need_a_thing_one_makes_it() {
        let root = tempfile::tempdir().unwrap();
        let made = root.path().join("made");
        let makes = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let vault = Vault::at(root.path(), UnlockerKind::Kernel);
                    let look = || Ok(made.exists().then_some(()));
                    let make = || {
                        makes.fetch_add(1, Ordering::SeqCst);
                        std::fs::write(&made, "").unwrap();
                        Ok(())
                    };
                    vault.once::<_, VaultError>(Lock::Session(&key("k")), "", look, make).unwrap();
                });
            }
        });
        assert_eq!(makes.into_inner(), 1);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        std::fs::write(&file, "").unwrap();
        let state = StateDir::at(&file.join("state"));
        let error = Lock::Session(&key("k")).hold(&state, || ()).unwrap_err();
        assert!(matches!(error, StateDirError::Write { .. }), "{error:?}");
    }
}
