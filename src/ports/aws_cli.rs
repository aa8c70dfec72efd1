//! The AWS CLI's own caches of logins, which other tools read too: `~/.aws/sso/cache` and
//! `~/.aws/login/cache`.

use super::CallError;
use crate::credentials::{LoginSession, Registration, SignInToken, SsoLogin, SsoToken};

/// One of the AWS CLI's caches. Each of its files has what one login gave.
pub(crate) trait AwsCliCache {
    type Name;
    type Token;

    /// The file, for a sentence.
    fn place(&self, name: &Self::Name) -> String;
    /// What the file has; `None` where there is none. Fails with [`CallError::Source`] if it cannot be
    /// read, and with [`CallError::LoginNeeded`] if what it has is of no use to this login.
    fn read(&self, name: &Self::Name) -> Result<Option<Self::Token>, CallError>;
    /// Whether there is a file of this very login, whatever it is worth; one that cannot be read may be.
    fn has(&self, name: &Self::Name) -> bool;
    /// Replaces the file as the AWS CLI writes it, for its owner alone.
    fn write(&self, name: &Self::Name, token: &Self::Token) -> Result<(), CallError>;
    /// Removes the file of this login, and of no other; whether there was one.
    fn remove(&self, name: &Self::Name) -> Result<bool, CallError>;
}

/// What `aws sso login` leaves. It names a file by the `[sso-session]`, or by the start URL where there is
/// none. What is not good for another minute is of no use.
pub(crate) type SharedTokens = dyn AwsCliCache<Name = SsoLogin, Token = SharedToken>;

/// What `aws login` leaves. It names a file by the ARN.
pub(crate) type SharedSignIns = dyn AwsCliCache<Name = LoginSession, Token = SignInToken>;

#[derive(Clone, Debug)]
pub struct SharedToken {
    /// `accessToken`, `expiresAt`, `refreshToken`
    pub token: SsoToken,
    /// `clientId`, `clientSecret`, `registrationExpiresAt`: the client that may refresh the token.
    pub registration: Option<Registration>,
}
