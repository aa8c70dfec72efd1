//! Ends a login: at AWS first, where AWS can be told, then everything that was kept of it.

use chrono::{DateTime, Utc};

use super::Logins;
use super::console::ConsoleLogin;
use super::current::LoginError;
use super::header::{LoginHeader, LoginKind};
use super::identity_center::IdentityCenterLogin;
use super::kind::Kind;
use crate::credentials::{Login, SessionKey, SsoLogin};
use crate::ports::{CallError, Sso};
use crate::vault::{Lock, SessionHeader, VaultError, forget_tokens};

/// What came of it.
#[derive(Debug)]
pub(crate) struct LoggedOut {
    pub was_logged_in: bool,
    /// Why AWS could not be told; what was kept is removed all the same
    pub not_told: Option<NotTold>,
    /// The sessions that were minted from it, by label. They are removed; AWS honours what was
    /// handed out until it expires.
    pub sessions: Vec<SessionHeader>,
    /// Until when AWS honours the credentials of a login at the console
    pub honoured_until: Option<DateTime<Utc>>,
    /// Whether the AWS CLI's file was awsx's, and is removed too; why it is not
    pub shared: Result<bool, CallError>,
}

/// Why AWS does not know that a login is over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTold {
    #[error(transparent)]
    Call(#[from] CallError),
    /// The key that its record was sealed with is gone.
    #[error("what was kept of {0} cannot be opened any longer, so awsx cannot end it")]
    Sealed(SsoLogin),
}

impl Logins<'_> {
    /// Ends a login. AWS has no call to end one at the console.
    pub(crate) fn log_out(&self, sso: &dyn Sso, login: &Login) -> Result<LoggedOut, LoginError> {
        match login {
            Login::IdentityCenter(name) => {
                let key = IdentityCenterLogin::key(name, self);
                let not_told = self.tell_aws(sso, name, &key)?;
                self.forget(login, &key, not_told)
            }
            Login::Console(name) => self.forget(login, &ConsoleLogin::key(name, self), None),
        }
    }

    /// Tells AWS that the login is over; why that was not possible.
    fn tell_aws(
        &self,
        sso: &dyn Sso,
        login: &SsoLogin,
        key: &SessionKey,
    ) -> Result<Option<NotTold>, VaultError> {
        match self.current_of_awsx::<IdentityCenterLogin>(login, &None) {
            Ok(token) => Ok(sso.logout(login, &token).err().map(NotTold::Call)),
            Err(LoginError::Call(CallError::LoginNeeded { .. })) => {
                let is_kept = self.vault.header::<LoginHeader>(key)?.is_some();
                let opens = || self.vault.get::<IdentityCenterLogin>(key);
                match is_kept && opens()?.is_none() {
                    true => Ok(Some(NotTold::Sealed(login.clone()))),
                    // AWS has ended it already.
                    false => Ok(None),
                }
            }
            Err(LoginError::Call(error)) => Ok(Some(error.into())),
            Err(LoginError::Vault(error)) => Err(error),
        }
    }

    /// Forgets what is kept of a login under `key`, whatever came of telling AWS.
    pub(crate) fn forget(
        &self,
        login: &Login,
        key: &SessionKey,
        not_told: Option<NotTold>,
    ) -> Result<LoggedOut, LoginError> {
        let waiting = match login {
            Login::IdentityCenter(_) => IdentityCenterLogin::WAITING,
            Login::Console(_) => ConsoleLogin::WAITING,
        };
        let _used_once = self.vault.hold(Lock::Login(key), waiting)?;
        let header = self.vault.header::<LoginHeader>(key)?;
        let shared = match (header.as_ref().is_some_and(|header| header.shared), login) {
            (false, _) => Ok(false),
            (true, Login::IdentityCenter(name)) => self.shared_tokens.remove(name),
            (true, Login::Console(name)) => self.shared_sign_ins.remove(name),
        };
        let mut sessions = self.vault.headers::<SessionHeader>()?;
        sessions.retain(|(_, session)| session.login == Some(*key));
        for (key, _) in &sessions {
            self.vault.remove::<SessionHeader>(key)?;
        }
        forget_tokens(self.vault, |token| token.login == Some(*key))?;
        // Last: where this is interrupted, it is still there to log out of.
        self.vault.remove::<LoginHeader>(key)?;
        // Keys are digests: their order says nothing.
        sessions.sort_by(|(_, a), (_, b)| a.label.cmp(&b.label));
        let was_logged_in = header.is_some();
        let honoured_until = header
            .filter(|header| header.kind == LoginKind::Console)
            .and_then(|header| header.expires_at);
        let sessions = sessions.into_iter().map(|(_, session)| session).collect();
        Ok(LoggedOut { was_logged_in, not_told, sessions, honoured_until, shared })
    }
}

#[cfg(test)]
mod tests;
