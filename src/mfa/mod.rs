//! MFA devices whose seed the vault keeps, so that nobody has to read their codes off a screen.

mod codes;
mod device;
mod enable;
mod otpauth;
mod picture;
mod totp;
mod used_codes;

pub(crate) use codes::{ASKS, StoredCodes, WAITING};
pub(crate) use device::{DeviceHeader, StoredDevice};
pub(crate) use enable::{EnableError, Enabling};
pub(crate) use otpauth::{NoSeed, SetUp};
pub(crate) use picture::{NoCode, read_qr_code};
pub(crate) use totp::STEP_SECONDS;
pub(crate) use used_codes::UsedCodes;
