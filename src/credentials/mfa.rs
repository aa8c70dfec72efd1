//! One-time codes of MFA devices.

use super::Secret;

/// A six-digit code of an MFA device (`TokenCode` in STS). Moved into its one call.
#[derive(Debug)]
pub struct MfaCode(Secret);

/// What was typed is not six digits.
#[derive(Debug, thiserror::Error)]
#[error("an MFA code is six digits")]
pub struct InvalidMfaCode;

impl MfaCode {
    /// Accepts six digits, white space around and inside ignored (`123 456`).
    pub fn parse(typed: &str) -> Result<Self, InvalidMfaCode> {
        let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(Secret::new(digits)))
        } else {
            Err(InvalidMfaCode)
        }
    }

    /// The six digits. Each caller is listed in `tests/architecture.rs`.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}
