//! Work that may need a login first.

use crate::credentials::Login;
use crate::login::LoginError;
use crate::ports::CallError;
use crate::report::Failure;
use crate::session::mint::MintError;

/// An error that may say that a login is missing.
pub(super) trait NeedsLogin {
    /// The login that is missing, and the profile that needs it.
    fn login_needed(&self) -> Option<(&Login, Option<&str>)>;
}

impl NeedsLogin for LoginError {
    fn login_needed(&self) -> Option<(&Login, Option<&str>)> {
        match self {
            Self::Call(CallError::LoginNeeded { login, .. }) => Some((login, None)),
            Self::Call(_) | Self::Vault(_) => None,
        }
    }
}

impl NeedsLogin for MintError {
    fn login_needed(&self) -> Option<(&Login, Option<&str>)> {
        match self {
            Self::Call { cause: CallError::LoginNeeded { login, .. }, profile } => {
                Some((login, profile.as_deref()))
            }
            _ => None,
        }
    }
}

/// Does the work; if it needs a login and `log_in` logs somebody in, once more after that.
pub(super) fn with_login<T, E: NeedsLogin>(
    mut work: impl FnMut() -> Result<T, E>,
    log_in: impl FnOnce(&Login, Option<&str>) -> Result<bool, Failure>,
    failure_of: impl Fn(E) -> Failure,
) -> Result<T, Failure> {
    let error = match work() {
        Ok(done) => return Ok(done),
        Err(error) => error,
    };
    match error.login_needed() {
        Some((login, profile)) if log_in(login, profile)? => work().map_err(failure_of),
        _ => Err(failure_of(error)),
    }
}
