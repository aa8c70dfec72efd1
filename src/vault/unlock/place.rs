//! What a place of the vault's key does.

use std::time::Duration;

use super::kind::UnlockerKind;
use crate::env::Env;
use crate::ports::{Person, RunInShell};
use crate::state::{FileLock, StateDir, StateDirError};
use crate::vault::VaultError;
use crate::vault::seal::DataKey;

/// Opens the vault, and what it needs for that.
#[derive(Clone, Copy)]
pub(in crate::vault) struct Unlocker<'a> {
    pub(in crate::vault) state: &'a StateDir,
    pub(in crate::vault) env: &'a Env,
    pub(in crate::vault) person: &'a dyn Person,
    /// Runs a line of the system's shell
    pub(in crate::vault) run_in_shell: &'a RunInShell,
    /// How long a keychain may take to answer where nobody has to be asked
    pub(in crate::vault) patience: Duration,
    /// Whether a keychain may show its own dialog
    pub(in crate::vault) dialogs: bool,
}

impl Unlocker<'_> {
    /// Holds a lock. `None` where nothing can be locked: whatever is made is then made in one step, or read
    /// again.
    pub(super) fn hold(self, name: &str, waiting: &str) -> Result<Option<FileLock>, StateDirError> {
        match self.state.lock(name, || self.person.tell(waiting)) {
            Err(error @ StateDirError::Disk { .. }) => {
                tracing::info!(target: crate::text::DETAIL, %error, "going on without a lock");
                Ok(None)
            }
            held => held.map(Some),
        }
    }

    /// Notes something that awsx can do without.
    pub(super) fn note(self, file: &str, text: &str) {
        if let Err(error) = self.state.write(file, text.as_bytes()) {
            tracing::info!(target: crate::text::DETAIL, %error, "not noted");
        }
    }
}

pub(in crate::vault) struct Opened {
    pub(in crate::vault) kind: UnlockerKind,
    pub(in crate::vault) key: DataKey,
}

impl Opened {
    pub(in crate::vault) fn in_memory() -> Self {
        Self { kind: UnlockerKind::Memory, key: DataKey::generate() }
    }
}

pub(super) trait Place {
    /// Looks for the key without asking anybody.
    fn look(&self) -> Result<Look, VaultError>;

    /// The key of a place that is [`Look::Locked`], which not every place can be; asks the person if need
    /// be. `None` where it turns out that there is none. The caller holds the lock.
    fn unlock(&self) -> Result<Option<DataKey>, VaultError> {
        Ok(None)
    }

    /// Makes a key and keeps it there. The caller holds the lock.
    fn make_key(&self) -> Result<DataKey, VaultError>;

    /// Keeps this very key, in a place that has none, and reads it back. The caller holds the lock.
    fn keep_key(&self, key: &DataKey) -> Result<(), VaultError>;

    /// Removes the key, and what awsx keeps of it at hand. The caller holds the lock.
    fn remove_key(&self) -> Result<(), VaultError>;

    /// Whether [`Self::unlock`] asks at the terminal.
    fn asks_at_terminal(&self) -> bool {
        false
    }

    /// Keeps the key at hand for later commands, and says for how long; `None` where that is not
    /// awsx's to say (the keychain's own lock, a reboot).
    fn keep_open(&self, _key: &DataKey) -> Option<Duration> {
        None
    }
}

pub(super) enum Look {
    Key(DataKey),
    /// A person has to open the place
    Locked,
    Nothing,
}

impl From<Option<DataKey>> for Look {
    fn from(key: Option<DataKey>) -> Self {
        key.map_or(Self::Nothing, Self::Key)
    }
}
