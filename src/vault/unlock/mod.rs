//! Where the vault's key rests, and how it is opened. One file per place; `auto` picks one.
//! What the key opens is left to the rest of [`crate::vault`].

mod auto;
mod kernel;
mod keychain;
mod passphrase;
#[cfg(target_os = "linux")]
mod secret_service;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::seal::DataKey;
use crate::env::Env;
use crate::ports::{Person, PromptError};
use crate::state::{StateDir, StateDirError};

pub(super) use auto::remembered;
pub(super) use keychain::was_made;
pub use passphrase::PassphraseOrigin;

/// Where the vault's key rests: the values of `AWSX_VAULT`.
///
/// Each has a key of its own. What one sealed, another sees as absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum UnlockerKind {
    /// The first that works, remembered in the state directory's file `unlocker`
    #[default]
    Auto,
    /// One item of the OS keychain: Secret Service, macOS Keychain, Windows Credential Manager
    Keychain,
    /// The state directory's `vault.json`, wrapped with a passphrase
    Passphrase,
    /// The kernel's keyring alone: gone at reboot, or when not used for three days (Linux)
    Kernel,
    /// Nowhere: nothing is kept after the process ends
    Memory,
}

/// `AWSX_VAULT` has a value that means nothing.
#[derive(Debug, thiserror::Error)]
#[error("`{value}` is not a vault: one of auto, keychain, passphrase, kernel, memory")]
pub struct UnknownUnlocker {
    value: String,
}

impl UnlockerKind {
    /// `AWSX_VAULT`, or `auto`.
    ///
    /// # Errors
    /// [`UnknownUnlocker`]
    pub fn from_env(env: &Env) -> Result<Self, UnknownUnlocker> {
        env.get("AWSX_VAULT").map_or(Ok(Self::Auto), |value| value.trim().parse())
    }

    /// The value of `AWSX_VAULT`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Keychain => "keychain",
            Self::Passphrase => "passphrase",
            Self::Kernel => "kernel",
            Self::Memory => "memory",
        }
    }

    /// Where that is, for a person.
    pub fn place(self) -> &'static str {
        match self {
            Self::Auto => "not chosen yet",
            Self::Keychain => "the keychain's item `awsx`",
            Self::Passphrase => "vault.json in the state directory, wrapped with a passphrase",
            Self::Kernel => "the kernel's keyring, until a reboot or three days without use",
            Self::Memory => "memory: nothing is kept",
        }
    }
}

impl fmt::Display for UnlockerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for UnlockerKind {
    type Err = UnknownUnlocker;

    fn from_str(value: &str) -> Result<Self, UnknownUnlocker> {
        [Self::Auto, Self::Keychain, Self::Passphrase, Self::Kernel, Self::Memory]
            .into_iter()
            .find(|kind| kind.as_str() == value)
            .ok_or_else(|| UnknownUnlocker { value: value.to_owned() })
    }
}

