//! What a login needs of the edges: the services that persons log in to, the AWS CLI's caches, and the
//! browser.

use std::path::PathBuf;
use std::time::Duration;

use super::ports::{CallError, PromptError};
use crate::credentials::{
    Authorization, DeviceAuthorization, Grant, Registration, Secret, SignInAnswer, SignInClient,
    SignInProof, SignInToken, SsoLogin, SsoToken, TokenProof,
};

/// The AWS CLI's own cache of tokens, `~/.aws/sso/cache`. It names a file by the `[sso-session]`,
/// or by the start URL where there is none.
pub trait SharedTokens {
    /// The token that `aws sso login` left; none where there is no file. A file without a token
    /// that is good for another minute is [`CallError::LoginNeeded`] naming it, one that cannot be
    /// read [`CallError::Source`].
    fn read(&self, login: &SsoLogin) -> Result<Option<SharedToken>, CallError>;
    /// Whether there is a file of this very login, whatever its token is worth; one that cannot be
    /// read may be.
    fn has(&self, login: &SsoLogin) -> bool;
    /// Leaves a token as `aws sso login` does, readable by the person alone, and replaces the one
    /// that is there; the file. [`CallError::Source`] if it cannot be written.
    fn write(&self, login: &SsoLogin, token: &SharedToken) -> Result<PathBuf, CallError>;
    /// Removes the token of this login, and of no other; whether there was one.
    /// [`CallError::Source`] if it cannot be removed.
    fn remove(&self, login: &SsoLogin) -> Result<bool, CallError>;
}

/// A token in the AWS CLI's cache.
#[derive(Clone, Debug)]
pub struct SharedToken {
    /// `accessToken`, `expiresAt`, `refreshToken`
    pub token: SsoToken,
    /// `clientId`, `clientSecret`, `registrationExpiresAt`: the client that may refresh the token.
    pub registration: Option<Registration>,
}

/// The OIDC service of IAM Identity Center. Its refusals are [`CallError::Refused`] with AWS's code,
/// such as `AuthorizationPendingException`.
pub trait Oidc {
    /// `sso-oidc:RegisterClient`
    fn register(&self, login: &SsoLogin, grant: Grant) -> Result<Registration, CallError>;
    /// The address at which a person allows the client to act for them. Asks nobody.
    fn authorize_url(
        &self,
        login: &SsoLogin,
        registration: &Registration,
        authorization: &Authorization,
    ) -> Result<String, CallError>;
    /// `sso-oidc:StartDeviceAuthorization`
    fn start_device_authorization(
        &self,
        login: &SsoLogin,
        registration: &Registration,
    ) -> Result<DeviceAuthorization, CallError>;
    /// `sso-oidc:CreateToken`. A code or a refresh token is used once: the call is not repeated once
    /// AWS may have seen it.
    fn token(
        &self,
        login: &SsoLogin,
        registration: &Registration,
        proof: &TokenProof,
    ) -> Result<SsoToken, CallError>;
}

/// AWS sign-in. Its refusals are [`CallError::Refused`] with the `error` of the answer for a code, such
/// as `TOKEN_EXPIRED`.
pub trait SignIn {
    /// A new private key for tokens to be bound to: P-256, SEC1, PEM.
    fn new_key(&self) -> Secret;
    /// The endpoint of the region, `https://REGION.signin.aws.amazon.com` or the configured one. Asks
    /// nobody.
    fn endpoint_url(&self, region: &str) -> Result<String, CallError>;
    /// The address at which a person signs in. Asks nobody.
    fn authorize_url(
        &self,
        region: &str,
        client: SignInClient,
        authorization: &Authorization,
    ) -> Result<String, CallError>;
    /// `signin:CreateOAuth2Token`, proved with the key. A code or a refresh token is used once: the
    /// call is not repeated once AWS may have seen it.
    fn token(
        &self,
        region: &str,
        client_id: &str,
        key: &Secret,
        proof: &SignInProof<'_>,
    ) -> Result<SignInAnswer, CallError>;
}

/// The AWS CLI's cache of sign-ins, `~/.aws/login/cache` or `AWS_LOGIN_CACHE_DIRECTORY`.
pub trait SharedSignIns {
    /// The file of a `login_session`, for a sentence.
    fn place(&self, session: &str) -> String;
    /// What the file says; none if it is not there.
    fn read(&self, session: &str) -> Result<Option<SignInToken>, CallError>;
    /// Replaces the file, for its owner alone; a token without credentials or refresh token is not
    /// written.
    fn write(&self, session: &str, token: &SignInToken) -> Result<(), CallError>;
    /// Removes the file; whether there was one.
    fn remove(&self, session: &str) -> Result<bool, CallError>;
}

/// The browser of the person, and the loopback address that it comes back to.
pub trait Browser {
    /// Why no browser of this machine can come back to awsx, as a clause ("this is an SSH session").
    fn is_out_of_reach(&self) -> Option<String>;
    /// Opens an address; returns before the page is shown.
    fn open(&self, url: &str) -> Result<(), BrowserError>;
    /// Listens on 127.0.0.1, on any free port unless one is given, for one answer to `state`.
    fn listen(&self, port: Option<u16>, state: &str) -> Result<Box<dyn Callback>, BrowserError>;
    /// The answer to `state` in what a page of AWS sign-in showed and a person brought: base 64; else
    /// what is wrong with it, in words.
    fn answer_in(&self, brought: &Secret, state: &str) -> Result<AuthorizationAnswer, String>;
}

/// A loopback address that waits for the browser. Closed when dropped.
pub trait Callback {
    /// `http://127.0.0.1:PORT/oauth/callback`
    fn redirect_uri(&self) -> String;
    /// Waits for the answer: from the browser, or pasted at the terminal where there is one.
    fn wait(&self, limit: Duration) -> Result<AuthorizationAnswer, BrowserError>;
}

/// What the browser came back with; the `state` was right.
#[derive(Debug)]
pub enum AuthorizationAnswer {
    /// `code`
    Code(Secret),
    /// `error` and `error_description`: the person, or AWS, said no
    Denied {
        /// Such as `access_denied`
        error: String,
        /// In words
        description: Option<String>,
    },
}

/// The browser's part of a login failed.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// The command that should open it failed or is not there.
    #[error("{program} did not open the browser: {cause}")]
    NotOpened {
        /// What was tried
        program: String,
        /// Why it failed
        cause: String,
    },
    /// The callback port is taken.
    #[error("127.0.0.1{} cannot be listened on", .port.map(|port| format!(":{port}")).unwrap_or_default())]
    Listen {
        /// The port of `--port`
        port: Option<u16>,
        /// Why
        source: std::io::Error,
    },
    /// Nobody answered in time.
    #[error("no answer came from the browser within {} minutes", .limit.as_secs() / 60)]
    TimedOut {
        /// How long that was
        limit: Duration,
    },
    /// The terminal failed, or the person cancelled.
    #[error(transparent)]
    Prompt(#[from] PromptError),
}
