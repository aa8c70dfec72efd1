//! The next step of a rotation, from what IAM and the vault show. Pure.
//!
//! However a run ends, the stored key works: the old key is left alone until the new one is stored, read back
//! and proved, and each step can be taken again.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::ports::{AccessKey, KeyStatus};

/// How long before and after a run began a key may have been made by it: a call may take half a minute, and
/// clocks differ.
const WINDOW: (TimeDelta, TimeDelta) = (TimeDelta::minutes(-5), TimeDelta::minutes(10));

/// What a rotation has begun, as the vault keeps it. In the clear, so no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Journal {
    /// When the key was last about to be made
    pub begun_at: DateTime<Utc>,
    /// The keys that IAM listed then: another one is this rotation's
    pub known: Vec<String>,
    /// How long the old key is to be kept, in seconds
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_seconds: Option<u64>,
    /// The key beside the stored one, whose secret the vault keeps too
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<Beside>,
}

/// A user's other key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Beside {
    pub access_key_id: String,
    /// IAM's `CreateDate`
    pub created_at: Option<DateTime<Utc>>,
    pub is: Role,
}

/// What the key beside the stored one is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Role {
    /// It is to be proved, and takes the stored one's place
    New,
    /// It was to take that place, and goes
    Unwanted,
    /// It was stored before
    Old,
    /// The same, inactive, to be deleted after that time
    Kept { until: DateTime<Utc> },
}

/// Where a rotation is to lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// To a new key
    Rotate,
    /// To the end of what was begun
    Finish,
    /// Back to the key from before
    Abort,
}

/// What is known before a step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    pub goal: Goal,
    pub now: DateTime<Utc>,
    /// The id of the stored key
    pub stored: &'a str,
    pub journal: Option<&'a Journal>,
    /// The user's keys, as IAM lists them
    pub listed: &'a [AccessKey],
    /// The other key that has to make room, by `--replace`
    pub replace: Option<&'a str>,
    pub seen: &'a Seen,
}

/// What this run found out or did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// A new key was made, and only this process has its secret
    pub is_in_hand: bool,
    /// The vault knows what IAM lists now
    pub is_announced: bool,
    /// The key beside the stored one works
    pub is_proved: bool,
    /// The ids of keys that are known to have been used
    pub used: Vec<String>,
    /// The same of keys that were not
    pub unused: Vec<String>,
    /// The ids of keys that were deleted; the list may be late
    pub deleted: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Note in the vault which keys there are
    Announce,
    Create,
    /// Store what was made beside the stored key, and read it back
    Store,
    /// See that the key beside works
    Prove,
    /// Let the key beside and the stored one change places
    Switch,
    SetStatus(String, KeyStatus),
    Delete(String),
    /// Ask whether a key was ever used
    LookAtUse(String),
    /// Note that the new key is not wanted
    Abandon,
    /// Note until when the old key is kept
    Keep,
    /// Forget what was begun, and the key beside
    Forget,
    Done,
    Refuse(Refusal),
}

/// Why a rotation cannot go on by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no place for a new key.
    Full,
    /// `--replace` names no other key of the user.
    NoSuchKey(String),
    /// The key from before is gone.
    NoWayBack(String),
}