/// Why the vault cannot be opened. [`Self::hint`] says what to do.
#[derive(Debug, thiserror::Error)]
pub enum UnlockError {
    /// This machine or session does not have the unlocker.
    #[error("there is no {unlocker} to keep the vault's key in: {reason}")]
    NotAvailable {
        /// Which
        unlocker: UnlockerKind,
        /// What is missing
        reason: String,
    },
    /// The keychain is locked and was not unlocked.
    #[error("the keychain is locked{}", if *dismissed { " and its dialog was dismissed" } else { "" })]
    KeychainLocked {
        /// Whether awsx asked the keychain to unlock itself
        dismissed: bool,
    },
    /// The keychain did not answer.
    #[error("the keychain did not answer within {} s", waited.as_secs())]
    KeychainSilent {
        /// How long awsx waited
        waited: Duration,
    },
    /// The keychain failed.
    #[error("the keychain failed: {problem}")]
    Keychain {
        /// What it said; never a secret
        problem: String,
    },
    /// The keychain's item is not a key that awsx wrote.
    #[error("the keychain's item `{service}` / `{account}` is not a key of awsx")]
    ForeignItem {
        /// The item's service
        service: &'static str,
        /// The item's account
        account: String,
    },
    /// The passphrase does not open the vault.
    #[error("wrong passphrase (from {origin})")]
    WrongPassphrase {
        /// Where it came from
        origin: PassphraseOrigin,
    },
    /// A new vault needs a passphrase that is not empty.
    #[error("the passphrase is empty (from {origin})")]
    EmptyPassphrase {
        /// Where it came from
        origin: PassphraseOrigin,
    },
    /// A new passphrase was typed differently the second time, three times.
    #[error("the two passphrases differ")]
    PassphrasesDiffer,
    /// A passphrase is needed and nobody gave one.
    #[error("the vault's passphrase is needed")]
    PassphraseNeeded(#[source] PromptError),
    /// `AWSX_PASSPHRASE_FILE` or `AWSX_PASSPHRASE_COMMAND` gave no passphrase.
    #[error("{origin} gave no passphrase: {problem}")]
    NoPassphrase {
        /// Which
        origin: PassphraseOrigin,
        /// What went wrong, without what it printed
        problem: String,
    },
    /// `vault.json` is not what awsx wrote.
    #[error("{} {problem}", path.display())]
    VaultFile {
        /// The file
        path: std::path::PathBuf,
        /// What is wrong with it
        problem: String,
    },
    /// The state directory cannot be used.
    #[error(transparent)]
    StateDir(#[from] StateDirError),
}

impl UnlockError {
    /// What the person can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::NotAvailable { unlocker: UnlockerKind::Keychain, .. } => {
                "set AWSX_VAULT=passphrase or AWSX_VAULT=kernel where there is no keychain"
            }
            Self::NotAvailable { .. } => "set AWSX_VAULT=passphrase",
            Self::KeychainLocked { .. } => {
                "run `awsx unlock` on the desktop, or set AWSX_VAULT=passphrase"
            }
            Self::KeychainSilent { .. } | Self::Keychain { .. } => {
                "see that the keychain works, or set AWSX_VAULT=passphrase"
            }
            Self::ForeignItem { .. } => "remove the item from the keychain; awsx makes a new one",
            Self::WrongPassphrase { .. } | Self::PassphrasesDiffer => "run `awsx unlock`",
            Self::PassphraseNeeded(_) => {
                "run `awsx unlock`, or set AWSX_PASSPHRASE_FILE or AWSX_PASSPHRASE_COMMAND"
            }
            Self::VaultFile { .. } => {
                "remove the file to begin anew; its sessions are minted again"
            }
            Self::EmptyPassphrase { .. } | Self::NoPassphrase { .. } | Self::StateDir(_) => {
                return None;
            }
        })
    }
}

/// A vault that was opened.
pub(super) struct Opened {
    pub kind: UnlockerKind,
    pub key: DataKey,
}

impl Opened {
    /// A vault in memory, with a key of its own.
    pub(super) fn in_memory() -> Self {
        Self { kind: UnlockerKind::Memory, key: DataKey::generate() }
    }
}

/// What `awsx lock` forgot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locked {
    /// The key that a passphrase had opened; the passphrase opens it again
    pub passphrase_key: bool,
    /// The key of the `kernel` unlocker; its sessions are lost
    pub kernel_key: bool,
}

/// What the unlockers work with.
pub(super) struct Unlocker<'a> {
    pub state: &'a StateDir,
    pub env: &'a Env,
    pub person: &'a dyn Person,
    /// How long a keychain may take to answer where nobody has to be asked
    pub patience: Duration,
}

