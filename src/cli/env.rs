//! `awsx env`

use std::process::ExitCode;

use clap::Args;

use super::failure::Failure;
use super::flags::{ProfileArgument, SessionFlags};
use crate::app::App;
use crate::deliver::{self, Delivery, Format};
use crate::resolve::Purpose;

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
    pub(super) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        if self.unset {
            self.format.write(&deliver::without_credentials(), &mut app.out().stdout())?;
            return Ok(ExitCode::SUCCESS);
        }
        let code = self.session.mfa_code()?;
        let profile = app.named_or_picked(self.profile.name())?;
        let request = self.session.request(profile.as_deref())?;
        let plan = app.plan(&request, self.session.policy(Purpose::Deliver))?;
        app.warn_all(plan.warnings());
        let live = app.mint(&plan, code)?;
        let delivery = Delivery {
            profile: plan.profile(),
            region: plan.region(),
            endpoint_url: plan.settings().endpoint_url.as_deref(),
        };
        let overlay = deliver::environment(&live, &delivery, app.env());
        self.format.write(&overlay, &mut app.out().stdout())?;
        Ok(ExitCode::SUCCESS)
    }
}
