//! `auto`: the first unlocker that works, and what is remembered of it.
//!
//! The choice is made when something is first kept, and written to the state directory's file
//! `unlocker`. From then on the vault *is* there: a keychain that is later locked or gone is an
//! error, not a reason to look elsewhere, because that would quietly lose every session. Only a
//! `kernel` key that is gone (a reboot) lets `auto` choose anew: nothing is left to lose. `memory`
//! is never remembered. To choose anew, remove the file; to overrule it, set `AWSX_VAULT`.

use std::time::Duration;

use super::{Opened, UnlockError, Unlocker, UnlockerKind, kernel, passphrase};
use crate::state::{StateDir, StateDirError};

const FILE: &str = "unlocker";
/// How long a keychain may take to be chosen.
const PROBE: Duration = Duration::from_secs(1);

/// The unlocker that was chosen for this state directory.
pub(in crate::vault) fn remembered(
    state: &StateDir,
) -> Result<Option<UnlockerKind>, StateDirError> {
    let Some(text) = state.read(FILE, 64)? else { return Ok(None) };
    let kind = std::str::from_utf8(&text).ok().and_then(|text| text.trim().parse().ok());
    let kind = kind.filter(|kind| !matches!(kind, UnlockerKind::Auto | UnlockerKind::Memory));
    if kind.is_none() {
        let path = state.path().join(FILE);
        tracing::warn!(path = %path.display(), "ignored: it names no unlocker");
    }
    Ok(kind)
}

impl Unlocker<'_> {
    pub(super) fn opened_by_choice(&self, make: bool) -> Result<Option<Opened>, UnlockError> {
        if let Some(kind) = self.settled()? {
            return self.opened(kind, make);
        }
        if !make {
            // Nothing was kept under a choice yet, or the kernel lost its key.
            return Ok(None);
        }
        match self.state.ready("") {
            Err(StateDirError::Write { path, source }) => {
                self.person.tell(&format!(
                    "{} cannot be written ({source}): sessions are not kept",
                    path.display()
                ));
                return Ok(Some(Opened::in_memory()));
            }
            ready => drop(ready?),
        }
        let _lock = self.state.lock("vault-choice", || {
            self.person.tell("waiting for another awsx that is setting up the vault");
        })?;
        if let Some(kind) = self.settled()? {
            return self.opened(kind, make);
        }
        let opened = self.first_that_works()?;
        if opened.kind != UnlockerKind::Memory {
            self.state.write(FILE, format!("{}\n", opened.kind).as_bytes())?;
        }
        Ok(Some(opened))
    }

    /// The remembered unlocker, unless it is a kernel key that is gone.
    fn settled(&self) -> Result<Option<UnlockerKind>, UnlockError> {
        Ok(match remembered(self.state)? {
            Some(UnlockerKind::Kernel) if !matches!(kernel::key(self.state), Ok(Some(_))) => None,
            kind => kind,
        })
    }

    fn first_that_works(&self) -> Result<Opened, UnlockError> {
        let probe = Self { patience: PROBE, ..*self };
        let has_passphrase = || -> Result<bool, UnlockError> {
            Ok(passphrase::is_set_up(self)?
                || passphrase::has_origin(self)
                || self.person.terminal().is_ok())
        };
        for kind in [UnlockerKind::Keychain, UnlockerKind::Passphrase, UnlockerKind::Kernel] {
            if kind == UnlockerKind::Passphrase && !has_passphrase()? {
                continue;
            }
            match probe.opened(kind, true) {
                Ok(opened) => {
                    tracing::info!(unlocker = %kind, "the vault's key rests in");
                    return Ok(opened.expect("a key that is missing is made"));
                }
                Err(
                    reason
                    @ (UnlockError::NotAvailable { .. } | UnlockError::KeychainSilent { .. }),
                ) => tracing::info!(%reason, "passed over"),
                Err(error) => return Err(error),
            }
        }
        tracing::info!("nothing keeps the vault's key: sessions end with this process");
        Ok(Opened::in_memory())
    }
}
