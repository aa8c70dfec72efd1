//! Why a call gave no credentials.

use crate::credentials::{Login, SsoLogin};

/// Why a call gave no credentials. Holds AWS's words about the request, never a secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// AWS, or what stands in for it, said no; asking again would not help.
    #[error("{call} was refused: {code}: {message}")]
    Refused { call: &'static str, code: String, message: String, request_id: Option<String> },
    /// The MFA code was wrong or already used; a new one may succeed.
    #[error("{call} did not accept the MFA code: {message}")]
    MfaCodeRefused { call: &'static str, message: String },
    #[error(
        "{call} got no usable answer from {endpoint} ({cause}), and AWS takes each MFA code only once"
    )]
    MfaCodeUnanswered { call: &'static str, endpoint: String, cause: String },
    /// A person must log in: there is no token and there are no credentials, or none that are good
    /// any longer.
    #[error("{login} needs a {}: {problem}", login.words().noun)]
    LoginNeeded { login: Box<Login>, problem: String },
    /// The local clock is off by more than AWS tolerates and the correction did not help.
    #[error("{call} was refused because this machine's clock is {offset_seconds} s off AWS's")]
    ClockSkew { call: &'static str, offset_seconds: i64 },
    /// No answer within the bound: network, TLS, time-out, throttling or server faults.
    #[error("{call} did not succeed after {attempts} attempt(s) at {endpoint}: {cause}")]
    Unreachable { call: &'static str, endpoint: String, attempts: u32, cause: String },
    /// A local source (process, token file, container, instance) failed or said something that is
    /// not credentials.
    #[error("{origin}: {cause}")]
    Source { origin: String, cause: String },
    /// Something that decides how calls are made cannot work: CA bundle, proxy, region, endpoint,
    /// number of attempts. Nothing was sent.
    #[error("{origin}: {cause}")]
    Settings { origin: String, cause: String },
    #[error("no instance metadata service at {endpoint}")]
    NoInstance { endpoint: String },
}

impl CallError {
    pub(crate) fn login_needed(login: &SsoLogin, problem: String) -> Self {
        Self::LoginNeeded { login: Box::new(Login::IdentityCenter(login.clone())), problem }
    }
}
