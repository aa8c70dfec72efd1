//! The accounts of a person and the roles in them. The list of accounts is asked for each time; the
//! roles of an account only where none are known, or they were listed too long ago. What comes in is
//! kept at least every second, so that whatever ends a run, the next one goes on from there.
//!
//! How many requests there may be per second is [`crate::ports::Portal`]'s matter, what
//! profiles are made of the roles is decided elsewhere.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::lock::{self, LockError};
use crate::credentials::{Secret, SessionKey, SsoLogin};
use crate::ports::{Account, CallError, Clock, Heard, Portal};
use crate::state::{StateDir, StateDirError};
use crate::vault::{KnownRoles, RolesOfAccount};

/// Older lists of roles are asked for again.
pub const MAX_AGE: TimeDelta = TimeDelta::hours(24);

/// How long what came in may be kept in memory alone.
const UNKEPT: TimeDelta = TimeDelta::seconds(1);

/// Everything that listing an organization takes.
pub struct Survey<'a> {
    /// The access portal
    pub portal: &'a dyn Portal,
    /// Where results are kept; nowhere where a vault keeps nothing either
    pub state: Option<&'a StateDir>,
    /// The time
    pub clock: &'a dyn Clock,
    /// Where the person is logged in
    pub login: &'a SsoLogin,
    /// The access token
    pub token: &'a Secret,
    /// Ask for the roles of all accounts, whatever is known
    pub refresh: bool,
    /// Told what happens meanwhile
    pub progress: &'a dyn Fn(Progress),
}

/// What happens while an organization is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Another awsx lists the same; this one waits for it
    Waiting,
    /// Of so many accounts whose roles are asked for, so many are done
    Roles {
        /// Listed, or failed
        done: usize,
        /// All of them
        of: usize,
    },
}

/// The accounts, and what is known of each.
#[derive(Debug, Default)]
pub struct Organization {
    /// In the order of their names, then of their ids
    pub accounts: Vec<KnownAccount>,
    /// What ended the run early; the rest of the accounts was not asked for
    pub stopped: Option<CallError>,
    /// Why the results could not be kept
    pub not_kept: Option<StateDirError>,
}

/// An account and its roles.
#[derive(Debug)]
pub struct KnownAccount {
    /// What the portal says of it
    pub account: Account,
    /// Its roles; none are known where the portal never listed them
    pub known: Option<RolesOfAccount>,
    /// The roles should have been listed now, and were not
    pub problem: Option<Problem>,
}

/// Why the roles of an account are not known, or only from an earlier time.
#[derive(Debug)]
pub enum Problem {
    /// The portal did not list them
    Failed(CallError),
    /// The run ended before it came to them
    NotReached,
}

