//! Profiles whose access key rests in the vault.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

/// What is known of a stored key without opening the vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredKey {
    /// `AKIA…`
    pub access_key_id: String,
    /// The ARN of whose it is, as AWS last said
    pub owner: Option<String>,
    /// 12 digits
    pub account_id: Option<String>,
}

/// A stored key that may be there, but of which nothing more can be known.
#[derive(Clone, Debug)]
pub(crate) struct UnreadableKey {
    /// Why, as a clause
    pub problem: String,
    /// What helps, where that is not to store it again
    pub remedy: Option<String>,
}

/// Who knows which profiles have stored keys.
pub(crate) trait KeyHolder {
    /// The key of a profile.
    fn find(&self, profile: &str) -> Result<Option<StoredKey>, UnreadableKey>;
    /// The profiles that have one, sorted.
    fn names(&self) -> Vec<String>;
}

/// The stored keys, each looked for once, when somebody asks for it.
#[derive(Clone, Default)]
pub(crate) struct StoredKeys(Option<Rc<Looks>>);

struct Looks {
    holder: Box<dyn KeyHolder>,
    found: RefCell<HashMap<String, Result<Option<StoredKey>, UnreadableKey>>>,
    names: OnceCell<Vec<String>>,
}

impl StoredKeys {
    pub(crate) fn of(holder: impl KeyHolder + 'static) -> Self {
        let (found, names) = (RefCell::default(), OnceCell::new());
        Self(Some(Rc::new(Looks { holder: Box::new(holder), found, names })))
    }

    pub(crate) fn find(&self, profile: &str) -> Result<Option<StoredKey>, UnreadableKey> {
        let Some(looks) = &self.0 else { return Ok(None) };
        // Who was listed need not be looked for again.
        if looks.names.get().is_some_and(|names| !names.iter().any(|name| name == profile)) {
            return Ok(None);
        }
        let mut found = looks.found.borrow_mut();
        let found = found.entry(profile.to_owned());
        found.or_insert_with(|| looks.holder.find(profile)).clone()
    }

    pub(crate) fn names(&self) -> &[String] {
        let looks = self.0.as_deref();
        looks.map_or(&[], |looks| looks.names.get_or_init(|| looks.holder.names()))
    }
}

impl fmt::Debug for StoredKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredKeys")
    }
}
