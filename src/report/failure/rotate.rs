//! What stops the rotation of a key.

use super::{Advice, Advise, Kind, word};
use crate::keys::rotate::RotateError;
use crate::ports::CallError;

impl Advise for RotateError {
    fn advice(&self) -> Advice {
        match self {
            Self::Call { name, cause: cause @ CallError::Refused { call, code, .. } } => {
                Kind::Refused.with(match code.as_str() {
                    "AccessDenied" if call.starts_with("iam:") => format!(
                        "the user's policy must allow {call} on the user itself; where it demands MFA, add \
                         mfa_serial to profile {}",
                        word(name)
                    ),
                    "InvalidClientTokenId" | "SignatureDoesNotMatch" => format!(
                        "AWS does not take the stored key; `awsx keys add {} --replace` stores another",
                        word(name)
                    ),
                    _ => return cause.advice(),
                })
            }
            Self::Call { cause, .. } => cause.advice(),
            Self::Vault(vault) => vault.advice(),
            Self::NoKeys { .. } => Kind::Config.with("`awsx keys list` shows which there are"),
            Self::Full { name, other, .. } => Kind::InputNeeded.with(format!(
                "`awsx keys rotate {} --replace {other}` deletes {other}, and rotates",
                word(name)
            )),
            Self::NoSuchKey { .. } => Kind::Usage.with("leave --replace out to see which there are"),
            Self::NoWayBack { name, .. } => Kind::Refused
                .with(format!("`awsx keys rotate {}` finishes what was begun", word(name))),
            Self::Unknown { .. } => Kind::Unreachable.with("wait a minute"),
            Self::NotListed { .. } => Kind::Refused.with("wait a minute, then run it again; -v says more"),
            Self::AnotherUser { .. } => Kind::Refused.with("see who else changes these keys"),
            Self::NotReadBack { .. } => Kind::Vault.with("see that the disk is sound"),
        }
    }
}
