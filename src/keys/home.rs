//! Where a key rests that is rotated, and where what was begun is noted.

use super::record::{StoredKeys, StoredKeysHeader, WAITING_FOR_KEYS};
use super::rotate_error::RotateError;
use super::subject::Subject;
use crate::credentials::SessionKey;
use crate::state::FileLock;
use crate::vault::{Lock, Record, Vault};

pub(crate) trait Home {
    /// In a box, for errors.
    fn subject(&self) -> Box<Subject>;

    /// Keeps other rotations of the key away, once it is sure that something can be kept: for that a person may be
    /// asked, and nobody else should wait.
    fn hold(&self) -> Result<Option<FileLock>, RotateError>;

    /// Whether a rotation is under way that keeps two keys.
    fn keeps_two(&self) -> bool;

    /// The key as it is, and what was begun with it.
    fn read(&self) -> Result<StoredKeys, RotateError>;

    /// Notes what was begun, with both secrets, or that nothing is; gives what is read back.
    fn write(&self, keys: &StoredKeys) -> Result<StoredKeys, RotateError>;

    /// Gives whoever uses the key the one beside it, where that is not done by noting that they changed places.
    fn hand_over(&self, keys: &StoredKeys) -> Result<(), RotateError>;

    /// Forgets the sessions that came from a key. They would not be found again.
    fn forget_sessions(&self, access_key_id: &str);
}

/// Stored keys.
pub(crate) struct InVault<'a> {
    pub vault: &'a Vault,
    pub name: &'a str,
}

impl InVault<'_> {
    fn key(&self) -> SessionKey {
        StoredKeysHeader::key(self.name)
    }

    fn no_keys(&self) -> RotateError {
        RotateError::NoKeys { name: self.name.to_owned() }
    }
}

impl Home for InVault<'_> {
    fn subject(&self) -> Box<Subject> {
        Box::new(Subject { name: self.name.to_owned(), file: None })
    }

    fn hold(&self) -> Result<Option<FileLock>, RotateError> {
        StoredKeysHeader::find(self.vault, self.name)?.ok_or_else(|| self.no_keys())?;
        self.vault.make_room::<StoredKeysHeader>()?;
        Ok(self.vault.hold(Lock::StoredKeys(&self.key()), WAITING_FOR_KEYS)?)
    }

    fn keeps_two(&self) -> bool {
        let found = StoredKeysHeader::find(self.vault, self.name).ok().flatten();
        found.is_some_and(|header| header.id_beside().is_some())
    }

    fn read(&self) -> Result<StoredKeys, RotateError> {
        self.vault.get::<StoredKeys>(&self.key())?.ok_or_else(|| self.no_keys())
    }

    fn write(&self, keys: &StoredKeys) -> Result<StoredKeys, RotateError> {
        write_and_read(self.vault, &self.key(), keys, |keys| keys)
    }

    fn hand_over(&self, _: &StoredKeys) -> Result<(), RotateError> {
        Ok(())
    }

    fn forget_sessions(&self, _: &str) {
        if let Err(error) = StoredKeysHeader::forget_sessions(self.vault, self.name) {
            tracing::info!(target: crate::text::DETAIL, %error, "sessions of the old key stay until they end");
        }
    }
}

/// Keeps a record, and sees that the vault has it so.
pub(super) fn write_and_read<R: Record + Clone>(
    vault: &Vault,
    key: &SessionKey,
    record: &R,
    keys_of: impl Fn(R) -> StoredKeys,
) -> Result<StoredKeys, RotateError> {
    vault.put(key, record)?;
    let wanted = keys_of(record.clone());
    match vault.get::<R>(key).map(|read| read.map(keys_of)) {
        Ok(Some(read)) if read.is_same(&wanted) => Ok(read),
        _ => Err(RotateError::NotReadBack { id: wanted.header.access_key_id }),
    }
}