/// What to do next.
pub(crate) fn next(facts: &Facts<'_>) -> Step {
    let beside = facts.journal.and_then(|journal| journal.beside.as_ref());
    let Some(beside) = beside else { return without_beside(facts) };
    let id = &beside.access_key_id;
    let status = facts.listed.iter().find(|key| key.id == *id).map(|key| key.status);
    match (beside.is, facts.goal, status) {
        (Role::New, Goal::Rotate | Goal::Finish, _) if facts.seen.is_proved => Step::Switch,
        (Role::New, Goal::Rotate | Goal::Finish, _) => Step::Prove,
        (Role::New, Goal::Abort, _) => Step::Abandon,
        (Role::Unwanted, ..) if facts.seen.deleted.contains(id) => Step::Forget,
        (Role::Unwanted, ..) => Step::Delete(id.clone()),
        (Role::Old, Goal::Rotate | Goal::Finish, Some(KeyStatus::Active)) => {
            Step::SetStatus(id.clone(), KeyStatus::Inactive)
        }
        (Role::Old, Goal::Rotate | Goal::Finish, Some(KeyStatus::Inactive)) => {
            match facts.journal.and_then(|journal| journal.keep_seconds) {
                Some(_) => Step::Keep,
                None => Step::Delete(id.clone()),
            }
        }
        (Role::Old, Goal::Rotate | Goal::Finish, None) => Step::Forget,
        (Role::Old, Goal::Abort, Some(KeyStatus::Inactive)) => {
            Step::SetStatus(id.clone(), KeyStatus::Active)
        }
        (Role::Old, Goal::Abort, Some(KeyStatus::Active)) if facts.seen.is_proved => Step::Switch,
        (Role::Old, Goal::Abort, Some(KeyStatus::Active)) => Step::Prove,
        (Role::Old, Goal::Abort, None) => Step::Refuse(Refusal::NoWayBack(id.clone())),
        (Role::Kept { .. }, Goal::Abort, _) => Step::Done,
        (Role::Kept { .. }, _, None) => Step::Forget,
        // Somebody needs it again.
        (Role::Kept { .. }, Goal::Rotate, Some(KeyStatus::Active)) => make_room(facts),
        (Role::Kept { .. }, Goal::Finish, Some(KeyStatus::Active)) => Step::Done,
        (Role::Kept { .. }, Goal::Rotate, Some(KeyStatus::Inactive)) => Step::Delete(id.clone()),
        (Role::Kept { until }, Goal::Finish, Some(KeyStatus::Inactive)) => {
            if until <= facts.now {
                Step::Delete(id.clone())
            } else {
                Step::Done
            }
        }
    }
}

/// The same where the vault has one key.
fn without_beside(facts: &Facts<'_>) -> Step {
    let Facts { goal, journal, seen, .. } = *facts;
    if seen.is_in_hand {
        return Step::Store;
    }
    if let Some(step) = leftover(facts) {
        return step;
    }
    match (goal, journal) {
        (Goal::Abort | Goal::Finish, Some(_)) => Step::Forget,
        (Goal::Abort | Goal::Finish, None) => Step::Done,
        (Goal::Rotate, _) => match others(facts).next() {
            Some(_) => make_room(facts),
            None if facts.replace.is_some_and(|id| id == facts.stored) => {
                Step::Refuse(Refusal::NoSuchKey(facts.stored.to_owned()))
            }
            None if seen.is_announced => Step::Create,
            None => Step::Announce,
        },
    }
}

/// What becomes of a key that an interrupted run made, and whose secret nobody has.
fn leftover(facts: &Facts<'_>) -> Option<Step> {
    let journal = facts.journal?;
    let of_run = journal.begun_at + WINDOW.0..=journal.begun_at + WINDOW.1;
    let is_of_run = |key: &&AccessKey| {
        of_run.contains(&key.created)
            && !journal.known.contains(&key.id)
            && !facts.seen.used.contains(&key.id)
    };
    let id = others(facts).find(is_of_run)?.id.clone();
    let is_unused = facts.seen.unused.contains(&id);
    Some(if is_unused { Step::Delete(id) } else { Step::LookAtUse(id) })
}

/// A user has two keys at most: the one that is named makes room.
fn make_room(facts: &Facts<'_>) -> Step {
    match facts.replace {
        Some(id) if others(facts).any(|key| key.id == id) => Step::Delete(id.to_owned()),
        Some(id) => Step::Refuse(Refusal::NoSuchKey(id.to_owned())),
        None => Step::Refuse(Refusal::Full),
    }
}

/// The user's keys but for the stored one.
fn others<'a>(facts: &Facts<'a>) -> impl Iterator<Item = &'a AccessKey> {
    let stored = facts.stored;
    facts.listed.iter().filter(move |key| key.id != stored)
}

impl Journal {
    /// Whether a run was interrupted.
    pub(crate) fn is_unfinished(&self) -> bool {
        !matches!(self.beside, Some(Beside { is: Role::Kept { .. }, .. }))
    }
}
