//! A key that stays in an AWS file while it is rotated. The vault notes what was begun, and keeps both secrets until
//! the old key is gone.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::given::NewKey;
use super::home::{Home, write_and_read};
use super::import::key_of;
use super::record::{StoredKeys, StoredKeysHeader};
use super::rotate_error::RotateError;
use super::subject::Subject;
use crate::config;
use crate::config::edit::EditError;
use crate::config::replace::{Replacement, with_other_values};
use crate::config::write::Writer;
use crate::credentials::{LongTermCredentials, SessionKey};
use crate::env::Env;
use crate::ports::Clock;
use crate::profile::{FileKind, Profiles};
use crate::state::FileLock;
use crate::vault::{Fields, Header, Lock, Record, Vault, VaultError};

const WAITING: &str = "waiting for another awsx that rotates a key of the same file";
const KEYS: [&str; 2] = ["aws_access_key_id", "aws_secret_access_key"];

/// The access key of a profile, in one of the AWS files.
pub(crate) struct InFile<'a> {
    pub vault: &'a Vault,
    pub env: &'a Env,
    pub clock: &'a dyn Clock,
    pub writer: &'a Writer<'a>,
    pub forget_sessions: &'a dyn Fn(&str),
    pub place: PlaceInFile,
}

/// Where a key stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlaceInFile {
    pub path: PathBuf,
    pub kind: FileKind,
    /// The section's name
    pub profile: String,
}

/// What was begun with a key of a file.
#[derive(Clone)]
struct Begun {
    path: String,
    keys: StoredKeys,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BegunHeader {
    path: String,
    #[serde(flatten)]
    keys: StoredKeysHeader,
}

impl BegunHeader {
    /// `dev (AKIA…)`
    pub(crate) fn describe(&self) -> String {
        format!("{} ({})", self.keys.name, self.keys.access_key_id)
    }
}

impl PlaceInFile {
    fn key(&self) -> SessionKey {
        let path = self.path.to_string_lossy();
        SessionKey::builder("rotation in a file")
            .field("path", &path)
            .field("profile", &self.profile)
            .build()
    }

    /// Whether a rotation of the key was begun here.
    pub(crate) fn is_begun(&self, vault: &Vault) -> Result<bool, VaultError> {
        Ok(vault.header::<BegunHeader>(&self.key())?.is_some())
    }

    /// The place under whose name a rotation of this key was begun: several sections may have it.
    pub(crate) fn of_begun(self, vault: &Vault, access_key_id: &str) -> Result<Self, VaultError> {
        let begun = vault.headers::<BegunHeader>()?.into_iter().map(|(_, header)| header);
        let is_of_key = |header: &BegunHeader| {
            Path::new(&header.path) == self.path
                && (header.keys.access_key_id == access_key_id
                    || header.keys.id_beside() == Some(access_key_id))
        };
        let profile = begun.into_iter().find(is_of_key).map(|header| header.keys.name);
        Ok(Self { profile: profile.unwrap_or(self.profile), ..self })
    }
}

impl InFile<'_> {
    /// Forgets what was begun; both keys stay as they are.
    pub(crate) fn forget(&self) -> Result<(), VaultError> {
        self.vault.remove::<BegunHeader>(&self.place.key()).map(drop)
    }

    /// The key that stands in the file now, or why there is none.
    fn key_in_file(&self) -> Result<Result<LongTermCredentials, String>, RotateError> {
        let profiles = config::load(self.env)?;
        let PlaceInFile { kind, profile, .. } = &self.place;
        let Some(profile) = profiles.as_written(profile) else {
            return Ok(Err("the profile is gone".to_owned()));
        };
        Ok(key_of(&profile, *kind).map(|key| key.credentials))
    }

    /// The file's text with another key in the place of the old one, in all profiles that have it; `None` where the
    /// profile has it no longer.
    fn replace(
        &self,
        text: &str,
        old: &LongTermCredentials,
        new: &LongTermCredentials,
    ) -> Result<Option<String>, EditError> {
        let PlaceInFile { kind, profile, .. } = &self.place;
        let (config, credentials) = match kind {
            FileKind::Config => (text, ""),
            FileKind::Credentials => ("", text),
        };
        let profiles = Profiles::from_texts(config, credentials).map_err(|_| EditError::Meaning)?;
        let has_old = |name: &&str| {
            let written = profiles.as_written(name);
            let key = written.and_then(|profile| key_of(&profile, *kind).ok());
            key.is_some_and(|key| is_same(&key.credentials, old))
        };
        let names: Vec<&str> = profiles.names().filter(has_old).collect();
        if !names.contains(&&**profile) {
            return Ok(None);
        }
        let of_key = |key: &LongTermCredentials| {
            [key.access_key_id.clone(), key.secret_access_key.expose().to_owned()]
        };
        let (old, new) = (of_key(old), of_key(new));
        let replacements = names.iter().flat_map(|profile| {
            let one =
                |at: usize| Replacement { profile, key: KEYS[at], old: &old[at], new: &new[at] };
            [one(0), one(1)]
        });
        let replacements: Vec<_> = replacements.collect();
        with_other_values(*kind, text, &replacements).map(Some)
    }

