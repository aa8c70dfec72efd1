//! The key in the state directory's `vault.json`, wrapped with a passphrase: argon2id, 64 MiB,
//! 3 passes. An unlocking leaves a copy in the kernel's keyring for eight hours, where there is
//! one; without, every run needs the passphrase.

use std::path::Path;
use std::time::{Duration, SystemTime};

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::kernel;
use super::kind::UnlockerKind;
use super::place::{Look, Place, Unlocker};
use crate::credentials::Secret;
use crate::env::Env;
use crate::state::{StateDir, StateDirError, files};
use crate::text::{hex, unhex};
use crate::vault::VaultError;
use crate::vault::seal::{DataKey, NONCE, TAG, fill_random};

const FILE: &str = "vault.json";
/// How long the kernel keeps the opened key.
const OPEN_FOR: Duration = Duration::from_secs(8 * 3600);
const TRIES: usize = 3;

/// Where a passphrase comes from: itself, the first line of a file, the first line that a command
/// prints; else a person.
const VARIABLE: &str = "AWSX_PASSPHRASE";
const FILE_VARIABLE: &str = "AWSX_PASSPHRASE_FILE";
const COMMAND_VARIABLE: &str = "AWSX_PASSPHRASE_COMMAND";
pub(crate) const PROMPT: &str = "the prompt";
/// The file whose first line is the passphrase to change to.
pub(crate) const NEW_FILE_VARIABLE: &str = "AWSX_NEW_PASSPHRASE_FILE";

const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
/// What a file may ask for, so that an altered one takes neither the machine's memory nor its time.
const MAX_MEMORY_KIB: u32 = 2 * MEMORY_KIB;
const MAX_PASSES: u32 = 2 * PASSES;

/// More than `vault.json` has, in bytes.
const ROOM: usize = 4096;

/// The longest passphrase, in bytes.
const LONGEST: usize = 4096;
/// Bytes of a file whose first line it is, at most
const LARGEST: u64 = 64 * 1024;

/// `vault.json`, version 1. All of it is authenticated by the wrapped key.
#[derive(Serialize, Deserialize)]
pub(crate) struct Wrapped {
    version: u32,
    kdf: String,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    /// 16 bytes, hexadecimal
    salt: String,
    /// 24 bytes, hexadecimal
    nonce: String,
    /// The sealed key and its tag, 48 bytes, hexadecimal
    key: String,
}

pub(super) struct Passphrase<'a>(pub(super) Unlocker<'a>);

impl Place for Passphrase<'_> {
    fn look(&self) -> Result<Look, VaultError> {
        Ok(match key_in_kernel(self.0.state) {
            Some(key) => Look::Key(key),
            None if is_set_up(self.0.state)? => Look::Locked,
            None => Look::Nothing,
        })
    }

    fn unlock(&self) -> Result<Option<DataKey>, VaultError> {
        let Some(wrapped) = Wrapped::read(self.0.state)? else { return Ok(None) };
        let key = match passphrase_of_env(self.0)? {
            Some((passphrase, origin)) => wrapped
                .unwrap_key(self.0.state, &passphrase)?
                .ok_or(VaultError::WrongPassphrase { origin })?,
            None => self.ask_for_key(&wrapped)?,
        };
        self.keep_open(&key);
        Ok(Some(key))
    }

    fn make_key(&self) -> Result<DataKey, VaultError> {
        let state = self.0.state;
        // Before anybody chooses a passphrase for nothing.
        state.room_for("", ROOM)?;
        let (passphrase, origin) = match passphrase_of_env(self.0)? {
            Some(found) => found,
            None => (self.ask_for_new_passphrase()?, PROMPT),
        };
        if passphrase.expose().is_empty() {
            return Err(VaultError::EmptyPassphrase { origin });
        }
        let key = DataKey::generate();
        let text = Wrapped::wrap(&key, state, &passphrase)?.to_json();
        let key = match state.create(FILE, &text)? {
            true => key,
            false => self.key_made_meanwhile(&passphrase, origin)?,
        };
        self.keep_open(&key);
        Ok(key)
    }

    fn keep_key(&self, key: &DataKey) -> Result<(), VaultError> {
        let state = self.0.state;
        state.room_for("", ROOM)?;
        let (passphrase, origin) = self.new_passphrase(true)?;
        self.put(key, &passphrase, origin, |text| state.create(FILE, text))?;
        self.keep_open(key);
        Ok(())
    }

    fn remove_key(&self) -> Result<(), VaultError> {
        forget_passphrase(self.0.state)?;
        // Where the kernel keeps no keys, there is no copy either.
        forget_key(self.0.state).map(drop)
    }

    /// Who knows the passphrase is not asked for it.
    fn asks_at_terminal(&self) -> bool {
        !env_has_passphrase(self.0.env)
    }

    fn keep_open(&self, key: &DataKey) -> Option<Duration> {
        Some(match kernel::keep(&copy_name(self.0.state), key, Some(OPEN_FOR)) {
            Ok(()) => OPEN_FOR,
            Err(kernel::NoKernelKeyring(reason)) => {
                tracing::info!("the next command will need the passphrase again: {reason}");
                Duration::ZERO
            }
        })
    }
}

