//! Where secrets rest: sealed records in the state directory, and the key that opens them.
//!
//! One small file per session, sealed with one 32-byte key; an *unlocker* says where that key
//! rests. Lists and expiry need no key. A missing record is a miss; one that is damaged or sealed
//! with another key is reported and counts as absent; an unlocker that fails is an error. Which
//! session is wanted, whether it is still fresh, and who may mint at a time is left to
//! [`crate::session`]. All is done on first use; nothing here reads the clock.

pub mod envelope;
pub mod login;
mod logins;
pub mod record;
pub mod seal;
mod store;
mod unlock;

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use zeroize::Zeroizing;

pub use envelope::Unreadable;
pub use login::{LoginHeader, LoginKind, LoginSecrets, StoredLogin};
pub use record::{Header, StoredSession};
pub use store::UnreadableRecord;
pub use unlock::{Locked, PassphraseOrigin, UnknownUnlocker, UnlockError, UnlockerKind};

use crate::credentials::SessionKey;
use crate::env::Env;
use crate::ports::Person;
use crate::state::{StateDir, StateDirError};
use store::Found;
use unlock::{Opened, Unlocker};

/// How long a keychain may take to answer where nobody has to be asked.
const PATIENCE: Duration = Duration::from_secs(10);

/// Keeps sessions. Opened on first need.
pub struct Vault {
    /// None where there is no place for it: then the vault is in memory.
    state: Option<StateDir>,
    kind: UnlockerKind,
    env: Env,
    person: Rc<dyn Person>,
    opened: OnceCell<Opened>,
    memory: RefCell<Memory>,
    unreadable: RefCell<Vec<UnreadableRecord>>,
}

/// What a vault in memory keeps.
#[derive(Default)]
struct Memory {
    sessions: HashMap<SessionKey, StoredSession>,
    logins: HashMap<SessionKey, StoredLogin>,
    notes: HashMap<String, Zeroizing<Vec<u8>>>,
}

/// Why the vault cannot do what it should. A damaged record is no error, see [`Unreadable`].
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The session states no expiry; such a session is never kept.
    #[error("a session without an expiry cannot be kept")]
    NoExpiry,
    /// The vault cannot be opened.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// The state directory cannot be used.
    #[error(transparent)]
    StateDir(#[from] StateDirError),
}

/// A vault that was opened with [`Vault::unlock`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unlocked {
    /// Where the key rests
    pub unlocker: UnlockerKind,
    /// How long no passphrase is needed: none where that is not awsx's to say (the keychain has
    /// its own lock, the kernel keeps its key until a reboot), zero where it is needed each time
    pub open_for: Option<Duration>,
}

