//! Where secrets rest: sealed records in the state directory, and the key that opens them.
//!
//! One small file per record, sealed with one 32-byte key; an *unlocker* says where that key rests.
//! Lists and expiry need no key. A missing record is a miss; one that is damaged or sealed with
//! another key is reported and counts as absent; an unlocker that fails is an error. What a record
//! holds and whether it is still fresh is left to whoever keeps it. All is done on first use; nothing
//! here reads the clock.

mod ask;
mod care;
pub(crate) mod envelope;
mod error;
pub(crate) mod fields;
mod key_hex;
mod once;
pub(crate) mod record;
pub(crate) mod seal;
mod session;
mod sweep;
mod token;
mod told;
pub(crate) mod unlock;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

pub(crate) use ask::Question;
pub(crate) use care::{FolderStatus, VaultStatus};
use envelope::Envelope;
pub(crate) use envelope::Unreadable;
pub(crate) use error::VaultError;
pub use fields::Fields;
pub(crate) use once::{Flight, Lock, Shared};
pub(crate) use record::{Header, Record};
pub(crate) use session::SessionOf;
pub use session::{KeptSession, SessionHeader};
pub(crate) use session::{forget_session, session_header};
pub(crate) use sweep::sweep;
pub(crate) use token::{KeptToken, TokenHeader, forget_tokens};
#[cfg(target_os = "linux")]
pub(crate) use unlock::read_collection;
pub(crate) use unlock::{Locked, NEW_FILE_VARIABLE, PROMPT, UnknownUnlocker, UnlockerKind};

use crate::credentials::SessionKey;
use crate::env::Env;
use crate::ports::{Person, RunInShell};
use crate::state::{StateDir, StateDirError};
use crate::text::with_causes;
use record::{open_record, read_header, seal_record};
use seal::DataKey;
use told::ToldOnce;
use unlock::{Opened, Unlocker};

/// How long a keychain may take to answer where nobody has to be asked.
const PATIENCE: Duration = Duration::from_secs(10);

const SUFFIX: &str = ".rec";

/// How much of a file is read, in bytes: one more than allowed, so that the parser says so.
const LONGEST: u64 = envelope::MAX_LEN + 1;

/// More than the record of a login has, in bytes.
const ROOM: usize = 16 * 1024;

/// Keeps records. Opened on first need.
pub struct Vault {
    /// `None` where there is no place for it: then the vault is in memory.
    state: Option<StateDir>,
    kind: UnlockerKind,
    env: Env,
    person: Rc<dyn Person>,
    run_in_shell: RunInShell,
    opened: OnceCell<Opened>,
    /// The key as it was found without asking anybody, see [`Unlocker::look`]
    seen: OnceCell<Option<Option<DataKey>>>,
    /// The files of a vault in memory, by name
    memory: RefCell<BTreeMap<String, Vec<u8>>>,
    /// Whether caches go without a vault: the disk kept it from being opened
    is_given_up: Cell<bool>,
    is_no_cache_told: Cell<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unlocked {
    pub unlocker: UnlockerKind,
    /// How long no passphrase is needed: `None` where that is not awsx's to say (the keychain has
    /// its own lock, the kernel keeps its key until a reboot), zero where it is needed each time
    pub open_for: Option<Duration>,
}

impl Vault {
    /// A vault in the state directory that the environment names, or in memory where there is none and
    /// the kind allows it. Touches no file.
    pub fn new(
        env: &Env,
        kind: UnlockerKind,
        person: Rc<dyn Person>,
        run_in_shell: RunInShell,
    ) -> Result<Self, StateDirError> {
        let (state, kind) = match (StateDir::from_env(env), kind) {
            (Ok(state), kind) => (Some(state), kind),
            (Err(_), UnlockerKind::Auto | UnlockerKind::Memory) => (None, UnlockerKind::Memory),
            (Err(error), _) => return Err(error),
        };
        Ok(Self {
            state,
            kind,
            env: env.clone(),
            person: ToldOnce::new(person),
            run_in_shell,
            opened: OnceCell::new(),
            seen: OnceCell::new(),
            memory: RefCell::default(),
            is_given_up: Cell::default(),
            is_no_cache_told: Cell::default(),
        })
    }

    /// The record of this key. Without a file nothing is opened and nobody asked.
    pub fn get<R: Record>(&self, key: &SessionKey) -> Result<Option<R>, VaultError> {
        self.or_without_cache::<R::Header, _>(|| {
            let name = file_name::<R::Header>(key);
            let Some(file) = self.read(&name)? else { return Ok(None) };
            let Some(opened) = self.open()? else { return Ok(None) };
            self.accept::<R::Header, _>(&name, open_record(&file, &opened.key, &name, key))
        })
    }

