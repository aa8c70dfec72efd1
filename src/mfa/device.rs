//! A device whose seed the vault keeps.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::totp::{Seed, Step};
use crate::credentials::{MfaCode, SessionKey};
use crate::vault::{Fields, Header, Record};

/// What lists show of a device. Proved only when the device is opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeviceHeader {
    /// `arn:aws:iam::…:mfa/…`, as `mfa_serial` has it
    pub serial: String,
    pub added_at: DateTime<Utc>,
}

/// A virtual MFA device. It is the second factor of whoever opens the vault.
#[derive(Clone, Debug)]
pub(crate) struct StoredDevice {
    header: DeviceHeader,
    seed: Seed,
}

impl StoredDevice {
    pub(crate) fn new(serial: &str, seed: Seed, added_at: DateTime<Utc>) -> Self {
        Self { header: DeviceHeader { serial: serial.to_owned(), added_at }, seed }
    }

    /// The key of a device in the vault.
    pub(crate) fn key(serial: &str) -> SessionKey {
        SessionKey::builder("stored MFA device").field("serial", serial).build()
    }

    pub(crate) fn serial(&self) -> &str {
        &self.header.serial
    }

    /// What the device shows in this step.
    pub(crate) fn code(&self, step: Step) -> MfaCode {
        self.seed.code(step)
    }
}

impl Header for DeviceHeader {
    const FOLDER: &'static str = "mfa";
    const IS_CACHE: bool = false;
    const OUTLIVES_REBOOT: bool = true;
}

impl Record for StoredDevice {
    type Header = DeviceHeader;

    fn to_parts(&self) -> (DeviceHeader, Fields) {
        (self.header.clone(), Fields::by_name([("seed", Some(self.seed.text().clone()))]))
    }

    fn from_parts(header: DeviceHeader, fields: Fields) -> Option<Self> {
        let seed = Seed::parse(fields.get("seed")?.expose()).ok()?;
        Some(Self { header, seed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::Secret;

    #[test]
    fn a_device_is_read_back_and_its_header_holds_no_seed() {
        let seed = Seed::parse("MZXW6YTBOJTG633CMFZGM33P").unwrap();
        let device =
            StoredDevice::new("arn:aws:iam::111111111111:mfa/ann", seed, DateTime::UNIX_EPOCH);
        let (header, fields) = device.to_parts();
        let text = serde_json::to_string(&header).unwrap();
        assert!(text.contains("mfa/ann") && !text.contains("MZXW"), "{text}");
        let read = StoredDevice::from_parts(header.clone(), fields).unwrap();
        let step = Step::at(DateTime::UNIX_EPOCH);
        assert_eq!(read.code(step).expose(), device.code(step).expose());
        for fields in [vec![], vec![("seed", Some(Secret::new("1")))]] {
            assert!(StoredDevice::from_parts(header.clone(), Fields::by_name(fields)).is_none());
        }
    }
}
