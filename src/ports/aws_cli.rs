//! The AWS CLI's own caches of logins, which other tools read too.

use std::path::PathBuf;

use super::CallError;
use crate::credentials::{Registration, SignInToken, SsoLogin, SsoToken};

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
