//! The keys that awsx knows: those of the vault, which stays shut, and those in the AWS files.

use super::outcome::Owner;
use crate::app::App;
use crate::keys::record::StoredKeysHeader;
use crate::report::Failure;
use crate::scan::{Known, digest};

/// The keys, and whose they are by number. What cannot be read is said, and not looked for.
pub(super) fn gather(app: &App) -> (Known, Vec<Owner>) {
    let (mut known, mut owners) = (Known::default(), Vec::new());
    if let Err(failure) = add_stored(app, &mut known, &mut owners) {
        app.out().warning(&format!("{}; stored keys are not known", failure.message()));
    }
    if let Err(failure) = add_of_files(app, &mut known, &mut owners) {
        app.out().warning(&format!("{}; the keys of profiles are not known", failure.message()));
    }
    (known, owners)
}

fn add_stored(app: &App, known: &mut Known, owners: &mut Vec<Owner>) -> Result<(), Failure> {
    for (_, header) in app.vault()?.headers::<StoredKeysHeader>()? {
        let whose = owners.len();
        known.add_id(&header.access_key_id, whose);
        header.id_beside().into_iter().for_each(|id| known.add_id(id, whose));
        header.digests.iter().for_each(|digest| known.add_digest(digest, whose));
        owners.push(Owner::Stored(header.name));
    }
    Ok(())
}

fn add_of_files(app: &App, known: &mut Known, owners: &mut Vec<Owner>) -> Result<(), Failure> {
    let profiles = app.profiles()?;
    for profile in profiles.names().filter_map(|name| profiles.as_written(name)) {
        let value = |key| profile.get(key).map(|setting| setting.value.trim().to_owned());
        let Some(secret) = value("aws_secret_access_key") else { continue };
        let whose = owners.len();
        known.add_digest(&digest(secret.as_bytes()), whose);
        value("aws_access_key_id").into_iter().for_each(|id| known.add_id(&id, whose));
        owners.push(Owner::InFile(profile.name().to_owned()));
    }
    Ok(())
}