    fn error_of_change(&self, keys: &StoredKeys) -> RotateError {
        let beside = keys.header.id_beside().map(str::to_owned);
        let ids = std::iter::once(keys.header.access_key_id.clone()).chain(beside).collect();
        RotateError::Changed { of: self.subject(), ids }
    }
}

impl Home for InFile<'_> {
    fn subject(&self) -> Box<Subject> {
        let PlaceInFile { path, profile, .. } = self.place.clone();
        Box::new(Subject { name: profile, file: Some(path) })
    }

    fn hold(&self) -> Result<Option<FileLock>, RotateError> {
        self.vault.make_room::<BegunHeader>()?;
        self.writer.check(&self.place.path)?;
        Ok(self.vault.hold(Lock::StoredKeys(&self.place.key()), WAITING)?)
    }

    fn keeps_two(&self) -> bool {
        let found = self.vault.header::<BegunHeader>(&self.place.key()).ok().flatten();
        found.is_some_and(|header| header.keys.id_beside().is_some())
    }

    fn read(&self) -> Result<StoredKeys, RotateError> {
        let found = self.key_in_file()?;
        let begun = self.vault.get::<Begun>(&self.place.key())?.map(|begun| begun.keys);
        if let Some(mut keys) = begun {
            let is = |key: Option<LongTermCredentials>| {
                let found = found.as_ref().ok();
                key.is_some_and(|key| found.is_some_and(|found| is_same(&key, found)))
            };
            if is(Some(keys.clone().into_credentials())) {
                return Ok(keys);
            }
            if is(keys.beside()) {
                // It ended between the file and this note.
                keys.change_places();
                return self.write(&keys);
            }
            if keys.header.id_beside().is_some() {
                return Err(self.error_of_change(&keys));
            }
        }
        let key =
            found.map_err(|problem| RotateError::NoKeyInFile { of: self.subject(), problem })?;
        let key = NewKey { credentials: key, created_at: None };
        Ok(key.into_record(&self.place.profile, self.clock.now()))
    }

    fn write(&self, keys: &StoredKeys) -> Result<StoredKeys, RotateError> {
        if keys.header.rotation.is_none() {
            self.forget()?;
            return Ok(keys.clone());
        }
        let path = self.place.path.to_string_lossy().into_owned();
        let begun = Begun { path, keys: keys.clone() };
        write_and_read(self.vault, &self.place.key(), &begun, |begun| begun.keys)
    }

    fn hand_over(&self, keys: &StoredKeys) -> Result<(), RotateError> {
        let Some(new) = keys.beside() else { return Ok(()) };
        let old = keys.clone().into_credentials();
        let mut is_changed = false;
        self.writer.update(&self.place.path, |text| {
            let replaced = self.replace(text, &old, &new)?;
            is_changed = replaced.is_none();
            Ok(replaced.unwrap_or_else(|| text.to_owned()))
        })?;
        if is_changed {
            return Err(self.error_of_change(keys));
        }
        match self.key_in_file()? {
            Ok(read) if is_same(&read, &new) => Ok(()),
            _ => Err(RotateError::NotReadBack { id: new.access_key_id }),
        }
    }

    fn forget_sessions(&self, access_key_id: &str) {
        (self.forget_sessions)(access_key_id);
    }
}

fn is_same(a: &LongTermCredentials, b: &LongTermCredentials) -> bool {
    a.access_key_id == b.access_key_id
        && a.secret_access_key.expose() == b.secret_access_key.expose()
}

impl Header for BegunHeader {
    const FOLDER: &'static str = "rotations";
    const IS_CACHE: bool = false;
    const OUTLIVES_REBOOT: bool = true;
}

impl Record for Begun {
    type Header = BegunHeader;

    fn to_parts(&self) -> (BegunHeader, Fields) {
        let (keys, fields) = self.keys.to_parts();
        (BegunHeader { path: self.path.clone(), keys }, fields)
    }

    fn from_parts(header: BegunHeader, fields: Fields) -> Option<Self> {
        let BegunHeader { path, keys } = header;
        Some(Self { path, keys: StoredKeys::from_parts(keys, fields)? })
    }
}
