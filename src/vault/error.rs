use std::path::PathBuf;
use std::time::Duration;

use super::envelope::Unreadable;
use super::unlock::UnlockerKind;
use crate::ports::PromptError;
use crate::state::StateDirError;

/// Why the vault cannot do what it should. A damaged record that can be made again is no error, see
/// [`Unreadable`].
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("there is no {unlocker} to keep the vault's key in: {reason}")]
    NotAvailable { unlocker: UnlockerKind, reason: String },
    /// What nothing can make again would be lost.
    #[error("what cannot be made again is not kept: the vault's key rests in {}", unlocker.place())]
    Forgets { unlocker: UnlockerKind },
    /// A record that nothing makes again
    #[error("{path} cannot be read: {problem}")]
    Damaged { path: String, problem: Unreadable },
    /// Two vaults cannot rest in one place.
    #[error("there is another vault already: its key rests in {}", unlocker.place())]
    Occupied { unlocker: UnlockerKind },
    #[error("the vault is moved, but its key could not be removed from {}", unlocker.place())]
    NotRemoved { unlocker: UnlockerKind, source: Box<VaultError> },
    /// What a passphrase is asked of has none.
    #[error("the vault has no passphrase: its key rests in {}", unlocker.place())]
    NoPassphraseHere { unlocker: UnlockerKind },
    #[error("the vault is in memory: nothing is kept that could be moved")]
    NothingKept,
    #[error("the keychain is locked{}", if *dismissed { " and its dialog was dismissed" } else { "" })]
    KeychainLocked { dismissed: bool },
    #[error("the keychain did not answer within {} s", waited.as_secs())]
    KeychainSilent { waited: Duration },
    #[error("the keychain failed: {problem}")]
    Keychain { problem: String },
    #[error("the keychain's item `{service}` / `{account}` is not a key of awsx")]
    ForeignItem { service: &'static str, account: String },
    #[error("wrong passphrase (from {origin})")]
    WrongPassphrase { origin: &'static str },
    #[error("the passphrase is empty (from {origin})")]
    EmptyPassphrase { origin: &'static str },
    /// A new passphrase was typed differently the second time, three times.
    #[error("the two passphrases differ")]
    PassphrasesDiffer,
    #[error("the vault's passphrase is needed")]
    PassphraseNeeded(#[source] PromptError),
    #[error("{origin} gave no passphrase: {problem}")]
    NoPassphrase { origin: &'static str, problem: String },
    /// `vault.json` is not what awsx wrote.
    #[error("{} {problem}", path.display())]
    VaultFile { path: PathBuf, problem: String },
    /// The vault is open, but a record cannot be read or written.
    #[error(transparent)]
    Record(StateDirError),
    #[error(transparent)]
    StateDir(#[from] StateDirError),
}
