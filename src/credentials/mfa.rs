//! MFA devices, and their one-time codes.

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

/// Why `SerialNumber` takes a text not, or AWS no codes of what it names.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SerialFlaw {
    #[error("is neither the ARN of a device, :mfa/NAME at its end, nor a serial number")]
    NoDevice,
    #[error("is the ARN of the user; that of a device ends in :mfa/NAME")]
    User,
    #[error("is the ARN of a role; that of a device ends in :mfa/NAME")]
    Role,
    /// FIDO: a passkey too. STS has no parameter for its signature.
    #[error("is a security key; AWS takes the codes of an authenticator only here")]
    SecurityKey,
}

/// Holds a text to be the serial number of a device whose codes STS takes.
pub(crate) fn check_mfa_serial(serial: &str) -> Result<(), SerialFlaw> {
    let is_legal = |b: u8| b.is_ascii_alphanumeric() || b"_+=/:,.@-".contains(&b);
    if !(9..=256).contains(&serial.len()) || !serial.bytes().all(is_legal) {
        return Err(SerialFlaw::NoDevice);
    }
    let resource = serial.strip_prefix("arn:").and_then(|arn| arn.splitn(5, ':').nth(4));
    match resource.and_then(|resource| resource.split('/').next()) {
        Some("user") => Err(SerialFlaw::User),
        Some("role") => Err(SerialFlaw::Role),
        Some("u2f") => Err(SerialFlaw::SecurityKey),
        _ => Ok(()),
    }
}
