//! The traits that the edges implement. One real and one fake implementation each.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};

pub use super::login_ports::{
    AuthorizationAnswer, Browser, BrowserError, Callback, Oidc, SharedSignIns, SharedToken,
    SharedTokens, SignIn,
};
pub use super::portal::{Account, Heard, Portal};
use crate::credentials::{
    AssumeRole, AssumeRoleWithWebIdentity, GetRoleCredentials, GetSessionToken, MfaCode, Secret,
    SessionCredentials, SigningKeys, SsoLogin,
};
pub use crate::credentials::{ContainerAuthorization, ContainerEndpoint, InstanceMetadata};

/// The time.
pub trait Clock {
    /// The current time, UTC.
    fn now(&self) -> DateTime<Utc>;
    /// Waits.
    fn sleep(&self, duration: Duration);
}

/// The person at the terminal device, if there is one.
pub trait Prompt {
    /// Asks for the code of an MFA device.
    fn mfa_code(&self, question: &MfaQuestion<'_>) -> Result<MfaCode, PromptError>;
    /// Asks for a passphrase; nothing is echoed.
    fn passphrase(&self, question: &str) -> Result<Secret, PromptError>;
    /// Asks for something that is pasted and may be longer than a line of a terminal (4,095 bytes
    /// on Linux, 1,024 on macOS); nothing is echoed.
    fn pasted(&self, question: &str) -> Result<Secret, PromptError> {
        self.passphrase(question)
    }
    /// Asks for a line of text; an empty answer is `default`, where there is one.
    fn text(&self, question: &str, default: Option<&str>) -> Result<String, PromptError>;
    /// Asks yes or no; Enter alone is `default`.
    fn confirm(&self, question: &str, default: bool) -> Result<bool, PromptError>;
    /// Waits until the person presses Enter.
    fn enter(&self, message: &str) -> Result<(), PromptError>;
    /// Lets the person pick one of `items` by typing a part of it; the index of the choice.
    fn pick(&self, question: &str, items: &[String]) -> Result<usize, PromptError>;
    /// Whether somebody can be asked at all.
    fn is_attended(&self) -> bool;
    /// Tells the person what to do; on stderr, whatever else is kept quiet.
    fn instruct(&self, message: &str);
    /// Tells the person something while they wait; on stderr, also where nobody can be asked.
    fn notice(&self, message: &str);
}

/// What the person needs to know to give a code.
#[derive(Clone, Copy, Debug)]
pub struct MfaQuestion<'a> {
    /// The device: `arn:aws:iam::…:mfa/…` or a hardware serial number
    pub serial: &'a str,
    /// The profile that needs the code
    pub profile: Option<&'a str>,
    /// Why the last code was not taken, when asking again
    pub problem: Option<&'a str>,
}

/// No answer came.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// There is no terminal, or `--no-input` was given.
    #[error("nobody can be asked: {reason}")]
    NobodyToAsk {
        /// `--no-input`, `AWSX_NO_INPUT` or "no terminal"
        reason: &'static str,
    },
    /// The person pressed Ctrl-C or Ctrl-D, or Escape in a list.
    #[error("cancelled at the prompt")]
    Cancelled,
    /// The terminal failed.
    #[error("the terminal could not be read")]
    Terminal(#[source] std::io::Error),
}

/// AWS STS.
pub trait Sts {
    /// `sts:GetSessionToken`
    fn get_session_token(
        &self,
        keys: SigningKeys<'_>,
        request: &GetSessionToken,
        code: Option<MfaCode>,
    ) -> Result<SessionCredentials, CallError>;
    /// `sts:AssumeRole`
    fn assume_role(
        &self,
        keys: SigningKeys<'_>,
        request: &AssumeRole,
        code: Option<MfaCode>,
    ) -> Result<SessionCredentials, CallError>;
    /// `sts:AssumeRoleWithWebIdentity`; unsigned, the token proves who asks.
    fn assume_role_with_web_identity(
        &self,
        request: &AssumeRoleWithWebIdentity,
        token: Secret,
    ) -> Result<SessionCredentials, CallError>;
    /// `sts:GetCallerIdentity`
    fn get_caller_identity(&self, keys: SigningKeys<'_>) -> Result<CallerIdentity, CallError>;
}

/// The answer to `sts:GetCallerIdentity`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerIdentity {
    /// `Account`, 12 digits
    pub account: String,
    /// `Arn`
    pub arn: String,
    /// `UserId`
    pub user_id: String,
}

