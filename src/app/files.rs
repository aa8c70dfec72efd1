//! The AWS files as a command needs them: whole, or what one profile reaches in them.

use std::cell::{OnceCell, RefCell};

use crate::config::{self, ConfigError};
use crate::env::Env;
use crate::profile::{Profiles, Roots, StoredKeys};

/// Read on first use.
pub(super) struct Files {
    stored: StoredKeys,
    asked: RefCell<Asked>,
    whole: OnceCell<Profiles>,
    /// With the roots that it was read for
    reached: OnceCell<(Roots, Profiles)>,
}

/// What a command asks of the files.
#[derive(Default)]
pub(super) struct Asked {
    /// None: everything
    pub(super) roots: Option<Roots>,
    /// Whether a file that cannot be read counts as empty
    pub(super) forgives: bool,
}

impl Files {
    /// The files beside these stored keys.
    pub(super) fn new(stored: StoredKeys) -> Self {
        Self { stored, asked: RefCell::default(), whole: OnceCell::new(), reached: OnceCell::new() }
    }

    pub(super) fn ask(&self, asked: Asked) {
        self.asked.replace(asked);
    }

    /// `tell` is told of a file that cannot be read, where that is forgiven.
    pub(super) fn whole(
        &self,
        env: &Env,
        tell: &dyn Fn(&ConfigError),
    ) -> Result<&Profiles, ConfigError> {
        if let Some(profiles) = self.whole.get() {
            return Ok(profiles);
        }
        let forgive = self.asked.borrow().forgives.then_some(tell);
        let profiles = config::load_as(env, None, forgive)?.with_stored(self.stored.clone());
        Ok(self.whole.get_or_init(|| profiles))
    }

    /// What is asked for and all that it names. Others may be missing.
    pub(super) fn in_reach(
        &self,
        env: &Env,
        tell: &dyn Fn(&ConfigError),
    ) -> Result<&Profiles, ConfigError> {
        let Asked { roots: Some(roots), forgives } = &*self.asked.borrow() else {
            return self.whole(env, tell);
        };
        match self.reached.get() {
            Some((read_for, profiles)) if read_for == roots => Ok(profiles),
            None if self.whole.get().is_none() => {
                let profiles = config::load_as(env, Some(roots), forgives.then_some(tell))?;
                let profiles = profiles.with_stored(self.stored.clone());
                Ok(&self.reached.get_or_init(|| (roots.clone(), profiles)).1)
            }
            _ => self.whole(env, tell),
        }
    }
}
