//! The values of `AWSX_VAULT`.

use std::fmt;
use std::str::FromStr;

use crate::env::Env;

/// Where the vault's key rests. Each has a key of its own: what one sealed, another sees as absent.
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

#[derive(Debug, thiserror::Error)]
#[error("`{value}` is not a vault: one of auto, keychain, passphrase, kernel, memory")]
pub struct UnknownUnlocker {
    value: String,
}

impl UnlockerKind {
    /// What there is to choose from in this build, the keychain by its system's name.
    pub const OF_THIS_BUILD: &str = if cfg!(target_os = "linux") {
        "keychain (Secret Service), passphrase, kernel, memory"
    } else if cfg!(target_os = "macos") {
        "keychain (macOS Keychain), passphrase, memory"
    } else if cfg!(windows) {
        "keychain (Windows Credential Manager), passphrase, memory"
    } else {
        "passphrase, memory"
    };

    pub fn from_env(env: &Env) -> Result<Self, UnknownUnlocker> {
        env.get("AWSX_VAULT").map_or(Ok(Self::Auto), |value| value.trim().parse())
    }

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
