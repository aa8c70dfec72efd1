//! Where MFA codes come from, and how often they are asked for.
//!
//! No lock that others need is held while a person looks for a code: the walk through the plan gives its
//! locks back, and begins anew with the code. Of several processes that would ask for a code of the same
//! device, one has the turn; the others find its session afterwards.

use std::borrow::Cow;
use std::time::Duration;

use crate::credentials::MfaCode;
use crate::mfa::{ASKS, DeviceHeader, STEP_SECONDS, StoredCodes, StoredDevice};
use crate::ports::{CallError, Clock, MfaQuestion, Person, PromptError, Sources};
use crate::resolve::Mfa;
use crate::state::Turn;
use crate::vault::{Question, Vault, VaultError};

/// How often a person is asked before awsx gives up.
const ATTEMPTS: u32 = 3;

/// Why a code is needed.
#[derive(Debug)]
pub(super) enum CodeNeeded {
    NoneAtHand,
    /// The code at hand was sent before
    AlreadyUsed,
    /// The call with the code at hand failed
    Failed(CallError),
}

/// Why no code led to a session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CodeError {
    #[error(transparent)]
    Call(CallError),
    /// `mfa_process` gave no code.
    #[error("{} needs the MFA code of {serial}", subject(.profile.as_deref()))]
    Process { serial: String, profile: Option<String>, source: Box<CallError> },
    #[error("{} needs the MFA code of {serial}", subject(.profile.as_deref()))]
    Prompt { serial: String, profile: Option<String>, source: PromptError },
    /// The code of `--mfa-code` was sent before.
    #[error("the MFA code of {serial} was sent before; AWS takes each code once")]
    AlreadyUsed { serial: String, next_in: i64 },
    /// AWS refused the code, as often as it was asked for.
    #[error("AWS did not accept the MFA code of {serial} ({attempts} tried): {message}")]
    Refused { serial: String, attempts: u32, message: String, is_stored: bool },
    #[error(transparent)]
    Vault(#[from] VaultError),
}

fn subject(profile: Option<&str>) -> String {
    profile.map_or_else(|| "this chain".to_owned(), |profile| format!("profile \"{profile}\""))
}

/// The codes of one command.
pub(super) struct Codes<'a> {
    pub(super) vault: &'a Vault,
    pub(super) sources: &'a dyn Sources,
    pub(super) person: &'a dyn Person,
    pub(super) clock: &'a dyn Clock,
    /// That of `--mfa-code`, then those that are asked for; taken when it is sent
    pub(super) at_hand: &'a mut Option<MfaCode>,
    /// From the first question on
    pub(super) asking: Option<Asking>,
}

/// A device's codes are asked for by this process.
pub(super) struct Asking {
    _turn: Option<Turn>,
    /// The device, where the vault keeps it and no `mfa_process` comes before
    device: Option<StoredDevice>,
    /// Codes that were asked for and sent
    sent: u32,
    /// Codes that were asked for and had been sent before
    used: u32,
}