    /// Keeps a record in place of an older one, at once and whole: whatever ends the process, the
    /// file is the old one or the new one.
    pub fn put<R: Record>(&self, key: &SessionKey, record: &R) -> Result<(), VaultError> {
        self.or_without_cache::<R::Header, _>(|| {
            let opened = self.open_to_keep::<R::Header>()?;
            let name = file_name::<R::Header>(key);
            let file = seal_record(record, &opened.key, &name, key);
            match self.durable() {
                Some(state) => state.write(&name, &file).map_err(VaultError::Record)?,
                None => {
                    self.memory.borrow_mut().insert(name, file);
                }
            }
            Ok(())
        })
    }

    /// What is known of a record without opening anything; not yet proved.
    pub fn header<H: Header>(&self, key: &SessionKey) -> Result<Option<H>, VaultError> {
        Ok(self.header_and_file(key, |name| self.read(name))?.map(|(header, _)| header))
    }

    fn header_and_file<H: Header>(
        &self,
        key: &SessionKey,
        read: impl Fn(&str) -> Result<Option<Vec<u8>>, VaultError>,
    ) -> Result<Option<(H, Vec<u8>)>, VaultError> {
        self.or_without_cache::<H, _>(|| {
            let name = file_name::<H>(key);
            let Some(file) = read(&name)? else { return Ok(None) };
            let header = self.accept::<H, _>(&name, read_header(&file, key))?;
            Ok(header.map(|header| (header, file)))
        })
    }

    /// Opens the vault for records of this kind, asking if need be. A vault that does not exist is made.
    pub fn open_for<H: Header>(&self) -> Result<(), VaultError> {
        self.or_without_cache::<H, _>(|| self.open_or_make().map(drop))
    }

    /// Does something with a record. A cache that the disk has no room for, or does not give back, is gone
    /// without; that is said.
    fn or_without_cache<H: Header, T: Default>(
        &self,
        work: impl FnOnce() -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        if H::IS_CACHE && self.is_given_up.get() {
            return Ok(T::default());
        }
        match work() {
            Err(VaultError::StateDir(error @ StateDirError::Disk { .. })) if H::IS_CACHE => {
                // Once: to open it, a person may have been asked.
                self.is_given_up.set(true);
                self.tell_of_no_cache(&error);
                Ok(T::default())
            }
            Err(VaultError::Record(error @ StateDirError::Disk { .. })) if H::IS_CACHE => {
                self.tell_of_no_cache(&error);
                Ok(T::default())
            }
            done => done,
        }
    }

    fn tell_of_no_cache(&self, error: &StateDirError) {
        if self.is_no_cache_told.replace(true) {
            return;
        }
        self.person.tell(&format!("going on without the cache: {}", with_remedy(error)));
    }

    /// The same, where nobody needs to be told of a damaged file.
    pub fn header_if_readable<H: Header>(&self, key: &SessionKey) -> Option<H> {
        read_header(&self.read(&file_name::<H>(key)).ok()??, key).ok()
    }

    /// All records of a kind, by key, without opening anything; not yet proved.
    pub fn headers<H: Header>(&self) -> Result<Vec<(SessionKey, H)>, VaultError> {
        let found = self.headers_and_files::<H>()?.into_iter();
        Ok(found.map(|(key, header, _)| (key, header)).collect())
    }

    /// The same, each with whether it is lost: the key that sealed it is gone, or another vault's. A keychain
    /// is not looked into, which would take longer than all of this.
    pub fn headers_with_loss<H: Header>(&self) -> Result<Vec<(H, bool)>, VaultError> {
        let found = self.headers_and_files::<H>()?.into_iter();
        let looks = self.unlocker_kind() != UnlockerKind::Keychain;
        let known = looks.then(|| self.key_at_hand()).flatten();
        let is_lost = |file: &[u8]| known.is_some_and(|key| !is_sealed_with(file, key));
        Ok(found.map(|(_, header, file)| (header, is_lost(&file))).collect())
    }

    fn headers_and_files<H: Header>(&self) -> Result<Vec<(SessionKey, H, Vec<u8>)>, VaultError> {
        let keys = self.keys::<H>()?;
        // Of many records, the folder is looked at once.
        let folder = self.durable().map(|state| state.folder(H::FOLDER)).transpose()?.flatten();
        let read = |name: &str| match (&folder, name.rsplit_once('/')) {
            (Some(folder), Some((_, name))) => {
                folder.read(name, LONGEST).map_err(VaultError::Record)
            }
            _ => self.read(name),
        };
        let mut found = Vec::new();
        for key in keys {
            match self.header_and_file(&key, read) {
                Err(damaged @ VaultError::Damaged { .. }) => {
                    self.person.tell(&damaged.to_string());
                }
                one => found.extend(one?.map(|(header, file)| (key, header, file))),
            }
        }
        Ok(found)
    }

