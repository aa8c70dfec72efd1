//! `awsx vault move`

use clap::{Args, ValueEnum};

use crate::app::App;
use crate::cli::page::page;
use crate::report::Failure;
use crate::vault::UnlockerKind;

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
        let from = app.vault()?.move_to(to)?;
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