impl Passphrase<'_> {
    /// Has another passphrase open the same key.
    pub(super) fn change(&self, key: &DataKey) -> Result<(), VaultError> {
        let state = self.0.state;
        state.room_for("", ROOM)?;
        let (passphrase, origin) = self.new_passphrase(false)?;
        self.put(key, &passphrase, origin, |text| state.write(FILE, text).map(|()| true))
    }

    /// Wraps a key, writes that, and reads it back.
    fn put(
        &self,
        key: &DataKey,
        passphrase: &Secret,
        origin: &'static str,
        write: impl FnOnce(&[u8]) -> Result<bool, StateDirError>,
    ) -> Result<(), VaultError> {
        let state = self.0.state;
        if passphrase.expose().is_empty() {
            return Err(VaultError::EmptyPassphrase { origin });
        }
        let is_written = write(&Wrapped::wrap(key, state, passphrase)?.to_json())?;
        let kept = Wrapped::read(state)?;
        let opened = kept.map(|kept| kept.unwrap_key(state, passphrase)).transpose()?.flatten();
        match opened {
            Some(opened) if is_written && opened.id() == key.id() => Ok(()),
            _ => Err(problem(state, "was written by another awsx meanwhile".into())),
        }
    }

    /// A passphrase to choose: that of the file that says so, or `or_known` the one that the environment
    /// gives, or a person's.
    fn new_passphrase(&self, or_known: bool) -> Result<(Secret, &'static str), VaultError> {
        if let Some(path) = self.0.env.file(NEW_FILE_VARIABLE) {
            return Ok((passphrase_of_file(self.0, &path, NEW_FILE_VARIABLE)?, NEW_FILE_VARIABLE));
        }
        match passphrase_of_env(self.0)?.filter(|_| or_known) {
            Some(found) => Ok(found),
            None => Ok((self.ask_for_new_passphrase()?, PROMPT)),
        }
    }

    /// The key of the vault that another awsx made while this one had no lock, or a person chose a
    /// passphrase.
    fn key_made_meanwhile(
        &self,
        passphrase: &Secret,
        origin: &'static str,
    ) -> Result<DataKey, VaultError> {
        let state = self.0.state;
        let wrapped = Wrapped::read(state)?
            .ok_or_else(|| problem(state, "was removed as soon as it was made".into()))?;
        match wrapped.unwrap_key(state, passphrase)? {
            Some(key) => Ok(key),
            None if origin == PROMPT => {
                self.0
                    .person
                    .tell("another awsx made the vault meanwhile, with another passphrase");
                self.ask_for_key(&wrapped)
            }
            None => Err(VaultError::WrongPassphrase { origin }),
        }
    }

    fn ask_for_key(&self, wrapped: &Wrapped) -> Result<DataKey, VaultError> {
        let mut question = "Passphrase of awsx's vault";
        for _ in 0..TRIES {
            let passphrase = self.ask(question)?;
            if let Some(key) = wrapped.unwrap_key(self.0.state, &passphrase)? {
                return Ok(key);
            }
            question = "Wrong. Passphrase of awsx's vault";
        }
        Err(VaultError::WrongPassphrase { origin: PROMPT })
    }

    /// Asks twice, so that a mistyped passphrase locks nobody out.
    fn ask_for_new_passphrase(&self) -> Result<Secret, VaultError> {
        let mut question = "New passphrase for awsx's vault";
        let mut problem = VaultError::PassphrasesDiffer;
        // To whoever cannot be asked, it would explain what does not happen.
        self.0.person.terminal().map_err(|nobody| VaultError::PassphraseNeeded(nobody.into()))?;
        if !is_set_up(self.0.state)? {
            self.explain();
        }
        for _ in 0..TRIES {
            let first = self.ask(question)?;
            if first.expose().is_empty() {
                question = "It cannot be empty. New passphrase for awsx's vault";
                problem = VaultError::EmptyPassphrase { origin: PROMPT };
            } else if first.expose() == self.ask("The same again")?.expose() {
                return Ok(first);
            } else {
                question = "The two differ. New passphrase for awsx's vault";
                problem = VaultError::PassphrasesDiffer;
            }
        }
        Err(problem)
    }

    /// Nobody expects to choose a passphrase.
    fn explain(&self) {
        let Unlocker { env, person, state, .. } = self.0;
        let is_last_choice = matches!(UnlockerKind::from_env(env), Ok(UnlockerKind::Auto));
        let has_keyring = kernel::read(&copy_name(state)).is_ok();
        let why = if is_last_choice { "there is no keychain here, so " } else { "" };
        let how_often = match has_keyring {
            true => format!("asked for once in {} hours", OPEN_FOR.as_secs() / 3600),
            false => "asked for by each command".to_owned(),
        };
        person.tell(&format!(
            "sessions and logins are kept sealed: {why}choose a passphrase ({how_often})"
        ));
        if is_last_choice && has_keyring {
            person.tell(
                "or Ctrl-C, and AWSX_VAULT=kernel: it needs none, and keeps them until reboot",
            );
        }
    }

    fn ask(&self, question: &str) -> Result<Secret, VaultError> {
        let answer = self.0.person.ask(|terminal| terminal.passphrase(question));
        answer.map_err(VaultError::PassphraseNeeded)
    }
}

