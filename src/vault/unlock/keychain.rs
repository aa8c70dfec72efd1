//! The key as one item of the OS keychain, through `keyring-core`: Secret Service on Linux, the
//! login keychain on macOS, Credential Manager on Windows.
//!
//! The item is the service `awsx`, its account tells state directories apart, its value is text,
//! because KWallet keeps nothing else. Every question has a time limit: a keychain may be waiting
//! for a person. A missing item is a miss; anything else that goes wrong is an error.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use keyring_core::{CredentialStore, Entry};
use zeroize::Zeroizing;

use super::error::UnlockError;
use super::kind::UnlockerKind;
use super::place::{Look, Place, Unlocker};
use crate::env::Env;
use crate::state::{StateDir, StateDirError};
use crate::text::hex;
use crate::vault::seal::DataKey;

const SERVICE: &str = "awsx";
/// How long a person has to answer the keychain's own dialog.
const DIALOG: Duration = Duration::from_secs(60);
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

/// The item of the OS keychain.
pub(super) struct Keychain<'a>(pub(super) Unlocker<'a>);

impl Place for Keychain<'_> {
    fn kind(&self) -> UnlockerKind {
        UnlockerKind::Keychain
    }

    fn look(&self) -> Result<Look, UnlockError> {
        match self.read(Dialogs::Forbidden) {
            Ok(key) => Ok(key.into()),
            Err(UnlockError::KeychainLocked { .. }) if self.0.person.allows_dialogs() => {
                Ok(Look::Locked)
            }
            Err(error) => Err(error),
        }
    }

    fn unlock(&self) -> Result<Option<DataKey>, UnlockError> {
        self.read(Dialogs::Allowed)
    }

    fn make_key(&self) -> Result<DataKey, UnlockError> {
        let state = self.0.state;
        state.ready("")?;
        if was_made(state)? {
            tracing::warn!("the keychain no longer holds the vault's key: awsx makes a new one");
        }
        let text = DataKey::generate().to_hex();
        let dialogs = match self.0.person.allows_dialogs() {
            true => Dialogs::Allowed,
            false => Dialogs::Forbidden,
        };
        self.ask(dialogs, move |entry| entry.set_secret(text.as_bytes()))?;
        // What is used is what the keychain gives back: another machine's writer may have been first.
        let kept = self.read(Dialogs::Forbidden)?.ok_or_else(|| UnlockError::Keychain {
            problem: "it did not keep what was stored".into(),
        })?;
        state.write(MARK, hex(&kept.id()).as_bytes())?;
        Ok(kept)
    }
}

/// Whether a key was made here before.
pub(in crate::vault) fn was_made(state: &StateDir) -> Result<bool, StateDirError> {
    Ok(state.read(MARK, 16)?.is_some())
}

