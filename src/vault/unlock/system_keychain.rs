//! The keychain of macOS and Windows, through `keyring-core`.

use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error};
use zeroize::Zeroizing;

use super::kind::UnlockerKind;
use crate::env::Env;
use crate::vault::VaultError;

pub(super) struct Item(Entry);

impl Item {
    /// Whether the system shows a dialog is not ours to say.
    pub(super) fn new(
        _: &Env,
        service: &str,
        account: String,
        _prompts: bool,
    ) -> Result<Self, VaultError> {
        // On Windows: the item stays on this machine; the store's default would let it roam.
        let persistence = ("persistence", "Local");
        let modifiers = HashMap::from_iter(cfg!(windows).then_some(persistence));
        let entry = store().and_then(|store| store.build(service, &account, Some(&modifiers)));
        entry.map(Self).map_err(vault_error)
    }

    /// The secret; `None` where there is no such item.
    pub(super) fn read(&self) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        match self.0.get_secret() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(vault_error(error)),
        }
    }

    /// Makes the item, or replaces its secret.
    pub(super) fn write(&self, secret: &[u8]) -> Result<(), VaultError> {
        self.0.set_secret(secret).map_err(vault_error)
    }

    /// Removes the item, if there is one.
    pub(super) fn remove(&self) -> Result<(), VaultError> {
        match self.0.delete_credential() {
            Err(Error::NoEntry) => Ok(()),
            removed => removed.map_err(vault_error),
        }
    }
}

#[cfg(target_os = "macos")]
fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(not(any(target_os = "macos", windows)))]
fn store() -> keyring_core::Result<Arc<CredentialStore>> {
    Err(Error::NoStorageAccess("awsx knows no keychain of this system".into()))
}

/// A keychain's error, without the data that some of its variants hold.
fn vault_error(error: Error) -> VaultError {
    let problem = match error {
        // No keychain in this session: a service account, a remote logon.
        Error::NoStorageAccess(cause) => {
            let reason = cause.to_string();
            return VaultError::NotAvailable { unlocker: UnlockerKind::Keychain, reason };
        }
        Error::PlatformFailure(cause) => cause.to_string(),
        Error::NoEntry => "its item vanished".into(),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => "it could not decode its item".into(),
        other => other.to_string(),
    };
    VaultError::Keychain { problem }
}
