//! A call that needs an MFA code: where the code comes from, how often it is asked for, and that no
//! code is sent twice.
//!
//! AWS takes each code once. What was sent is noted in the vault before it is sent, so that no awsx
//! sends it again while it could still look valid; the device's lock is held meanwhile.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::used_codes::{STEP_SECONDS, UsedCodes};
use crate::credentials::{MfaCode, SessionCredentials};
use crate::ports::{CallError, Clock, MfaQuestion, Person, PromptError, Sources};
use crate::resolve::Mfa;
use crate::vault::{Lock, Vault, VaultError};

/// How often a person is asked before awsx gives up.
const ATTEMPTS: u32 = 3;

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
        let waiting = "waiting for another awsx that is using the same MFA device";
        let _device = self.vault.hold(Lock::MfaDevice(&self.mfa.serial), waiting)?;
        // Before anybody looks for a code: what was sent must be noted, and a code does not keep.
        self.vault.unlock()?;
        if let Some(code) = given {
            if self.used_codes()?.contains(&code) {
                return Err(self.already_used());
            }
            return self.send(code, send).map_err(|error| self.given_up(error, 1));
        }
        let mut problem = None;
        let (mut sent, mut spent) = (0, 0);
        loop {
            let code = self.code(problem)?;
            if self.used_codes()?.contains(&code) {
                spent += 1;
                if spent == ATTEMPTS {
                    return Err(self.already_used());
                }
                self.wait_for_next_step();
                problem = Some("that code was already used");
                continue;
            }
            sent += 1;
            let error = match self.send(code, send) {
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
        code: MfaCode,
        send: &dyn Fn(Option<MfaCode>) -> Result<SessionCredentials, CallError>,
    ) -> Result<SessionCredentials, CodeError> {
        let mut used = self.used_codes()?;
        used.add(&code, self.clock.now());
        let key = UsedCodes::key(&self.mfa.serial);
        self.vault.put(&key, &used)?;
        let sent = send(Some(code));
        if let Err(CallError::Unreachable { .. } | CallError::ClockSkew { .. }) = &sent {
            // AWS did not look at the code: it may be given again.
            used.remove_last();
            self.vault.put(&key, &used)?;
        }
        sent.map_err(CodeError::Call)
    }

    /// The codes that were sent and may still look valid.
    fn used_codes(&self) -> Result<UsedCodes, CodeError> {
        let used = self.vault.get::<UsedCodes>(&UsedCodes::key(&self.mfa.serial))?;
        Ok(used.unwrap_or_default().still_valid(self.clock.now()))
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
