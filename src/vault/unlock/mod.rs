//! Where the vault's key rests, and how it is opened. One file per place; `auto` picks one.

mod auto;
mod kernel;
mod keychain;
mod kind;
mod passphrase;
mod place;
#[cfg(target_os = "linux")]
mod secret_service;
#[cfg(not(target_os = "linux"))]
mod system_keychain;

use std::time::Duration;

pub(super) use auto::read_choice;
pub(super) use keychain::was_made;
pub(crate) use kind::{UnknownUnlocker, UnlockerKind};
pub(super) use place::{Opened, Unlocker};

use super::VaultError;
use crate::state::{FileLock, StateDir, StateDirError};
use kernel::Kernel;
use keychain::Keychain;
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
        let look = place.look()?;
        let key = match look {
            Look::Key(key) => Some(key),
            Look::Nothing => None,
            Look::Locked => {
                let _alone = self.lock(&*place, &look)?;
                place.key()?
            }
        };
        Ok(key.map(|key| Opened { kind, key }))
    }

    /// Opens the vault, asking the person if need be; makes a key if there is none yet.
    pub(super) fn open_or_make(self, kind: UnlockerKind) -> Result<Opened, VaultError> {
        let Some(place) = self.place(kind) else { return self.open_or_choose() };
        let look = place.look()?;
        let key = match look {
            Look::Key(key) => key,
            Look::Nothing | Look::Locked => {
                let _alone = self.lock(&*place, &look)?;
                match place.key()? {
                    Some(key) => key,
                    None => place.make_key()?,
                }
            }
        };
        Ok(Opened { kind, key })
    }

    /// Keeps an open vault open, and says for how long; `None` where that is not awsx's to say.
    pub(super) fn keep_open(self, opened: &Opened) -> Option<Duration> {
        self.place(opened.kind)?.keep_open(&opened.key)
    }

    /// One process asks or makes a key; those that waited for it find the key at hand. Who knows the
    /// passphrase does not wait for a person who is asked for it.
    fn lock(self, place: &dyn Place, look: &Look) -> Result<FileLock, StateDirError> {
        let asks = matches!(look, Look::Locked) && place.asks_at_terminal();
        self.state.lock(if asks { "vault-person" } else { "vault-key" }, || {
            self.person.tell("waiting for another awsx that is opening the vault");
        })
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
