//! `awsx vault move`

use clap::{Args, ValueEnum};

use crate::app::App;
use crate::cli::page::page;
use crate::report::Failure;
use crate::vault::{UnlockerKind, VaultError};

/// Have the vault's key rest somewhere else
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
What is kept stays as it is. The new place has the key, and gives it back,
before it is removed from the old one.
";
    "awsx vault move --to keychain"
    "awsx vault move --to passphrase"
))]
pub(in crate::cli) struct MoveVault {
    /// Where to
    #[arg(long, value_name = "PLACE")]
    to: Destination,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Destination {
    Keychain,
    Passphrase,
}

impl MoveVault {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let to = match self.to {
            Destination::Keychain => UnlockerKind::Keychain,
            Destination::Passphrase => UnlockerKind::Passphrase,
        };
        let from = app.vault()?.move_to(to).map_err(|error| explain(app, error))?;
        let out = app.out();
        match from == to {
            true => out.notice(&format!("the vault's key is there: {}", to.place())),
            false => out.notice(&format!("the vault's key now rests in {}", to.place())),
        }
        // Else the next command looks where it was.
        if let Some(named) =
            app.env.get("AWSX_VAULT").filter(|named| *named != to.as_str() && *named != "auto")
        {
            out.instruction(&format!(
                "AWSX_VAULT={named} is set: later commands find the vault with AWSX_VAULT={to}, or without it"
            ));
        }
        Ok(())
    }
}

/// Where there is no keychain to move to, the key stays; a passphrase needs none.
fn explain(app: &App, error: VaultError) -> Failure {
    let from = app.vault().map_or(UnlockerKind::Auto, |vault| vault.unlocker_kind());
    let hint = match (&error, from) {
        (
            VaultError::NotAvailable { unlocker: UnlockerKind::Keychain, .. },
            UnlockerKind::Kernel,
        ) => "`awsx vault move --to passphrase` needs no keychain, and outlives a reboot as well",
        (
            VaultError::NotAvailable { unlocker: UnlockerKind::Keychain, .. },
            UnlockerKind::Passphrase,
        ) => "the key stays where it is: `awsx vault status`",
        _ => return error.into(),
    };
    Failure::from(error).with_hint(hint.to_owned())
}
