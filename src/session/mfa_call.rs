//! A call with an MFA code: no code is sent twice.
//!
//! AWS takes each code once. What was sent is noted in the vault before it is sent, so that no awsx
//! sends it again while it could still look valid; the device's lock is held meanwhile. Nobody is asked
//! here: a person may not answer.

use super::codes::CodeNeeded;
use super::used_codes::UsedCodes;
use crate::credentials::{MfaCode, SessionCredentials};
use crate::ports::{CallError, Clock};
use crate::vault::{Lock, Vault, VaultError};

/// A call to AWS with the code that it is given.
type Call<'a> = &'a dyn Fn(MfaCode) -> Result<SessionCredentials, CallError>;

pub(super) struct MfaCall<'a> {
    pub(super) vault: &'a Vault,
    pub(super) clock: &'a dyn Clock,
    /// The device: `arn:aws:iam::…:mfa/…` or a hardware serial number
    pub(super) serial: &'a str,
}

impl MfaCall<'_> {
    /// Sends the call with the code at hand, which is taken; else what a code is needed for.
    pub(super) fn send(
        &self,
        code: &mut Option<MfaCode>,
        call: Call<'_>,
    ) -> Result<Result<SessionCredentials, CodeNeeded>, VaultError> {
        let Some(code) = code.take() else { return Ok(Err(CodeNeeded::NoneAtHand)) };
        let waiting = "waiting for another awsx that is using the same MFA device";
        let _device = self.vault.hold(Lock::MfaDevice(self.serial), waiting)?;
        let key = UsedCodes::key(self.serial);
        let used = self.vault.get::<UsedCodes>(&key)?.unwrap_or_default();
        let mut used = used.still_valid(self.clock.now());
        if used.contains(&code) {
            return Ok(Err(CodeNeeded::AlreadyUsed));
        }
        used.add(&code, self.clock.now());
        self.vault.put(&key, &used)?;
        let answer = call(code);
        if let Err(CallError::Unreachable { .. } | CallError::ClockSkew { .. }) = &answer {
            // AWS did not look at the code: it may be given again.
            used.remove_last();
            self.vault.put(&key, &used)?;
        }
        Ok(answer.map_err(CodeNeeded::Failed))
    }
}
