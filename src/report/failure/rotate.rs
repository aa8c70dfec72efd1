//! What stops the rotation of a key.

use super::{Advice, Advise, Kind, word};
use crate::keys::copies::KeyCopy;
use crate::keys::rotate_error::RotateError;
use crate::ports::CallError;

impl Advise for RotateError {
    fn advice(&self) -> Advice {
        match self {
            Self::Call { of, cause: cause @ CallError::Refused { call, code, .. } } => {
                Kind::Refused.with(match code.as_str() {
                    "AccessDenied" if call.starts_with("iam:") => format!(
                        "the user's policy must allow {call} on the user itself; where it demands MFA, add \
                         mfa_serial to profile {}",
                        word(&of.name)
                    ),
                    "InvalidClientTokenId" | "SignatureDoesNotMatch" => match &of.file {
                        None => format!(
                            "AWS does not take the stored key; `awsx keys add {} --replace` stores another",
                            word(&of.name)
                        ),
                        Some(_) => "AWS does not take the key; write another one in its place".to_owned(),
                    },
                    _ => return cause.advice(),
                })
            }
            Self::Call { cause, .. } => cause.advice(),
            Self::Vault(vault) => vault.advice(),
            Self::NoKeys { .. } => Kind::Config.with("`awsx keys list` shows which there are"),
            Self::Read(error) => error.advice(),
            Self::Write(error) => error.advice(),
            Self::NoKeyInFile { of, .. } => Kind::Config.with(format!(
                "`awsx explain {}` says what it uses",
                word(&of.name)
            )),
            Self::Copy { of, copy, .. } => Kind::Config.with(match (&of.file, copy) {
                (None, KeyCopy::InFile { profile, .. }) if *profile == of.name => format!(
                    "`awsx keys import {} --remove` takes it out there; or let it stay and run `awsx keys remove {0}`, \
                     then `awsx keys rotate {0} --from-file`",
                    word(profile)
                ),
                (None, KeyCopy::InFile { .. }) => "take it out there first".to_owned(),
                (Some(_), KeyCopy::InFile { .. }) => {
                    "take it out there first: one file can be changed at once".to_owned()
                }
                (None, KeyCopy::Stored { name }) => {
                    format!("`awsx keys remove {}` takes it out there", word(name))
                }
                (Some(_), KeyCopy::Stored { name }) => format!(
                    "take it out of the file, or out of the vault: `awsx keys remove {}`",
                    word(name)
                ),
            }),
            Self::Changed { of, .. } => Kind::Config.with(format!(
                "`{} --abort` forgets what was begun, and leaves all keys as they are",
                of.command()
            )),
            Self::Full { of, other, .. } => Kind::InputNeeded.with(format!(
                "`{} --replace {other}` deletes {other}, and rotates",
                of.command()
            )),
            Self::NoSuchKey { .. } => Kind::Usage.with("leave --replace out to see which there are"),
            Self::NoWayBack { of, .. } => {
                Kind::Refused.with(format!("`{}` finishes what was begun", of.command()))
            }
            Self::Unknown { .. } => Kind::Unreachable.with("wait a minute"),
            Self::NotListed { .. } => Kind::Refused.with("wait a minute, then run it again; -v says more"),
            Self::AnotherUser { .. } => Kind::Refused.with("see who else changes these keys"),
            Self::NotReadBack { .. } => Kind::Vault.with("see that the disk is sound"),
        }
    }
}
