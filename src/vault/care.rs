//! Looks after the vault: what it holds, where its key rests, and how that is changed.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::unlock::{self, UnlockerKind};
use super::{SUFFIX, Vault, VaultError, is_sealed_with};
use crate::state::StateDir;

/// What is known of a vault without opening it.
#[derive(Debug)]
pub(crate) struct VaultStatus<'a> {
    /// `auto` where nothing is chosen yet
    pub unlocker: UnlockerKind,
    /// Whether `AWSX_VAULT` says so
    pub is_named: bool,
    pub since: Option<DateTime<Utc>>,
    /// Whether it is open for the next command; `None` where nobody knows without asking
    pub is_open: Option<bool>,
    /// `None` where it is in memory
    pub directory: Option<&'a Path>,
    pub folders: Vec<FolderStatus>,
}

/// The records of a kind.
#[derive(Debug)]
pub(crate) struct FolderStatus {
    /// `sessions`, `logins`, …
    pub name: String,
    pub records: usize,
    pub bytes: u64,
    /// Those that another key sealed; `None` where the key is not known without asking
    pub lost: Option<usize>,
}

impl Vault {
    pub(crate) fn status(&self) -> Result<VaultStatus<'_>, VaultError> {
        let unlocker = self.unlocker_kind();
        let found = self.unlocker().and_then(|unlocker| unlocker.look(self.kind));
        let key = found.as_ref().and_then(Option::as_ref);
        let directory = self.durable();
        let mut folders = Vec::new();
        for name in directory.map(folders_of).transpose()?.unwrap_or_default() {
            let mut folder = FolderStatus { name, records: 0, bytes: 0, lost: key.map(|_| 0) };
            for record in directory
                .map(|state| records_of(state, &folder.name))
                .transpose()?
                .unwrap_or_default()
            {
                let file = self.read(&record)?.unwrap_or_default();
                folder.records += 1;
                folder.bytes += file.len() as u64;
                if let Some(lost) = &mut folder.lost {
                    *lost += usize::from(!is_sealed_with(&file, key));
                }
            }
            folders.push(folder);
        }
        folders.retain(|folder| folder.records > 0);
        folders.sort_by(|a, b| a.name.cmp(&b.name));
        let since = directory.and_then(|state| unlock::time_of_choice(state, unlocker));
        Ok(VaultStatus {
            unlocker,
            is_named: self.kind != UnlockerKind::Auto,
            since: since.map(DateTime::from),
            is_open: self.unlocker().map(|_| key.is_some()),
            directory: directory.map(StateDir::path),
            folders,
        })
    }

    /// Has the key rest in another place; where it was before. What is kept stays as it is.
    pub(crate) fn move_to(&self, to: UnlockerKind) -> Result<UnlockerKind, VaultError> {
        if self.kind == UnlockerKind::Memory {
            return Err(VaultError::NothingKept);
        }
        let opened = self.open()?;
        let unlocker = self.unlocker().ok_or(VaultError::NothingKept)?;
        unlocker.move_key(opened, to)?;
        Ok(opened.map_or(UnlockerKind::Auto, |opened| opened.kind))
    }

    /// Has another passphrase open the vault. Asks for the one before only where the vault is shut.
    pub(crate) fn change_passphrase(&self) -> Result<(), VaultError> {
        let unlocker = self.unlocker_kind();
        let other = VaultError::NoPassphraseHere { unlocker };
        if unlocker != UnlockerKind::Passphrase {
            return Err(other);
        }
        match (self.open()?, self.unlocker()) {
            (Some(opened), Some(unlocker)) => unlocker.change_passphrase(opened),
            _ => Err(other),
        }
    }

    /// The variable that gives the passphrase, where one does.
    pub(crate) fn variable_of_passphrase(&self) -> Option<&'static str> {
        unlock::variable_of_passphrase(&self.env)
    }

    /// Starts anew: removes all that is sealed, and forgets the passphrase and which place the key has. The
    /// keychain keeps its item, which seals what comes.
    pub(crate) fn reset(&self) -> Result<(), VaultError> {
        let Some(state) = &self.state else { return Ok(()) };
        for folder in folders_of(state)? {
            for record in records_of(state, &folder)? {
                state.remove(&record)?;
            }
        }
        unlock::start_anew(state)
    }

    /// Says where the other vault is that a command with another `AWSX_VAULT` kept something in.
    pub(super) fn tell_of_another_vault(&self) {
        let (Some(state), Some(opened)) = (self.durable(), self.opened.get()) else { return };
        let is_there = |kind| match kind {
            UnlockerKind::Passphrase => unlock::is_set_up(state).unwrap_or(false),
            _ => unlock::was_made(state).unwrap_or(false),
        };
        for kind in [UnlockerKind::Passphrase, UnlockerKind::Keychain] {
            if kind != opened.kind && is_there(kind) {
                self.person.tell(&format!(
                    "there is another vault, its key in {}, and something that is needed here is in it: \
                     AWSX_VAULT={kind} uses it; this one's key is in {}",
                    kind.place(),
                    opened.kind.place()
                ));
            }
        }
    }
}

/// The folders that hold records.
fn folders_of(state: &StateDir) -> Result<Vec<String>, VaultError> {
    let names = state.names("")?.into_iter().filter_map(|name| name.into_string().ok());
    Ok(names.filter(|name| state.path().join(name).is_dir()).collect())
}

/// The names of the records in a folder.
fn records_of(state: &StateDir, folder: &str) -> Result<Vec<String>, VaultError> {
    let names = state.names(folder)?.into_iter().filter_map(|name| name.into_string().ok());
    Ok(names.filter(|name| name.ends_with(SUFFIX)).map(|name| format!("{folder}/{name}")).collect())
}
