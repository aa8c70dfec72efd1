//! The sealed files in the state directory: sessions and notes, found by name, listed, swept.
//! Leaves the key to [`super::unlock`] and the state of the process to [`super::Vault`].

use std::path::PathBuf;
use std::time::Duration;

use zeroize::Zeroizing;

use super::envelope::{Envelope, MAX_LEN, Unreadable, sealed};
use super::login::{LoginHeader, StoredLogin};
use super::record::{Header, StoredSession};
use super::seal::DataKey;
use crate::credentials::SessionKey;
use crate::state::{StateDir, StateDirError};

const SESSIONS: &str = "sessions";
const LOGINS: &str = "logins";
const NOTES: &str = "notes";
const SUFFIX: &str = ".rec";

/// How many records one sweep looks at: a bound for a directory that somebody filled.
const SWEEP: usize = 500;

/// More than a login's record has, in bytes.
const LOGIN_ROOM: usize = 16 * 1024;

/// A file that is as good as absent, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableRecord {
    /// The file
    pub path: PathBuf,
    /// Why it is of no use
    pub problem: Unreadable,
}

/// What a lookup found.
pub(super) enum Found<T> {
    Nothing,
    Unreadable(UnreadableRecord),
    Value(T),
}

impl<T> Found<T> {
    fn of(state: &StateDir, name: &str, read: Result<T, Unreadable>) -> Self {
        match read {
            Ok(value) => Self::Value(value),
            Err(problem) => {
                Self::Unreadable(UnreadableRecord { path: state.path().join(name), problem })
            }
        }
    }
}

fn session_name(key: &SessionKey) -> String {
    format!("{SESSIONS}/{}{SUFFIX}", key.to_hex())
}

fn login_name(key: &SessionKey) -> String {
    format!("{LOGINS}/{}{SUFFIX}", key.to_hex())
}

/// Notes have no names in clear text: these hold the ARNs of MFA devices.
fn note_name(name: &str) -> String {
    let digest = SessionKey::builder("note").field("name", name).build();
    format!("{NOTES}/{}{SUFFIX}", digest.to_hex())
}

/// A file's bytes; one more than allowed if it is too large, so that the parser says so.
fn content(state: &StateDir, name: &str) -> Result<Option<Vec<u8>>, StateDirError> {
    state.read(name, MAX_LEN + 1)
}

/// The bytes of the record of a session, if there is one.
pub(super) fn session_file(
    state: &StateDir,
    key: &SessionKey,
) -> Result<Option<Vec<u8>>, StateDirError> {
    content(state, &session_name(key))
}

/// Opens what [`session_file`] found.
pub(super) fn session(
    state: &StateDir,
    file: &[u8],
    data_key: &DataKey,
    key: &SessionKey,
) -> Found<StoredSession> {
    let name = session_name(key);
    Found::of(state, &name, StoredSession::open(file, data_key, &name, key))
}

/// Keeps a session; false if it states no expiry.
pub(super) fn keep_session(
    state: &StateDir,
    data_key: &DataKey,
    key: &SessionKey,
    session: &StoredSession,
) -> Result<bool, StateDirError> {
    let name = session_name(key);
    match session.sealed(data_key, &name, key) {
        Some(file) => state.write(&name, &file).map(|()| true),
        None => Ok(false),
    }
}

/// Removes the record of a session; whether there was one.
pub(super) fn remove_session(state: &StateDir, key: &SessionKey) -> Result<bool, StateDirError> {
    state.remove(&session_name(key))
}

/// The header of a session's record.
pub(super) fn header(state: &StateDir, key: &SessionKey) -> Result<Found<Header>, StateDirError> {
    let name = session_name(key);
    Ok(match content(state, &name)? {
        Some(file) => Found::of(state, &name, Header::read(&file, key)),
        None => Found::Nothing,
    })
}

/// The keys of all sessions that have a record, sorted.
pub(super) fn session_keys(state: &StateDir) -> Result<Vec<SessionKey>, StateDirError> {
    keys(state, SESSIONS)
}

/// The keys of all logins that have a record, sorted.
pub(super) fn login_keys(state: &StateDir) -> Result<Vec<SessionKey>, StateDirError> {
    keys(state, LOGINS)
}

