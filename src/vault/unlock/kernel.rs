//! Keys in the Linux kernel's keyring: the `kernel` unlocker, and the copy that a passphrase's
//! unlocking leaves for eight hours.
//!
//! They are in the user's *persistent* keyring
//! (<https://man7.org/linux/man-pages/man7/persistent-keyring.7.html>), reached through this
//! process's own keyring: no session keyring is needed or changed, so it works where PAM set none
//! up, and nothing is passed on to a child. Kernels without persistent keyrings have the user
//! keyring instead. Using it anew keeps the persistent keyring for three more days.

use std::time::Duration;

use super::kind::UnlockerKind;
use super::place::{Look, Place};
use crate::state::StateDir;
use crate::vault::VaultError;
use crate::vault::seal::DataKey;

pub(super) struct Kernel<'a>(pub(super) &'a StateDir);

impl Place for Kernel<'_> {
    fn look(&self) -> Result<Look, VaultError> {
        Ok(read(&name("key", self.0))?.into())
    }

    fn make_key(&self) -> Result<DataKey, VaultError> {
        self.0.ready("")?;
        let key = DataKey::generate();
        let name = name("key", self.0);
        keep(&name, &key, None)?;
        // Without a lock another one may have been later.
        Ok(read(&name)?.unwrap_or(key))
    }

    fn keep_key(&self, key: &DataKey) -> Result<(), VaultError> {
        Ok(keep(&name("key", self.0), key, None)?)
    }

    fn remove_key(&self) -> Result<(), VaultError> {
        forget_key(self.0).map(drop)
    }
}

/// Forgets the key of the `kernel` unlocker; whether there was one.
pub(super) fn forget_key(state: &StateDir) -> Result<bool, VaultError> {
    Ok(remove(&name("key", state))?)
}

/// What the kernel calls a key: one per use and state directory.
pub(super) fn name(use_: &str, state: &StateDir) -> String {
    format!("awsx:{use_}:{}", state.id())
}

/// The kernel does not keep keys for us, and why: no such system, a container's filter, no room.
#[derive(Debug)]
pub(super) struct NoKernelKeyring(pub String);

impl From<NoKernelKeyring> for VaultError {
    fn from(NoKernelKeyring(reason): NoKernelKeyring) -> Self {
        Self::NotAvailable { unlocker: UnlockerKind::Kernel, reason }
    }
}

#[cfg(target_os = "linux")]
pub(super) use linux::{keep, read, remove};

#[cfg(target_os = "linux")]
mod linux {
    use linux_keyutils::{Key, KeyError, KeyRing, KeyRingIdentifier};
    use rustix::io::Errno;
    use zeroize::Zeroizing;

    use super::{DataKey, Duration, NoKernelKeyring};

