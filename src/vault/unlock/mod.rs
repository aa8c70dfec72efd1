//! Where the vault's key rests, and how it is opened. One file per place; `auto` picks one.

mod auto;
#[cfg(target_os = "linux")]
mod collection;
mod kernel;
mod keychain;
mod kind;
mod passphrase;
mod place;
#[cfg(target_os = "linux")]
mod secret_service;
#[cfg(not(target_os = "linux"))]
mod system_keychain;

use std::time::{Duration, SystemTime};

use auto::PROBE;
pub(super) use auto::{note_first_choice, read_choice};
#[cfg(target_os = "linux")]
pub(crate) use collection::read_collection;
pub(super) use keychain::was_made;
pub(crate) use kind::{UnknownUnlocker, UnlockerKind};
pub(crate) use passphrase::{NEW_FILE_VARIABLE, PROMPT, Wrapped};
pub(super) use passphrase::{is_set_up, variable_of_passphrase};
pub(super) use place::{Opened, Unlocker};

use super::VaultError;
use super::seal::DataKey;
use crate::state::{FileLock, StateDir};
use kernel::Kernel;
use keychain::{DIALOG, Keychain};
use passphrase::Passphrase;
use place::{Look, Place};

impl<'a> Unlocker<'a> {
    /// The place of the key; `None` for `auto`, which picks one. `memory` needs no unlocker.
    fn place(self, kind: UnlockerKind) -> Option<Box<dyn Place + 'a>> {
        Some(match kind {
            UnlockerKind::Auto | UnlockerKind::Memory => return None,
            UnlockerKind::Keychain => Box::new(Keychain(self)),
            UnlockerKind::Passphrase => Box::new(Passphrase(self)),
            UnlockerKind::Kernel => Box::new(Kernel(self.state)),
        })
    }

    /// Opens the vault, asking the person if need be; `None` if there is no key yet.
    pub(super) fn open(self, kind: UnlockerKind) -> Result<Option<Opened>, VaultError> {
        let Some(place) = self.place(kind) else {
            return self.current_choice()?.map_or(Ok(None), |kind| self.open(kind));
        };
        let key = match place.look()? {
            Look::Key(key) => Some(key),
            Look::Nothing => None,
            Look::Locked => {
                let alone = self.lock(&*place)?;
                key_of(&*place, alone.as_ref())?
            }
        };
        Ok(key.map(|key| Opened { kind, key }))
    }

    /// Opens the vault, asking the person if need be; makes a key if there is none yet.
    pub(super) fn open_or_make(self, kind: UnlockerKind) -> Result<Opened, VaultError> {
        self.open_or_make_unless(kind, || Ok(None))
    }

    /// The same where `auto` chose that: another awsx may move the vault meanwhile.
    fn open_choice(self, kind: UnlockerKind) -> Result<Opened, VaultError> {
        self.open_or_make_unless(kind, || Ok(self.current_choice()?.filter(|now| *now != kind)))
    }

    /// `find_new_place` is asked when nobody moves it any longer.
    fn open_or_make_unless(
        self,
        kind: UnlockerKind,
        find_new_place: impl FnOnce() -> Result<Option<UnlockerKind>, VaultError>,
    ) -> Result<Opened, VaultError> {
        let Some(place) = self.place(kind) else { return self.open_or_choose() };
        let key = match place.look()? {
            Look::Key(key) => key,
            Look::Nothing | Look::Locked => {
                let alone = self.lock(&*place)?;
                if let Some(other) = find_new_place()? {
                    drop(alone);
                    return self.open_choice(other);
                }
                match key_of(&*place, alone.as_ref())? {
                    Some(key) => key,
                    None => place.make_key()?,
                }
            }
        };
        Ok(Opened { kind, key })
    }

    /// Has the key rest in another place: it is kept there and read back, that place is chosen, and only then
    /// the key is removed from where it was. Whatever ends the process, the chosen place has it; another
    /// run does the rest. `opened` is none where there is no key yet: then one is made there.
    pub(super) fn move_key(
        self,
        opened: Option<&Opened>,
        to: UnlockerKind,
    ) -> Result<(), VaultError> {
        let Some(place) = self.place(to) else { return Ok(()) };
        let waiting = "waiting for another awsx that is opening the vault";
        let _locks = ["vault-choice", "vault-person", "vault-key"]
            .map(|name| self.hold(name, waiting))
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        let Some(opened) = opened else {
            if key_of(&*place, None)?.is_none() {
                place.make_key()?;
            }
            return Ok(auto::choose(self.state, to)?);
        };
        if opened.kind != to {
            match key_of(&*place, None)? {
                None => place.keep_key(&opened.key)?,
                // Left by a run that was ended.
                Some(key) if key.id() == opened.key.id() => {}
                Some(_) => return Err(VaultError::Occupied { unlocker: to }),
            }
        }
        auto::choose(self.state, to)?;
        let others = [UnlockerKind::Keychain, UnlockerKind::Passphrase, UnlockerKind::Kernel];
        for kind in others.into_iter().filter(|kind| *kind != to) {
            let probe =
                Self { patience: PROBE, dialogs: self.dialogs && kind == opened.kind, ..self };
            let Some(place) = probe.place(kind) else { continue };
            let has_key =
                || matches!(place.look(), Ok(Look::Key(key)) if key.id() == opened.key.id());
            if kind == opened.kind || has_key() {
                place.remove_key().map_err(|error| VaultError::NotRemoved {
                    unlocker: kind,
                    source: Box::new(error),
                })?;
            }
        }
        Ok(())
    }

    /// Has another passphrase open the vault.
    pub(super) fn change_passphrase(self, opened: &Opened) -> Result<(), VaultError> {
        let _alone =
            self.hold("vault-person", "waiting for another awsx that is opening the vault")?;
        Passphrase(self).change(&opened.key)
    }

    /// The key as it is found without asking anybody, or that there is none; `None` where that cannot be
    /// known.
    pub(super) fn look(self, kind: UnlockerKind) -> Option<Option<DataKey>> {
        let quick = Self { dialogs: false, patience: PROBE, ..self };
        let Some(place) = quick.place(kind) else {
            return quick.look(read_choice(self.state, |_| ()).ok()??);
        };
        match place.look().ok()? {
            Look::Key(key) => Some(Some(key)),
            Look::Nothing => Some(None),
            Look::Locked => None,
        }
    }

    /// Keeps an open vault open, and says for how long; `None` where that is not awsx's to say.
    pub(super) fn keep_open(self, opened: &Opened) -> Option<Duration> {
        self.place(opened.kind)?.keep_open(&opened.key)
    }

    /// One process asks or makes a key; those that waited for it find the key at hand. Who knows the
    /// passphrase does not wait for a person who is asked for it, and who can ask nobody waits for nobody.
    fn lock(self, place: &dyn Place) -> Result<Option<FileLock>, VaultError> {
        let name = match place.asks_at_terminal() {
            true => {
                let terminal = self.person.terminal();
                terminal.map_err(|nobody| VaultError::PassphraseNeeded(nobody.into()))?;
                "vault-person"
            }
            false => "vault-key",
        };
        Ok(self.hold(name, "waiting for another awsx that is opening the vault")?)
    }
}

