//! What a person said yes to.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::HOURS;
use crate::credentials::SessionKey;
use crate::vault::{Fields, Header, Record, Vault, VaultError, sweep};

/// A command that goes through although the settings deny it to agents. It is sealed: who cannot open the vault
/// cannot make one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct GrantHeader {
    pub agent: String,
    pub profile: String,
    /// Whether it is gone once it was used
    pub once: bool,
    pub ends_at: DateTime<Utc>,
}

/// The record of a grant, which holds no secret but is one: it cannot be made without the vault's key.
#[derive(Debug)]
pub(crate) struct Grant(pub GrantHeader);

impl Grant {
    /// For the command of this key, once or for an hour; one that is never used ends as well.
    pub(crate) fn give(
        key: &SessionKey,
        (agent, profile): (&str, &str),
        once: bool,
        vault: &Vault,
        now: DateTime<Utc>,
    ) -> Result<Self, VaultError> {
        let [agent, profile] = [agent, profile].map(str::to_owned);
        let grant =
            Self(GrantHeader { agent, profile, once, ends_at: now + TimeDelta::hours(HOURS) });
        vault.put(key, &grant)?;
        Self::sweep(vault, now);
        Ok(grant)
    }

    /// The grant of a command, if it holds now.
    pub(crate) fn find(
        key: &SessionKey,
        vault: &Vault,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, VaultError> {
        let found: Option<Self> = vault.get(key)?;
        Ok(found.filter(|grant| grant.0.ends_at > now))
    }

    /// Removes those that have ended.
    pub(crate) fn sweep(vault: &Vault, now: DateTime<Utc>) {
        sweep(vault, now, |header: &GrantHeader| header.ends_at);
    }

    /// Uses it: one for once is gone then. False where another process was first.
    pub(crate) fn spend(&self, key: &SessionKey, vault: &Vault) -> Result<bool, VaultError> {
        match self.0.once {
            true => vault.remove::<GrantHeader>(key),
            false => Ok(true),
        }
    }
}

impl Header for GrantHeader {
    const FOLDER: &'static str = "grants";
    const IS_CACHE: bool = false;
}

impl Record for Grant {
    type Header = GrantHeader;

    fn to_parts(&self) -> (GrantHeader, Fields) {
        (self.0.clone(), Fields::in_order([]))
    }

    fn from_parts(header: GrantHeader, _: Fields) -> Option<Self> {
        Some(Self(header))
    }
}
