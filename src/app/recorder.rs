//! Keeps what files said before this command changed them, as far as nobody has to be asked for that.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use super::vault::LazyVault;
use crate::config::write::Keeper;
use crate::history::{self, Version, VersionHeader};
use crate::ports::SharedClock;
use crate::report::Failure;
use crate::report::Out;
use crate::text::with_causes;
use crate::vault::{Vault, VaultError};

/// Keeps what the files of this command said.
pub(super) struct Recorder {
    vault: Rc<LazyVault>,
    out: Rc<Out>,
    clock: SharedClock,
    step: OnceCell<DateTime<Utc>>,
    /// What each file said before the first change of this command
    first: RefCell<BTreeMap<PathBuf, Zeroizing<String>>>,
    is_told: Cell<bool>,
}

impl Recorder {
    pub(super) fn new(vault: Rc<LazyVault>, out: Rc<Out>, clock: SharedClock) -> Self {
        let (step, first) = (OnceCell::new(), RefCell::default());
        Self { vault, out, clock, step, first, is_told: Cell::default() }
    }

    fn header(&self, file: &Path) -> Option<VersionHeader> {
        let now = self.clock.now();
        // In whole microseconds, which the record's name has.
        let micros = || DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now);
        let step = *self.step.get_or_init(micros);
        Some(VersionHeader { path: file.to_str()?.to_owned(), step })
    }

    /// Why nothing is kept, once for a command.
    fn tell(&self, problem: &str) {
        if !self.is_told.replace(true) {
            self.out.notice(&format!("`awsx config undo` will not know this change: {problem}"));
        }
    }
}

impl Keeper for Recorder {
    fn keep(&self, file: &Path, before: &str, after: &str) {
        let first = {
            let mut known = self.first.borrow_mut();
            let first = known.entry(file.to_owned());
            first.or_insert_with(|| Zeroizing::new(before.to_owned())).clone()
        };
        let Some(header) = self.header(file) else {
            return self.tell("the path of the file is no Unicode");
        };
        let version = Version::new(header, &first, after);
        match self.vault.at_hand() {
            Ok(Some(vault)) => {
                if let Err(error) = history::keep(vault, &version, self.clock.now()) {
                    self.tell(&with_causes(&error));
                }
            }
            Ok(None) => self.tell("no vault is open to keep in what the file said (`awsx unlock`)"),
            Err(failure) => self.tell(failure.message()),
        }
    }

    fn drop_last(&self, file: &Path) {
        let (Ok(Some(vault)), Some(header)) = (self.vault.at_hand(), self.header(file)) else {
            return;
        };
        // One that stays is known by the text that the file still has.
        let _ = history::forget(vault, &header);
        self.first.borrow_mut().remove(file);
    }
}

impl LazyVault {
    /// The vault, if it opens without asking anybody.
    fn at_hand(&self) -> Result<Option<&Vault>, Failure> {
        let vault = self.get()?;
        if vault.is_open() {
            return Ok(Some(vault));
        }
        let unasked = self.without_asking()?;
        match unasked.open_if_there() {
            Ok(is_open) => Ok(is_open.then_some(unasked)),
            Err(VaultError::PassphraseNeeded(_) | VaultError::KeychainLocked { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
