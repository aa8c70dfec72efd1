//! Why a call gave no credentials.

use serde::{Deserialize, Deserializer, Serialize};

use crate::credentials::{Login, SsoLogin};

/// "sts:AssumeRole".
type CallName = &'static str;

/// Why a call gave no credentials. Holds AWS's words about the request, never a secret.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub(crate) enum CallError {
    /// AWS, or what stands in for it, said no; asking again would not help.
    #[error("{call} was refused: {code}{}", words(message))]
    #[serde(skip)]
    Refused { call: CallName, code: String, message: String, request_id: Option<String> },
    /// The MFA code was wrong or already used; a new one may succeed.
    #[error("{call} did not accept the MFA code: {message}")]
    #[serde(skip)]
    MfaCodeRefused { call: CallName, message: String },
    #[error(
        "{call} got no usable answer from {endpoint} ({cause}), and AWS takes each MFA code only once"
    )]
    #[serde(skip)]
    MfaCodeUnanswered { call: CallName, endpoint: String, cause: String },
    /// A person must log in: there is no token and there are no credentials, or none that are good
    /// any longer.
    #[error("{login} needs a {}: {problem}", login.words().noun)]
    #[serde(skip)]
    LoginNeeded { login: Box<Login>, problem: String },
    /// The local clock is off by more than AWS tolerates and the correction did not help.
    #[error("{call} was refused because this machine's clock is {offset_seconds} s off AWS's")]
    #[serde(skip)]
    ClockSkew { call: CallName, offset_seconds: i64 },
    /// No answer within the bound: network, TLS, time-out, throttling or server faults.
    #[error("{call} did not succeed after {} at {endpoint}: {cause}", count(*.attempts))]
    Unreachable {
        #[serde(deserialize_with = "name_of_call")]
        call: CallName,
        endpoint: String,
        attempts: u32,
        cause: String,
    },
    /// A local source (process, token file, container, instance) failed or said something that is
    /// not credentials.
    #[error("{origin}: {cause}")]
    #[serde(skip)]
    Source { of: SourceOf, origin: String, cause: String },
    /// Something that decides how calls are made cannot work: CA bundle, proxy, region, endpoint,
    /// number of attempts. Nothing was sent.
    #[error("{origin}: {cause}")]
    #[serde(skip)]
    Settings { origin: String, cause: String },
    /// The code of others panicked; `place` is a file and its line
    #[error("{call}: the AWS SDK failed at {place}, which is a bug")]
    #[serde(skip)]
    Bug { call: CallName, place: String },
    #[error("no instance metadata service at {endpoint}{}", if *.is_silent { ": no answer in time" } else { "" })]
    #[serde(skip)]
    NoInstance {
        endpoint: String,
        /// Somebody is there, but the answer did not arrive
        is_silent: bool,
    },
}

/// What a local source is: what helps depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SourceOf {
    /// `credential_process`, `mfa_process`, `oidc = cmd:…`
    Command,
    /// The same, where that is awsx, which has said why to the same person
    Awsx,
    /// A file with a token that somebody else writes
    TokenFile,
    /// GitHub Actions, of which a job may not ask for a token, or which refuses it
    Github,
    /// GitHub Actions, where awsx is not in one of its jobs
    NoGithubJob,
    /// The variable in which GitLab leaves a token
    Gitlab,
    /// Another variable
    Variable,
    Container,
    Instance,
    /// The AWS CLI's cache
    AwsCliFile,
    /// This machine, or awsx itself
    Machine,
}

/// AWS's words about it, if there are any.
fn words(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

impl CallError {
    /// Whether a policy forbids the call.
    pub(crate) fn is_denial(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if code.starts_with("AccessDenied"))
    }

    pub(crate) fn login_needed(login: &SsoLogin, problem: String) -> Self {
        Self::LoginNeeded { login: Box::new(Login::IdentityCenter(login.clone())), problem }
    }
}

/// Never freed: awsx ends with the error, and a name is short.
fn name_of_call<'de, D: Deserializer<'de>>(deserializer: D) -> Result<CallName, D::Error> {
    Ok(String::deserialize(deserializer)?.leak())
}

fn count(attempts: u32) -> String {
    match attempts {
        1 => "1 attempt".to_owned(),
        more => format!("{more} attempts"),
    }
}
