//! The MFA codes that were sent and may still look valid: AWS takes each once.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::totp::STEP_SECONDS;
use crate::credentials::{MfaCode, Secret, SessionKey};
use crate::text::{hex, unhex};
use crate::vault::{Fields, Header, Record, Vault, VaultError};

/// How long a code may be taken for valid, in seconds: its own step and one on each side.
const VALID_SECONDS: i64 = 3 * STEP_SECONDS;

/// The codes of one device that were sent, as digests.
#[derive(Clone, Debug, Default)]
pub(crate) struct UsedCodes(Vec<UsedCode>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct UsedCode {
    /// When, Unix seconds
    at: i64,
    /// SHA-256
    code: [u8; 32],
}

/// Nothing is known of them in the clear: the name of a device is its owner's.
#[derive(Serialize, Deserialize)]
pub(crate) struct UsedCodesHeader {}

impl UsedCodes {
    fn key(serial: &str) -> SessionKey {
        SessionKey::builder("used codes").field("serial", serial).build()
    }

    /// Those of a device that may still look valid.
    pub(crate) fn read(
        vault: &Vault,
        serial: &str,
        now: DateTime<Utc>,
    ) -> Result<Self, VaultError> {
        let kept: Option<Self> = vault.get(&Self::key(serial))?;
        Ok(kept.unwrap_or_default().still_valid(now))
    }

    /// Keeps them in place of those before; whoever does so holds [`Lock::MfaDevice`].
    ///
    /// [`Lock::MfaDevice`]: crate::vault::Lock::MfaDevice
    pub(crate) fn keep(&self, vault: &Vault, serial: &str) -> Result<(), VaultError> {
        vault.put(&Self::key(serial), self)
    }

    /// Those that may still look valid.
    fn still_valid(mut self, now: DateTime<Utc>) -> Self {
        self.0.retain(|used| (0..VALID_SECONDS).contains(&(now.timestamp() - used.at)));
        self
    }

    pub(crate) fn contains(&self, code: &MfaCode) -> bool {
        let digest = digest(code);
        self.0.iter().any(|used| used.code == digest)
    }

    pub(crate) fn add(&mut self, code: &MfaCode, now: DateTime<Utc>) {
        self.0.push(UsedCode { at: now.timestamp(), code: digest(code) });
    }

    /// Takes the last note back: AWS did not look at the code.
    pub(crate) fn remove_last(&mut self) {
        self.0.pop();
    }
}

impl Header for UsedCodesHeader {
    const FOLDER: &'static str = "notes";
    const IS_CACHE: bool = true;
}

impl Record for UsedCodes {
    type Header = UsedCodesHeader;

    fn to_parts(&self) -> (UsedCodesHeader, Fields) {
        let text = |used: &UsedCode| Secret::new(format!("{} {}", used.at, hex(&used.code)));
        (UsedCodesHeader {}, Fields::in_order(self.0.iter().map(|used| Some(text(used)))))
    }

    fn from_parts(_: UsedCodesHeader, fields: Fields) -> Option<Self> {
        let used = |field: &Secret| {
            let (at, code) = field.expose().split_once(' ')?;
            Some(UsedCode { at: at.parse().ok()?, code: unhex(code)?.try_into().ok()? })
        };
        Some(Self(fields.iter().map(used).collect::<Option<_>>()?))
    }
}

fn digest(code: &MfaCode) -> [u8; 32] {
    Sha256::digest(code.expose().as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_back_and_forgotten_when_no_longer_valid() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let code = |digits| MfaCode::parse(digits).unwrap();
        let mut used = UsedCodes::default();
        used.add(&code("123456"), at(1000));
        used.add(&code("654321"), at(1060));
        let (header, fields) = used.to_parts();
        let read = UsedCodes::from_parts(header, fields).unwrap();
        assert_eq!(read.0, used.0);
        for (docs, now, first, second) in [
            ("just sent", 1060, true, true),
            ("to the last second", 1089, true, true),
            ("not valid any more", 1090, false, true),
            ("the clock was set back", 1000, true, false),
        ] {
            let valid = read.clone().still_valid(at(now));
            let found = (valid.contains(&code("123456")), valid.contains(&code("654321")));
            assert_eq!(found, (first, second), "{docs}");
        }
        let broken = Fields::in_order([Some(Secret::new("1000"))]);
        assert!(UsedCodes::from_parts(UsedCodesHeader {}, broken).is_none());
    }
}