    /// Whether the key that sealed a record is gone, as far as that is known without asking anybody.
    pub fn is_lost<H: Header>(&self, key: &SessionKey) -> bool {
        self.key_at_hand().is_some_and(|found| {
            // Without a key there is nothing to compare with.
            let read = || self.read(&file_name::<H>(key)).ok().flatten();
            !is_sealed_with(&found.and_then(|_| read()).unwrap_or_default(), found)
        })
    }

    /// The key as it is found without asking anybody, or that there is none; `None` where that cannot be known.
    fn key_at_hand(&self) -> Option<Option<&DataKey>> {
        match (self.opened.get(), self.unlocker()) {
            (Some(opened), _) => Some(Some(&opened.key)),
            (None, Some(unlocker)) => {
                let seen = self.seen.get_or_init(|| unlocker.look(self.kind));
                seen.as_ref().map(Option::as_ref)
            }
            (None, None) => None,
        }
    }

    /// Removes a record; whether there was one.
    pub fn remove<H: Header>(&self, key: &SessionKey) -> Result<bool, VaultError> {
        let name = file_name::<H>(key);
        let in_memory = self.memory.borrow_mut().remove(&name).is_some();
        let on_disk = match self.durable() {
            Some(state) => state.remove(&name)?,
            None => false,
        };
        Ok(in_memory || on_disk)
    }

    /// The keys of all records of a kind, sorted.
    pub fn keys<H: Header>(&self) -> Result<Vec<SessionKey>, VaultError> {
        let in_memory: Vec<_> = self.memory.borrow().keys().cloned().collect();
        let in_memory =
            in_memory.iter().filter_map(|name| name.strip_prefix(H::FOLDER)?.strip_prefix('/'));
        let on_disk = match self.durable() {
            Some(state) => state.names(H::FOLDER)?,
            None => Vec::new(),
        };
        let on_disk = on_disk.iter().filter_map(|name| name.to_str());
        let key = |name: &str| SessionKey::from_hex(name.strip_suffix(SUFFIX)?);
        let mut keys: Vec<_> = in_memory.chain(on_disk).filter_map(key).collect();
        keys.sort_unstable();
        Ok(keys)
    }

    /// Opens the vault, and proves that there is room for one more record of this kind: what a person
    /// does in a browser should not be lost to a full disk.
    pub fn make_room<H: Header>(&self) -> Result<(), VaultError> {
        self.open_to_keep::<H>()?;
        match self.durable() {
            Some(state) => state.room_for(H::FOLDER, ROOM).map_err(VaultError::Record),
            None => Ok(()),
        }
    }

    /// Where records and locks are; `None` where nothing is kept beyond this process.
    pub fn durable(&self) -> Option<&StateDir> {
        let in_memory = self.opened.get().is_some_and(|o| o.kind == UnlockerKind::Memory);
        self.state.as_ref().filter(|_| self.kind != UnlockerKind::Memory && !in_memory)
    }

    /// Opens the vault now, asking if need be. A vault that does not exist is made.
    pub fn unlock(&self) -> Result<Unlocked, VaultError> {
        let opened = self.open_or_make()?;
        let open_for = match self.unlocker().filter(|_| opened.kind != UnlockerKind::Memory) {
            Some(unlocker) => unlocker.keep_open(opened),
            None => Some(Duration::ZERO),
        };
        Ok(Unlocked { unlocker: opened.kind, open_for })
    }

    /// Forgets the keys that the kernel keeps. The keychain is locked by its own means.
    pub fn lock(&self) -> Result<Locked, VaultError> {
        match &self.state {
            Some(state) => unlock::forget_keys(state),
            None => Ok(Locked { passphrase_key: false, kernel_key: false }),
        }
    }

    /// Where the key rests, as far as that is known without opening it.
    pub fn unlocker_kind(&self) -> UnlockerKind {
        let remembered = || match (&self.state, self.kind) {
            (Some(state), UnlockerKind::Auto) => unlock::read_choice(state, |_| ()).ok().flatten(),
            _ => None,
        };
        let opened = self.opened.get().map(|opened| opened.kind);
        opened.or_else(remembered).unwrap_or(self.kind)
    }

    /// Opens the vault now if there is one, asking if need be.
    pub fn open_existing(&self) -> Result<(), VaultError> {
        unless_disk(self.open().map(drop))
    }

    /// Whether this process has opened the vault already, and it is none in memory.
    pub(crate) fn is_open(&self) -> bool {
        self.opened.get().is_some() && self.durable().is_some()
    }

    /// Opens the vault if there is one; whether there is.
    pub(crate) fn open_if_there(&self) -> Result<bool, VaultError> {
        Ok(self.open()?.is_some())
    }

