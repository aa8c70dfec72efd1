//! Carries a rotation out, one step at a time, under the lock of the key. What was begun is in the vault
//! before it is done, so that whoever comes next goes on.

use std::time::Duration;

use super::copies::KeyCopy;
use super::home::Home;
use super::record::{KeyOwner, StoredKeys, StoredKeysHeader};
use super::rotate_error::{PATIENCE, RotateError};
use super::rotated::{Before, Outcome, Rotated, Wish};
use super::rotation::{Beside, Facts, Goal, Journal, Refusal, Role, Seen, Step, next};
use crate::credentials::Keys;
use crate::ports::{
    AccessKey, CallError, Clock, Iam, KeyStatus, NewAccessKey, Person, Signer, Sts,
};
use crate::vault::VaultError;

/// How often a key may be made before its answer comes.
const CREATIONS: u32 = 3;
/// The first pause of a wait for that; each is twice as long as the one before it.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long a key counts as new.
const NEW: chrono::TimeDelta = chrono::TimeDelta::minutes(10);

/// Rotates a key.
pub(crate) struct Rotator<'a> {
    pub home: &'a dyn Home,
    pub iam: &'a dyn Iam,
    pub sts: &'a dyn Sts,
    pub clock: &'a dyn Clock,
    pub person: &'a dyn Person,
    /// Where else a key of this id stands
    pub copy: &'a dyn Fn(&str) -> Result<Option<KeyCopy>, VaultError>,
    /// A session with MFA of these keys, for a policy that demands one; asked for once
    pub with_mfa: &'a dyn Fn() -> Option<Keys>,
}

impl Rotator<'_> {
    /// Rotates, goes on with what was interrupted, or goes back.
    pub(crate) fn rotate(&self, wish: &Wish) -> Result<Rotated, RotateError> {
        let home = self.home;
        let _lock = home.hold()?;
        let stored = home.read()?;
        let mut run = Run {
            rotator: self,
            owner: stored.header.owner.clone(),
            stored,
            keep: wish.keep,
            goal: Goal::Rotate,
            listed: Vec::new(),
            seen: Seen::default(),
            in_hand: None,
            signs: None,
            is_mfa_asked: false,
            creations: 0,
            before: None,
        };
        run.begin(wish)
    }
}

/// One rotation under way.
struct Run<'a> {
    rotator: &'a Rotator<'a>,
    /// The key, and what was begun
    stored: StoredKeys,
    owner: Option<KeyOwner>,
    keep: Option<Duration>,
    goal: Goal,
    listed: Vec<AccessKey>,
    seen: Seen,
    /// The new key, which is nowhere else
    in_hand: Option<NewAccessKey>,
    /// What signs in place of the stored key
    signs: Option<Keys>,
    is_mfa_asked: bool,
    creations: u32,
    before: Option<Before>,
}