impl Vault {
    /// A vault in the state directory that the environment names. Touches no file.
    ///
    /// # Errors
    /// [`StateDirError::NoHome`], unless the vault can do without a state directory.
    pub fn new(
        env: &Env,
        kind: UnlockerKind,
        person: Rc<dyn Person>,
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
            person,
            opened: OnceCell::new(),
            memory: RefCell::default(),
            unreadable: RefCell::default(),
        })
    }

    /// Where records and locks are; none where there is no place for them.
    pub fn state_dir(&self) -> Option<&StateDir> {
        self.state.as_ref()
    }

    /// The session of this key. Without a record nothing is opened and nobody asked.
    ///
    /// # Errors
    /// The record cannot be read, or the vault not be opened.
    pub fn session(&self, key: &SessionKey) -> Result<Option<StoredSession>, VaultError> {
        if let Some(session) = self.memory.borrow().sessions.get(key) {
            return Ok(Some(session.clone()));
        }
        let Some(state) = self.durable() else { return Ok(None) };
        let Some(file) = store::session_file(state, key)? else { return Ok(None) };
        self.found(state, |opened| store::session(state, &file, opened, key))
    }

    /// Keeps a session in place of an older one, and removes some that have expired since.
    ///
    /// # Errors
    /// [`VaultError::NoExpiry`]; the vault cannot be opened or the record not be written.
    pub fn store(&self, key: &SessionKey, session: &StoredSession) -> Result<(), VaultError> {
        if session.credentials.expiration.at().is_none() {
            return Err(VaultError::NoExpiry);
        }
        let opened = self.opened_or_made()?;
        let (Some(state), Some(data_key)) = (self.durable(), &opened.key) else {
            self.memory.borrow_mut().sessions.insert(*key, session.clone());
            return Ok(());
        };
        store::keep_session(state, data_key, key, session)?;
        store::sweep(state, session);
        Ok(())
    }

    /// What is known of a session without opening anything; not yet proved.
    pub fn header(&self, key: &SessionKey) -> Option<Header> {
        if let Some(session) = self.memory.borrow().sessions.get(key) {
            return header(key, session);
        }
        match store::header(self.durable()?, key) {
            Ok(found) => self.reported(found),
            Err(error) => {
                tracing::warn!(%error, "a session's record cannot be read");
                None
            }
        }
    }

    /// All sessions, expired ones included, without opening anything; not yet proved.
    ///
    /// # Errors
    /// The state directory cannot be read.
    pub fn headers(&self) -> Result<Vec<Header>, VaultError> {
        let mut headers: Vec<Header> = {
            let memory = self.memory.borrow();
            memory.sessions.iter().filter_map(|(key, session)| header(key, session)).collect()
        };
        if let Some(state) = self.durable() {
            for key in store::session_keys(state)? {
                headers.extend(self.reported(store::header(state, &key)?));
            }
        }
        Ok(headers)
    }

    /// Removes a session; whether there was one.
    ///
    /// # Errors
    /// The record cannot be removed.
    pub fn remove(&self, key: &SessionKey) -> Result<bool, VaultError> {
        let in_memory = self.memory.borrow_mut().sessions.remove(key).is_some();
        let on_disk = match self.durable() {
            Some(state) => store::remove_session(state, key)?,
            None => false,
        };
        Ok(in_memory || on_disk)
    }

    /// A small secret kept under a name; sealed as sessions are, the name too.
    ///
    /// # Errors
    /// As [`Self::session`].
    pub fn note(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        if let Some(note) = self.memory.borrow().notes.get(name) {
            return Ok(Some(note.clone()));
        }
        let Some(state) = self.durable() else { return Ok(None) };
        let Some(file) = store::note_file(state, name)? else { return Ok(None) };
        self.found(state, |opened| store::note(state, &file, opened, name))
    }

    /// Keeps a small secret under a name.
    ///
    /// # Errors
    /// As [`Self::store`].
    pub fn set_note(&self, name: &str, text: &[u8]) -> Result<(), VaultError> {
        let opened = self.opened_or_made()?;
        let (Some(state), Some(data_key)) = (self.durable(), &opened.key) else {
            let text = Zeroizing::new(text.to_vec());
            self.memory.borrow_mut().notes.insert(name.to_owned(), text);
            return Ok(());
        };
        Ok(store::keep_note(state, data_key, name, text)?)
    }

    /// Opens the vault now, asking if need be. A vault that does not exist is made.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn unlock(&self) -> Result<Unlocked, VaultError> {
        let memory = Unlocked { unlocker: UnlockerKind::Memory, open_for: Some(Duration::ZERO) };
        let Some(unlocker) = self.unlocker_at_work() else { return Ok(memory) };
        let (opened, open_for) = unlocker.unlocked(self.kind)?;
        let unlocked = Unlocked { unlocker: opened.kind, open_for };
        let _ = self.opened.set(opened);
        Ok(unlocked)
    }

    /// Forgets the keys that the kernel keeps: the one that a passphrase opened, and that of the
    /// `kernel` unlocker, whose sessions are then lost. The keychain is locked by its own means.
    ///
    /// # Errors
    /// The kernel refused.
    pub fn lock(&self) -> Result<Locked, VaultError> {
        match &self.state {
            Some(state) => Ok(unlock::locked(state)?),
            None => Ok(Locked { passphrase_key: false, kernel_key: false }),
        }
    }

    /// Where the key rests, as far as that is known without opening it; `auto` while it has not
    /// chosen.
    pub fn unlocker(&self) -> UnlockerKind {
        let remembered = || match (&self.state, self.kind) {
            (Some(state), UnlockerKind::Auto) => unlock::remembered(state).ok().flatten(),
            _ => None,
        };
        let opened = self.opened.get().map(|opened| opened.kind);
        opened.or_else(remembered).unwrap_or(self.kind)
    }

    /// The records found unreadable so far, for those who want to tell more than the warning did.
    pub fn unreadable(&self) -> Vec<UnreadableRecord> {
        self.unreadable.borrow().clone()
    }

    /// The state directory, unless all is in memory.
    fn durable(&self) -> Option<&StateDir> {
        self.state.as_ref().filter(|_| self.kind != UnlockerKind::Memory)
    }

    fn unlocker_at_work(&self) -> Option<Unlocker<'_>> {
        let (env, person) = (&self.env, &*self.person);
        Some(Unlocker { state: self.durable()?, env, person, patience: PATIENCE })
    }

    fn opened_or_made(&self) -> Result<&Opened, VaultError> {
        if self.opened.get().is_none() {
            let opened = match self.unlocker_at_work() {
                Some(unlocker) => {
                    unlocker.opened(self.kind, true)?.expect("a key that is missing is made")
                }
                None => Opened { kind: UnlockerKind::Memory, key: None },
            };
            let _ = self.opened.set(opened);
        }
        Ok(self.opened.get().expect("set above"))
    }

    /// Opens the vault now if there is one, asking if need be. For those who are about to hold a lock
    /// and need the vault then: a person may take minutes, and others should not wait for that.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open_existing(&self) -> Result<(), VaultError> {
        if self.opened.get().is_none()
            && let Some(unlocker) = self.unlocker_at_work()
            && let Some(opened) = unlocker.opened(self.kind, false)?
        {
            let _ = self.opened.set(opened);
        }
        Ok(())
    }

    /// Opens a file that exists with the key that exists.
    fn found<T>(
        &self,
        state: &StateDir,
        open: impl FnOnce(&seal::DataKey) -> Found<T>,
    ) -> Result<Option<T>, VaultError> {
        self.open_existing()?;
        if self.opened.get().is_none() {
            if self.unlocker() == UnlockerKind::Keychain && unlock::was_made(state)? {
                self.person
                    .tell("the keychain no longer holds the vault's key: what it sealed is lost");
            }
            return Ok(None);
        }
        let key = self.opened.get().and_then(|opened| opened.key.as_ref());
        Ok(key.and_then(|key| self.reported(open(key))))
    }

    /// What was found; what is unreadable is reported and counts as absent.
    fn reported<T>(&self, found: Found<T>) -> Option<T> {
        match found {
            Found::Value(value) => Some(value),
            Found::Nothing => None,
            Found::Unreadable(record) if record.problem == Unreadable::OtherKey => {
                let path = record.path.display();
                tracing::debug!(%path, "sealed with another key: it counts as absent");
                None
            }
            Found::Unreadable(record) => {
                let mut unreadable = self.unreadable.borrow_mut();
                // Once, however often it is looked at.
                if !unreadable.contains(&record) {
                    let (path, problem) = (record.path.display(), &record.problem);
                    self.person.tell(&format!("{path} counts as absent: {problem}"));
                    unreadable.push(record);
                }
                None
            }
        }
    }
}

fn header(key: &SessionKey, session: &StoredSession) -> Option<Header> {
    Some(Header {
        key: *key,
        label: session.label.clone(),
        minted_at: session.minted_at,
        expires_at: session.credentials.expiration.at()?,
        login: session.login,
    })
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("state", &self.state).field("kind", &self.kind).finish()
    }
}

#[cfg(test)]
mod tests;