impl Codes<'_> {
    /// Gets a code; none yet where this process waited for its turn to ask: another one may have made
    /// the session meanwhile, which `is_answered` tells while it waits.
    ///
    /// # Errors
    /// [`CodeError`]: no code is to be had, or another one would not help.
    pub(super) fn get(
        &mut self,
        mfa: &Mfa,
        profile: Option<&str>,
        need: CodeNeeded,
        is_answered: impl FnMut() -> bool,
    ) -> Result<(), CodeError> {
        let Some(asking) = &mut self.asking else {
            return self.begin(mfa, profile, need, is_answered);
        };
        let problem: Option<Cow<'_, str>> = match need {
            CodeNeeded::NoneAtHand => None,
            CodeNeeded::AlreadyUsed => {
                asking.used += 1;
                if asking.used == ATTEMPTS {
                    return Err(self.already_used(mfa));
                }
                // A program gives the same code until the next one is due; a person sees when it comes.
                if mfa.process.is_some() {
                    self.wait_for_next_code();
                }
                let seconds = self.seconds_to_next_code();
                Some(format!("That code was used; the next one comes in {seconds} s").into())
            }
            CodeNeeded::Failed(error) => {
                asking.sent += 1;
                match wants_another_code(&error) {
                    Some(problem) if asking.sent < ATTEMPTS => {
                        if mfa.process.is_some() {
                            self.wait_for_next_code();
                        }
                        Some(problem.into())
                    }
                    _ => {
                        let is_stored = asking.device.is_some();
                        return Err(final_error(error, mfa, asking.sent, is_stored));
                    }
                }
            }
        };
        *self.at_hand = Some(self.ask(mfa, profile, problem.as_deref())?);
        Ok(())
    }

    /// What is to be done about the code of the flag, or without one.
    fn begin(
        &mut self,
        mfa: &Mfa,
        profile: Option<&str>,
        need: CodeNeeded,
        is_answered: impl FnMut() -> bool,
    ) -> Result<(), CodeError> {
        match need {
            CodeNeeded::AlreadyUsed => return Err(self.already_used(mfa)),
            CodeNeeded::Failed(error) => return Err(final_error(error, mfa, 1, false)),
            CodeNeeded::NoneAtHand => {}
        }
        let key = StoredDevice::key(&mfa.serial);
        let is_asked = mfa.process.is_none();
        let header = || self.unless_damaged(self.vault.header::<DeviceHeader>(&key));
        let is_stored = is_asked && header()?.is_some();
        if is_asked && !is_stored {
            self.need_person(mfa, profile)?;
        }
        // What is sent must be noted, and a code does not keep while a passphrase is asked for.
        self.vault.unlock()?;
        let device = match is_stored {
            true => self.unless_damaged(self.vault.get::<StoredDevice>(&key))?,
            false => None,
        };
        if is_stored && device.is_none() {
            self.need_person(mfa, profile)?;
        }
        let turn = self.vault.take_turn(Question::Code(&mfa.serial), ASKS, is_answered)?;
        self.asking = Some(Asking { _turn: turn, device, sent: 0, used: 0 });
        Ok(())
    }

    /// A device that cannot be read counts as absent, which is said: a person may have its codes.
    fn unless_damaged<T>(
        &self,
        read: Result<Option<T>, VaultError>,
    ) -> Result<Option<T>, VaultError> {
        match read {
            Err(damaged @ VaultError::Damaged { .. }) => {
                self.person.tell(&damaged.to_string());
                Ok(None)
            }
            read => read,
        }
    }

    /// Who cannot ask waits for nobody's answer.
    fn need_person(&self, mfa: &Mfa, profile: Option<&str>) -> Result<(), CodeError> {
        let terminal = self.person.terminal();
        terminal.map(drop).map_err(|nobody| prompt_error(mfa, profile, nobody.into()))
    }

    /// A code of `mfa_process`, else of the stored device, else the person's.
    fn ask(
        &self,
        mfa: &Mfa,
        profile: Option<&str>,
        problem: Option<&str>,
    ) -> Result<MfaCode, CodeError> {
        if let Some(command) = &mfa.process {
            return self.sources.mfa_code(command).map_err(|source| CodeError::Process {
                serial: mfa.serial.clone(),
                profile: profile.map(str::to_owned),
                source: Box::new(source),
            });
        }
        if let Some(device) = self.asking.as_ref().and_then(|asking| asking.device.as_ref()) {
            let Self { vault, person, clock, .. } = *self;
            let codes = StoredCodes { vault, person, clock, device };
            return Ok(codes.next()?.0);
        }
        let question = MfaQuestion { serial: &mfa.serial, profile, problem };
        self.person
            .ask(|terminal| terminal.mfa_code(&question))
            .map_err(|source| prompt_error(mfa, profile, source))
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

    fn already_used(&self, mfa: &Mfa) -> CodeError {
        let next_in = self.seconds_to_next_code();
        CodeError::AlreadyUsed { serial: mfa.serial.clone(), next_in }
    }
}

fn prompt_error(mfa: &Mfa, profile: Option<&str>, source: PromptError) -> CodeError {
    let (serial, profile) = (mfa.serial.clone(), profile.map(str::to_owned));
    CodeError::Prompt { serial, profile, source }
}

/// What to say after the last attempt.
fn final_error(error: CallError, mfa: &Mfa, attempts: u32, is_stored: bool) -> CodeError {
    match error {
        CallError::MfaCodeRefused { message, .. } => {
            CodeError::Refused { serial: mfa.serial.clone(), attempts, message, is_stored }
        }
        other => CodeError::Call(other),
    }
}

/// Why the same call may succeed with another code, for the person who is asked for it.
fn wants_another_code(error: &CallError) -> Option<&'static str> {
    match error {
        CallError::MfaCodeRefused { .. } => Some("AWS did not accept that code"),
        CallError::MfaCodeUnanswered { .. } => Some("no answer came, and that code may be used up"),
        _ => None,
    }
}