pub(in crate::vault) fn is_set_up(state: &StateDir) -> Result<bool, StateDirError> {
    Ok(state.read(FILE, 1)?.is_some())
}

/// The copy in the kernel's keyring; `None` too where the kernel keeps no keys.
fn key_in_kernel(state: &StateDir) -> Option<DataKey> {
    kernel::read(&copy_name(state)).unwrap_or_else(|kernel::NoKernelKeyring(reason)| {
        tracing::info!(target: crate::text::DETAIL, reason, "an opened key cannot be cached");
        None
    })
}

/// Forgets the passphrase, and with it the key.
pub(super) fn forget_passphrase(state: &StateDir) -> Result<bool, VaultError> {
    Ok(state.remove(FILE)?)
}

/// Forgets the copy in the kernel's keyring; whether there was one.
pub(super) fn forget_key(state: &StateDir) -> Result<bool, VaultError> {
    Ok(kernel::remove(&copy_name(state))?)
}

fn copy_name(state: &StateDir) -> String {
    kernel::name("opened", state)
}

pub(super) fn env_has_passphrase(env: &Env) -> bool {
    variable_of_passphrase(env).is_some()
}

/// The variable that the passphrase comes from.
pub(in crate::vault) fn variable_of_passphrase(env: &Env) -> Option<&'static str> {
    [VARIABLE, FILE_VARIABLE, COMMAND_VARIABLE].into_iter().find(|name| env.get(name).is_some())
}

/// When the passphrase was chosen.
pub(super) fn time_of_choice(state: &StateDir) -> Option<SystemTime> {
    state.file(FILE).metadata().ok()?.modified().ok()
}

/// The passphrase that the environment gives, and where it comes from.
fn passphrase_of_env(unlocker: Unlocker<'_>) -> Result<Option<(Secret, &'static str)>, VaultError> {
    let env = unlocker.env;
    let no = |origin| move |problem: String| VaultError::NoPassphrase { origin, problem };
    if let Some(passphrase) = env.get(VARIABLE) {
        return Ok(Some((Secret::new(passphrase), VARIABLE)));
    }
    if let Some(path) = env.file(FILE_VARIABLE) {
        let passphrase = passphrase_of_file(unlocker, &path, FILE_VARIABLE)?;
        return Ok(Some((passphrase, FILE_VARIABLE)));
    }
    if let Some(command) = env.get(COMMAND_VARIABLE) {
        let no = no(COMMAND_VARIABLE);
        let output = (unlocker.run_in_shell)(command).map_err(no)?;
        return Ok(Some((first_line(&output).map_err(no)?, COMMAND_VARIABLE)));
    }
    Ok(None)
}

