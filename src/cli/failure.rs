//! Any error as a kind, one sentence, a hint and an exit code. Every match is exhaustive, so that a
//! new error cannot be forgotten here.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Write;
use std::io;
use std::process::ExitCode;

use crate::config::ConfigError;
use crate::deliver::ExecError;
use crate::deliver::format::FormatError;
use crate::profile::ProfileError;
use crate::resolve::client::ClientSettingsError;
use crate::resolve::{ChainError, PlanError};
use crate::session::CodeError;
use crate::session::mint::MintError;
use crate::session::ports::{CallError, PromptError};
use crate::vault::{AskError, StateDirError, UnknownUnlocker, UnlockError, VaultError};

/// The kinds of failure; `docs/cli.md` is the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 1: a bug or an unclassified I/O error
    Unexpected,
    /// 2: the command line
    Usage,
    /// 3: unreadable or contradictory files, unknown profile, cycle
    Config,
    /// 4: something must be asked and nobody can be
    InputNeeded,
    /// 5: AWS said no
    Refused,
    /// 6: network, time-out, throttled past the bound
    Unreachable,
    /// 7: the keychain is locked, absent or failed
    Vault,
    /// 8: the chain ended without any
    NoCredentials,
    /// 126: the command cannot be executed
    CannotExecute,
    /// 127: the command is not found
    NotFound,
    /// 130: Ctrl-C at a prompt
    Cancelled,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Unexpected,
        Self::Usage,
        Self::Config,
        Self::InputNeeded,
        Self::Refused,
        Self::Unreachable,
        Self::Vault,
        Self::NoCredentials,
        Self::CannotExecute,
        Self::NotFound,
        Self::Cancelled,
    ];

    /// The stable name in JSON, and the exit code.
    pub fn contract(self) -> (&'static str, u8) {
        match self {
            Self::Unexpected => ("unexpected", 1),
            Self::Usage => ("usage", 2),
            Self::Config => ("config", 3),
            Self::InputNeeded => ("input_needed", 4),
            Self::Refused => ("refused", 5),
            Self::Unreachable => ("unreachable", 6),
            Self::Vault => ("vault", 7),
            Self::NoCredentials => ("no_credentials", 8),
            Self::CannotExecute => ("cannot_execute", 126),
            Self::NotFound => ("not_found", 127),
            Self::Cancelled => ("cancelled", 130),
        }
    }
}

/// A command's end in failure.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    message: String,
    hint: Option<String>,
}

impl Failure {
    fn new(kind: Kind, error: &(dyn Error + 'static), hint: impl Into<Option<String>>) -> Self {
        Self { kind, message: sentence(error), hint: hint.into() }
    }

    /// A mistake on the command line that clap cannot see.
    pub fn usage(message: String, hint: &str) -> Self {
        Self { kind: Kind::Usage, message, hint: Some(hint.to_owned()) }
    }

    /// An I/O error that nobody expects.
    pub fn unexpected(what: &str, error: &io::Error) -> Self {
        Self { kind: Kind::Unexpected, message: format!("{what}: {error}"), hint: None }
    }

    /// stdout failed.
    pub fn output(error: &io::Error) -> Self {
        Self::unexpected("the output could not be written", error)
    }

    /// The stable name of the kind.
    pub fn kind(&self) -> &'static str {
        self.kind.contract().0
    }

    /// One sentence: profile, place and cause.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do next.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The exit code.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.kind.contract().1)
    }
}

/// The error and its causes, each said once.
fn sentence(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            // Writing to a String cannot fail.
            let _ = write!(text, ": {said}");
        }
        cause = error.source();
    }
    text
}

/// A profile's name as one word of a command that a person may copy into a POSIX shell: a name can
/// hold anything.
fn word(name: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_alphanumeric() || "_-./@:+%,=".contains(c);
    match name.chars().all(plain) {
        true => name.into(),
        false => format!("'{}'", name.replace('\'', r"'\''")).into(),
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let hint = error.hint();
        Self::new(Kind::Config, &error, hint)
    }
}

impl From<ProfileError> for Failure {
    fn from(error: ProfileError) -> Self {
        Self::new(Kind::Config, &error, "correct include_profile in that line".to_owned())
    }
}

