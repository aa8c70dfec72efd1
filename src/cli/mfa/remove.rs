//! `awsx mfa remove`

use clap::Args;

use super::target::DeviceTarget;
use crate::app::App;
use crate::cli::page::page;
use crate::mfa::{DeviceHeader, StoredDevice};
use crate::report::Failure;
use crate::vault::VaultError;

/// Forget the secret of an MFA device
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
The device stays at AWS, which shows its secret to nobody again.
";
    "awsx mfa remove dev"
))]
pub(in crate::cli) struct RemoveDevice {
    #[command(flatten)]
    target: DeviceTarget,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

impl RemoveDevice {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let serial = self.target.serial(app)?;
        let (vault, key) = (app.vault()?, StoredDevice::key(&serial));
        let since = match vault.header::<DeviceHeader>(&key) {
            Ok(None) => return Err(self.target.failure_of_absence(&serial)),
            Ok(Some(header)) => format!(", added {}", app.ago(header.added_at)),
            // What cannot be read can be forgotten.
            Err(VaultError::Damaged { .. }) => String::new(),
            Err(error) => return Err(error.into()),
        };
        if !self.yes {
            let question =
                format!("Forget the secret of {serial}{since}? AWS shows it to nobody again.");
            let answer = app.person().ask(|terminal| terminal.confirm(&question, false));
            let is_meant = answer.map_err(|error| {
                let command = format!("awsx mfa remove{} --yes", self.target.words());
                Failure::no_answer(&error, format!("`{command}` does not ask"))
            })?;
            if !is_meant {
                app.out().notice("nothing is changed");
                return Ok(());
            }
        }
        vault.remove::<DeviceHeader>(&key)?;
        app.out()
            .notice(&format!("the secret of {serial} is forgotten; codes are asked for again"));
        Ok(())
    }
}