/// The key, whatever has to be asked; `None` where there is none. Of several processes that need a keychain
/// one shows its dialog, and what comes of that holds for those that waited.
fn key_of(place: &dyn Place, alone: Option<&FileLock>) -> Result<Option<DataKey>, VaultError> {
    match place.look()? {
        Look::Key(key) => return Ok(Some(key)),
        Look::Nothing => return Ok(None),
        Look::Locked => {}
    }
    let note = alone.filter(|lock| lock.waited).and_then(|lock| lock.read_note().ok());
    match note.as_deref() {
        Some(DISMISSED) => return Err(VaultError::KeychainLocked { dismissed: true }),
        Some(SILENT) => return Err(VaultError::KeychainSilent { waited: DIALOG }),
        _ => {}
    }
    let opened = place.unlock();
    let note = match &opened {
        Err(VaultError::KeychainLocked { .. }) => DISMISSED,
        Err(VaultError::KeychainSilent { .. }) => SILENT,
        _ => "",
    };
    // Who reads no note asks again.
    let _ = alone.map(|lock| lock.leave_note(note));
    opened
}

/// What is noted for those that wait.
const DISMISSED: &str = "dismissed";
const SILENT: &str = "silent";

/// Since when the key rests there, where a file says so.
pub(super) fn time_of_choice(state: &StateDir, kind: UnlockerKind) -> Option<SystemTime> {
    match kind {
        UnlockerKind::Passphrase => passphrase::time_of_choice(state),
        UnlockerKind::Keychain | UnlockerKind::Kernel => auto::time_of_choice(state),
        UnlockerKind::Auto | UnlockerKind::Memory => None,
    }
}