    /// The key of this name; none if there is none, or it expired or was revoked.
    pub(in super::super) fn read(name: &str) -> Result<Option<DataKey>, NoKernelKeyring> {
        let Some(key) = find(&ring()?, name)? else { return Ok(None) };
        let mut bytes = Zeroizing::new([0_u8; 32]);
        match key.read(&mut *bytes) {
            Ok(32) => Ok(DataKey::from_slice(&*bytes)),
            Ok(_) => Ok(None),
            Err(error) if is_gone(error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps the key, in place of another of this name.
    pub(in super::super) fn keep(
        name: &str,
        key: &DataKey,
        time_limit: Option<Duration>,
    ) -> Result<(), NoKernelKeyring> {
        let kept = || {
            let ring = ring()?;
            // Made aside and linked when its time limit is set: no copy can outlive the limit.
            let aside = KeyRing::from_special_id(KeyRingIdentifier::Thread, true)?;
            let new = aside.add_key(name, key.expose())?;
            if let Some(limit) = time_limit {
                new.set_timeout(usize::try_from(limit.as_secs()).unwrap_or(usize::MAX))?;
            }
            ring.link_key(new)?;
            aside.unlink_key(new)
        };
        kept().map_err(NoKernelKeyring::from)
    }

    /// Removes the key for every process at once; whether there was one.
    pub(in super::super) fn remove(name: &str) -> Result<bool, NoKernelKeyring> {
        // Without a keyring there is nothing to forget.
        let Ok(ring) = ring() else { return Ok(false) };
        match find(&ring, name)? {
            Some(key) => {
                key.invalidate()?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    fn ring() -> Result<KeyRing, KeyError> {
        match KeyRing::get_persistent(KeyRingIdentifier::Process) {
            // This kernel was built without persistent keyrings.
            Err(KeyError::OperationNotSupported) => {
                let own = KeyRing::from_special_id(KeyRingIdentifier::Process, true)?;
                own.link_keyring_id(KeyRingIdentifier::User)?;
                KeyRing::from_special_id(KeyRingIdentifier::User, false)
            }
            found => found,
        }
    }

    fn find(ring: &KeyRing, name: &str) -> Result<Option<Key>, NoKernelKeyring> {
        match ring.search(name) {
            Ok(key) => Ok(Some(key)),
            Err(error) if is_gone(error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn is_gone(error: KeyError) -> bool {
        use KeyError::{KeyDoesNotExist, KeyExpired, KeyRejected, KeyRevoked};
        matches!(error, KeyDoesNotExist | KeyExpired | KeyRevoked | KeyRejected)
    }

    impl From<KeyError> for NoKernelKeyring {
        fn from(error: KeyError) -> Self {
            Self(match error {
                KeyError::PermissionDenied | KeyError::AccessDenied => {
                    "the kernel's keyring is closed to this process, as in most containers".into()
                }
                KeyError::Unknown(code) if code == Errno::NOSYS.raw_os_error() => {
                    "this kernel has no keyrings".into()
                }
                KeyError::QuotaExceeded => {
                    "the kernel's keyring is full (see /proc/key-users)".into()
                }
                other => format!("the kernel's keyring failed: {other}"),
            })
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) use elsewhere::{keep, read, remove};

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use super::{DataKey, Duration, NoKernelKeyring};

    fn none<T>() -> Result<T, NoKernelKeyring> {
        Err(NoKernelKeyring("only Linux has a kernel keyring".into()))
    }

    pub(in super::super) fn read(_: &str) -> Result<Option<DataKey>, NoKernelKeyring> {
        none()
    }

    pub(in super::super) fn keep(
        _: &str,
        _: &DataKey,
        _: Option<Duration>,
    ) -> Result<(), NoKernelKeyring> {
        none()
    }

    pub(in super::super) fn remove(_: &str) -> Result<bool, NoKernelKeyring> {
        Ok(false)
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    fn key(kernel: &Kernel<'_>) -> Option<[u8; 32]> {
        match kernel.look().unwrap() {
            Look::Key(key) => Some(*key.expose()),
            _ => None,
        }
    }

    #[test]
    fn a_key_lives_until_it_is_forgotten() {
        let root = tempfile::tempdir().unwrap();
        let state = StateDir::at(root.path());
        let kernel = Kernel(&state);
        assert!(key(&kernel).is_none());
        let made = kernel.make_key().unwrap();
        assert_eq!(key(&kernel), Some(*made.expose()));
        let again = kernel.make_key().unwrap();
        assert_eq!(key(&kernel), Some(*again.expose()));
        assert!(forget_key(&state).unwrap());
        assert!(key(&kernel).is_none());
        assert!(!forget_key(&state).unwrap());
    }

    #[test]
    fn another_thread_that_has_no_process_keyring_finds_it() {
        let root = tempfile::tempdir().unwrap();
        let state = StateDir::at(root.path());
        let (ready, go) = std::sync::mpsc::channel::<()>();
        let other = state.clone();
        let reader = std::thread::spawn(move || {
            go.recv().unwrap();
            key(&Kernel(&other))
        });
        let made = Kernel(&state).make_key().unwrap();
        ready.send(()).unwrap();
        assert_eq!(reader.join().unwrap(), Some(*made.expose()));
        assert!(forget_key(&state).unwrap());
    }
}
