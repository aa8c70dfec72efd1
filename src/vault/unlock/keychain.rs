//! The key as one item of the OS keychain: Secret Service on Linux, the login keychain on macOS,
//! Credential Manager on Windows.
//!
//! The item is the service `awsx`, its account tells state directories apart, its value is text,
//! because KWallet keeps nothing else. Every question has a time limit: a keychain may be waiting
//! for a person. A missing item is a miss; anything else that goes wrong is an error.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::place::{Look, Place, Unlocker};
#[cfg(target_os = "linux")]
use super::secret_service::Item;
#[cfg(not(target_os = "linux"))]
use super::system_keychain::Item;
use crate::ports::Person;
use crate::state::{StateDir, StateDirError};
use crate::text::hex;
use crate::vault::VaultError;
use crate::vault::seal::DataKey;

const SERVICE: &str = "awsx";
/// How long a person has to answer the keychain's own dialog.
pub(super) const DIALOG: Duration = Duration::from_secs(60);
/// How long it may be silent before awsx says so.
const QUIET: Duration = Duration::from_secs(1);
/// Holds the id of the key that was made, so that its loss can be told from a first use.
const MARK: &str = "keychain-key";

/// Whether the keychain may ask the person to unlock it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialogs {
    Allowed,
    Forbidden,
}

pub(super) struct Keychain<'a>(pub(super) Unlocker<'a>);

impl Place for Keychain<'_> {
    fn look(&self) -> Result<Look, VaultError> {
        match self.read(Dialogs::Forbidden) {
            Ok(key) => Ok(key.into()),
            Err(VaultError::KeychainLocked { .. }) if self.0.dialogs => Ok(Look::Locked),
            Err(error) => Err(error),
        }
    }

    fn unlock(&self) -> Result<Option<DataKey>, VaultError> {
        self.read(Dialogs::Allowed)
    }

    /// What is used is what the keychain gives back: another machine's writer may have been first.
    fn make_key(&self) -> Result<DataKey, VaultError> {
        self.write(&DataKey::generate())
    }

    fn keep_key(&self, key: &DataKey) -> Result<(), VaultError> {
        match self.write(key)?.id() == key.id() {
            true => Ok(()),
            false => Err(VaultError::Keychain { problem: "it gives another key back".into() }),
        }
    }

    fn remove_key(&self) -> Result<(), VaultError> {
        self.ask(self.dialogs(), Item::remove)?;
        self.0.state.remove(MARK)?;
        Ok(())
    }
}

/// Whether a key was made here before.
pub(in crate::vault) fn was_made(state: &StateDir) -> Result<bool, StateDirError> {
    Ok(state.read(MARK, 16)?.is_some())
}

impl Keychain<'_> {
    fn account(&self) -> String {
        format!("vault key {}", self.0.state.id())
    }

    fn dialogs(&self) -> Dialogs {
        match self.0.dialogs {
            true => Dialogs::Allowed,
            false => Dialogs::Forbidden,
        }
    }

    /// Keeps a key; what the keychain gives back.
    fn write(&self, key: &DataKey) -> Result<DataKey, VaultError> {
        self.0.state.ready("")?;
        let text = key.to_hex();
        self.ask(self.dialogs(), move |item| item.write(text.as_bytes()))?;
        let kept = self.read(Dialogs::Forbidden)?.ok_or_else(|| VaultError::Keychain {
            problem: "it did not keep what was stored".into(),
        })?;
        self.0.note(MARK, &hex(&kept.id()));
        Ok(kept)
    }

    fn read(&self, dialogs: Dialogs) -> Result<Option<DataKey>, VaultError> {
        let item = self.ask(dialogs, Item::read)?;
        let Some(item) = item else { return Ok(None) };
        match std::str::from_utf8(&item).ok().and_then(DataKey::from_hex) {
            Some(key) => Ok(Some(key)),
            None => Err(VaultError::ForeignItem { service: SERVICE, account: self.account() }),
        }
    }

    /// Puts a question to the item.
    fn ask<T: Send + 'static>(
        &self,
        dialogs: Dialogs,
        question: impl FnOnce(&Item) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let Unlocker { person, patience, env, .. } = self.0;
        let item = Item::new(env, SERVICE, self.account(), dialogs == Dialogs::Allowed)?;
        // macOS shows its dialog without being allowed to.
        let asks = dialogs == Dialogs::Allowed || (cfg!(target_os = "macos") && self.0.dialogs);
        ask(person, patience, asks, move || question(&item))
    }
}

/// Puts a question to the keychain, which `asks` the person if need be, or has `patience` to answer. On a thread of
/// its own: the platforms' calls have no time limit.
pub(super) fn ask<T: Send + 'static>(
    person: &dyn Person,
    patience: Duration,
    asks: bool,
    question: impl FnOnce() -> Result<T, VaultError> + Send + 'static,
) -> Result<T, VaultError> {
    let (answers, answer) = mpsc::channel();
    let thread = thread::Builder::new().name("keychain".into());
    // A thread that is still waiting at the end does not hold up the end of the process.
    thread
        .spawn(move || answers.send(question()))
        .map_err(|error| VaultError::Keychain { problem: format!("no thread for it: {error}") })?;

    let mut waited = patience.min(QUIET);
    let mut answered = answer.recv_timeout(waited);
    if matches!(answered, Err(RecvTimeoutError::Timeout)) {
        let more = if asks { DIALOG } else { patience.saturating_sub(waited) };
        if asks {
            person.tell("the keychain is waiting for you on your desktop");
        }
        waited += more;
        answered = answer.recv_timeout(more);
    }
    answered.unwrap_or_else(|error| {
        Err(match error {
            RecvTimeoutError::Timeout => VaultError::KeychainSilent { waited },
            RecvTimeoutError::Disconnected => {
                VaultError::Keychain { problem: "its client panicked".into() }
            }
        })
    })
}
