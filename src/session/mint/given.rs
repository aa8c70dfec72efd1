//! What a source hands over, as it is.

use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;

use super::error::{MintError, circle, failure_of, of_login};
use super::kept::origin;
use super::{Minter, Run};
use crate::credentials::{Expiration, Keys, Margin, SessionCredentials};
use crate::keys::record::{StoredKeys, StoredKeysHeader};
use crate::login::Freshness;
use crate::profile::StoredKey;
use crate::resolve::{FirstCall, Given, StaticKeys, Step};
use crate::text::{is_awsx, shell_words};
use crate::vault::VaultError;

/// How much longer credentials of an instance count that are over, as in the SDKs
/// ("static stability").
const STATIC_STABILITY: TimeDelta = TimeDelta::minutes(15);

impl Run<'_> {
    /// AWS keeps credentials of an instance valid while it has no new ones to give: those that are over
    /// count for a while longer, as with the AWS CLI.
    fn extend_life(&self, session: SessionCredentials) -> SessionCredentials {
        let Minter { clock, person, .. } = self.minter;
        let Some(end) = session.ends_within(clock.now(), Duration::ZERO) else { return session };
        person.tell(&format!(
            "the instance has no newer credentials than those that expired {}; they are used on, \
             as with the AWS CLI",
            clock.on(end)
        ));
        let expiration = Expiration::At(clock.now() + STATIC_STABILITY);
        SessionCredentials { expiration, ..session }
    }

    /// The keys that the vault keeps for a profile, as they were when the plan was made: another user's are
    /// not what was asked for.
    fn take_stored_keys(&self, planned: &StoredKey, profile: &str) -> Result<Keys, MintError> {
        let problem = |problem: String| {
            let profile = profile.to_owned();
            MintError::StoredKeys { profile, problem }
        };
        let found = self.minter.vault.get::<StoredKeys>(&StoredKeysHeader::key(profile));
        let found = found.map_err(|error| match error {
            VaultError::Damaged { problem: why, .. } => problem(format!("cannot be opened: {why}")),
            error => error.into(),
        })?;
        let keys = found.ok_or_else(|| problem("are gone: they were just removed".to_owned()))?;
        let owner = keys.header.owner.as_ref().map(|owner| &owner.arn);
        let is_same = keys.header.access_key_id == planned.access_key_id
            || owner.is_some() && owner == planned.owner.as_ref();
        match is_same {
            true => Ok(Keys::LongTerm(keys.into_credentials())),
            false => Err(problem("were just replaced by another user's".to_owned())),
        }
    }

    /// What a source hands over.
    pub(super) fn take(
        &self,
        given: &Given,
        step: &Step<FirstCall>,
        margin: Margin,
    ) -> Result<Keys, MintError> {
        let Minter { sources, logins, clock, .. } = self.minter;
        let failure = failure_of(step.profile.as_deref());
        let session = match given {
            Given::Environment(keys) | Given::StaticKeys(StaticKeys { keys, .. }) => match keys {
                Keys::LongTerm(_) => return Ok(keys.clone()),
                Keys::Session(session) => session.clone(),
            },
            Given::StoredKeys { key, user } => return self.take_stored_keys(key, &user.profile),
            Given::Process { command, profile } if names_itself(command, profile) => {
                return Err(failure(circle("its profile leads back to the same command")));
            }
            Given::Process { command, .. } => {
                sources.process(command, &self.held.borrow()).map_err(failure)?
            }
            Given::Container(endpoint) => sources.container(endpoint).map_err(failure)?,
            Given::Instance(service) => {
                self.extend_life(sources.instance(service).map_err(failure)?)
            }
            Given::LoginSession { session, .. } => {
                let (started, refresh) = (self.started, self.plan.rules().refresh);
                let need = Freshness { margin, started, refresh };
                logins.credentials(session, need).map_err(|error| of_login(error, step))?
            }
        };
        match session.ends_within(clock.now(), Duration::ZERO) {
            Some(end) => Err(MintError::TooShort {
                origin: origin(&step.summarize()),
                problem: format!("expired {}", clock.on(end)),
            }),
            None => Ok(Keys::Session(session)),
        }
    }
}

/// Whether a command is awsx for the very profile that has it: said before it is run, it is said once.
fn names_itself(command: &str, profile: &str) -> bool {
    let words = shell_words(command).unwrap_or_default();
    let [program, rest @ ..] = words.as_slice() else { return false };
    is_awsx(Path::new(program))
        && rest.first().is_some_and(|word| word == "credential-process")
        && rest.iter().any(|word| word.strip_prefix("--profile=").unwrap_or(word) == profile)
}
