//! Single flight: of all awsx processes that need the same thing, one makes it, and whoever waited
//! looks again.

use super::{Vault, VaultError, with_remedy};
use crate::credentials::SessionKey;
use crate::ports::CallError;
use crate::state::{FileLock, StateDir, StateDirError};

/// What one process does at a time.
#[derive(Clone, Copy, Debug)]
pub enum Lock<'a> {
    Session(&'a SessionKey),
    /// Uses the refresh token of this login, and replaces its record
    Login(&'a SessionKey),
    /// Lists the accounts and roles of this login
    Organization(&'a SessionKey),
    /// Changes the stored keys of this record
    StoredKeys(&'a SessionKey),
    /// Sends a code of this MFA device, so that none is sent twice
    MfaDevice(&'a str),
}

impl Lock<'_> {
    fn name(self) -> String {
        match self {
            Self::Session(key) => key.to_hex(),
            Self::Login(key) => format!("login-{}", key.to_hex()),
            Self::Organization(key) => format!("organization-{}", key.to_hex()),
            Self::StoredKeys(key) => format!("keys-{}", key.to_hex()),
            Self::MfaDevice(serial) => format!("mfa-{}", device(serial)),
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
        state.try_lock(&self.name()).ok()?
    }
}

/// A device's serial number as a part of a file's name.
pub(super) fn device(serial: &str) -> String {
    SessionKey::builder("mfa device").field("serial", serial).build().to_hex()
}

/// What one process makes for all that wait for it.
#[derive(Debug)]
pub struct Flight {
    lock: Option<FileLock>,
    /// Whether no other process makes it meanwhile: it is locked, or shared with none
    pub is_only_one: bool,
}

impl Flight {
    /// Alone with the lock; `None` where there is none.
    pub(crate) fn new(lock: Option<FileLock>) -> Self {
        Self { is_only_one: lock.is_some(), lock }
    }

    /// Makes it. Whoever waited while another process tried, and failed for a reason that is not that
    /// process's own, shares the failure: many processes that wait for what does not answer end
    /// together, not one after another.
    ///
    /// # Errors
    /// That of `make`, or of the process that this one waited for.
    pub fn make<T, E: Shared>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let Some(lock) = &self.lock else { return make() };
        if lock.waited
            && let Some(failure) = lock.read_note().ok().and_then(|note| E::from_note(&note))
        {
            return Err(failure);
        }
        let made = make();
        let note = made.as_ref().err().and_then(E::to_note);
        // Who reads no note tries again.
        let _ = lock.leave_note(&note.unwrap_or_default());
        made
    }
}

/// A failure that processes which wait for the same thing can share.
pub trait Shared: Sized {
    /// The failure for the others; `None` where each has to see for itself.
    fn to_note(&self) -> Option<String>;
    /// The failure that another process noted.
    fn from_note(note: &str) -> Option<Self>;
}

impl Shared for CallError {
    fn to_note(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    fn from_note(note: &str) -> Option<Self> {
        serde_json::from_str(note).ok()
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
        make: impl FnOnce(&Flight) -> Result<T, E>,
    ) -> Result<T, E> {
        if let Some(found) = look()? {
            return Ok(found);
        }
        // Before the lock: a person may take minutes to give a passphrase, or to choose one.
        self.open_early()?;
        let held = self.hold(lock, waiting)?;
        match look()? {
            Some(found) => Ok(found),
            None => {
                let shares_nothing = self.durable().is_none();
                make(&Flight { is_only_one: held.is_some() || shares_nothing, lock: held })
            }
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
        self.or_without(lock.hold(state, || self.person.tell(waiting)).map(Some))
    }

    /// Goes on without a lock where there can be none.
    pub(super) fn or_without<T>(
        &self,
        lock: Result<Option<T>, StateDirError>,
    ) -> Result<Option<T>, VaultError> {
        match lock {
            Ok(lock) => Ok(lock),
            Err(cause @ StateDirError::Unsafe { .. }) => Err(cause.into()),
            Err(cause) => {
                let cause = with_remedy(&cause);
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
    use crate::vault::tests::OWN;

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
            Lock::Organization(&a),
            Lock::StoredKeys(&a),
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
                    let vault = Vault::at(root.path(), OWN);
                    let look = || Ok(made.exists().then_some(()));
                    let make = |_: &Flight| {
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
        assert!(matches!(error, StateDirError::Disk { .. }), "{error:?}");
    }

    #[test]
    fn that_aws_does_not_answer_is_shared() {
        let unreachable = CallError::Unreachable {
            call: "sts:AssumeRole",
            endpoint: "https://sts.eu-west-1.amazonaws.com".into(),
            attempts: 3,
            cause: "timed out".into(),
        };
        let read = CallError::from_note(&unreachable.to_note().unwrap()).unwrap();
        assert_eq!(format!("{read:?}"), format!("{unreachable:?}"));
        let code = CallError::MfaCodeRefused { call: "sts:AssumeRole", message: "no".into() };
        assert!(code.to_note().is_none(), "the code was one process's own");
        for note in ["", "{}", "process 4711"] {
            assert!(CallError::from_note(note).is_none(), "{note}");
        }
    }
}
