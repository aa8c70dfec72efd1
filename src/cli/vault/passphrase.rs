//! `awsx vault passphrase`

use clap::Args;

use crate::app::App;
use crate::cli::page::page;
use crate::ports::PromptError;
use crate::report::failure::Failure;
use crate::vault::{NEW_FILE_VARIABLE, VaultError};

/// Change the vault's passphrase
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
What is kept stays as it is: the same key is wrapped anew. Without a terminal
the first line of the file in AWSX_NEW_PASSPHRASE_FILE is the new one.
";
    "awsx vault passphrase"
))]
pub(in crate::cli) struct ChangePassphrase {}

impl ChangePassphrase {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let vault = app.vault()?;
        vault.open_existing()?;
        vault.change_passphrase().map_err(|error| match &error {
            // The old one is known by now.
            VaultError::PassphraseNeeded(PromptError::Nobody(_)) => Failure::from(error)
                .with_hint(format!("run it in a terminal, or set {NEW_FILE_VARIABLE}")),
            _ => error.into(),
        })?;
        app.out().notice("the passphrase is changed; what is kept stays as it is");
        if let Some(variable) = vault.variable_of_passphrase() {
            app.out().instruction(&format!("{variable} must give the new one from now on"));
        }
        Ok(())
    }
}
