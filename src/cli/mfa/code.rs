//! `awsx mfa code`

use clap::Args;

use super::target::DeviceTarget;
use crate::app::App;
use crate::app::mfa::codes_of;
use crate::cli::page::page;
use crate::report::Failure;

/// Print the code of a device whose secret is kept
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
It counts as used: AWS takes each code once. Where the present one is, this
waits for the next.
";
    "awsx mfa code dev"
    "awsx mfa code dev | wl-copy"
))]
pub(in crate::cli) struct ShowCode {
    #[command(flatten)]
    target: DeviceTarget,
}

impl ShowCode {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let device = self.target.device(app)?;
        let (code, end) = codes_of(app, &device)?.take()?;
        app.out().data(&format!("{}\n", code.expose()))?;
        let left = (end - app.now()).num_seconds().max(0);
        app.out().notice(&format!("the code of {} ends in {left} s", device.serial()));
        Ok(())
    }
}
