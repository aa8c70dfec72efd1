//! Ends a login at IAM Identity Center: at AWS first, then everything that was kept of it.

use super::ports::{CallError, Sso};
use super::sso_token::{SsoTokens, TokenError};
use crate::credentials::SsoLogin;
use crate::vault::Header;

/// What came of it.
#[derive(Debug)]
pub struct LoggedOut {
    /// Whether there was a login
    pub was_logged_in: bool,
    /// Why AWS could not be told; what was kept is removed all the same
    pub not_told: Option<CallError>,
    /// The sessions that were minted from it. They are removed; AWS honours what was handed out
    /// until it expires.
    pub sessions: Vec<Header>,
    /// Whether the AWS CLI's file was awsx's, and is removed too
    pub shared: bool,
}

impl SsoTokens<'_> {
    /// Ends a login.
    ///
    /// # Errors
    /// [`TokenError`] where what is kept cannot be removed.
    pub fn log_out(&self, sso: &dyn Sso, login: &SsoLogin) -> Result<LoggedOut, TokenError> {
        let key = self.key(login);
        let header = self.vault.login_header(&key)?;
        let not_told = match self.own(login, None) {
            Ok(Ok(token)) => sso.logout(login, &token).err(),
            // AWS has ended it already.
            Ok(Err(_)) => None,
            Err(TokenError::Call(error)) => Some(error),
            Err(error @ TokenError::Vault(_)) => return Err(error),
        };
        let _used_once = self.lock(&key)?;
        self.vault.remove_login(&key)?;
        let mut sessions = self.vault.headers()?;
        sessions.retain(|session| session.login == Some(key));
        for session in &sessions {
            self.vault.remove(&session.key)?;
        }
        let is_shared = header.as_ref().is_some_and(|header| header.shared);
        let shared = is_shared && self.shared.remove(login)?;
        Ok(LoggedOut { was_logged_in: header.is_some(), not_told, sessions, shared })
    }
}
