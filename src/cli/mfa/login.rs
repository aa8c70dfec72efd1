//! `awsx mfa login`

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::app::App;
use crate::app::mfa::{mfa_plan, mint_mfa_session, profile_or_default};
use crate::cli::flags::MfaCodeFlag;
use crate::cli::page::page;
use crate::report::Failure;

/// Make the MFA session of a profile, so that later commands need no code
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
One session serves every role behind the same keys and device.
";
    "awsx mfa login prod"
))]
pub(in crate::cli) struct MfaLogin {
    /// The profile; without one that of AWS_PROFILE, or default
    #[arg(value_name = "PROFILE", value_parser = NonEmptyStringValueParser::new())]
    profile: Option<String>,
    /// Make a new one, even if there is one
    #[arg(long)]
    refresh: bool,
    #[command(flatten)]
    code: MfaCodeFlag,
}

impl MfaLogin {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let code = self.code.read()?;
        let profile = profile_or_default(app, self.profile.as_deref());
        let plan = mfa_plan(app, &profile, self.refresh)?;
        let end = mint_mfa_session(app, &plan, code)?.at();
        let until = end.map(|end| format!(" until {}", app.until(end))).unwrap_or_default();
        app.out().notice(&format!("the MFA session of {profile} holds{until}"));
        Ok(())
    }
}