impl Unlocker<'_> {
    /// Opens the vault of this kind. With `make`, a key that does not exist is made; without, it
    /// is none.
    pub(super) fn opened(
        &self,
        kind: UnlockerKind,
        make: bool,
    ) -> Result<Option<Opened>, UnlockError> {
        if kind == UnlockerKind::Auto {
            return self.opened_by_choice(make);
        }
        if kind == UnlockerKind::Memory {
            return Ok(Some(Opened::in_memory()));
        }
        Ok(self.key(kind, make)?.map(|key| Opened { kind, key }))
    }

    fn key(&self, kind: UnlockerKind, make: bool) -> Result<Option<DataKey>, UnlockError> {
        match self.key_at_hand(kind) {
            Ok(None) if make || kind == UnlockerKind::Passphrase => {}
            Err(UnlockError::KeychainLocked { .. }) if self.person.allows_dialogs() => {}
            settled => return settled,
        }
        if !make && kind == UnlockerKind::Passphrase && !passphrase::is_set_up(self)? {
            return Ok(None);
        }
        // One process asks or makes; those that waited for it find the key at hand. Who knows the
        // passphrase does not wait for a person who is asked for it.
        let asks = kind == UnlockerKind::Passphrase
            && !passphrase::has_origin(self)
            && passphrase::is_set_up(self)?;
        let _lock = self.state.lock(if asks { "vault-person" } else { "vault-key" }, || {
            self.person.tell("waiting for another awsx that is opening the vault");
        })?;
        match self.key_at_hand(kind) {
            Ok(None) | Err(UnlockError::KeychainLocked { .. }) => {}
            settled => return settled,
        }
        let key = match kind {
            UnlockerKind::Keychain => keychain::key(self, keychain::Dialogs::Allowed)?,
            UnlockerKind::Passphrase => passphrase::key(self)?,
            UnlockerKind::Kernel | UnlockerKind::Auto | UnlockerKind::Memory => None,
        };
        match (key, kind) {
            (Some(key), _) => Ok(Some(key)),
            (None, _) if !make => Ok(None),
            (None, UnlockerKind::Keychain) => keychain::new_key(self).map(Some),
            (None, UnlockerKind::Passphrase) => passphrase::new_key(self).map(Some),
            (None, _) => kernel::new_key(self.state).map(Some),
        }
    }

    /// The key, where it can be had without asking anybody.
    fn key_at_hand(&self, kind: UnlockerKind) -> Result<Option<DataKey>, UnlockError> {
        match kind {
            UnlockerKind::Keychain => keychain::key(self, keychain::Dialogs::Forbidden),
            UnlockerKind::Passphrase => Ok(passphrase::cached_key(self.state)),
            UnlockerKind::Kernel => kernel::key(self.state),
            UnlockerKind::Auto | UnlockerKind::Memory => Ok(None),
        }
    }

    /// Opens the vault, asking if need be, and says for how long it stays open: none means as long
    /// as its place does (the keychain's own lock, a reboot).
    pub(super) fn unlocked(
        &self,
        kind: UnlockerKind,
    ) -> Result<(Opened, Option<Duration>), UnlockError> {
        let opened = self.opened(kind, true)?.expect("a key that is missing is made");
        let open_for = match opened.kind {
            UnlockerKind::Passphrase => Some(passphrase::cached(self.state, &opened.key)),
            UnlockerKind::Memory => Some(Duration::ZERO),
            _ => None,
        };
        Ok((opened, open_for))
    }
}

/// Forgets the keys that the kernel keeps.
pub(super) fn locked(state: &StateDir) -> Result<Locked, UnlockError> {
    Ok(Locked { passphrase_key: passphrase::forget(state)?, kernel_key: kernel::forget(state)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_is_read() {
        let kind = |value: &str| UnlockerKind::from_env(&Env::from_pairs([("AWSX_VAULT", value)]));
        for (value, expected) in [
            ("", UnlockerKind::Auto),
            ("auto", UnlockerKind::Auto),
            ("keychain", UnlockerKind::Keychain),
            ("passphrase", UnlockerKind::Passphrase),
            (" kernel ", UnlockerKind::Kernel),
            ("memory", UnlockerKind::Memory),
        ] {
            assert_eq!(kind(value).unwrap(), expected, "{value}");
        }
        assert_eq!(
            kind("file").unwrap_err().to_string(),
            "`file` is not a vault: one of auto, keychain, passphrase, kernel, memory"
        );
    }
}
