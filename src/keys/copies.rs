//! Where else the same access key stands: a copy stops working when its key is rotated.

use super::record::StoredKeysHeader;
use super::subject::Subject;
use crate::profile::{FileKind, Location, Profiles};
use crate::vault::{Vault, VaultError};

/// A key that stands elsewhere too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyCopy {
    InFile { profile: String, at: Location },
    Stored { name: String },
}

/// The first copy of the key but for the subject itself. In the subject's own file all of them are rotated
/// together.
pub(crate) fn find_copy(
    access_key_id: &str,
    subject: &Subject,
    profiles: &Profiles,
    vault: &Vault,
) -> Result<Option<KeyCopy>, VaultError> {
    let others = [FileKind::Credentials, FileKind::Config]
        .into_iter()
        .filter(|kind| subject.file.as_deref() != Some(&*profiles.file(*kind).path));
    for kind in others {
        let copy = profiles.names().find_map(|profile| {
            let written = profiles.as_written(profile)?;
            let setting = written.get_in(kind, "aws_access_key_id")?;
            let is_same = setting.value.trim() == access_key_id;
            is_same.then(|| KeyCopy::InFile {
                profile: profile.to_owned(),
                at: setting.location.clone(),
            })
        });
        if copy.is_some() {
            return Ok(copy);
        }
    }
    let stored = vault.headers::<StoredKeysHeader>()?.into_iter().map(|(_, header)| header);
    let is_own = |name: &str| subject.file.is_none() && subject.name == name;
    let mut others = stored.filter(|header| !is_own(&header.name));
    let copy = others.find(|header| header.access_key_id == access_key_id);
    Ok(copy.map(|header| KeyCopy::Stored { name: header.name }))
}
