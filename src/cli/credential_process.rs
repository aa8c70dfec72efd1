//! `awsx credential-process`

use clap::Args;

use super::flags::{ProfileArgument, SessionFlags};
use super::guard_flags::GuardFlags;
use super::page::page;
use super::request::request;
use crate::app::guard::{Handover, pass};
use crate::app::mint::mint;
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
    #[command(flatten)]
    guard: GuardFlags,
}

impl CredentialProcess {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let code = self.session.mfa_code()?;
        let request = request(app, &self.session, self.profile.name(), MayAsk::Nobody)?;
        let rules = self.session.rules(Purpose::Deliver);
        let gate = Handover::new(
            "credential-process",
            "give a program its credentials",
            self.guard.consent(),
        );
        let plan = pass(app, &request, rules, &gate)?;
        let live = mint(app, &plan, code, MayAsk::Nobody)?;
        deliver::write_credential_process(&live, &mut app.out().stdout())
            .map_err(|error| Failure::output(&error))?;
        Ok(())
    }
}