impl From<ClientSettingsError> for Failure {
    fn from(error: ClientSettingsError) -> Self {
        let hint = match &error {
            ClientSettingsError::Region { .. } => "correct it, or give --region",
            ClientSettingsError::MissingServices { .. } | ClientSettingsError::Services(_) => {
                "see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html"
            }
            ClientSettingsError::Endpoint { .. } | ClientSettingsError::Boolean { .. } => {
                "correct it, or leave it out"
            }
        };
        Self::new(Kind::Config, &error, hint.to_owned())
    }
}

impl From<ChainError> for Failure {
    fn from(error: ChainError) -> Self {
        use ChainError as E;
        let (kind, hint) = match &error {
            E::UnknownProfile { similar: Some(similar), .. } => {
                (Kind::Config, format!("did you mean \"{similar}\"? `awsx profiles` lists all"))
            }
            E::UnknownProfile { similar: None, named_by: "named on the command line", .. } => (
                Kind::Config,
                "`awsx profiles` lists all; for a command without a profile: `awsx exec -- COMMAND`"
                    .to_owned(),
            ),
            E::UnknownProfile { .. } => (
                Kind::Config,
                "`awsx profiles` lists all; unset the variable to use the default chain".to_owned(),
            ),
            E::UnknownSourceProfile { similar: Some(similar), .. } => {
                (Kind::Config, format!("did you mean \"{similar}\"?"))
            }
            E::UnknownSourceProfile { source_profile, .. } => (
                Kind::Config,
                format!("add [profile {source_profile}], or correct source_profile in that line"),
            ),
            E::Cycle { .. } => {
                (Kind::Config, "let one of them have credentials of its own".to_owned())
            }
            E::BothSources { .. } => (Kind::Config, "remove one of the two lines".to_owned()),
            E::NoSource { .. } => (
                Kind::Config,
                "add source_profile = NAME, the profile whose credentials may assume the role"
                    .to_owned(),
            ),
            E::UnknownCredentialSource { .. } => {
                (Kind::Config, "correct credential_source in that line".to_owned())
            }
            E::CredentialSourceAbsent { .. } => (
                Kind::Config,
                "run it where that source is, or use source_profile instead".to_owned(),
            ),
            E::SourceWithoutCredentials { profile, .. } => (
                Kind::Config,
                format!(
                    "`aws configure --profile {}` stores keys, or give it a role",
                    word(profile)
                ),
            ),
            E::HalfKeyPair { missing, .. } => {
                (Kind::Config, format!("add {missing} beside it, or remove the line"))
            }
            E::HalfKeyPairInEnvironment => (
                Kind::Config,
                "set AWS_SECRET_ACCESS_KEY too, or `unset AWS_ACCESS_KEY_ID`".to_owned(),
            ),
            E::Incomplete { missing, .. } => (Kind::Config, format!("add {missing} beside it")),
            E::WebIdentityWithoutRole => (
                Kind::Config,
                "set AWS_ROLE_ARN too, or `unset AWS_WEB_IDENTITY_TOKEN_FILE`".to_owned(),
            ),
            E::UnknownSsoSession { session, .. } => (
                Kind::Config,
                format!("add [sso-session {session}] with sso_start_url and sso_region"),
            ),
            E::IncompleteSsoSession { missing, .. } => {
                (Kind::Config, format!("add {missing} below that line"))
            }
            E::SsoSettingsDiffer { key, .. } => {
                (Kind::Config, format!("remove {key} from the profile, or correct one of the two"))
            }
            E::InvalidSetting { key, .. } => {
                (Kind::Config, format!("correct {key} in that line"))
            }
            E::InvalidVariable { variable, .. } => {
                (Kind::Config, format!("correct it, or `unset {variable}`"))
            }
            E::ProfileWithoutCredentials { profile, .. } => (
                Kind::NoCredentials,
                format!(
                    "`aws configure --profile {0}` stores keys; \
                     `awsx explain {0}` shows what was looked at",
                    word(profile)
                ),
            ),
            E::NoCredentials { .. } => (
                Kind::NoCredentials,
                "name a profile (`awsx profiles` lists them), or see `awsx explain`".to_owned(),
            ),
            E::FlagWithoutRole { .. } => {
                (Kind::Usage, "add --role-arn ARN, or leave the flag out".to_owned())
            }
            E::Profile(_) => (Kind::Config, "correct include_profile in that line".to_owned()),
        };
        Self::new(kind, &error, hint)
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        let hint = match &error {
            PlanError::Duration { .. } => "give a duration within the bounds",
            PlanError::MinTtl { .. } => "ask for less, or make the session longer",
        };
        Self::new(Kind::Usage, &error, hint.to_owned())
    }
}