    /// Opens the vault now, asking if need be; a vault that does not exist is made. Call this before taking
    /// a lock, so that nobody waits for this person's passphrase.
    fn open_early(&self) -> Result<(), VaultError> {
        unless_disk(self.open_or_make().map(drop))
    }

    fn open(&self) -> Result<Option<&Opened>, VaultError> {
        if self.opened.get().is_none()
            && let Some(unlocker) = self.unlocker()
        {
            match unlocker.open(self.kind)? {
                Some(opened) => drop(self.opened.set(opened)),
                None => self.tell_of_a_lost_key()?,
            }
        }
        Ok(self.opened.get())
    }

    fn open_or_make(&self) -> Result<&Opened, VaultError> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        let opened = match self.unlocker() {
            Some(unlocker) => unlocker.open_or_make(self.kind)?,
            None => Opened::in_memory(),
        };
        if let Some(state) = self.state.as_ref().filter(|_| opened.kind != UnlockerKind::Memory)
            && opened.kind == self.kind
        {
            // A command without `AWSX_VAULT` should find what this one keeps.
            unlock::note_first_choice(state, opened.kind);
        }
        Ok(self.opened.get_or_init(|| opened))
    }

    /// Opens the vault, unless it would forget what nothing can make again.
    fn open_to_keep<H: Header>(&self) -> Result<&Opened, VaultError> {
        let refuse = |unlocker| match (H::OUTLIVES_REBOOT, unlocker) {
            (true, UnlockerKind::Kernel | UnlockerKind::Memory) => {
                Err(VaultError::Forgets { unlocker })
            }
            _ => Ok(()),
        };
        // Before a key is made for nothing.
        refuse(self.unlocker_kind())?;
        let opened = self.open_or_make()?;
        refuse(opened.kind)?;
        Ok(opened)
    }

    fn unlocker(&self) -> Option<Unlocker<'_>> {
        let state = self.state.as_ref().filter(|_| self.kind != UnlockerKind::Memory)?;
        Some(Unlocker {
            state,
            env: &self.env,
            person: &*self.person,
            run_in_shell: &self.run_in_shell,
            patience: PATIENCE,
            dialogs: self.person.allows_dialogs(),
        })
    }

    /// The bytes of a file.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
        if let Some(file) = self.memory.borrow().get(name) {
            return Ok(Some(file.clone()));
        }
        match self.durable() {
            Some(state) => state.read(name, LONGEST).map_err(VaultError::Record),
            None => Ok(None),
        }
    }

    fn tell_of_a_lost_key(&self) -> Result<(), VaultError> {
        if let Some(state) = self.durable()
            && self.unlocker_kind() == UnlockerKind::Keychain
            && unlock::was_made(state)?
        {
            self.person
                .tell("the keychain no longer holds the vault's key: what it sealed is lost");
        }
        Ok(())
    }

    /// What was read; what is unreadable is reported and counts as absent, unless nothing makes it again.
    fn accept<H: Header, T>(
        &self,
        name: &str,
        read: Result<T, Unreadable>,
    ) -> Result<Option<T>, VaultError> {
        let problem = match read {
            Ok(value) => return Ok(Some(value)),
            Err(problem) => problem,
        };
        let path = match &self.state {
            Some(state) => state.file(name).display().to_string(),
            None => name.to_owned(),
        };
        if H::OUTLIVES_REBOOT {
            return Err(VaultError::Damaged { path, problem });
        }
        if problem == Unreadable::OtherKey {
            tracing::info!(target: crate::text::DETAIL, %path, "sealed with another key: it counts as absent");
            self.tell_of_another_vault();
        } else {
            self.person.tell(&format!("{path} counts as absent: {problem}"));
        }
        Ok(None)
    }
}

/// Whoever needs a record finds out what the disk refuses, and knows what that means.
fn unless_disk(opened: Result<(), VaultError>) -> Result<(), VaultError> {
    match opened {
        Err(VaultError::StateDir(StateDirError::Disk { .. })) => Ok(()),
        opened => opened,
    }
}

/// What is wrong with the state directory, and what helps.
fn with_remedy(error: &StateDirError) -> String {
    let remedy = error.remedy().map(|remedy| format!("; {remedy}"));
    with_causes(error) + &remedy.unwrap_or_default()
}

/// Whether it is this key that sealed the file.
fn is_sealed_with(file: &[u8], key: Option<&DataKey>) -> bool {
    key.is_some_and(|key| Envelope::parse(file).is_ok_and(|envelope| envelope.is_sealed_with(key)))
}

fn file_name<H: Header>(key: &SessionKey) -> String {
    format!("{}/{}{SUFFIX}", H::FOLDER, key.to_hex())
}

#[cfg(test)]
mod tests;
