//! A call with an MFA code: no code is sent twice.
//!
//! AWS takes each code once. What was sent is noted in the vault before it is sent, so that no awsx
//! sends it again while it could still look valid; the device's lock is held meanwhile. Nobody is asked
//! here: a person may not answer.

use super::codes::CodeNeeded;
use crate::credentials::MfaCode;
use crate::mfa::{UsedCodes, WAITING};
use crate::ports::{CallError, Clock};
use crate::vault::{Lock, Vault, VaultError};

/// A call to AWS with the code that it is given.
type Call<'a, T> = &'a dyn Fn(MfaCode) -> Result<T, CallError>;

pub(super) struct MfaCall<'a> {
    pub(super) vault: &'a Vault,
    pub(super) clock: &'a dyn Clock,
    /// The device: `arn:aws:iam::…:mfa/…` or a hardware serial number
    pub(super) serial: &'a str,
}

impl MfaCall<'_> {
    /// Sends the call with the code at hand, which is taken; else what a code is needed for.
    pub(super) fn send<T>(
        &self,
        code: &mut Option<MfaCode>,
        call: Call<'_, T>,
    ) -> Result<Result<T, CodeNeeded>, VaultError> {
        let Some(code) = code.take() else { return Ok(Err(CodeNeeded::NoneAtHand)) };
        let _device = self.vault.hold(Lock::MfaDevice(self.serial), WAITING)?;
        let mut used = UsedCodes::read(self.vault, self.serial, self.clock.now())?;
        if used.contains(&code) {
            return Ok(Err(CodeNeeded::AlreadyUsed));
        }
        used.add(&code, self.clock.now());
        used.keep(self.vault, self.serial)?;
        let answer = call(code);
        if let Err(CallError::Unreachable { .. } | CallError::ClockSkew { .. }) = &answer {
            // AWS did not look at the code: it may be given again.
            used.remove_last();
            used.keep(self.vault, self.serial)?;
        }
        Ok(answer.map_err(CodeNeeded::Failed))
    }
}