/// What `awsx lock` forgot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locked {
    /// The key that a passphrase had opened; the passphrase opens it again
    pub passphrase_key: bool,
    /// The key of the `kernel` unlocker; its records are lost
    pub kernel_key: bool,
}

pub(super) fn forget_keys(state: &StateDir) -> Result<Locked, VaultError> {
    Ok(Locked {
        passphrase_key: passphrase::forget_key(state)?,
        kernel_key: kernel::forget_key(state)?,
    })
}

/// Forgets every key but that of the keychain, and which place was chosen.
pub(super) fn start_anew(state: &StateDir) -> Result<(), VaultError> {
    forget_keys(state)?;
    passphrase::forget_passphrase(state)?;
    auto::forget_choice(state)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A keychain whose dialog nobody answers.
    struct Unanswered<'a>(&'a AtomicUsize);

    impl Place for Unanswered<'_> {
        fn look(&self) -> Result<Look, VaultError> {
            Ok(Look::Locked)
        }

        fn unlock(&self) -> Result<Option<DataKey>, VaultError> {
            self.0.fetch_add(1, Ordering::SeqCst);
            Err(VaultError::KeychainSilent { waited: DIALOG })
        }

        fn make_key(&self) -> Result<DataKey, VaultError> {
            Ok(DataKey::generate())
        }

        fn keep_key(&self, _: &DataKey) -> Result<(), VaultError> {
            Ok(())
        }

        fn remove_key(&self) -> Result<(), VaultError> {
            Ok(())
        }
    }

    #[test]
    fn one_dialog_is_shown_for_all_that_wait() {
        let root = tempfile::tempdir().unwrap();
        let state = StateDir::at(root.path());
        let dialogs = AtomicUsize::new(0);
        let first = state.lock("vault-key", || ()).unwrap();
        std::thread::scope(|scope| {
            let (waits, wait) = std::sync::mpsc::channel();
            for _ in 0..4 {
                let (state, dialogs, waits) = (&state, &dialogs, waits.clone());
                scope.spawn(move || {
                    let lock = state.lock("vault-key", || waits.send(()).unwrap()).unwrap();
                    let opened = key_of(&Unanswered(dialogs), Some(&lock));
                    assert!(matches!(opened, Err(VaultError::KeychainSilent { .. })), "{opened:?}");
                });
            }
            (0..4).for_each(|_| wait.recv().unwrap());
            key_of(&Unanswered(&dialogs), Some(&first)).unwrap_err();
            drop(first);
        });
        assert_eq!(dialogs.load(Ordering::SeqCst), 1);
        // The last one may be about to let go of it.
        let mut locks = std::iter::repeat_with(|| state.lock("vault-key", || ()).unwrap());
        let later = locks.find(|lock| !lock.waited).unwrap();
        key_of(&Unanswered(&dialogs), Some(&later)).unwrap_err();
        assert_eq!(dialogs.load(Ordering::SeqCst), 2, "who comes later asks anew");
    }
}
