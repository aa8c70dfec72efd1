//! A call that needs an MFA code: where the code comes from, how often it is asked for, and that no
//! code is sent twice.
//!
//! AWS takes each code once. What was sent is noted in the vault before it is sent, so that no awsx
//! sends it again while it could still look valid; the device's lock is held meanwhile.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::lock;
use crate::credentials::{MfaCode, SessionCredentials};
use crate::ports::{CallError, Clock, MfaQuestion, Person, PromptError, Sources};
use crate::resolve::Mfa;
use crate::vault::{Vault, VaultError};

/// How often a person is asked before awsx gives up.
const ATTEMPTS: u32 = 3;
/// A code's time step, RFC 6238.
const STEP_SECONDS: i64 = 30;
/// How long a code may be taken for valid: its own step and one on each side.
const VALID_SECONDS: i64 = 3 * STEP_SECONDS;

/// Why no code led to a session.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// The call failed for another reason than the code.
    #[error(transparent)]
    Call(CallError),
    /// `mfa_process` gave no code.
    #[error("{} needs the MFA code of {serial}: {source}", subject(.profile.as_deref()))]
    Process {
        /// The device
        serial: String,
        /// The profile that needs it
        profile: Option<String>,
        /// What the command did instead
        source: Box<CallError>,
    },
    /// No code could be asked for.
    #[error("{} needs the MFA code of {serial}: {source}", subject(.profile.as_deref()))]
    Prompt {
        /// The device
        serial: String,
        /// The profile that needs it
        profile: Option<String>,
        /// Why nobody answered
        source: PromptError,
    },
    /// The code of `--mfa-code` was sent before.
    #[error("the MFA code of {serial} was already used; AWS takes each code once")]
    AlreadyUsed {
        /// The device
        serial: String,
        /// Seconds until the device shows the next
        next_in: i64,
    },
    /// AWS refused the code, as often as it was asked for.
    #[error("AWS did not accept the MFA code of {serial} ({attempts} tried): {message}")]
    Refused {
        /// The device
        serial: String,
        /// How many codes were sent
        attempts: u32,
        /// AWS's words
        message: String,
    },
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

fn subject(profile: Option<&str>) -> String {
    profile.map_or_else(|| "this chain".to_owned(), |profile| format!("profile \"{profile}\""))
}

/// One call with a code.
pub(super) struct StepUp<'a> {
    pub(super) vault: &'a Vault,
    pub(super) sources: &'a dyn Sources,
    pub(super) person: &'a dyn Person,
    pub(super) clock: &'a dyn Clock,
    pub(super) mfa: &'a Mfa,
    pub(super) profile: Option<&'a str>,
}

