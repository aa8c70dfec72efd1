//! Ends a login: at AWS first, where AWS can be told, then everything that was kept of it.

use chrono::{DateTime, Utc};

use super::renewal::RenewalError;
use super::sign_in::SignIns;
use super::sso_token::SsoTokens;
use crate::credentials::{SessionKey, SsoLogin};
use crate::ports::{CallError, Sso};
use crate::vault::{Header, Vault, VaultError};

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
    /// Until when AWS honours the sign-in's own credentials
    pub honoured_until: Option<DateTime<Utc>>,
    /// Whether the AWS CLI's file was awsx's, and is removed too
    pub shared: bool,
}

impl SsoTokens<'_> {
    /// Ends a login at IAM Identity Center.
    ///
    /// # Errors
    /// [`RenewalError`] where what is kept cannot be removed.
    pub fn log_out(&self, sso: &dyn Sso, login: &SsoLogin) -> Result<LoggedOut, RenewalError> {
        let key = self.key(login);
        let not_told = match self.own(login, None) {
            Ok(Ok(token)) => sso.logout(login, &token).err(),
            // Sealed with a key that is gone.
            Ok(Err(_))
                if self.vault.login_header(&key)?.is_some()
                    && self.vault.login(&key)?.is_none() =>
            {
                Some(CallError::Source {
                    origin: format!("the record of {login}"),
                    cause: "cannot be opened any longer".to_owned(),
                })
            }
            // AWS has ended it already.
            Ok(Err(_)) => None,
            Err(RenewalError::Call(error)) => Some(error),
            Err(error @ RenewalError::Vault(_)) => return Err(error),
        };
        self.forget(login, &key, not_told)
    }

    /// Forgets what is kept of a login under `key`, whatever came of telling AWS.
    ///
    /// # Errors
    /// As [`Self::log_out`].
    pub fn forget(
        &self,
        login: &SsoLogin,
        key: &SessionKey,
        not_told: Option<CallError>,
    ) -> Result<LoggedOut, RenewalError> {
        let _used_once = self.lock(key)?;
        let header = self.vault.login_header(key)?;
        let is_shared = header.as_ref().is_some_and(|header| header.shared);
        let unshared = if is_shared { self.shared.remove(login) } else { Ok(false) };
        let sessions = forgotten(self.vault, key)?;
        // Only now: whatever is wrong with the AWS CLI's file, nothing stays here.
        let shared = unshared?;
        let was_logged_in = header.is_some();
        Ok(LoggedOut { was_logged_in, not_told, sessions, honoured_until: None, shared })
    }
}

impl SignIns<'_> {
    /// Ends a sign-in. AWS cannot be told: it has no call for it.
    ///
    /// # Errors
    /// [`RenewalError`] where what is kept cannot be removed.
    pub fn log_out(&self, session: &str) -> Result<LoggedOut, RenewalError> {
        self.forget(session, &self.key(session))
    }

    /// Forgets what is kept of a sign-in under `key`.
    ///
    /// # Errors
    /// As [`Self::log_out`].
    pub fn forget(&self, session: &str, key: &SessionKey) -> Result<LoggedOut, RenewalError> {
        let _used_once = self.lock(key)?;
        let header = self.vault.login_header(key)?;
        let is_shared = header.as_ref().is_some_and(|header| header.shared);
        let unshared = if is_shared { self.shared.remove(session) } else { Ok(false) };
        let sessions = forgotten(self.vault, key)?;
        let shared = unshared?;
        let was_logged_in = header.is_some();
        let honoured_until = header.and_then(|header| header.expires_at);
        Ok(LoggedOut { was_logged_in, not_told: None, sessions, honoured_until, shared })
    }
}

/// Removes a login and the sessions that were minted from it; these. The login goes last: where this is
/// interrupted, it is still there to log out of.
///
/// # Errors
/// What is kept cannot be removed.
fn forgotten(vault: &Vault, key: &SessionKey) -> Result<Vec<Header>, VaultError> {
    let mut sessions = vault.headers()?;
    sessions.retain(|session| session.login == Some(*key));
    for session in &sessions {
        vault.remove(&session.key)?;
    }
    vault.remove_login(key)?;
    Ok(sessions)
}

#[cfg(test)]
mod tests;
