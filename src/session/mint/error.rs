//! Why there are no credentials.

use crate::guard::NotExpected;
use crate::login::LoginError;
use crate::ports::{CallError, SourceOf};
use crate::resolve::{FirstCall, Step};
use crate::session::by_assertion::SamlError;
use crate::session::codes::CodeError;
use crate::vault::VaultError;

/// Why there are no credentials.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MintError {
    #[error("{}{cause}", prefix(.profile.as_deref()))]
    Call { profile: Option<String>, cause: CallError },
    #[error(transparent)]
    Code(#[from] CodeError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// What the source hands over has expired, or ends before `--min-ttl`.
    #[error("the credentials of {origin} {problem}")]
    TooShort { origin: String, problem: String },
    #[error("the stored keys of {profile} {problem}")]
    StoredKeys { profile: String, problem: String },
    #[error("{}{cause}", prefix(.profile.as_deref()))]
    Saml { profile: Option<String>, cause: SamlError },
    /// Only who made them knew.
    #[error(
        "the credentials of {origin} are the access keys of an IAM user, and AWS narrows sessions alone"
    )]
    ScopeOfKeys { origin: String },
    #[error(transparent)]
    NotExpected(#[from] NotExpected),
    /// The plan ends in long-term keys, and does not permit to hand them over.
    #[error("the access keys of {origin} never leave awsx; a session does")]
    LongTermKeys { origin: String },
}

fn prefix(profile: Option<&str>) -> String {
    profile.map(|profile| format!("profile \"{profile}\": ")).unwrap_or_default()
}

/// The error of a call that was made for a profile.
pub(super) fn failure_of(profile: Option<&str>) -> impl Fn(CallError) -> MintError {
    move |cause| MintError::Call { profile: profile.map(str::to_owned), cause }
}

/// The error of a code that a call for a profile needs.
pub(super) fn of_code(profile: Option<&str>) -> impl Fn(CodeError) -> MintError {
    move |error| match error {
        CodeError::Call(cause) => failure_of(profile)(cause),
        other => MintError::Code(other),
    }
}

/// The error of an awsx that a `credential_process` runs, and that needs what that command is run for.
pub(super) fn circle(why: &str) -> CallError {
    CallError::Source {
        of: SourceOf::Command,
        origin: "credential_process".into(),
        cause: format!("calls itself: {why}"),
    }
}

/// The error of a login that a step begins with.
pub(super) fn of_login(error: LoginError, step: &Step<FirstCall>) -> MintError {
    match error {
        LoginError::Call(source) => failure_of(step.profile.as_deref())(source),
        LoginError::Vault(source) => source.into(),
    }
}

/// The error of an assertion that a step begins with.
pub(super) fn of_assertion(error: SamlError, step: &Step<FirstCall>) -> MintError {
    match error {
        SamlError::Call(cause) => failure_of(step.profile.as_deref())(cause),
        cause => MintError::Saml { profile: step.profile.clone(), cause },
    }
}