impl StepUp<'_> {
    /// Sends the call with a code: the given one, that of `mfa_process`, or the person's.
    pub(super) fn call(
        &self,
        given: Option<MfaCode>,
        send: &dyn Fn(Option<MfaCode>) -> Result<SessionCredentials, CallError>,
    ) -> Result<SessionCredentials, CodeError> {
        let name = format!("mfa {}", self.mfa.serial);
        let _device = lock::or_go_on(self.vault, self.person, |state| {
            let waiting = "waiting for another awsx that is using the same MFA device";
            lock::mfa_device(state, &self.mfa.serial, || self.person.tell(waiting))
        })?;
        // Before anybody looks for a code: what was sent must be noted, and a code does not keep.
        self.vault.unlock()?;
        if let Some(code) = given {
            if self.is_spent(&name, &code)? {
                return Err(self.already_used());
            }
            return self.send(&name, code, send).map_err(|error| self.given_up(error, 1));
        }
        let mut problem = None;
        let (mut sent, mut spent) = (0, 0);
        loop {
            let code = self.code(problem)?;
            if self.is_spent(&name, &code)? {
                spent += 1;
                if spent == ATTEMPTS {
                    return Err(self.already_used());
                }
                self.wait_for_next_step();
                problem = Some("that code was already used");
                continue;
            }
            sent += 1;
            let error = match self.send(&name, code, send) {
                Ok(session) => return Ok(session),
                Err(error) => error,
            };
            match wants_another_code(&error) {
                Some(why) if sent < ATTEMPTS => problem = Some(why),
                _ => return Err(self.given_up(error, sent)),
            }
            if self.mfa.process.is_some() {
                self.wait_for_next_step();
            }
        }
    }

    fn already_used(&self) -> CodeError {
        CodeError::AlreadyUsed { serial: self.mfa.serial.clone(), next_in: self.until_next_step() }
    }

    fn code(&self, problem: Option<&str>) -> Result<MfaCode, CodeError> {
        if let Some(command) = &self.mfa.process {
            return self.sources.mfa_code(command).map_err(|source| CodeError::Process {
                serial: self.mfa.serial.clone(),
                profile: self.profile.map(str::to_owned),
                source: Box::new(source),
            });
        }
        let question = MfaQuestion { serial: &self.mfa.serial, profile: self.profile, problem };
        self.person.ask(|terminal| terminal.mfa_code(&question)).map_err(|source| {
            CodeError::Prompt {
                serial: self.mfa.serial.clone(),
                profile: self.profile.map(str::to_owned),
                source,
            }
        })
    }

    fn send(
        &self,
        name: &str,
        code: MfaCode,
        send: &dyn Fn(Option<MfaCode>) -> Result<SessionCredentials, CallError>,
    ) -> Result<SessionCredentials, CodeError> {
        let mut spent = self.spent(name)?;
        spent.push(Spent { at: self.clock.now().timestamp(), code: digest(&code) });
        self.note(name, &spent)?;
        let sent = send(Some(code));
        if let Err(CallError::Unreachable { .. } | CallError::ClockSkew { .. }) = &sent {
            // AWS did not look at the code: it may be given again.
            spent.pop();
            self.note(name, &spent)?;
        }
        sent.map_err(CodeError::Call)
    }

    /// Whether the code was sent before and may still look valid.
    fn is_spent(&self, name: &str, code: &MfaCode) -> Result<bool, CodeError> {
        let digest = digest(code);
        Ok(self.spent(name)?.iter().any(|spent| spent.code == digest))
    }

    /// The codes that were sent and may still look valid.
    fn spent(&self, name: &str) -> Result<Vec<Spent>, CodeError> {
        let note = self.vault.note(name)?.unwrap_or_default();
        let (entries, _) = note.as_chunks::<ENTRY>();
        let now = self.clock.now().timestamp();
        let mut spent: Vec<Spent> = entries.iter().map(Spent::read).collect();
        spent.retain(|spent| (0..VALID_SECONDS).contains(&(now - spent.at)));
        Ok(spent)
    }

    fn note(&self, name: &str, spent: &[Spent]) -> Result<(), CodeError> {
        Ok(self.vault.set_note(name, &spent.iter().flat_map(Spent::bytes).collect::<Vec<u8>>())?)
    }

    fn wait_for_next_step(&self) {
        let seconds = self.until_next_step();
        self.person.tell(&format!(
            "AWS takes each MFA code once; waiting {seconds} s for the device's next code"
        ));
        self.clock.sleep(Duration::from_secs(seconds.unsigned_abs()));
    }

    fn until_next_step(&self) -> i64 {
        let now: DateTime<Utc> = self.clock.now();
        let next = (now.timestamp() / STEP_SECONDS + 1) * STEP_SECONDS;
        // One second more, so that the device has turned the page.
        TimeDelta::seconds(next - now.timestamp() + 1).num_seconds()
    }

    fn given_up(&self, error: CodeError, attempts: u32) -> CodeError {
        match error {
            CodeError::Call(CallError::MfaCodeRefused { message, .. }) => {
                CodeError::Refused { serial: self.mfa.serial.clone(), attempts, message }
            }
            other => other,
        }
    }
}

/// Why the same call may succeed with another code, for the person who is asked for it.
fn wants_another_code(error: &CodeError) -> Option<&'static str> {
    match error {
        CodeError::Call(CallError::MfaCodeRefused { .. }) => Some("AWS did not accept that code"),
        CodeError::Call(CallError::MfaCodeUnanswered { .. }) => {
            Some("no answer came, and that code may be used up")
        }
        _ => None,
    }
}

/// A code that was sent.
struct Spent {
    /// When, Unix seconds
    at: i64,
    /// SHA-256
    code: [u8; 32],
}

/// The length of a [`Spent`] in the vault: both fields, big-endian.
const ENTRY: usize = 8 + 32;

impl Spent {
    fn read(entry: &[u8; ENTRY]) -> Self {
        let (at, code) = entry.split_at(8);
        let at = at.try_into().expect("eight bytes");
        Self { at: i64::from_be_bytes(at), code: code.try_into().expect("the other 32") }
    }

    fn bytes(&self) -> impl Iterator<Item = u8> {
        self.at.to_be_bytes().into_iter().chain(self.code)
    }
}

fn digest(code: &MfaCode) -> [u8; 32] {
    Sha256::digest(code.expose().as_bytes()).into()
}