/// IAM Identity Center.
pub trait Sso {
    /// `sso:GetRoleCredentials`; a token that AWS does not accept is [`CallError::LoginNeeded`].
    fn role_credentials(
        &self,
        token: &Secret,
        request: &GetRoleCredentials,
    ) -> Result<SessionCredentials, CallError>;
    /// `sso:Logout`: AWS takes the token no longer. One that was over already is no error.
    fn logout(&self, login: &SsoLogin, token: &Secret) -> Result<(), CallError>;
}

/// Where credentials come from that STS does not mint.
pub trait Sources {
    /// Runs a `credential_process` command line and reads its JSON.
    fn process(&self, command: &str) -> Result<SessionCredentials, CallError>;
    /// Reads the token of a `web_identity_token_file`.
    fn web_identity_token(&self, file: &Path) -> Result<Secret, CallError>;
    /// Asks the container's credential endpoint.
    fn container(&self, endpoint: &ContainerEndpoint) -> Result<SessionCredentials, CallError>;
    /// Asks the instance metadata service (IMDSv2).
    fn instance(&self, service: &InstanceMetadata) -> Result<SessionCredentials, CallError>;
    /// Runs an `mfa_process` command line; its output is the code.
    fn mfa_code(&self, command: &str) -> Result<MfaCode, CallError>;
}

/// Why a call gave no credentials. Holds AWS's words about the request, never a secret.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// AWS, or what stands in for it, said no; asking again would not help.
    #[error("{call} was refused: {code}: {message}")]
    Refused {
        /// The operation, such as `sts:AssumeRole`
        call: &'static str,
        /// AWS's error code, such as `AccessDenied`
        code: String,
        /// AWS's message
        message: String,
        /// `x-amzn-RequestId`, for AWS support
        request_id: Option<String>,
    },
    /// The MFA code was wrong or already used; a new one may succeed.
    #[error("{call} did not accept the MFA code: {message}")]
    MfaCodeRefused {
        /// The operation
        call: &'static str,
        /// AWS's message
        message: String,
    },
    /// The MFA code was sent, but no usable answer came; AWS may have used it up, a new one may
    /// succeed.
    #[error(
        "{call} got no usable answer from {endpoint} ({cause}), and AWS takes each MFA code only once"
    )]
    MfaCodeUnanswered {
        /// The operation
        call: &'static str,
        /// The URL or host that was asked
        endpoint: String,
        /// What happened, in words
        cause: String,
    },
    /// A person must log in to IAM Identity Center: there is no access token, or none that is
    /// good any longer.
    #[error("{login} needs a login: {problem}")]
    LoginNeeded {
        /// Where
        login: Box<SsoLogin>,
        /// What is wrong with the token
        problem: String,
    },
    /// A person must sign in to AWS: there is no sign-in, or none that can be renewed.
    #[error("login_session {session} needs a sign-in: {problem}")]
    SignInNeeded {
        /// The ARN of the `login_session`
        session: String,
        /// What is wrong with the one there is
        problem: String,
    },
    /// The local clock is off by more than AWS tolerates and the correction did not help.
    #[error("{call} was refused because this machine's clock is {offset_seconds} s off AWS's")]
    ClockSkew {
        /// The operation
        call: &'static str,
        /// AWS's time less the local time, in seconds
        offset_seconds: i64,
    },
    /// No answer within the bound: network, TLS, time-out, throttling or server faults.
    #[error("{call} did not succeed after {attempts} attempt(s) at {endpoint}: {cause}")]
    Unreachable {
        /// The operation
        call: &'static str,
        /// The URL or host that was asked
        endpoint: String,
        /// How often
        attempts: u32,
        /// What happened, in words
        cause: String,
    },
    /// A local source (process, token file, container, instance) failed or said something that is
    /// not credentials.
    #[error("{origin}: {cause}")]
    Source {
        /// The source: the command's program, the file or the endpoint
        origin: String,
        /// What is wrong with it
        cause: String,
    },
    /// Something that decides how calls are made cannot work: CA bundle, proxy, region, endpoint,
    /// number of attempts. Nothing was sent.
    #[error("{origin}: {cause}")]
    Settings {
        /// The file, variable or setting
        origin: String,
        /// What is wrong with it
        cause: String,
    },
    /// There is no such service here: the instance metadata service did not answer.
    #[error("no instance metadata service at {endpoint}")]
    NoInstance {
        /// The endpoint that was tried
        endpoint: String,
    },
}

impl CallError {
    /// A person must log in.
    pub fn login_needed(login: &SsoLogin, problem: String) -> Self {
        Self::LoginNeeded { login: Box::new(login.clone()), problem }
    }
}
