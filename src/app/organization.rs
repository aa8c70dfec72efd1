//! The accounts and roles of a login, listed or already known.

use std::cell::{Cell, OnceCell};

use chrono::{DateTime, TimeDelta, Utc};

use super::{App, Presence};
use crate::client_settings::ClientSettings;
use crate::credentials::{Secret, SsoLogin};
use crate::host;
use crate::login::{LogInOptions, LoginError};
use crate::organization::account_name::{
    AccountNameError, account_id_from_kept, account_id_from_list,
};
use crate::organization::listing::{Organization, OrganizationError, Progress, RoleListing};
use crate::ports::{Account, CallError, Clock, Person, Portal};
use crate::report::Failure;
use crate::state::{StateDir, StateDirError};

/// From so many accounts on, listing their roles takes a while.
const MANY: usize = 20;
const BETWEEN_NOTICES: TimeDelta = TimeDelta::seconds(5);

impl App {
    /// `-v`
    pub(crate) fn is_verbose(&self) -> bool {
        self.globals.verbose > 0
    }

    /// `--region`
    pub(crate) fn region_flag(&self) -> Option<&str> {
        self.globals.region.as_deref()
    }

    /// The accounts of a login that no file may know yet. Logs in where a person is there.
    pub(crate) fn accounts_of_login(
        &self,
        settings: &ClientSettings,
        login: &SsoLogin,
    ) -> Result<Vec<Account>, Failure> {
        let clients = self.clients(settings);
        let logins = self.logins(&clients)?;
        let call = |token: &Secret| clients.aws.accounts(login, token);
        match logins.with_token(login, call) {
            Err(LoginError::Call(CallError::LoginNeeded { .. }))
                if self.person.terminal().is_ok() =>
            {
                self.log_in(settings, login, LogInOptions::default())?;
                Ok(logins.with_token(login, call)?)
            }
            answer => Ok(answer?),
        }
    }

    /// The accounts and roles of a login. `only`: of one account, by id or name; `refresh`: whatever
    /// is known already. What goes wrong after the accounts were listed is part of the result, except
    /// that a login is needed.
    pub(crate) fn organization(
        &self,
        settings: &ClientSettings,
        login: &SsoLogin,
        only: Option<&str>,
        refresh: bool,
    ) -> Result<Organization, Failure> {
        let state = self.state_dir_of_results()?;
        let shown = Shown { told_at: Cell::new(self.clock.now()), bar: OnceCell::new() };
        let progress = |event| self.tell(event, &shown);
        let found = self.with_portal(settings, login, Presence::MayLogIn, |aws, token| {
            let listing = RoleListing {
                portal: aws,
                state,
                clock: &*self.clock,
                login,
                token,
                refresh,
                progress: &progress,
            };
            match listing.list(only) {
                Err(OrganizationError::Call(error))
                | Ok(Organization {
                    stopped: Some(error @ CallError::LoginNeeded { .. }), ..
                }) => Err(error),
                Err(OrganizationError::StateDir(error)) => Ok(Err::<_, StateDirError>(error)),
                Ok(found) => Ok(Ok(found)),
            }
        })??;
        if let Some(error) = &found.not_kept {
            self.out.warning(&format!("what was listed is not kept: {error}"));
        }
        Ok(found)
    }

    /// The id of the account that a person names.
    pub(crate) fn account_id(
        &self,
        login: &SsoLogin,
        name: &str,
        presence: Presence,
    ) -> Result<String, Failure> {
        let state = self.state_dir_of_results()?;
        if let Some(id) = account_id_from_kept(state, login, name, self.clock.now())? {
            return Ok(id);
        }
        if presence == Presence::Offline {
            let (login, name) = (login.to_string(), name.to_owned());
            return Err(AccountNameError::Unknown { login, name }.into());
        }
        let accounts = self.with_portal(&self.own_settings()?, login, presence, |aws, token| {
            aws.accounts(login, token)
        })?;
        Ok(account_id_from_list(state, login, name, &accounts, self.clock.now())?)
    }

    /// Where results are kept; nowhere where the vault keeps nothing either.
    fn state_dir_of_results(&self) -> Result<Option<&StateDir>, Failure> {
        let vault = self.vault()?;
        Ok(vault.durable())
    }

    fn tell(&self, event: Progress, shown: &Shown) {
        let now = self.clock.now();
        let due = now - shown.told_at.get() >= BETWEEN_NOTICES;
        match event {
            Progress::Waiting => {
                self.out.notice("waiting for another awsx that lists the same accounts");
            }
            Progress::Roles { done, of } if self.out.shows_progress() => {
                shown.bar.get_or_init(|| host::Progress::new(of, "accounts")).set(done);
            }
            Progress::Roles { done: 0, of } if of >= MANY => {
                shown.told_at.set(now);
                self.out.notice(&format!("listing the roles of {of} accounts"));
            }
            Progress::Roles { done, of } if due => {
                shown.told_at.set(now);
                self.out.notice(&format!("{done} of {of} accounts"));
            }
            Progress::Roles { .. } => {}
        }
    }
}

/// What the person saw of the progress.
struct Shown {
    /// When the last line was said, where there is no terminal
    told_at: Cell<DateTime<Utc>>,
    /// The line of the terminal
    bar: OnceCell<host::Progress>,
}
