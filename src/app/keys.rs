//! Access keys that are to be kept.

use super::App;
use super::rotation::{session_with_mfa, settings_of_keys};
use crate::client_settings::ClientSettings;
use crate::credentials::{Keys, LongTermCredentials};
use crate::keys::given::NewKey;
use crate::keys::record::{KeyOwner, StoredKeys, StoredKeysHeader, WAITING_FOR_KEYS};
use crate::ports::{CallError, Iam, KeyStatus, LastUse, Signer, Sts};
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

/// Asks IAM with the stored keys of this header, or with a session that has MFA where a policy demands it.
pub(crate) fn ask_iam<T>(
    app: &App,
    header: &StoredKeysHeader,
    call: impl Fn(&dyn Iam, &Signer<'_>) -> Result<T, CallError>,
) -> Result<T, Failure> {
    let settings = settings_of_keys(app, header)?;
    let aws = app.clients(&settings).aws;
    let stored = app.vault()?.get::<StoredKeys>(&StoredKeysHeader::key(&header.name))?;
    let stored = stored.ok_or_else(|| {
        let message = format!("the stored keys of {} were just removed", header.name);
        Failure::say(message, Kind::Config.with("`awsx keys list` shows what there is"))
    })?;
    let own = Keys::LongTerm(stored.into_credentials());
    let arn = match &header.owner {
        Some(owner) => owner.arn.clone(),
        None => aws.get_caller_identity(&own)?.arn,
    };
    match call(&aws, &Signer { keys: &own, arn: &arn }) {
        Err(refused @ CallError::Refused { .. }) if refused.is_denial() => {
            match session_with_mfa(app, &header.name, None)? {
                Some(session) => Ok(call(&aws, &Signer { keys: &session, arn: &arn })?),
                None => Err(refused.into()),
            }
        }
        done => Ok(done?),
    }
}

/// What IAM says of a stored key.
pub(crate) struct AtIam {
    pub status: KeyStatus,
    pub last_use: Option<LastUse>,
}

/// Asks IAM about stored keys, and keeps when they were made.
pub(crate) fn check_at_iam(app: &App, header: &mut StoredKeysHeader) -> Result<AtIam, Failure> {
    let id = header.access_key_id.clone();
    let (listed, last_use) = ask_iam(app, header, |iam, signer| {
        Ok((iam.access_keys(signer)?, iam.last_use(signer, &id)?))
    })?;
    let key = listed.into_iter().find(|key| key.id == id).ok_or_else(|| {
        let message = format!("IAM does not list {id}");
        Failure::say(message, Kind::Refused.with("IAM may be late; run it again in a minute"))
    })?;
    if header.created_at != Some(key.created) {
        let (vault, record) = (app.vault()?, StoredKeysHeader::key(&header.name));
        let _lock = vault.hold(Lock::StoredKeys(&record), WAITING_FOR_KEYS)?;
        if let Some(mut stored) = vault.get::<StoredKeys>(&record)?
            && stored.header.access_key_id == id
        {
            stored.header.created_at = Some(key.created);
            vault.put(&record, &stored)?;
        }
        header.created_at = Some(key.created);
    }
    Ok(AtIam { status: key.status, last_use })
}

/// A name has another key already.
fn other_key(header: &StoredKeysHeader) -> Failure {
    let name = word(&header.name);
    Failure::say(
        format!("the stored keys of {} are others: {}", header.name, header.describe()),
        Kind::Config.with(format!("`awsx keys remove {name}` makes room for it")),
    )
}
