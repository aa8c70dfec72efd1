//! Who asks a person: of all awsx processes that need the same answer, one asks, and whoever waited
//! looks again. Only those wait that could ask themselves.

use super::once::device;
use super::{Vault, VaultError};
use crate::credentials::SessionKey;
use crate::state::Turn;

/// What a person is asked by one process at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Question<'a> {
    /// To log in. Commands that never prompt do not wait for it.
    LogIn(&'a SessionKey),
    /// For a code of this MFA device
    Code(&'a str),
}

impl Question<'_> {
    fn name(self) -> String {
        match self {
            Self::LogIn(key) => format!("person-{}", key.to_hex()),
            Self::Code(serial) => format!("code-{}", device(serial)),
        }
    }
}

impl Vault {
    /// Takes the turn to ask; `None` where nothing is shared with other processes, where the state
    /// directory cannot be written, which is said, or where `is_answered` meanwhile. Where this one waits,
    /// it says for whom, and that this one `asks` what: "asks for a login".
    ///
    /// # Errors
    /// The state directory is unsafe.
    pub(crate) fn take_turn(
        &self,
        question: Question<'_>,
        asks: &str,
        mut is_answered: impl FnMut() -> bool,
    ) -> Result<Option<Turn>, VaultError> {
        let Some(state) = self.durable() else { return Ok(None) };
        let say = |holder: &str| {
            self.person.tell(&format!("waiting for {holder}, which {asks}; Ctrl-C stops waiting"));
        };
        self.or_without(state.take_turn(&question.name(), say, || !is_answered()))
    }

    /// What `look` finds; else what `ask` gives, while every other awsx that would ask the same waits,
    /// and looks.
    ///
    /// # Errors
    /// Those of `look` and `ask`; the state directory is unsafe.
    pub(crate) fn ask_once<T, E: From<VaultError>>(
        &self,
        question: Question<'_>,
        asks: &str,
        mut look: impl FnMut() -> Result<Option<T>, E>,
        ask: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        if let Some(found) = look()? {
            return Ok(found);
        }
        self.open_existing()?;
        let is_answered = || look().is_ok_and(|found| found.is_some());
        let _turn = self.take_turn(question, asks, is_answered)?;
        match look()? {
            Some(found) => Ok(found),
            None => ask(),
        }
    }
}
