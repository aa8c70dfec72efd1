//! The vault, made on first need, and what its headers say of stored keys.

use std::cell::OnceCell;
use std::rc::Rc;

use super::person::Runner;
use crate::env::Env;
use crate::host;
use crate::keys::record::StoredKeysHeader;
use crate::ports::{Nobody, Person, Terminal};
use crate::profile::{KeyHolder, StoredKey, UnreadableKey};
use crate::report::Failure;
use crate::report::failure::Advise;
use crate::text::with_causes;
use crate::vault::{UnlockerKind, Vault, VaultError};

/// Touches nothing until it is asked for.
pub(super) struct LazyVault {
    env: Env,
    person: Rc<Runner>,
    vault: OnceCell<Vault>,
    /// The same, for what is not worth a question
    unasked: OnceCell<Vault>,
}

impl LazyVault {
    pub(super) fn new(env: Env, person: Rc<Runner>) -> Self {
        Self { env, person, vault: OnceCell::new(), unasked: OnceCell::new() }
    }

    /// The vault, not opened yet.
    pub(super) fn get(&self) -> Result<&Vault, Failure> {
        if let Some(vault) = self.vault.get() {
            return Ok(vault);
        }
        let vault = self.make(self.person.clone())?;
        Ok(self.vault.get_or_init(|| vault))
    }

    /// The vault for what nobody is asked for.
    pub(super) fn without_asking(&self) -> Result<&Vault, Failure> {
        if let Some(vault) = self.unasked.get() {
            return Ok(vault);
        }
        let vault = self.make(Rc::new(NobodyToAsk))?;
        Ok(self.unasked.get_or_init(|| vault))
    }

    fn make(&self, person: Rc<dyn Person>) -> Result<Vault, Failure> {
        let kind = UnlockerKind::from_env(&self.env)?;
        let run_in_shell = host::process::shell_runner(&self.env);
        Ok(Vault::new(&self.env, kind, person, run_in_shell)?)
    }
}

/// A person who is asked and told nothing.
struct NobodyToAsk;

impl Person for NobodyToAsk {
    fn terminal(&self) -> Result<&dyn Terminal, Nobody> {
        Err(Nobody("it is not worth a question"))
    }

    fn allows_dialogs(&self) -> bool {
        false
    }

    fn tell(&self, _: &str) {}

    fn instruct(&self, _: &str) {}
}

/// The stored keys in the vault. Opens nothing.
pub(super) struct KeysInVault(pub(super) Rc<LazyVault>);

impl KeyHolder for KeysInVault {
    fn find(&self, profile: &str) -> Result<Option<StoredKey>, UnreadableKey> {
        // Whoever needs the vault finds out what is wrong with it.
        let Ok(vault) = self.0.get() else { return Ok(None) };
        let header = StoredKeysHeader::find(vault, profile).map_err(|error| UnreadableKey {
            problem: with_causes(&error),
            remedy: match error {
                VaultError::Damaged { .. } => None,
                error => error.advice().hint,
            },
        })?;
        Ok(header.map(|header| StoredKey {
            access_key_id: header.access_key_id,
            owner: header.owner.as_ref().map(|owner| owner.arn.clone()),
            account_id: header.owner.map(|owner| owner.account_id),
        }))
    }

    fn names(&self) -> Vec<String> {
        let headers = self.0.get().and_then(|vault| Ok(vault.headers::<StoredKeysHeader>()?));
        let mut names: Vec<_> =
            headers.into_iter().flatten().map(|(_, header)| header.name).collect();
        names.sort_unstable();
        names
    }
}
