//! What stands between a plan and its credentials: AWS, the person, the vault.

use super::login_command::login_command;
use super::{Failure, Kind, word};
use crate::ports::{CallError, PromptError, Unanswered};
use crate::session::CodeError;
use crate::session::mint::MintError;
use crate::state::StateDirError;
use crate::vault::{UnknownUnlocker, UnlockError, UnlockerKind, VaultError};

impl From<MintError> for Failure {
    fn from(error: MintError) -> Self {
        let (kind, hint) = match &error {
            MintError::Call { source, profile } => of_call(source, profile.as_deref()),
            MintError::Code(code) => of_code(code),
            MintError::Vault(vault) => of_vault(vault),
            MintError::TooShort { .. } => {
                (Kind::NoCredentials, Some("renew them where they come from".to_owned()))
            }
            MintError::LongTermKeys { .. } => (
                Kind::Unexpected,
                Some("--no-session hands over the long-term keys themselves".to_owned()),
            ),
        };
        Self::new(kind, &error, hint)
    }
}

/// The calls that no credentials sign.
const WEB_IDENTITY: &str = "sts:AssumeRoleWithWebIdentity";
const SSO_ROLE: &str = "sso:GetRoleCredentials";
const SIGN_IN: &str = "signin:CreateOAuth2Token";

pub(super) fn of_call(error: &CallError, profile: Option<&str>) -> (Kind, Option<String>) {
    let explain = match profile {
        Some(profile) => format!("`awsx explain {}` shows the calls", word(profile)),
        None => "`awsx explain` shows the calls".to_owned(),
    };
    match error {
        CallError::Refused { call, code, .. } => {
            let hint = match code.as_str() {
                "AccessDenied" if *call == WEB_IDENTITY => format!(
                    "check the role's trust policy: its identity provider, audience and subject; {explain}"
                ),
                "ExpiredTokenException" if *call == WEB_IDENTITY => format!(
                    "the web identity token is over: whoever writes its file must renew it; {explain}"
                ),
                "AccessDenied" => format!(
                    "check the role's trust policy, its external id and whether it requires MFA; {explain}"
                ),
                "ForbiddenException" | "ResourceNotFoundException" if *call == SSO_ROLE => format!(
                    "check sso_account_id and sso_role_name: the access portal lists the roles \
                     that are yours; {explain}"
                ),
                "INSUFFICIENT_PERMISSIONS" if *call == SIGN_IN => {
                    "who signs in needs the managed policy SignInLocalDevelopmentAccess: ask an \
                     administrator to attach it"
                        .to_owned()
                }
                "AUTHCODE_EXPIRED" if *call == SIGN_IN => {
                    "sign in again, and bring the whole code soon".to_owned()
                }
                _ if call.starts_with("sso-oidc:") => {
                    "check the start URL, the region of IAM Identity Center and the scopes"
                        .to_owned()
                }
                "InvalidClientTokenId" | "SignatureDoesNotMatch" => {
                    format!(
                        "check the access key: is it active, and is its secret right? {explain}"
                    )
                }
                "ExpiredToken" | "ExpiredTokenException" => {
                    format!(
                        "the credentials that sign the call have expired or were revoked; \
                         --refresh renews those that awsx made; {explain}"
                    )
                }
                _ => explain,
            };
            (Kind::Refused, Some(hint))
        }
        CallError::LoginNeeded { login, .. } => {
            (Kind::InputNeeded, Some(format!("run `{}`", login_command(login, profile))))
        }
        CallError::MfaCodeRefused { .. } => {
            (Kind::Refused, Some("run it again with the device's next code".to_owned()))
        }
        CallError::MfaCodeUnanswered { .. } => {
            (Kind::Unreachable, Some("run it again with the device's next code".to_owned()))
        }
        CallError::ClockSkew { .. } => {
            (Kind::Refused, Some("set this machine's clock: `timedatectl set-ntp true`".to_owned()))
        }
        // The words of rustls.
        CallError::Unreachable { cause, .. } if cause.contains("invalid peer certificate") => (
            Kind::Unreachable,
            Some(
                "if it is your own network's authority (a proxy that opens TLS has one), name its \
                 PEM file in AWS_CA_BUNDLE or the profile's ca_bundle"
                    .to_owned(),
            ),
        ),
        CallError::Unreachable { .. } => (
            Kind::Unreachable,
            Some("check network, proxy (HTTPS_PROXY) and region; -v says more".to_owned()),
        ),
        CallError::Source { .. } => (Kind::NoCredentials, Some(explain)),
        CallError::Settings { .. } => {
            (Kind::Config, Some("correct it, or leave it out".to_owned()))
        }
        CallError::NoInstance { .. } => (
            Kind::NoCredentials,
            Some(
                "name a profile (`awsx profiles` lists them); `awsx explain` shows what was \
                 looked at"
                    .to_owned(),
            ),
        ),
    }
}