/// Nothing is known of the organization.
#[derive(Debug, thiserror::Error)]
pub enum OrganizationError {
    /// The accounts were not listed
    #[error(transparent)]
    Call(#[from] CallError),
    /// The state directory is not safe
    #[error(transparent)]
    StateDir(#[from] StateDirError),
}

impl Organization {
    /// Whether every account's roles are known and no older than they may be.
    pub fn is_complete(&self) -> bool {
        self.stopped.is_none() && self.accounts.iter().all(|account| account.problem.is_none())
    }
}

/// The name of what is known of a login's organization. What the token may be used for does not
/// change it.
pub fn key(login: &SsoLogin) -> SessionKey {
    SessionKey::builder("organization")
        .optional("session", login.session.as_deref())
        .field("start_url", &login.start_url)
        .field("region", &login.region)
        .build()
}

impl Survey<'_> {
    /// The accounts with their roles; with `only`, roles are asked for in accounts of that id or
    /// name alone, and the others are left out.
    ///
    /// # Errors
    /// [`OrganizationError`]: the list of accounts failed. What fails later is in the result.
    pub fn organization(&self, only: Option<&str>) -> Result<Organization, OrganizationError> {
        let key = key(self.login);
        let mut not_kept = None;
        let _guard = match self.state {
            Some(state) => {
                match lock::organization(state, &key, || (self.progress)(Progress::Waiting)) {
                    Ok(guard) => Some(guard),
                    Err(LockError(error @ StateDirError::Unsafe { .. })) => {
                        return Err(error.into());
                    }
                    Err(LockError(error)) => {
                        not_kept = Some(error);
                        None
                    }
                }
            }
            None => None,
        };
        // Behind the lock: whoever had it may have listed all of it.
        let known = match self.state {
            Some(state) => state.known_roles(&key)?,
            None => KnownRoles::default(),
        };
        let mut accounts = self.portal.accounts(self.login, self.token)?;
        accounts.sort_by(|a, b| {
            (&a.account_name, &a.account_id).cmp(&(&b.account_name, &b.account_id))
        });
        accounts.dedup_by(|a, b| a.account_id == b.account_id);
        let mut listed = Listed { key, known, not_kept, kept_at: self.clock.now(), unkept: false };
        name(&mut listed.known, &accounts, self.clock.now());
        listed.unkept = true;
        // Those that are gone are forgotten; the others' roles stay whatever becomes of this run.
        listed.known.accounts.retain(|id, _| accounts.iter().any(|a| a.account_id == *id));
        if let Some(only) = only {
            accounts.retain(|account| account.account_id == only || account.account_name == only);
        }
        let wanted: Vec<String> = accounts
            .iter()
            .filter(|account| self.refresh || !self.is_fresh(&listed.known, &account.account_id))
            .map(|account| account.account_id.clone())
            .collect();
        let (mut problems, stopped) = self.roles(wanted, &mut listed);
        let known_account = |account: Account| KnownAccount {
            known: listed.known.accounts.get(&account.account_id).cloned(),
            problem: problems.remove(&account.account_id),
            account,
        };
        let accounts = accounts.into_iter().map(known_account).collect();
        Ok(Organization { accounts, stopped, not_kept: listed.not_kept })
    }

    fn is_fresh(&self, known: &KnownRoles, account_id: &str) -> bool {
        let roles = known.accounts.get(account_id);
        roles.is_some_and(|roles| is_new(roles.listed_at, self.clock.now()))
    }

    /// Asks for the roles of these accounts: which were not listed, and what ended it early.
    fn roles(&self, wanted: Vec<String>, listed: &mut Listed) -> (Problems, Option<CallError>) {
        if wanted.is_empty() {
            self.keep(listed, self.clock.now());
            return (Problems::new(), None);
        }
        let mut problems: Problems =
            wanted.iter().map(|id| (id.clone(), Problem::NotReached)).collect();
        let mut done = 0;
        (self.progress)(Progress::Roles { done, of: wanted.len() });
        let ended = self.portal.roles(self.login, self.token, &wanted, &mut |heard| {
            let now = self.clock.now();
            if let Heard::Roles { account_id, outcome } = heard {
                done += 1;
                match outcome {
                    Ok(roles) => {
                        problems.remove(&account_id);
                        let roles = RolesOfAccount { roles, listed_at: now };
                        listed.known.accounts.insert(account_id, roles);
                        listed.unkept = true;
                    }
                    Err(error) => {
                        problems.insert(account_id, Problem::Failed(error));
                    }
                }
                (self.progress)(Progress::Roles { done, of: wanted.len() });
            }
            if now - listed.kept_at >= UNKEPT {
                self.keep(listed, now);
            }
        });
        self.keep(listed, self.clock.now());
        (problems, ended.err())
    }

    fn keep(&self, listed: &mut Listed, now: DateTime<Utc>) {
        let Some(state) = self.state.filter(|_| listed.unkept && listed.not_kept.is_none()) else {
            return;
        };
        match state.keep_known_roles(&listed.key, &listed.known) {
            Ok(()) => listed.unkept = false,
            Err(error) => listed.not_kept = Some(error),
        }
        listed.kept_at = now;
    }
}

type Problems = HashMap<String, Problem>;

/// Notes how the accounts are called.
pub(super) fn name(known: &mut KnownRoles, accounts: &[Account], now: DateTime<Utc>) {
    let named = |account: &Account| (account.account_id.clone(), account.account_name.clone());
    known.names = accounts.iter().map(named).collect();
    known.named_at = Some(now);
}

/// Whether what was listed then is still new enough. A time in the future was written by a clock
/// that was wrong.
pub(super) fn is_new(listed_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    (-UNKEPT..MAX_AGE).contains(&(now - listed_at))
}

/// What is known so far, and how much of it is kept.
struct Listed {
    key: SessionKey,
    known: KnownRoles,
    not_kept: Option<StateDirError>,
    kept_at: DateTime<Utc>,
    unkept: bool,
}

#[cfg(test)]
mod tests;
