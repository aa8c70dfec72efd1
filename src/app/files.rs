//! The AWS files as a command needs them: whole, or what one profile reaches in them.

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::{self, ConfigError};
use crate::env::Env;
use crate::ports::Clock;
use crate::profile::{Need, Profiles, Roots, StoredKeys};

/// Read on first use.
pub(super) struct Files {
    stored: StoredKeys,
    clock: Arc<dyn Clock>,
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
    /// What must be left of a session that the files hold
    pub(super) lasting: Duration,
}

impl Files {
    /// The files beside these stored keys.
    pub(super) fn new(stored: StoredKeys, clock: Arc<dyn Clock>) -> Self {
        let (whole, reached) = (OnceCell::new(), OnceCell::new());
        Self { stored, clock, asked: RefCell::default(), whole, reached }
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
        let profiles = self.complete(config::load_as(env, None, forgive)?);
        Ok(self.whole.get_or_init(|| profiles))
    }

    /// What is asked for and all that it names. Others may be missing.
    pub(super) fn in_reach(
        &self,
        env: &Env,
        tell: &dyn Fn(&ConfigError),
    ) -> Result<&Profiles, ConfigError> {
        let Asked { roots: Some(roots), forgives, .. } = &*self.asked.borrow() else {
            return self.whole(env, tell);
        };
        match self.reached.get() {
            Some((read_for, profiles)) if read_for == roots => Ok(profiles),
            None if self.whole.get().is_none() => {
                let profiles = config::load_as(env, Some(roots), forgives.then_some(tell))?;
                let profiles = self.complete(profiles);
                Ok(&self.reached.get_or_init(|| (roots.clone(), profiles)).1)
            }
            _ => self.whole(env, tell),
        }
    }

    /// The profiles with what the files do not say.
    pub(super) fn complete(&self, profiles: Profiles) -> Profiles {
        let (now, lasting) = (self.clock.now(), self.asked.borrow().lasting);
        let until = now.checked_add_signed(TimeDelta::from_std(lasting).unwrap_or(TimeDelta::MAX));
        let need = Need { now, until: until.unwrap_or(DateTime::<Utc>::MAX_UTC) };
        profiles.with_stored(self.stored.clone()).with_need(need)
    }
}
