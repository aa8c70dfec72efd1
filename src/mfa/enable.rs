//! Gives an IAM user a virtual device whose secret the vault keeps. Whatever ends it, running it again ends what it
//! began: the secret is stored before IAM knows a code of it, and a device whose secret nobody has is deleted.

use std::time::Duration;

use chrono::TimeDelta;

use super::codes::WAITING;
use super::device::{DeviceHeader, StoredDevice};
use super::otpauth::{NoSeed, SetUp};
use super::totp::{STEP_SECONDS, Step};
use super::used_codes::UsedCodes;
use crate::ports::{CallError, Clock, Iam, NewMfaDevice, Person, Signer};
use crate::vault::{Lock, Vault, VaultError};

/// How often two codes are sent: IAM may look at another step.
const TRIES: u32 = 3;
/// How often a new device is asked for again that IAM does not know everywhere yet.
const LOOKS: u32 = 6;

/// A device that is to be a user's.
#[derive(Clone, Copy)]
pub(crate) struct Enabling<'a> {
    pub vault: &'a Vault,
    pub iam: &'a dyn Iam,
    pub clock: &'a dyn Clock,
    pub person: &'a dyn Person,
    pub signer: Signer<'a>,
    /// `UserName`, and the name of the device
    pub user: &'a str,
    /// `arn:aws:iam::…:mfa/NAME`
    pub serial: &'a str,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum EnableError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The device is the user's, and its secret is elsewhere.
    #[error("{user} has the device {serial} already, and its secret is not in the vault")]
    Foreign { serial: String, user: String },
    #[error("the device {serial} is another user's")]
    Taken { serial: String },
    #[error("the secret that IAM gave for {serial} is none: {flaw}")]
    NoSeed { serial: String, flaw: NoSeed },
    #[error("the secret of {serial} cannot be read back")]
    NotReadBack { serial: String },
}

impl Enabling<'_> {
    /// Enables the device; whether it was not before.
    pub(crate) fn enable(self) -> Result<bool, EnableError> {
        let Self { vault, iam, signer, user, serial, .. } = self;
        vault.make_room::<DeviceHeader>()?;
        let _device = vault.hold(Lock::MfaDevice(serial), WAITING)?;
        let is_enabled = self.is_enabled()?;
        match vault.get::<StoredDevice>(&StoredDevice::key(serial))? {
            Some(_) if is_enabled => return Ok(false),
            None if is_enabled => {
                let (serial, user) = (serial.to_owned(), user.to_owned());
                return Err(EnableError::Foreign { serial, user });
            }
            Some(device) => {
                self.person.tell(&format!("enabling {serial}, which an earlier run made"));
                match self.send_codes(&device, 0) {
                    // It was deleted since.
                    Err(EnableError::Call(error)) if is_refused_as(&error, "NoSuchEntity") => {}
                    sent => return sent.map(|()| true),
                }
            }
            None => {}
        }
        let made = match iam.create_virtual_mfa_device(&signer, user) {
            // Nobody has its secret, be it that of an earlier run, or of this call's lost answer.
            Err(error) if is_refused_as(&error, "EntityAlreadyExists") => self.make_anew()?,
            Err(CallError::Unreachable { .. }) => self.make_anew()?,
            made => made?,
        };
        let set_up = SetUp::read(&made.base32_string_seed)
            .map_err(|flaw| EnableError::NoSeed { serial: serial.to_owned(), flaw })?;
        let device = StoredDevice::new(serial, set_up.seed, self.clock.now());
        let key = StoredDevice::key(serial);
        vault.put(&key, &device)?;
        let read = vault.get::<StoredDevice>(&key)?;
        let device = read.ok_or_else(|| EnableError::NotReadBack { serial: serial.to_owned() })?;
        self.send_codes(&device, LOOKS).map(|()| true)
    }

    fn is_enabled(self) -> Result<bool, EnableError> {
        let devices = self.iam.mfa_devices(&self.signer, self.user)?;
        Ok(devices.iter().any(|device| device == self.serial))
    }

    /// Deletes a device that is nobody's, and makes it again.
    fn make_anew(self) -> Result<NewMfaDevice, EnableError> {
        let Self { iam, signer, user, serial, .. } = self;
        match iam.delete_virtual_mfa_device(&signer, serial) {
            Err(error) if is_refused_as(&error, "DeleteConflict") => {
                return Err(EnableError::Taken { serial: serial.to_owned() });
            }
            deleted => deleted?,
        }
        self.person.tell(&format!("{serial} was there without a user; it is made anew"));
        Ok(iam.create_virtual_mfa_device(&signer, user)?)
    }

    /// Sends the codes of two steps in a row. `looks`: how often the device may still be unknown.
    fn send_codes(self, device: &StoredDevice, mut looks: u32) -> Result<(), EnableError> {
        let Self { vault, iam, clock, person, signer, user, serial } = self;
        let mut tries = 1;
        loop {
            let now = clock.now();
            let before = now - TimeDelta::seconds(STEP_SECONDS);
            let codes = [before, now].map(|at| device.code(Step::at(at)));
            let mut used = UsedCodes::read(vault, serial, now)?;
            codes.iter().for_each(|code| used.add(code, now));
            used.keep(vault, serial)?;
            match iam.enable_mfa_device(&signer, user, serial, &codes) {
                Err(error) if is_refused_as(&error, "EntityAlreadyExists") => return Ok(()),
                Err(error) if is_refused_as(&error, "NoSuchEntity") && looks > 0 => {
                    looks -= 1;
                    clock.sleep(Duration::from_secs(1));
                }
                Err(error)
                    if is_refused_as(&error, "InvalidAuthenticationCode") && tries < TRIES =>
                {
                    tries += 1;
                    let wait = Step::at(now).next().begin() - now;
                    person.tell(&format!(
                        "IAM did not take the codes; waiting {} s for the next",
                        (wait + TimeDelta::milliseconds(999)).num_seconds()
                    ));
                    clock.sleep(wait.to_std().unwrap_or_default());
                }
                // It may have taken them.
                Err(error @ CallError::Unreachable { .. }) => {
                    return if self.is_enabled()? { Ok(()) } else { Err(error.into()) };
                }
                sent => return Ok(sent?),
            }
        }
    }
}

fn is_refused_as(error: &CallError, expected: &str) -> bool {
    matches!(error, CallError::Refused { code, .. } if code == expected)
}
