//! A person logs in: because they said so, or because a command needs it and they agree. What that
//! gives is [`super::current`]'s to renew.

mod console;
mod error;
mod identity_center;

use super::kind::Kind;
use super::{ConsoleLogin, IdentityCenterLogin, LoginHeader, Logins};
use crate::credentials::{Login, LoginWords, SsoLogin};
use crate::ports::Browser;
use crate::vault::{Lock, Question, UnlockerKind};

pub(crate) use error::{LogInError, LogInFailure};

pub(crate) struct LogIn<'a> {
    pub logins: Logins<'a>,
    pub browser: &'a dyn Browser,
}

/// How a person wants to log in.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LogInOptions {
    /// `--device-code`, `--remote`: in a browser that cannot come back to awsx
    pub elsewhere: bool,
    /// `--no-browser`: the address is only shown
    pub no_browser: bool,
    /// `--port`
    pub port: Option<u16>,
    /// `--share`: the AWS CLI's cache gets the token too
    pub share: bool,
    /// The login is for later commands: a vault that forgets it will not do
    pub must_keep: bool,
}

/// What a command does that holds the others up.
const ASKS: &str = "asks for a login";

impl LogIn<'_> {
    /// Logs in at IAM Identity Center because the person said so. Several processes open one login
    /// between them.
    pub(crate) fn identity_center(
        &self,
        login: &SsoLogin,
        options: LogInOptions,
    ) -> Result<LoginHeader, LogInError> {
        let key = IdentityCenterLogin::key(login, &self.logins);
        let header = || self.logins.vault.header::<LoginHeader>(&key);
        let log_in = || {
            self.logins.person.terminal()?;
            self.refuse_to_forget(options)?;
            // Compared with each other and not with the time: a clock may have been set back.
            let before = header()?.map(|header| header.logged_in_at);
            self.logins.vault.ask_once(
                Question::LogIn(&key),
                ASKS,
                || Ok(header()?.filter(|header| Some(header.logged_in_at) != before)),
                || self.keep(login, self.ask_identity_center(login, options)?),
            )
        };
        log_in().map_err(|failure| LogInError::new(&Login::IdentityCenter(login.clone()), failure))
    }

    /// Logs in at the console because the person said so. Nothing is kept yet.
    pub(crate) fn console(
        &self,
        region: &str,
        options: LogInOptions,
    ) -> Result<ConsoleLogin, LogInError> {
        let log_in = || {
            self.refuse_to_forget(options)?;
            self.logins.person.terminal()?;
            self.ask_console(region, options)
        };
        log_in().map_err(LogInError::at_console)
    }

    /// Keeps what [`Self::console`] gave, in place of an older login.
    pub(crate) fn keep_console(&self, login: ConsoleLogin) -> Result<LoginHeader, LogInError> {
        let session = login.session.clone();
        self.keep(&session, login).map_err(LogInError::at_console)
    }

    /// Logs in because a command needs it; false if the person does not want to. Several processes open
    /// one login between them. `region`: where to log in at the console.
    pub(crate) fn if_agreed(
        &self,
        login: &Login,
        region: &str,
        options: LogInOptions,
    ) -> Result<bool, LogInError> {
        match login {
            Login::IdentityCenter(sso) => {
                self.once_if_agreed(sso, || self.ask_identity_center(sso, options))
            }
            Login::Console(session) => self.once_if_agreed(session, || {
                let login = self.ask_console(region, options)?;
                match login.session == *session {
                    true => Ok(login),
                    false => Err(LogInFailure::SomebodyElse {
                        logged_in: login.session.arn().to_owned(),
                        needed: session.arn().to_owned(),
                    }),
                }
            }),
        }
        .map_err(|failure| LogInError::new(login, failure))
    }

    fn once_if_agreed<K: Kind>(
        &self,
        name: &K::Name,
        ask: impl FnOnce() -> Result<K, LogInFailure>,
    ) -> Result<bool, LogInFailure> {
        let person = self.logins.person;
        let terminal = person.terminal()?;
        let (login, key) = (K::login(name), K::key(name, &self.logins));
        let LoginWords { question, done, code, .. } = login.words();
        let how = match self.browser.is_out_of_reach() {
            None => "in the browser".to_owned(),
            Some(_) => format!("with a {code}"),
        };
        let look = || Ok(K::is_logged_in(name, &self.logins)?.then_some(true));
        let log_in = || {
            let name_of_login = login.name();
            if !terminal.confirm(&format!("{question} {name_of_login} {how}?"), true)? {
                return Ok(false);
            }
            match self.keep(name, ask()?) {
                // The command that needs it has it.
                Err(LogInFailure::NotShared(error)) => {
                    let cache = "the AWS CLI's cache does not have it";
                    person.tell(&format!("{cache}: {error}"));
                }
                kept => drop(kept?),
            }
            person.tell(&format!("{done} {name_of_login}"));
            Ok(true)
        };
        self.logins.vault.ask_once(Question::LogIn(&key), ASKS, look, log_in)
    }

    /// Opens the vault before the browser: nobody logs in for a vault that cannot keep it.
    fn make_room(&self, options: LogInOptions) -> Result<(), LogInFailure> {
        self.logins.vault.make_room::<LoginHeader>()?;
        // Only now is it known where `auto` keeps its key.
        self.refuse_to_forget(options)?;
        if self.logins.vault.unlocker_kind() == UnlockerKind::Memory {
            self.logins
                .person
                .tell("the vault keeps nothing (memory), so this login ends with this command");
        }
        Ok(())
    }

    /// Fails where the login is for later commands, and nothing would keep it.
    fn refuse_to_forget(&self, options: LogInOptions) -> Result<(), LogInFailure> {
        let is_forgotten =
            self.logins.vault.unlocker_kind() == UnlockerKind::Memory && !options.share;
        match options.must_keep && is_forgotten {
            true => Err(LogInFailure::NothingKept),
            false => Ok(()),
        }
    }

    /// Whether the person logs in in a browser that cannot come back. Whoever forwards a port or pastes
    /// the address has one that does.
    fn is_elsewhere(&self, options: LogInOptions, words: &LoginWords) -> bool {
        if options.elsewhere || options.no_browser || options.port.is_some() {
            return options.elsewhere;
        }
        let Some(reason) = self.browser.is_out_of_reach() else { return false };
        self.logins.person.tell(&format!(
            "{reason}, so no browser can come back to awsx: {} with a {}",
            words.doing, words.code
        ));
        true
    }

    /// Keeps a new login. The AWS CLI's file goes on being in step with a login that it was once given.
    fn keep<K: Kind>(&self, name: &K::Name, mut new: K) -> Result<LoginHeader, LogInFailure> {
        let key = K::key(name, &self.logins);
        let _used_once = self.logins.vault.hold(Lock::Login(&key), K::WAITING)?;
        let replaced = self.logins.vault.header::<LoginHeader>(&key)?;
        if replaced.is_some_and(|header| header.shared) && K::cache(&self.logins).has(name) {
            new.set_shared(true);
        }
        self.logins.vault.put(&key, &new)?;
        if new.header().shared {
            self.logins.share(name, &new).map_err(LogInFailure::NotShared)?;
        }
        Ok(new.header())
    }
}

#[cfg(test)]
mod tests;
