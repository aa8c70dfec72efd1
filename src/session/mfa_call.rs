//! A call that needs an MFA code: where the code comes from, how often it is asked for, and that no
//! code is sent twice.
//!
//! AWS takes each code once. What was sent is noted in the vault before it is sent, so that no awsx
//! sends it again while it could still look valid; the device's lock is held meanwhile.

use std::time::Duration;

use super::used_codes::{STEP_SECONDS, UsedCodes};
use crate::credentials::{MfaCode, SessionCredentials};
use crate::ports::{CallError, Clock, MfaQuestion, Person, PromptError, Sources};
use crate::resolve::Mfa;
use crate::vault::{Lock, Vault, VaultError};

/// How often a person is asked before awsx gives up.
const ATTEMPTS: u32 = 3;

/// Why no code led to a session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CodeError {
    #[error(transparent)]
    Call(CallError),
    #[error("{} needs the MFA code of {serial}", subject(.profile.as_deref()))]
    Process { serial: String, profile: Option<String>, source: Box<CallError> },
    #[error("{} needs the MFA code of {serial}", subject(.profile.as_deref()))]
    Prompt { serial: String, profile: Option<String>, source: PromptError },
    /// The code of `--mfa-code` was sent before.
    #[error("the MFA code of {serial} was already used; AWS takes each code once")]
    AlreadyUsed { serial: String, next_in: i64 },
    /// AWS refused the code, as often as it was asked for.
    #[error("AWS did not accept the MFA code of {serial} ({attempts} tried): {message}")]
    Refused { serial: String, attempts: u32, message: String },
    #[error(transparent)]
    Vault(#[from] VaultError),
}

fn subject(profile: Option<&str>) -> String {
    profile.map_or_else(|| "this chain".to_owned(), |profile| format!("profile \"{profile}\""))
}

/// A call to AWS with the code that it is given.
type Call<'a> = &'a dyn Fn(MfaCode) -> Result<SessionCredentials, CallError>;

pub(super) struct MfaCall<'a> {
    pub(super) vault: &'a Vault,
    pub(super) sources: &'a dyn Sources,
    pub(super) person: &'a dyn Person,
    pub(super) clock: &'a dyn Clock,
    pub(super) mfa: &'a Mfa,
    pub(super) profile: Option<&'a str>,
}

impl MfaCall<'_> {
    /// Sends the call with the code of the flag, which is taken; else with that of `mfa_process`, or
    /// the person's, again where AWS does not accept it.
    pub(super) fn send(
        &self,
        from_flag: &mut Option<MfaCode>,
        call: Call<'_>,
    ) -> Result<SessionCredentials, CodeError> {
        let waiting = "waiting for another awsx that is using the same MFA device";
        let _device = self.vault.hold(Lock::MfaDevice(&self.mfa.serial), waiting)?;
        // Before anybody looks for a code: what was sent must be noted, and a code does not keep.
        self.vault.unlock()?;
        match from_flag.take() {
            Some(code) if self.read_used_codes()?.contains(&code) => Err(self.already_used()),
            Some(code) => self.send_code(code, call).map_err(|error| self.final_error(error, 1)),
            None => self.ask_and_send(call),
        }
    }

    fn ask_and_send(&self, call: Call<'_>) -> Result<SessionCredentials, CodeError> {
        let mut problem = None;
        let (mut sent, mut used) = (0, 0);
        loop {
            let code = self.ask(problem)?;
            if self.read_used_codes()?.contains(&code) {
                used += 1;
                if used == ATTEMPTS {
                    return Err(self.already_used());
                }
                self.wait_for_next_code();
                problem = Some("that code was already used");
                continue;
            }
            sent += 1;
            let error = match self.send_code(code, call) {
                Ok(session) => return Ok(session),
                Err(error) => error,
            };
            match wants_another_code(&error) {
                Some(why) if sent < ATTEMPTS => problem = Some(why),
                _ => return Err(self.final_error(error, sent)),
            }
            if self.mfa.process.is_some() {
                self.wait_for_next_code();
            }
        }
    }

    /// A code of `mfa_process`, or the person's.
    fn ask(&self, problem: Option<&str>) -> Result<MfaCode, CodeError> {
        let (serial, profile) = (self.mfa.serial.clone(), self.profile.map(str::to_owned));
        if let Some(command) = &self.mfa.process {
            return self.sources.mfa_code(command).map_err(|source| {
                let source = Box::new(source);
                CodeError::Process { serial, profile, source }
            });
        }
        let question = MfaQuestion { serial: &self.mfa.serial, profile: self.profile, problem };
        self.person
            .ask(|terminal| terminal.mfa_code(&question))
            .map_err(|source| CodeError::Prompt { serial, profile, source })
    }

    /// Notes the code as used, and sends it.
    fn send_code(&self, code: MfaCode, call: Call<'_>) -> Result<SessionCredentials, CodeError> {
        let key = UsedCodes::key(&self.mfa.serial);
        let mut used = self.read_used_codes()?;
        used.add(&code, self.clock.now());
        self.vault.put(&key, &used)?;
        let answer = call(code);
        if let Err(CallError::Unreachable { .. } | CallError::ClockSkew { .. }) = &answer {
            // AWS did not look at the code: it may be given again.
            used.remove_last();
            self.vault.put(&key, &used)?;
        }
        answer.map_err(CodeError::Call)
    }

    /// The codes that were sent and may still look valid.
    fn read_used_codes(&self) -> Result<UsedCodes, CodeError> {
        let used = self.vault.get::<UsedCodes>(&UsedCodes::key(&self.mfa.serial))?;
        Ok(used.unwrap_or_default().still_valid(self.clock.now()))
    }

    fn wait_for_next_code(&self) {
        let seconds = self.seconds_to_next_code();
        self.person.tell(&format!(
            "AWS takes each MFA code once; waiting {seconds} s for the device's next code"
        ));
        self.clock.sleep(Duration::from_secs(seconds.unsigned_abs()));
    }

    fn seconds_to_next_code(&self) -> i64 {
        let now = self.clock.now().timestamp();
        let next = (now / STEP_SECONDS + 1) * STEP_SECONDS;
        // One second more, so that the device has turned the page.
        next - now + 1
    }

    fn already_used(&self) -> CodeError {
        let next_in = self.seconds_to_next_code();
        CodeError::AlreadyUsed { serial: self.mfa.serial.clone(), next_in }
    }

    /// What to say after the last attempt.
    fn final_error(&self, error: CodeError, attempts: u32) -> CodeError {
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
