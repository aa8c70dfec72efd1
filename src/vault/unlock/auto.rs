//! `auto`: the first unlocker that works, and what is remembered of it.
//!
//! The choice is made when something is first kept, and written to the state directory's file
//! `unlocker`. From then on the vault *is* there: a keychain that is later locked or gone is an
//! error, not a reason to look elsewhere, because that would quietly lose every session. Only a
//! `kernel` key that is gone (a reboot) lets `auto` choose anew: nothing is left to lose. `memory`
//! is never remembered. In a CI job no keychain is looked for, and nobody chooses a passphrase. To choose anew, remove the file; to overrule it, set `AWSX_VAULT`.

use std::time::{Duration, SystemTime};

use super::kernel::Kernel;
use super::kind::UnlockerKind;
use super::passphrase;
use super::place::{Look, Opened, Place, Unlocker};
use crate::state::{StateDir, StateDirError};
use crate::text::with_causes;
use crate::vault::VaultError;

const FILE: &str = "unlocker";
/// How long a keychain may take to be chosen.
pub(super) const PROBE: Duration = Duration::from_secs(1);

/// `tell` is told of a file that is ignored.
pub(in crate::vault) fn read_choice(
    state: &StateDir,
    tell: impl FnOnce(&str),
) -> Result<Option<UnlockerKind>, StateDirError> {
    let Some(text) = state.read(FILE, 64)? else { return Ok(None) };
    let kind = std::str::from_utf8(&text).ok().and_then(|text| text.trim().parse().ok());
    let kind = kind.filter(|kind| !matches!(kind, UnlockerKind::Auto | UnlockerKind::Memory));
    if kind.is_none() {
        let path = state.path().join(FILE);
        tell(&format!("{} is ignored: it names no unlocker", path.display()));
    }
    Ok(kind)
}

/// Has `auto` find the vault that `AWSX_VAULT` named first, unless it chose another.
pub(in crate::vault) fn note_first_choice(state: &StateDir, kind: UnlockerKind) {
    if let Err(error) = state.create(FILE, format!("{kind}\n").as_bytes()) {
        tracing::info!(target: crate::text::DETAIL, %error, "not noted");
    }
}

/// Has `auto` find the vault there from now on.
pub(super) fn choose(state: &StateDir, kind: UnlockerKind) -> Result<(), StateDirError> {
    state.write(FILE, format!("{kind}\n").as_bytes())
}

/// When the choice was made.
pub(super) fn time_of_choice(state: &StateDir) -> Option<SystemTime> {
    state.file(FILE).metadata().ok()?.modified().ok()
}

/// Has `auto` choose anew.
pub(super) fn forget_choice(state: &StateDir) -> Result<bool, VaultError> {
    Ok(state.remove(FILE)?)
}

impl Unlocker<'_> {
    /// The kind that was chosen, unless it is a kernel key that is gone.
    pub(super) fn current_choice(self) -> Result<Option<UnlockerKind>, VaultError> {
        Ok(match read_choice(self.state, |ignored| self.person.tell(ignored))? {
            Some(UnlockerKind::Kernel)
                if !matches!(Kernel(self.state).look(), Ok(Look::Key(_))) =>
            {
                None
            }
            kind => kind,
        })
    }

    /// Opens the vault where it was chosen to be; else chooses, makes a key and remembers the choice.
    pub(super) fn open_or_choose(self) -> Result<Opened, VaultError> {
        if let Some(kind) = self.current_choice()? {
            return self.open_choice(kind);
        }
        match self.state.ready("") {
            Err(error @ StateDirError::Disk { .. }) => return Ok(self.open_in_memory(&error)),
            ready => drop(ready?),
        }
        let waiting = "waiting for another awsx that is setting up the vault";
        let _lock = self.hold("vault-choice", waiting)?;
        if let Some(kind) = self.current_choice()? {
            return self.open_choice(kind);
        }
        let opened = self.open_first_that_works()?;
        if opened.kind != UnlockerKind::Memory {
            self.note(FILE, &format!("{}\n", opened.kind));
        }
        Ok(opened)
    }

    fn open_in_memory(self, error: &StateDirError) -> Opened {
        self.person.tell(&format!("{}: sessions are not kept", with_causes(error)));
        Opened::in_memory()
    }

    fn open_first_that_works(self) -> Result<Opened, VaultError> {
        // Nobody is asked to open a keychain that was never chosen.
        let probe = Self { patience: PROBE, dialogs: false, ..self };
        let mut full = None;
        for kind in [UnlockerKind::Keychain, UnlockerKind::Passphrase, UnlockerKind::Kernel] {
            let is_there = match kind {
                // A runner has none, and to look for it takes a second.
                UnlockerKind::Keychain => !self.env.is_of_ci_job(),
                UnlockerKind::Passphrase => self.has_passphrase()?,
                _ => true,
            };
            if !is_there {
                continue;
            }
            match probe.open_or_make(kind) {
                Ok(opened) => {
                    tracing::info!("the vault's key rests in: {kind}");
                    return Ok(opened);
                }
                Err(VaultError::StateDir(error @ StateDirError::Disk { .. })) => full = Some(error),
                Err(
                    reason @ (VaultError::NotAvailable { .. }
                    | VaultError::KeychainSilent { .. }
                    | VaultError::KeychainLocked { .. }),
                ) => tracing::info!("{kind} is passed over: {}", with_causes(&reason)),
                Err(error) => return Err(error),
            }
        }
        tracing::info!("nothing keeps the vault's key: sessions end with this process");
        Ok(full.map_or_else(Opened::in_memory, |error| self.open_in_memory(&error)))
    }

    /// Whether there is a passphrase, or somebody to choose one.
    fn has_passphrase(self) -> Result<bool, VaultError> {
        Ok(passphrase::is_set_up(self.state)?
            || passphrase::env_has_passphrase(self.env)
            || !self.env.is_of_ci_job() && self.person.terminal().is_ok())
    }
}
