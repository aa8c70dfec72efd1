//! A command that was refused to an agent, and waits for a person.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{AgentCommand, HOURS};
use crate::credentials::{Secret, SessionKey};
use crate::vault::{Fields, Header, Record, Vault, VaultError, sweep};

/// So many wait at a time: an agent that tries on pushes its oldest ones out.
const MOST: usize = 20;

/// What is shown of a request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RequestHeader {
    pub agent: String,
    pub profile: String,
    pub directory: String,
    /// Which rule refused it: `deny (~/.config/awsx/config.toml:3)`
    pub rule: String,
    pub asked_at: DateTime<Utc>,
}

/// A request, with the line that was refused.
#[derive(Debug)]
pub(crate) struct AgentRequest {
    pub header: RequestHeader,
    pub line: Secret,
}

impl AgentRequest {
    pub(crate) fn new(command: &AgentCommand<'_>, rule: String, now: DateTime<Utc>) -> Self {
        let AgentCommand { agent, profile, directory, line } = *command;
        let [agent, profile, directory] = [agent, profile, directory].map(str::to_owned);
        let header = RequestHeader { agent, profile, directory, rule, asked_at: now };
        Self { header, line: Secret::new(line) }
    }

    /// Keeps it for a person, in place of the same one.
    pub(crate) fn leave(&self, key: &SessionKey, vault: &Vault) -> Result<(), VaultError> {
        vault.put(key, self)?;
        for (old, _) in Self::waiting(vault, self.header.asked_at)?.iter().skip(MOST) {
            vault.remove::<RequestHeader>(old)?;
        }
        Ok(())
    }

    /// Those that wait, the newest first. What nobody answered in time is removed.
    pub(crate) fn waiting(
        vault: &Vault,
        now: DateTime<Utc>,
    ) -> Result<Vec<(SessionKey, RequestHeader)>, VaultError> {
        let end = |header: &RequestHeader| header.asked_at + TimeDelta::hours(HOURS);
        sweep(vault, now, end);
        let mut waiting = vault.headers::<RequestHeader>()?;
        waiting.retain(|(_, header)| end(header) > now);
        waiting.sort_by_key(|(_, header)| std::cmp::Reverse(header.asked_at));
        Ok(waiting)
    }
}

impl Header for RequestHeader {
    const FOLDER: &'static str = "requests";
    const IS_CACHE: bool = true;
}

impl Record for AgentRequest {
    type Header = RequestHeader;

    fn to_parts(&self) -> (RequestHeader, Fields) {
        (self.header.clone(), Fields::in_order([Some(self.line.clone())]))
    }

    fn from_parts(header: RequestHeader, fields: Fields) -> Option<Self> {
        let [line] = fields.into_array()?;
        Some(Self { header, line: line? })
    }
}
