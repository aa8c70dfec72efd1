//! `awsx env`

use clap::Args;

use super::flags::{ProfileArgument, SessionFlags};
use super::overlay::overlay;
use crate::app::App;
use crate::deliver;
use crate::deliver::format::Format;
use crate::report::Failure;

/// Print a profile's credentials for a shell to evaluate
///
/// `eval "$(awsx env dev)"` in sh, bash and zsh; `awsx env dev --format fish | source` in fish;
/// `awsx env dev --format powershell | Out-String | Invoke-Expression` in PowerShell.
#[derive(Debug, Args)]
#[command(name = "env")]
pub(super) struct EnvCommand {
    #[command(flatten)]
    profile: ProfileArgument,
    /// sh, fish, powershell, cmd, nushell, dotenv, json or ini
    #[arg(long, short, value_name = "F", default_value = "sh")]
    format: Format,
    /// Print what removes the credentials again
    #[arg(long)]
    unset: bool,
    #[command(flatten)]
    session: SessionFlags,
}

impl EnvCommand {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        if self.unset {
            self.format
                .write(&deliver::without_credentials(&app.inherited), &mut app.out().stdout())?;
            return Ok(());
        }
        let overlay = overlay(app, &self.session, self.profile.name())?;
        self.format.write(&overlay, &mut app.out().stdout())?;
        Ok(())
    }
}
