//! Access keys that are to be kept.

use super::App;
use crate::client_settings::ClientSettings;
use crate::credentials::{Keys, LongTermCredentials};
use crate::keys::given::NewKey;
use crate::keys::record::{KeyOwner, StoredKeys, StoredKeysHeader, WAITING_FOR_KEYS};
use crate::ports::{CallError, Sts};
use crate::report::Failure;
use crate::report::failure::{Kind, word};
use crate::vault::Lock;

/// Whose an access key is: AWS is asked, as these settings say.
pub(crate) fn prove(
    app: &App,
    settings: &ClientSettings,
    key: &LongTermCredentials,
) -> Result<KeyOwner, CallError> {
    let caller = app.clients(settings).aws.get_caller_identity(&Keys::LongTerm(key.clone()))?;
    Ok(KeyOwner { account_id: caller.account, arn: caller.arn, proved_at: app.now() })
}

/// A key that was taken over.
pub(crate) struct TakenOver {
    pub header: StoredKeysHeader,
    /// Whether it was not stored before
    pub is_new: bool,
}

/// Stores a key that stands elsewhere too, reads it back, and proves what was read. What AWS does not take is
/// not stored then.
pub(crate) fn take_over(
    app: &App,
    settings: &ClientSettings,
    name: &str,
    key: &NewKey,
) -> Result<TakenOver, Failure> {
    let vault = app.vault()?;
    let record = StoredKeysHeader::key(name);
    let _lock = vault.hold(Lock::StoredKeys(&record), WAITING_FOR_KEYS)?;
    let before = vault.get::<StoredKeys>(&record)?;
    let is_new = before.is_none();
    if let Some(before) = &before {
        if !before.holds(&key.credentials) {
            return Err(other_key(&before.header));
        }
    } else {
        vault.put(&record, &key.clone().into_record(name, app.now()))?;
    }
    let read = vault.get::<StoredKeys>(&record)?;
    let mut read = read.filter(|read| read.holds(&key.credentials)).ok_or_else(|| {
        let message = format!("the stored keys of {name} are not read back as they were written");
        Failure::say(message, Kind::Vault.with("see that the disk is well, and run it again"))
    })?;
    match prove(app, settings, &read.clone().into_credentials()) {
        Ok(owner) => {
            read.header.owner = Some(owner);
            vault.put(&record, &read)?;
            Ok(TakenOver { header: read.header, is_new })
        }
        Err(error) => {
            if is_new {
                vault.remove::<StoredKeysHeader>(&record)?;
            }
            Err(error.into())
        }
    }
}

/// A name has another key already.
fn other_key(header: &StoredKeysHeader) -> Failure {
    let name = word(&header.name);
    Failure::say(
        format!("the stored keys of {} are others: {}", header.name, header.describe()),
        Kind::Config.with(format!("`awsx keys remove {name}` makes room for it")),
    )
}