fn of_code(error: &CodeError) -> (Kind, Option<String>) {
    match error {
        CodeError::Call(call) => of_call(call, None),
        CodeError::Process { .. } => {
            (Kind::InputNeeded, Some("correct mfa_process, or give --mfa-code CODE".to_owned()))
        }
        CodeError::Prompt { profile, source, .. } => {
            let again = match profile {
                Some(profile) => format!(
                    "run `awsx exec {} -- true` in a terminal first, or give --mfa-code CODE",
                    word(profile)
                ),
                None => "run it in a terminal, or give --mfa-code CODE".to_owned(),
            };
            of_prompt(source, again)
        }
        CodeError::AlreadyUsed { next_in, .. } => {
            (Kind::InputNeeded, Some(format!("give the code that the device shows in {next_in} s")))
        }
        CodeError::Refused { .. } => (
            Kind::Refused,
            Some(
                "check that it is the right device, and that the device's clock is right"
                    .to_owned(),
            ),
        ),
        CodeError::Vault(vault) => of_vault(vault),
    }
}

pub(crate) fn of_prompt(error: &PromptError, again: String) -> (Kind, Option<String>) {
    match error {
        PromptError::Nobody(_) => (Kind::InputNeeded, Some(again)),
        PromptError::Unanswered(unanswered) => of_unanswered(unanswered),
    }
}

pub(super) fn of_unanswered(error: &Unanswered) -> (Kind, Option<String>) {
    match error {
        Unanswered::Cancelled => (Kind::Cancelled, None),
        Unanswered::Terminal(_) => (Kind::Unexpected, None),
    }
}

pub(super) fn of_vault(error: &VaultError) -> (Kind, Option<String>) {
    match error {
        VaultError::Unlock(unlock) => of_unlock(unlock),
        VaultError::StateDir(state) => of_state_dir(state),
    }
}

fn of_unlock(error: &UnlockError) -> (Kind, Option<String>) {
    use UnlockError as E;
    let (kind, hint) = match error {
        E::NotAvailable { unlocker: UnlockerKind::Keychain, .. } => (
            Kind::Vault,
            "set AWSX_VAULT=passphrase or AWSX_VAULT=kernel where there is no keychain",
        ),
        E::NotAvailable { .. } => (Kind::Vault, "set AWSX_VAULT=passphrase"),
        E::KeychainLocked { .. } => {
            (Kind::Vault, "run `awsx unlock` on the desktop, or set AWSX_VAULT=passphrase")
        }
        E::KeychainSilent { .. } | E::Keychain { .. } => {
            (Kind::Vault, "see that the keychain works, or set AWSX_VAULT=passphrase")
        }
        E::ForeignItem { .. } => {
            (Kind::Vault, "remove the item from the keychain; awsx makes a new one")
        }
        E::WrongPassphrase { .. } | E::PassphrasesDiffer => (Kind::Vault, "run `awsx unlock`"),
        E::PassphraseNeeded(unanswered) => {
            let kind = match unanswered {
                PromptError::Unanswered(Unanswered::Cancelled) => Kind::Cancelled,
                PromptError::Nobody(_) | PromptError::Unanswered(Unanswered::Terminal(_)) => {
                    Kind::InputNeeded
                }
            };
            (kind, "run `awsx unlock`, or set AWSX_PASSPHRASE_FILE or AWSX_PASSPHRASE_COMMAND")
        }
        E::VaultFile { .. } => {
            (Kind::Vault, "remove the file to begin anew; its sessions are minted again")
        }
        E::EmptyPassphrase { .. } | E::NoPassphrase { .. } => return (Kind::Vault, None),
        E::StateDir(state) => return of_state_dir(state),
    };
    (kind, Some(hint.to_owned()))
}

fn of_state_dir(error: &StateDirError) -> (Kind, Option<String>) {
    let hint = match error {
        StateDirError::NoHome => {
            "set AWSX_STATE_DIR to a directory of your own, or AWSX_VAULT=memory"
        }
        StateDirError::Unsafe { .. } => {
            "make it yours alone (chmod 700), or set AWSX_STATE_DIR to a directory of your own"
        }
        StateDirError::Read { .. } | StateDirError::Write { .. } | StateDirError::Lock { .. } => {
            "set AWSX_STATE_DIR to a directory that you can write, or AWSX_VAULT=memory"
        }
    };
    (Kind::Vault, Some(hint.to_owned()))
}

impl From<VaultError> for Failure {
    fn from(error: VaultError) -> Self {
        let (kind, hint) = of_vault(&error);
        Self::new(kind, &error, hint)
    }
}

impl From<StateDirError> for Failure {
    fn from(error: StateDirError) -> Self {
        let (kind, hint) = of_state_dir(&error);
        Self::new(kind, &error, hint)
    }
}

impl From<UnknownUnlocker> for Failure {
    fn from(error: UnknownUnlocker) -> Self {
        Self::new(Kind::Usage, &error, "correct AWSX_VAULT, or unset it".to_owned())
    }
}

impl From<PromptError> for Failure {
    fn from(error: PromptError) -> Self {
        let (kind, hint) = of_prompt(&error, "name a profile on the command line".to_owned());
        Self::new(kind, &error, hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vault_without_a_place_says_what_to_set() {
        for unlocker in [UnlockerKind::Keychain, UnlockerKind::Kernel] {
            let error = UnlockError::NotAvailable { unlocker, reason: "none here".to_owned() };
            let failure = Failure::from(VaultError::from(error));
            assert_eq!(failure.kind(), "vault");
            assert!(failure.hint().unwrap().contains("AWSX_VAULT"), "{failure:?}");
        }
    }
}