/// The first line of a file that a variable names.
fn passphrase_of_file(
    unlocker: Unlocker<'_>,
    path: &Path,
    origin: &'static str,
) -> Result<Secret, VaultError> {
    let no = |problem: String| VaultError::NoPassphrase { origin, problem };
    let text = files::read(path, LARGEST).map_err(|error| no(error.to_string()))?;
    let text = Zeroizing::new(text);
    if is_readable_by_others(path) {
        unlocker.person.tell(&format!(
            "{} can be read by other users (chmod 600 would end that)",
            path.display()
        ));
    }
    first_line(&text).map_err(no)
}

fn first_line(text: &[u8]) -> Result<Secret, String> {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match std::str::from_utf8(line) {
        _ if line.len() > LONGEST => Err(format!("the line is longer than {LONGEST} bytes")),
        Ok(line) if !line.contains('\0') => Ok(Secret::new(line)),
        _ => Err("the line is not text".to_owned()),
    }
}

#[cfg(unix)]
fn is_readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    path.metadata().is_ok_and(|found| found.mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_readable_by_others(_: &Path) -> bool {
    false
}

impl Wrapped {
    fn read(state: &StateDir) -> Result<Option<Self>, VaultError> {
        let Some(text) = state.read(FILE, 4096)? else { return Ok(None) };
        Self::parse(&text).map(Some).map_err(|flaw| problem(state, flaw))
    }

    /// Reads the file's text; an error says what it is instead.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, String> {
        let wrapped: Self =
            serde_json::from_slice(text).map_err(|error| format!("is not a vault: {error}"))?;
        if wrapped.version != 1 {
            let version = wrapped.version;
            return Err(format!("was written by another awsx (version {version})"));
        }
        let is_known = wrapped.kdf == "argon2id"
            && wrapped.memory_kib <= MAX_MEMORY_KIB
            && wrapped.passes <= MAX_PASSES;
        match is_known {
            true => Ok(wrapped),
            false => Err("asks for a key derivation that awsx does not do".into()),
        }
    }

    fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("numbers and strings become JSON")
    }

    fn wrap(key: &DataKey, state: &StateDir, passphrase: &Secret) -> Result<Self, VaultError> {
        let mut salt = [0; 16];
        fill_random(&mut salt);
        let mut wrapped = Self {
            version: 1,
            kdf: "argon2id".into(),
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: 1,
            salt: hex(&salt),
            nonce: String::new(),
            key: String::new(),
        };
        let mut bytes = Zeroizing::new(*key.expose());
        let wrapper = wrapped.wrapping_key(state, passphrase)?;
        let (nonce, tag) = wrapper.seal(&wrapped.aad(), &mut *bytes);
        wrapped.nonce = hex(&nonce);
        wrapped.key = hex(&[&bytes[..], &tag].concat());
        Ok(wrapped)
    }

    /// The key, if this is the passphrase.
    fn unwrap_key(
        &self,
        state: &StateDir,
        passphrase: &Secret,
    ) -> Result<Option<DataKey>, VaultError> {
        let parts = || {
            let nonce: [u8; NONCE] = unhex(&self.nonce)?.try_into().ok()?;
            let sealed: [u8; 32 + TAG] = unhex(&self.key)?.try_into().ok()?;
            let (bytes, tag) = sealed.split_last_chunk::<TAG>()?;
            Some((nonce, Zeroizing::new(bytes.to_vec()), *tag))
        };
        let (nonce, mut bytes, tag) =
            parts().ok_or_else(|| problem(state, "is malformed".into()))?;
        let wrapper = self.wrapping_key(state, passphrase)?;
        let is_right = wrapper.open(&nonce, &self.aad(), &mut bytes, &tag);
        Ok(DataKey::from_slice(&bytes).filter(|_| is_right))
    }

    fn wrapping_key(&self, state: &StateDir, passphrase: &Secret) -> Result<DataKey, VaultError> {
        let derive = || {
            let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).ok()?;
            let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            let mut key = Zeroizing::new([0; 32]);
            let salt = unhex(&self.salt)?;
            argon.hash_password_into(passphrase.expose().as_bytes(), &salt, &mut *key).ok()?;
            DataKey::from_slice(&*key)
        };
        derive().ok_or_else(|| problem(state, "has impossible parameters".into()))
    }

    /// All of the file that is in the clear, authenticated with the key.
    fn aad(&self) -> Vec<u8> {
        let Self { version, kdf, memory_kib, passes, lanes, salt, .. } = self;
        format!("awsx vault {version} {kdf} {memory_kib} {passes} {lanes} {salt}").into_bytes()
    }
}

fn problem(state: &StateDir, problem: String) -> VaultError {
    VaultError::VaultFile { path: state.path().join(FILE), problem }
}