fn keys(state: &StateDir, folder: &str) -> Result<Vec<SessionKey>, StateDirError> {
    let names = state.names(folder)?;
    let key =
        |name: &std::ffi::OsString| SessionKey::from_hex(name.to_str()?.strip_suffix(SUFFIX)?);
    let mut keys: Vec<_> = names.iter().filter_map(key).collect();
    keys.sort_unstable();
    Ok(keys)
}

/// The bytes of the record of a login, if there is one.
pub(super) fn login_file(
    state: &StateDir,
    key: &SessionKey,
) -> Result<Option<Vec<u8>>, StateDirError> {
    content(state, &login_name(key))
}

/// Opens what [`login_file`] found.
pub(super) fn login(
    state: &StateDir,
    file: &[u8],
    data_key: &DataKey,
    key: &SessionKey,
) -> Found<StoredLogin> {
    let name = login_name(key);
    Found::of(state, &name, StoredLogin::open(file, data_key, &name, key))
}

/// Keeps a login.
pub(super) fn keep_login(
    state: &StateDir,
    data_key: &DataKey,
    key: &SessionKey,
    login: &StoredLogin,
) -> Result<(), StateDirError> {
    let name = login_name(key);
    state.write(&name, &login.sealed(data_key, &name, key))
}

/// Fails where no login could be kept.
pub(super) fn room_for_login(state: &StateDir) -> Result<(), StateDirError> {
    state.room_for(LOGINS, LOGIN_ROOM)
}

/// Removes the record of a login; whether there was one.
pub(super) fn remove_login(state: &StateDir, key: &SessionKey) -> Result<bool, StateDirError> {
    state.remove(&login_name(key))
}

/// The header of a login's record.
pub(super) fn login_header(
    state: &StateDir,
    key: &SessionKey,
) -> Result<Found<LoginHeader>, StateDirError> {
    let name = login_name(key);
    Ok(match content(state, &name)? {
        Some(file) => Found::of(state, &name, LoginHeader::read(&file, key)),
        None => Found::Nothing,
    })
}

/// The bytes of a note's file, if there is one.
pub(super) fn note_file(state: &StateDir, name: &str) -> Result<Option<Vec<u8>>, StateDirError> {
    content(state, &note_name(name))
}

/// Opens what [`note_file`] found.
pub(super) fn note(
    state: &StateDir,
    file: &[u8],
    data_key: &DataKey,
    name: &str,
) -> Found<Zeroizing<Vec<u8>>> {
    let name = note_name(name);
    let read = Envelope::parse(file).and_then(|envelope| envelope.open(data_key, &name));
    Found::of(state, &name, read)
}

/// Keeps a note.
pub(super) fn keep_note(
    state: &StateDir,
    data_key: &DataKey,
    name: &str,
    text: &[u8],
) -> Result<(), StateDirError> {
    let name = note_name(name);
    state.write(&name, &sealed(data_key, &name, b"", text))
}

/// Removes records that had expired when `latest` was minted, and what a killed awsx left half
/// written. Never fails: the next sweep does what this one could not.
pub(super) fn sweep(state: &StateDir, latest: &StoredSession) {
    let now = latest.minted_at;
    let is_expired = |key: &SessionKey| matches!(header(state, key), Ok(Found::Value(header)) if header.expires_at <= now);
    for key in session_keys(state).unwrap_or_default().iter().take(SWEEP) {
        if !is_expired(key) {
            continue;
        }
        // Whoever renews this session holds its lock: then it is left alone.
        let Some(lock) = state.try_lock(&key.to_hex()) else { continue };
        if is_expired(key) && remove_session(state, key).is_ok() {
            lock.remove();
        }
    }
    for name in state.names(SESSIONS).unwrap_or_default() {
        let path = state.path().join(SESSIONS).join(&name);
        let is_left_over = || {
            let age = chrono::DateTime::<chrono::Utc>::from(path.metadata().ok()?.modified().ok()?);
            Some(now - age > chrono::Duration::from_std(LEFT_OVER).ok()?)
        };
        if name.as_encoded_bytes().starts_with(b".tmp") && is_left_over() == Some(true) {
            let _ = std::fs::remove_file(&path);
        }
    }
}

/// After this long nobody is still writing a temporary file.
const LEFT_OVER: Duration = Duration::from_secs(3600);
