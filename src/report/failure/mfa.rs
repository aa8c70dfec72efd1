//! MFA devices: what is none, and what sets none up.

use super::{Advice, Advise, Kind, word};
use crate::credentials::SerialFlaw;
use crate::mfa::{EnableError, NoCode, NoSeed};

/// What to do about a device whose codes AWS does not take. A security key can be used elsewhere.
pub(crate) fn hint_of_serial(flaw: SerialFlaw, profile: Option<&str>) -> String {
    if flaw != SerialFlaw::SecurityKey {
        return "`aws iam list-mfa-devices` lists the devices".to_owned();
    }
    let profile = profile.map(|profile| format!(" {}", word(profile))).unwrap_or_default();
    format!(
        "log in with it: `awsx login aws{profile}`, or `awsx login sso`; or give the user an authenticator \
         too, whose ARN ends in :mfa/NAME"
    )
}

impl Advise for EnableError {
    fn advice(&self) -> Advice {
        match self {
            Self::Call(call) => call.advice(),
            Self::Vault(vault) => vault.advice(),
            Self::Foreign { serial, .. } => Kind::Config.with(format!(
                "`awsx mfa add --serial {}` stores its secret, if you have that; else \
                 `aws iam deactivate-mfa-device` takes the device from the user",
                word(serial)
            )),
            Self::Taken { .. } => {
                Kind::Refused.with("`aws iam list-virtual-mfa-devices` shows whose it is")
            }
            Self::NoSeed { .. } => {
                Kind::Unexpected.with("report it, with what `awsx --version` says")
            }
            Self::NotReadBack { .. } => Kind::Vault.with("see that the disk is sound"),
        }
    }
}

impl Advise for NoSeed {
    fn advice(&self) -> Advice {
        Kind::Usage.with(match self {
            Self::Seed(_) | Self::NoSecret => {
                "give the secret key that AWS shows beside the picture, or all of the otpauth URI"
            }
            Self::NotByTime | Self::OtherCodes(_) => "see that it is the device of an AWS user",
            Self::Export => {
                "no single device is in it: AWS shows a secret key only once, so add a device anew"
            }
        })
    }
}

impl Advise for NoCode {
    fn advice(&self) -> Advice {
        Kind::Usage.with(match self {
            Self::NotPng | Self::Png(_) | Self::TooLarge => {
                "save a part of the screen as PNG, or leave --qr out and type the secret key"
            }
            Self::None => {
                "save the whole code with its white edge, or leave --qr out and type the secret key"
            }
            Self::Several => "save the picture of one of them",
        })
    }
}
