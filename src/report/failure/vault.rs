//! What keeps the vault shut.

use std::io::ErrorKind;

use super::{Advice, Advise, Kind};
use crate::ports::{PromptError, Unanswered};
use crate::state::StateDirError;
use crate::vault::{PROMPT, UnknownUnlocker, UnlockerKind, VaultError};

impl Advise for VaultError {
    fn advice(&self) -> Advice {
        match self {
            Self::NotAvailable { unlocker: UnlockerKind::Keychain, .. }
                if cfg!(target_os = "linux") =>
            {
                Kind::Vault.with("set AWSX_VAULT=passphrase where there is no keychain")
            }
            Self::NotAvailable { .. } => Kind::Vault.with("set AWSX_VAULT=passphrase"),
            Self::Forgets { unlocker: UnlockerKind::Kernel } => Kind::Vault.with(
                "`awsx vault move --to passphrase`: nothing makes access keys and MFA secrets again",
            ),
            Self::Forgets { .. } => Kind::Vault.with(
                "set AWSX_VAULT=passphrase, for this and for later commands: nothing makes access keys and \
                 MFA secrets again",
            ),
            Self::Damaged { .. } => Kind::Vault.with(
                "use the AWSX_VAULT that it was made with, or remove the file and store anew what it held",
            ),
            Self::Occupied { unlocker } => Kind::Vault.with(format!(
                "set AWSX_VAULT={unlocker} to use it; `AWSX_VAULT={unlocker} awsx vault status` shows what it holds"
            )),
            Self::NotRemoved { .. } => {
                Kind::Vault.with("mend that, and run the same command again: it does the rest")
            }
            Self::NoPassphraseHere { unlocker: UnlockerKind::Memory } => Kind::Vault.with(
                "set AWSX_VAULT=passphrase, and run `awsx unlock`",
            ),
            Self::NoPassphraseHere { .. } => {
                Kind::Vault.with("`awsx vault move --to passphrase` gives it one")
            }
            Self::NothingKept => Kind::Vault.with("unset AWSX_VAULT, or set it to another one"),
            Self::KeychainLocked { dismissed: true } => Kind::Vault.with(
                "run it again and answer the keychain's dialog, or set AWSX_VAULT=passphrase",
            ),
            Self::KeychainLocked { dismissed: false } => {
                Kind::Vault.with("run `awsx unlock` on the desktop, or set AWSX_VAULT=passphrase")
            }
            Self::KeychainSilent { .. } | Self::Keychain { .. } => {
                Kind::Vault.with("see that the keychain works, or set AWSX_VAULT=passphrase")
            }
            Self::ForeignItem { .. } => {
                Kind::Vault.with("remove the item from the keychain; awsx makes a new one")
            }
            Self::WrongPassphrase { origin: PROMPT } => Kind::Vault.with(
                "run it again; if it is forgotten, `awsx vault reset` starts anew, and says first what is lost",
            ),
            Self::EmptyPassphrase { origin: PROMPT } => {
                Kind::Vault.with("run `awsx unlock`, and type one")
            }
            Self::WrongPassphrase { origin }
            | Self::EmptyPassphrase { origin }
            | Self::NoPassphrase { origin, .. } => Kind::Vault.with(format!("correct {origin}")),
            Self::PassphrasesDiffer => {
                Kind::Vault.with("run `awsx unlock`, and type the same passphrase twice")
            }
            Self::PassphraseNeeded(unanswered) => {
                let kind = match unanswered {
                    PromptError::Unanswered(Unanswered::Cancelled) => Kind::Cancelled,
                    PromptError::Nobody(_) | PromptError::Unanswered(Unanswered::Terminal(_)) => {
                        Kind::InputNeeded
                    }
                };
                kind.with(
                    "run `awsx unlock` in a terminal, or set AWSX_PASSPHRASE_FILE or \
                     AWSX_PASSPHRASE_COMMAND",
                )
            }
            Self::VaultFile { .. } => Kind::Vault
                .with("`awsx vault reset` starts anew, and says first what is lost"),
            Self::Record(state) | Self::StateDir(state) => state.advice(),
        }
    }
}

impl Advise for StateDirError {
    fn advice(&self) -> Advice {
        if let Some(remedy) = self.remedy() {
            return Kind::Vault.with(remedy);
        }
        Kind::Vault.with(match self {
            Self::NoHome => "set AWSX_STATE_DIR to a directory of your own, or AWSX_VAULT=memory",
            Self::Unsafe { .. } => {
                "make it yours alone (chmod 700), or set AWSX_STATE_DIR to a directory of your own"
            }
            Self::Disk { source, .. }
                if matches!(source.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) =>
            {
                "make room there, or set AWSX_STATE_DIR to a directory on another disk"
            }
            Self::Disk { .. } => {
                "set AWSX_STATE_DIR to a directory that you can write, or AWSX_VAULT=memory"
            }
        })
    }
}

impl Advise for UnknownUnlocker {
    fn advice(&self) -> Advice {
        Kind::Usage.with("correct AWSX_VAULT, or unset it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Failure;

    #[test]
    fn a_vault_without_a_place_says_what_to_set() {
        for unlocker in [UnlockerKind::Keychain, UnlockerKind::Kernel] {
            let error = VaultError::NotAvailable { unlocker, reason: "none here".to_owned() };
            let failure = Failure::from(error);
            assert_eq!(failure.kind.contract().0, "vault");
            assert!(failure.hint.as_deref().unwrap().contains("AWSX_VAULT"), "{failure:?}");
        }
    }

    #[test]
    fn a_wrong_passphrase_is_corrected_where_it_comes_from() {
        let wrong = |origin| VaultError::WrongPassphrase { origin };
        let no =
            VaultError::NoPassphrase { origin: "AWSX_PASSPHRASE_FILE", problem: "".to_owned() };
        for (error, hint) in [
            (wrong("AWSX_PASSPHRASE"), "correct AWSX_PASSPHRASE"),
            (no, "correct AWSX_PASSPHRASE_FILE"),
            (
                wrong("the prompt"),
                "run it again; if it is forgotten, `awsx vault reset` starts anew, and says first what is lost",
            ),
        ] {
            assert_eq!(Failure::from(error).hint.as_deref(), Some(hint));
        }
    }
}