impl Run<'_> {
    fn begin(&mut self, wish: &Wish) -> Result<Rotated, RotateError> {
        let journal = self.stored.header.rotation.as_ref();
        let unfinished = journal.is_some_and(Journal::is_unfinished);
        let under_way = |journal: &Journal| {
            matches!(&journal.beside, Some(Beside { is: Role::New | Role::Old, .. }))
        };
        self.goal = match wish.abort {
            true => Goal::Abort,
            // Not a second rotation after the one that was interrupted.
            false if journal.is_some_and(under_way) => Goal::Finish,
            false => Goal::Rotate,
        };
        if let Some(Beside { access_key_id, is: Role::Old, .. }) =
            journal.and_then(|journal| journal.beside.as_ref())
            && !wish.abort
        {
            let access_key_id = access_key_id.clone();
            self.before = Some(Before { access_key_id, kept_until: None });
        }
        let mut outcome = Outcome::Rotated;
        if wish.abort {
            outcome = if unfinished { Outcome::Aborted } else { Outcome::NothingBegun };
            if outcome == Outcome::NothingBegun {
                return Ok(self.end(outcome));
            }
        }
        self.identify()?;
        self.list()?;
        if self.goal == Goal::Rotate && !unfinished && !self.is_due(wish.older_than) {
            (self.goal, outcome) = (Goal::Finish, Outcome::NotDue);
        }
        if self.goal == Goal::Rotate && !unfinished {
            self.see_that_it_has_no_copy()?;
        }
        if self.goal == Goal::Finish && unfinished {
            self.tell("going on where the last rotation was interrupted");
            self.prolong()?;
        }
        while self.step(wish.replace.as_deref())? {}
        Ok(self.end(outcome))
    }

    /// Notes that the old key is to be kept, where that is said only now.
    fn prolong(&mut self) -> Result<(), RotateError> {
        let Some(keep) = self.keep else { return Ok(()) };
        self.put(|stored| {
            if let Some(journal) = &mut stored.header.rotation {
                journal.keep_seconds = Some(keep.as_secs());
            }
        })
    }

    fn end(&mut self, outcome: Outcome) -> Rotated {
        Rotated { outcome, header: self.stored.header.clone(), before: self.before.take() }
    }

    /// Takes the next step; false where there is none.
    fn step(&mut self, replace: Option<&str>) -> Result<bool, RotateError> {
        let step = next(&Facts {
            goal: self.goal,
            now: self.rotator.clock.now(),
            stored: &self.stored.header.access_key_id,
            journal: self.stored.header.rotation.as_ref(),
            listed: &self.listed,
            replace,
            seen: &self.seen,
        });
        tracing::info!(target: crate::text::DETAIL, "rotation of {}: {step:?}", self.rotator.home.subject().name);
        match step {
            Step::Announce => self.announce()?,
            Step::Create => self.create()?,
            Step::Store => self.store()?,
            Step::Prove => self.prove()?,
            Step::Switch => self.switch()?,
            Step::SetStatus(id, status) => {
                self.call(|iam, signer| iam.set_status(signer, &id, status))?;
                self.listed
                    .iter_mut()
                    .filter(|key| key.id == id)
                    .for_each(|key| key.status = status);
            }
            Step::Delete(id) => self.delete(id)?,
            Step::LookAtUse(id) => self.look_at_use(id),
            Step::Abandon => self.change_role(Role::Unwanted)?,
            Step::Keep => {
                let journal = self.stored.header.rotation.as_ref();
                let kept = journal.and_then(|journal| journal.keep_seconds).unwrap_or_default();
                let now = self.rotator.clock.now();
                let until = now.checked_add_signed(chrono::TimeDelta::seconds(
                    i64::try_from(kept).unwrap_or(i64::MAX / 1000),
                ));
                self.change_role(Role::Kept { until: until.unwrap_or(now) })?;
                if let Some(before) = &mut self.before {
                    before.kept_until = until;
                }
            }
            Step::Forget => {
                self.put(|stored| {
                    stored.header.rotation = None;
                    stored.secret_beside = None;
                })?;
            }
            Step::Done => return Ok(false),
            Step::Refuse(refusal) => return Err(self.refuse(refusal)),
        }
        Ok(true)
    }

    fn announce(&mut self) -> Result<(), RotateError> {
        let begun_at = self.rotator.clock.now();
        let known = self.listed.iter().map(|key| key.id.clone()).collect();
        let keep_seconds = self.keep.map(|keep| keep.as_secs());
        let journal = Journal { begun_at, known, keep_seconds, beside: None };
        self.put(|stored| stored.header.rotation = Some(journal))?;
        self.seen.is_announced = true;
        Ok(())
    }

    fn create(&mut self) -> Result<(), RotateError> {
        self.creations += 1;
        let is_last = self.creations == CREATIONS;
        match self.call(|iam, signer| iam.create_access_key(signer)) {
            Ok(made) => {
                self.seen.is_in_hand = true;
                self.in_hand = Some(made);
                Ok(())
            }
            Err(RotateError::Call { cause: CallError::Unreachable { .. }, .. }) if !is_last => {
                self.tell("IAM did not answer; looking what it did");
                self.list()
            }
            // The list may be late.
            Err(full) if is_refused_as(&full, "LimitExceeded") && !is_last => {
                let known = self.listed.len();
                for pause in pauses() {
                    self.rotator.clock.sleep(pause);
                    self.list()?;
                    if self.listed.len() != known {
                        return Ok(());
                    }
                }
                Err(full)
            }
            Err(refused @ RotateError::Call { cause: CallError::Refused { .. }, .. }) => {
                // Nothing was made. What stays of this in the vault harms nobody.
                let _ = self.put(|stored| stored.header.rotation = None);
                Err(refused)
            }
            Err(error) => Err(error),
        }
    }

    fn store(&mut self) -> Result<(), RotateError> {
        let Some(NewAccessKey { keys, created }) = self.in_hand.take() else { return Ok(()) };
        let id = keys.access_key_id.clone();
        let beside = Beside { access_key_id: id.clone(), created_at: Some(created), is: Role::New };
        self.seen.is_in_hand = false;
        self.seen.is_proved = false;
        let stored = self.put(|stored| {
            if let Some(journal) = &mut stored.header.rotation {
                journal.beside = Some(beside);
            }
            stored.secret_beside = Some(keys.secret_access_key);
        });
        match stored {
            Ok(()) => {
                self.listed.push(AccessKey { id, status: KeyStatus::Active, created });
                Ok(())
            }
            // It may well be stored: whoever comes next sees.
            Err(error @ RotateError::NotReadBack { .. }) => Err(error),
            Err(error) => {
                // Nobody will ever know its secret.
                if self.call(|iam, signer| iam.delete_access_key(signer, &id)).is_err() {
                    self.tell(&format!("{id} stays at IAM; the next rotation deletes it"));
                }
                Err(error)
            }
        }
    }

    /// Waits until AWS knows the key beside the stored one.
    fn prove(&mut self) -> Result<(), RotateError> {
        let Rotator { sts, clock, home, .. } = self.rotator;
        let Some(keys) = self.stored.beside() else { return Ok(()) };
        let id = keys.access_key_id.clone();
        let keys = Keys::LongTerm(keys);
        // One that IAM lists is there, sooner or later.
        let is_listed = self.listed.iter().any(|key| key.id == id);
        let mut pauses = pauses().take_while(|pause| is_listed || *pause < LONGEST_PAUSE);
        let mut is_told = false;
        let found = loop {
            match sts.get_caller_identity(&keys) {
                Ok(found) => break found,
                Err(CallError::Refused { code, .. }) if code == "InvalidClientTokenId" => {
                    let Some(pause) = pauses.next() else {
                        return self.give_up(id, is_listed);
                    };
                    if pause > Duration::from_secs(1) && !is_told {
                        self.tell(&format!("waiting until AWS knows {id} everywhere"));
                        is_told = true;
                    }
                    clock.sleep(pause);
                }
                Err(cause) => return Err(self.error_of(cause)),
            }
        };
        match &mut self.owner {
            Some(owner) if owner.arn == found.arn => {
                owner.proved_at = clock.now();
                self.seen.is_proved = true;
                Ok(())
            }
            owner => Err(RotateError::AnotherUser {
                id,
                of: home.subject(),
                owner: owner.take().map(|owner| owner.arn).unwrap_or_default(),
                found: found.arn,
            }),
        }
    }

    /// A key that AWS does not know is waited for no longer. One that IAM does not list either is gone: another is
    /// made.
    fn give_up(&mut self, id: String, is_listed: bool) -> Result<(), RotateError> {
        if is_listed || self.goal == Goal::Abort {
            return Err(RotateError::Unknown { id });
        }
        self.tell(&format!("{id} is gone; another is made"));
        self.goal = Goal::Rotate;
        self.change_role(Role::Unwanted)
    }

    fn switch(&mut self) -> Result<(), RotateError> {
        let old = self.stored.header.access_key_id.clone();
        let owner = self.owner.clone();
        self.rotator.home.hand_over(&self.stored)?;
        self.put(|stored| {
            stored.header.owner = owner;
            stored.change_places();
        })?;
        self.seen.is_proved = false;
        // A session with MFA is the user's, whatever becomes of the key that it was made with.
        self.signs.take_if(|keys| matches!(keys, Keys::LongTerm(_)));
        self.rotator.home.forget_sessions(&old);
        let new = &self.stored.header.access_key_id;
        let is_where = self.rotator.home.subject().is_where();
        if self.goal == Goal::Abort {
            self.tell(&format!("{new} {is_where} again"));
            return Ok(());
        }
        self.tell(&format!("{new} {is_where} in place of {old}"));
        self.goal = Goal::Finish;
        self.before = Some(Before { access_key_id: old, kept_until: None });
        Ok(())
    }

    fn delete(&mut self, id: String) -> Result<(), RotateError> {
        self.call(|iam, signer| iam.delete_access_key(signer, &id))?;
        self.tell(&format!("{id} is deleted"));
        self.listed.retain(|key| key.id != id);
        self.seen.deleted.push(id);
        Ok(())
    }

    /// Where that cannot be found out, the key counts as used.
    fn look_at_use(&mut self, id: String) {
        match self.call(|iam, signer| iam.last_use(signer, &id)) {
            Ok(None) => self.seen.unused.push(id),
            Ok(Some(_)) | Err(_) => self.seen.used.push(id),
        }
    }

    fn change_role(&mut self, is: Role) -> Result<(), RotateError> {
        self.put(|stored| {
            if let Some(beside) = stored.header.rotation.as_mut().and_then(|j| j.beside.as_mut()) {
                beside.is = is;
            }
        })
    }

    /// Whose the stored key is.
    fn identify(&mut self) -> Result<(), RotateError> {
        if self.owner.is_some() {
            return Ok(());
        }
        let keys = Keys::LongTerm(self.stored.clone().into_credentials());
        let caller = self.rotator.sts.get_caller_identity(&keys);
        let caller = caller.map_err(|cause| self.error_of(cause))?;
        let proved_at = self.rotator.clock.now();
        self.owner = Some(KeyOwner { account_id: caller.account, arn: caller.arn, proved_at });
        Ok(())
    }

    /// The user's keys, as IAM lists them: what signs is among them, or the list is not the whole one.
    fn list(&mut self) -> Result<(), RotateError> {
        let mut pauses = pauses().take_while(|pause| *pause < LONGEST_PAUSE);
        loop {
            self.list_once()?;
            let signs = self.signs.as_ref().filter(|keys| matches!(keys, Keys::LongTerm(_)));
            let stored = &self.stored.header.access_key_id;
            let id = signs.map_or(&**stored, Keys::access_key_id).to_owned();
            if self.listed.iter().any(|key| key.id == id) {
                return Ok(());
            }
            let Some(pause) = pauses.next() else {
                let owner = self.owner.as_ref().map(KeyOwner::to_string).unwrap_or_default();
                return Err(RotateError::NotListed { id, owner });
            };
            self.rotator.clock.sleep(pause);
        }
    }

    fn list_once(&mut self) -> Result<(), RotateError> {
        let listed = match self.call(|iam, signer| iam.access_keys(signer)) {
            // The key from before may do.
            Err(refused)
                if self.goal == Goal::Abort && is_refused_as(&refused, "InvalidClientTokenId") =>
            {
                let Some(beside) = self.stored.beside() else { return Err(refused) };
                self.signs = Some(Keys::LongTerm(beside));
                self.call(|iam, signer| iam.access_keys(signer))?
            }
            listed => listed?,
        };
        let stored = &mut self.stored.header;
        if let Some(key) = listed.iter().find(|key| key.id == stored.access_key_id) {
            stored.created_at = Some(key.created);
        }
        self.listed = listed;
        Ok(())
    }

    fn see_that_it_has_no_copy(&self) -> Result<(), RotateError> {
        let (of, id) = (self.rotator.home.subject(), &self.stored.header.access_key_id);
        match (self.rotator.copy)(id)? {
            Some(copy) => Err(RotateError::Copy { of, id: id.clone(), copy }),
            None => Ok(()),
        }
    }

    fn is_due(&self, older_than: Option<Duration>) -> bool {
        let StoredKeysHeader { access_key_id: id, created_at, .. } = &self.stored.header;
        let listed = self.listed.iter().find(|key| key.id == *id).map(|key| key.created);
        let age = listed.or(*created_at).map(|created| self.rotator.clock.now() - created);
        match (older_than, age) {
            (Some(least), Some(age)) => age.to_std().unwrap_or_default() >= least,
            (None, _) | (_, None) => true,
        }
    }

    /// Makes a call of IAM with what is at hand: the stored key, a session with MFA where that is denied.
    fn call<T>(
        &mut self,
        call: impl Fn(&dyn Iam, &Signer<'_>) -> Result<T, CallError>,
    ) -> Result<T, RotateError> {
        let arn = self.owner.as_ref().map(|owner| owner.arn.clone()).unwrap_or_default();
        let mut pauses = pauses();
        loop {
            let own = || Keys::LongTerm(self.stored.clone().into_credentials());
            let keys = self.signs.clone().unwrap_or_else(own);
            let refused = match call(self.rotator.iam, &Signer { keys: &keys, arn: &arn }) {
                Err(refused @ CallError::Refused { .. }) => refused,
                done => return done.map_err(|cause| self.error_of(cause)),
            };
            let CallError::Refused { code, .. } = &refused else {
                return Err(self.error_of(refused));
            };
            match (code.as_str(), &keys) {
                ("AccessDenied", Keys::LongTerm(_)) if !self.is_mfa_asked => {
                    self.is_mfa_asked = true;
                    match (self.rotator.with_mfa)() {
                        Some(session) => self.signs = Some(session),
                        None => return Err(self.error_of(refused)),
                    }
                }
                // A new key is not known everywhere at once.
                ("InvalidClientTokenId", Keys::LongTerm(_)) if self.is_new() => match pauses.next()
                {
                    Some(pause) => self.rotator.clock.sleep(pause),
                    None => return Err(self.error_of(refused)),
                },
                _ => return Err(self.error_of(refused)),
            }
        }
    }

    /// Whether the stored key was just made.
    fn is_new(&self) -> bool {
        let created = self.stored.header.created_at;
        created.is_some_and(|created| self.rotator.clock.now() - created < NEW)
    }

    /// Changes what is noted.
    fn put(&mut self, change: impl FnOnce(&mut StoredKeys)) -> Result<(), RotateError> {
        let mut changed = self.stored.clone();
        change(&mut changed);
        self.stored = self.rotator.home.write(&changed)?;
        Ok(())
    }

    fn refuse(&mut self, refusal: Refusal) -> RotateError {
        let of = self.rotator.home.subject();
        let owner = self.owner.as_ref().map(KeyOwner::to_string).unwrap_or_default();
        match refusal {
            Refusal::NoSuchKey(id) => RotateError::NoSuchKey { id, owner },
            Refusal::NoWayBack(id) => RotateError::NoWayBack { of, id },
            Refusal::Full => {
                let stored = self.stored.header.access_key_id.clone();
                let listed = self.listed.clone();
                let keys = listed.iter().map(|key| self.describe(key)).collect();
                let other = listed.into_iter().map(|key| key.id).find(|id| *id != stored);
                RotateError::Full { of, owner, keys, other: other.unwrap_or_default() }
            }
        }
    }

    /// `AKIA… (stored here, active, created …, last used …)`
    fn describe(&mut self, key: &AccessKey) -> String {
        let clock = self.rotator.clock;
        let is_own = key.id == self.stored.header.access_key_id;
        let stored = match (is_own, self.rotator.home.subject().file) {
            (true, Some(_)) => "in the file, ",
            (true, None) => "stored here, ",
            (false, _) => "",
        };
        let used = match self.call(|iam, signer| iam.last_use(signer, &key.id)) {
            Ok(Some(use_)) => format!("last used {} by {}", clock.on(use_.at), use_.service),
            Ok(None) => "never used".to_owned(),
            Err(_) => "last use unknown".to_owned(),
        };
        let status = key.status.as_str().to_lowercase();
        format!("{} ({stored}{status}, created {}, {used})", key.id, clock.on(key.created))
    }

    fn error_of(&self, cause: CallError) -> RotateError {
        RotateError::Call { of: self.rotator.home.subject(), cause }
    }

    fn tell(&self, message: &str) {
        self.rotator.person.tell(message);
    }
}

fn is_refused_as(error: &RotateError, code: &str) -> bool {
    matches!(error, RotateError::Call { cause: CallError::Refused { code: said, .. }, .. } if said == code)
}

/// The pauses of a wait.
fn pauses() -> impl Iterator<Item = Duration> {
    let mut waited = Duration::ZERO;
    std::iter::successors(Some(FIRST_PAUSE), |pause| Some((*pause * 2).min(LONGEST_PAUSE)))
        .take_while(move |pause| {
            waited += *pause;
            waited <= PATIENCE
        })
}

#[cfg(test)]
mod tests;