impl Keychain<'_> {
    /// The name of the item: one per state directory.
    fn account(&self) -> String {
        format!("vault key {}", self.0.state.id())
    }

    /// The key in the item, if there is one.
    fn read(&self, dialogs: Dialogs) -> Result<Option<DataKey>, UnlockError> {
        let item = self.ask(dialogs, |entry| entry.get_secret().map(Zeroizing::new))?;
        let Some(item) = item else { return Ok(None) };
        match std::str::from_utf8(&item).ok().and_then(DataKey::from_hex) {
            Some(key) => Ok(Some(key)),
            None => Err(UnlockError::ForeignItem { service: SERVICE, account: self.account() }),
        }
    }

    /// Puts a question to the item; `None` if there is no item. On a thread of its own: the
    /// platforms' calls have no time limit.
    fn ask<T: Send + 'static>(
        &self,
        dialogs: Dialogs,
        question: impl FnOnce(&Entry) -> keyring_core::Result<T> + Send + 'static,
    ) -> Result<Option<T>, UnlockError> {
        let Unlocker { person, patience, .. } = self.0;
        let entry = self.entry(dialogs)?;
        let (answers, answer) = mpsc::channel();
        let thread = thread::Builder::new().name("keychain".into());
        // A thread that is still waiting at the end does not hold up the end of the process.
        thread.spawn(move || answers.send(question(&entry))).map_err(|error| {
            UnlockError::Keychain { problem: format!("no thread for it: {error}") }
        })?;

        let mut waited = patience.min(QUIET);
        let mut answered = answer.recv_timeout(waited);
        if matches!(answered, Err(RecvTimeoutError::Timeout)) {
            // macOS shows its dialog without being allowed to.
            let asks = dialogs == Dialogs::Allowed
                || (cfg!(target_os = "macos") && person.allows_dialogs());
            let more = if asks { DIALOG } else { patience.saturating_sub(waited) };
            if asks {
                person.tell("the keychain is waiting for you on your desktop");
            }
            waited += more;
            answered = answer.recv_timeout(more);
        }
        match answered {
            Ok(Ok(answer)) => Ok(Some(answer)),
            Ok(Err(keyring_core::Error::NoEntry)) => Ok(None),
            Ok(Err(error)) => Err(unlock_error(error)),
            Err(RecvTimeoutError::Timeout) => Err(UnlockError::KeychainSilent { waited }),
            Err(RecvTimeoutError::Disconnected) => {
                Err(UnlockError::Keychain { problem: "its client panicked".into() })
            }
        }
    }

    fn entry(&self, dialogs: Dialogs) -> Result<Entry, UnlockError> {
        let modifiers = modifiers().iter().copied().collect();
        store(self.0.env, dialogs)?
            .build(SERVICE, &self.account(), Some(&modifiers))
            .map_err(unlock_error)
    }
}

#[cfg(target_os = "linux")]
fn store(env: &Env, dialogs: Dialogs) -> Result<Arc<CredentialStore>, UnlockError> {
    let address = super::secret_service::bus_address(env)
        .ok_or_else(|| not_available("no D-Bus session (DBUS_SESSION_BUS_ADDRESS is not set)"))?;
    let prompts = dialogs == Dialogs::Allowed;
    Ok(Arc::new(super::secret_service::SecretService { address, prompts }))
}

#[cfg(target_os = "macos")]
fn store(_: &Env, _: Dialogs) -> Result<Arc<CredentialStore>, UnlockError> {
    Ok(apple_native_keyring_store::keychain::Store::new().map_err(unlock_error)?)
}

#[cfg(windows)]
fn store(_: &Env, _: Dialogs) -> Result<Arc<CredentialStore>, UnlockError> {
    Ok(windows_native_keyring_store::Store::new().map_err(unlock_error)?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn store(_: &Env, _: Dialogs) -> Result<Arc<CredentialStore>, UnlockError> {
    Err(not_available("awsx knows no keychain of this system"))
}

/// On Windows: the item stays on this machine; the store's default would let it roam.
fn modifiers() -> &'static [(&'static str, &'static str)] {
    if cfg!(windows) { &[("persistence", "Local")] } else { &[] }
}

fn not_available(reason: impl Into<String>) -> UnlockError {
    UnlockError::NotAvailable { unlocker: UnlockerKind::Keychain, reason: reason.into() }
}

/// A keychain's error, without the data that some of its variants hold.
fn unlock_error(error: keyring_core::Error) -> UnlockError {
    use keyring_core::Error;
    match error {
        Error::PlatformFailure(cause) => {
            #[cfg(target_os = "linux")]
            let cause = match cause.downcast::<super::secret_service::Problem>() {
                Ok(problem) => return problem.into_unlock_error(),
                Err(cause) => cause,
            };
            UnlockError::Keychain { problem: cause.to_string() }
        }
        // No keychain in this session: a service account, a remote logon.
        Error::NoStorageAccess(cause) => not_available(cause.to_string()),
        Error::NoEntry => UnlockError::Keychain { problem: "its item vanished".into() },
        Error::BadEncoding(_) | Error::BadDataFormat(..) => {
            UnlockError::Keychain { problem: "it could not decode its item".into() }
        }
        other => UnlockError::Keychain { problem: other.to_string() },
    }
}