impl From<MintError> for Failure {
    fn from(error: MintError) -> Self {
        let (kind, hint) = match &error {
            MintError::Call { source, profile } => of_call(source, profile.as_deref()),
            MintError::Code(code) => of_code(code),
            MintError::Vault(vault) => of_vault(vault),
            MintError::TooShort { .. } => {
                (Kind::NoCredentials, Some("renew them where they come from".to_owned()))
            }
            MintError::Unsupported { profile, .. } => (
                Kind::NoCredentials,
                Some(format!("`aws configure export-credentials --profile {}` can", word(profile))),
            ),
        };
        Self::new(kind, &error, hint)
    }
}

/// The calls that no credentials sign.
const WEB_IDENTITY: &str = "sts:AssumeRoleWithWebIdentity";
const SSO_ROLE: &str = "sso:GetRoleCredentials";

fn of_call(error: &CallError, profile: Option<&str>) -> (Kind, Option<String>) {
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
        CallError::LoginNeeded { session, .. } => {
            let whose = match (session, profile) {
                (Some(session), _) => format!("--sso-session {session}"),
                (None, profile) => format!("--profile {}", profile.unwrap_or("default")),
            };
            (Kind::InputNeeded, Some(format!("run `aws sso login {whose}`")))
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

fn of_prompt(error: &PromptError, again: String) -> (Kind, Option<String>) {
    match error {
        PromptError::NobodyToAsk { .. } => (Kind::InputNeeded, Some(again)),
        PromptError::Cancelled => (Kind::Cancelled, None),
        PromptError::Terminal(_) => (Kind::Unexpected, None),
    }
}

fn of_vault(error: &VaultError) -> (Kind, Option<String>) {
    match error {
        VaultError::NoExpiry => (Kind::Unexpected, None),
        VaultError::Unlock(unlock) => of_unlock(unlock),
        VaultError::StateDir(state) => of_state_dir(state),
    }
}

fn of_unlock(error: &UnlockError) -> (Kind, Option<String>) {
    let kind = match error {
        UnlockError::PassphraseNeeded(AskError::Cancelled) => Kind::Cancelled,
        UnlockError::PassphraseNeeded(AskError::NobodyToAsk { .. } | AskError::Terminal(_)) => {
            Kind::InputNeeded
        }
        UnlockError::StateDir(state) => return of_state_dir(state),
        UnlockError::NotAvailable { .. }
        | UnlockError::KeychainLocked { .. }
        | UnlockError::KeychainSilent { .. }
        | UnlockError::Keychain { .. }
        | UnlockError::ForeignItem { .. }
        | UnlockError::WrongPassphrase { .. }
        | UnlockError::EmptyPassphrase { .. }
        | UnlockError::PassphrasesDiffer
        | UnlockError::NoPassphrase { .. }
        | UnlockError::VaultFile { .. } => Kind::Vault,
    };
    (kind, error.hint().map(str::to_owned))
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

impl From<ExecError> for Failure {
    fn from(error: ExecError) -> Self {
        let (kind, hint) = match &error {
            ExecError::NotFound { .. } => (Kind::NotFound, "check its spelling and PATH"),
            ExecError::CannotExecute { .. } => {
                (Kind::CannotExecute, "check the file's permissions and its first line")
            }
            ExecError::Nul { .. } => (Kind::CannotExecute, "correct the value"),
        };
        Self::new(kind, &error, hint.to_owned())
    }
}

impl From<FormatError> for Failure {
    fn from(error: FormatError) -> Self {
        let (kind, hint) = match &error {
            FormatError::CannotCarry { .. } => {
                (Kind::Unexpected, Some("use another --format, such as json"))
            }
            FormatError::CannotUnset { .. } => {
                (Kind::Usage, Some("use the format of a shell: sh, fish, powershell, cmd, nushell"))
            }
            FormatError::Write(_) => (Kind::Unexpected, None),
        };
        Self::new(kind, &error, hint.map(str::to_owned))
    }
}
