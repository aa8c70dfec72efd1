//! `awsx credential-process`

use clap::Args;

use super::flags::{ProfileArgument, SessionFlags};
use super::page::page;
use super::request::request;
use crate::app::mint::{mint, plan};
use crate::app::{App, MayAsk};
use crate::deliver;
use crate::report::Failure;
use crate::resolve::Purpose;

/// Print a profile's credentials as the AWS SDKs expect them
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
For tools that cannot be started with `awsx exec`.
";
    "[profile prod-for-tools]                               in ~/.aws/config"
    "credential_process = awsx credential-process prod"
))]
pub(super) struct CredentialProcess {
    #[command(flatten)]
    profile: ProfileArgument,
    #[command(flatten)]
    session: SessionFlags,
}

impl CredentialProcess {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let code = self.session.mfa_code()?;
        let request = request(app, &self.session, self.profile.name(), MayAsk::Nobody)?;
        let plan = plan(app, &request, self.session.rules(Purpose::Deliver))?;
        let live = mint(app, &plan, code, MayAsk::Nobody)?;
        deliver::write_credential_process(&live, &mut app.out().stdout())
            .map_err(|error| Failure::output(&error))?;
        Ok(())
    }
}
