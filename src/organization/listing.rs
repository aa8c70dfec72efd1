//! Lists the accounts of a person and the roles in them. The accounts are listed each time; the roles
//! of an account only where none are kept, or where they are too old. What comes in is kept at least
//! every second, so that whatever ends a run, the next one goes on from there.
//!
//! How many requests there may be per second is up to [`Portal`].

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::kept::{self, KeptRoles, RolesOfAccount};
use crate::credentials::{Secret, SessionKey, SsoLogin};
use crate::ports::{Account, CallError, Clock, Portal, PortalEvent};
use crate::state::{StateDir, StateDirError};
use crate::vault::{Flight, Lock};

/// How long what came in may be in memory alone.
const BETWEEN_WRITES: TimeDelta = TimeDelta::seconds(1);

/// A run over the accounts of one login.
pub(crate) struct RoleListing<'a> {
    pub portal: &'a dyn Portal,
    /// Where the results are kept; none where the vault keeps nothing either
    pub state: Option<&'a StateDir>,
    pub clock: &'a dyn Clock,
    pub login: &'a SsoLogin,
    pub token: &'a Secret,
    /// Whether the roles of all accounts are listed, however fresh the kept ones are
    pub refresh: bool,
    pub progress: &'a dyn Fn(Progress),
}

/// What happens while an organization is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Another awsx lists the same; this one waits for it
    Waiting,
    /// AWS throttles, so that it takes longer
    Throttled,
    /// How many of the accounts that are asked for are done: listed, or failed
    Roles { done: usize, of: usize },
}

#[derive(Debug, Default)]
pub(crate) struct Organization {
    /// In the order of their names, then of their ids
    pub accounts: Vec<KnownAccount>,
    /// What ended the run early; the rest of the accounts was not asked for
    pub stopped: Option<CallError>,
    /// Why the results could not be kept
    pub not_kept: Option<StateDirError>,
}

#[derive(Debug)]
pub(crate) struct KnownAccount {
    pub account: Account,
    /// Its roles; none where the portal never listed them
    pub known: Option<RolesOfAccount>,
    /// Why they should have been listed in this run, and were not
    pub problem: Option<Problem>,
}

/// Why the roles of an account are not known, or only from an earlier time.
#[derive(Debug)]
pub(crate) enum Problem {
    Failed(CallError),
    /// The run ended before it came to them
    NotReached,
}

/// Whether an account is meant.
pub(crate) type Which<'a> = &'a dyn Fn(&Account) -> bool;

type Problems = HashMap<String, Problem>;

/// Nothing is known of the organization.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OrganizationError {
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    StateDir(#[from] StateDirError),
}

impl RoleListing<'_> {
    /// Lists the accounts that are meant, with their roles. What fails after the list of accounts is in the result.
    pub(crate) fn list(&self, is_meant: Which<'_>) -> Result<Organization, OrganizationError> {
        let key = kept::key(self.login);
        let lock = self.state.map(|state| {
            Lock::Organization(&key).hold(state, || (self.progress)(Progress::Waiting))
        });
        let (lock, not_kept) = match lock.transpose() {
            Ok(lock) => (lock, None),
            Err(error @ StateDirError::Unsafe { .. }) => return Err(error.into()),
            Err(error) => (None, Some(error)),
        };
        // Behind the lock: whoever had it may have listed all of it.
        let mut roles = KeptRoles::read(self.state, &key)?;
        let flight = Flight::new(lock);
        let mut accounts = flight.make(|| self.portal.accounts(self.login, self.token))?;
        accounts.sort_by(|a, b| {
            (&a.account_name, &a.account_id).cmp(&(&b.account_name, &b.account_id))
        });
        accounts.dedup_by(|a, b| a.account_id == b.account_id);
        let now = self.clock.now();
        roles.set_names(&accounts, now);
        // Those that are gone are forgotten; the others' roles stay whatever becomes of this run.
        roles.accounts.retain(|id, _| accounts.iter().any(|a| a.account_id == *id));
        accounts.retain(is_meant);
        let is_fresh = |account: &&Account| {
            let roles = roles.accounts.get(&account.account_id);
            roles.is_some_and(|roles| kept::is_fresh(roles.listed_at, self.clock.now()))
        };
        let wanted: Vec<String> = accounts
            .iter()
            .filter(|account| self.refresh || !is_fresh(account))
            .map(|account| account.account_id.clone())
            .collect();
        let state = self.state;
        let mut results =
            Results { state, key, roles, written_at: now, is_written: false, error: not_kept };
        let (mut problems, stopped) = self.list_roles(&wanted, &mut results);
        let known_account = |account: Account| KnownAccount {
            known: results.roles.accounts.get(&account.account_id).cloned(),
            problem: problems.remove(&account.account_id),
            account,
        };
        let accounts = accounts.into_iter().map(known_account).collect();
        Ok(Organization { accounts, stopped, not_kept: results.error })
    }

    /// Lists the roles of these accounts; which were not listed, and what ended it early.
    fn list_roles(
        &self,
        wanted: &[String],
        results: &mut Results<'_>,
    ) -> (Problems, Option<CallError>) {
        let not_reached = |id: &String| (id.clone(), Problem::NotReached);
        let mut problems: Problems = wanted.iter().map(not_reached).collect();
        let progress = |done| (self.progress)(Progress::Roles { done, of: wanted.len() });
        let mut outcome = Ok(());
        if !wanted.is_empty() {
            let mut done = 0;
            progress(done);
            outcome = self.portal.roles(self.login, self.token, wanted, &mut |event| {
                let now = self.clock.now();
                if matches!(event, PortalEvent::Throttled) {
                    (self.progress)(Progress::Throttled);
                }
                if let PortalEvent::Roles { account_id, outcome } = event {
                    match outcome {
                        Ok(roles) => {
                            problems.remove(&account_id);
                            let listed = RolesOfAccount { roles, listed_at: now };
                            results.roles.accounts.insert(account_id, listed);
                            results.is_written = false;
                        }
                        Err(error) => {
                            problems.insert(account_id, Problem::Failed(error));
                        }
                    }
                    done += 1;
                    progress(done);
                }
                if now - results.written_at >= BETWEEN_WRITES {
                    results.write(now);
                }
            });
        }
        results.write(self.clock.now());
        (problems, outcome.err())
    }
}

/// The roles that are known so far, and how much of them is kept.
struct Results<'a> {
    state: Option<&'a StateDir>,
    key: SessionKey,
    roles: KeptRoles,
    written_at: DateTime<Utc>,
    /// Whether the file holds all of `roles`
    is_written: bool,
    /// Why nothing is written any longer
    error: Option<StateDirError>,
}

impl Results<'_> {
    fn write(&mut self, now: DateTime<Utc>) {
        let Some(state) = self.state.filter(|_| !self.is_written && self.error.is_none()) else {
            return;
        };
        self.error = self.roles.write(state, &self.key).err();
        self.is_written = self.error.is_none();
        self.written_at = now;
    }
}

#[cfg(test)]
mod tests;
