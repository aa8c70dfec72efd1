//! MFA devices whose seed the vault keeps, so that nobody has to read their codes off a screen.

mod device;
mod otpauth;
mod totp;

pub(crate) use device::{DeviceHeader, StoredDevice};
pub(crate) use otpauth::{NoSeed, SetUp};
pub(crate) use totp::{STEP_SECONDS, Seed, Step};
