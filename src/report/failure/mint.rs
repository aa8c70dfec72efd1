//! What stands between a plan and its credentials.

use std::time::Duration;

use super::call::call_advice;
use super::saml::saml_advice;
use super::{Advice, Advise, Kind, prompt_advice, word};
use crate::profile::display_duration;
use crate::session::CodeError;
use crate::session::mint::MintError;

impl Advise for MintError {
    fn advice(&self) -> Advice {
        match self {
            Self::Call { cause, profile } => call_advice(cause, profile.as_deref()),
            Self::Code(code) => code.advice(),
            Self::Vault(vault) => vault.advice(),
            Self::TooShort { .. } => Kind::NoCredentials.with("renew them where they come from"),
            Self::Saml { profile, cause } => saml_advice(cause, profile.as_deref()),
            Self::StoredKeys { profile, .. } => Kind::Vault.with(format!(
                "see that AWSX_VAULT is what it was when they were stored; `awsx keys add --replace {}` \
                 stores them again",
                word(profile)
            )),
            Self::ScopeOfKeys { .. } => Kind::Config.with(
                "let them come from a profile (`awsx keys add NAME`), of which awsx makes a session, or have what \
                 prints them print one",
            ),
            Self::NotExpected(mismatch) => mismatch.advice(),
            Self::LongTermKeys { .. } => {
                Kind::Unexpected.with("--no-session hands over the long-term keys themselves")
            }
        }
    }
}

/// What a person runs who has the device; a session of another `length` would not be found.
pub(crate) fn hint_of_code(profile: &str, length: Option<Duration>) -> String {
    let length = length.map(|length| format!(" --duration {}", display_duration(length)));
    let line = format!("{}{}", word(profile), length.unwrap_or_default());
    format!("run `awsx exec {line} -- true` in a terminal first, or give --mfa-code CODE")
}

impl Advise for CodeError {
    fn advice(&self) -> Advice {
        match self {
            Self::Call(call) => call.advice(),
            Self::Process { .. } => {
                Kind::InputNeeded.with("correct mfa_process, or give --mfa-code CODE")
            }
            Self::Prompt { profile, source, .. } => {
                let again = match profile {
                    Some(profile) => hint_of_code(profile, None),
                    None => "run it in a terminal, or give --mfa-code CODE".to_owned(),
                };
                prompt_advice(source, again)
            }
            Self::AlreadyUsed { next_in, .. } => Kind::InputNeeded
                .with(format!("give the code that the device shows in {next_in} s")),
            Self::Refused { serial, is_stored: true, .. } => Kind::Refused.with(format!(
                "see that this machine's clock is right; `awsx mfa add --serial {}` puts in the device's \
                 secret again",
                word(serial)
            )),
            Self::Refused { is_stored: false, .. } => Kind::Refused
                .with("check that it is the right device, and that the device's clock is right"),
            Self::Vault(vault) => vault.advice(),
        }
    }
}
