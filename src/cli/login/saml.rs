//! `awsx login saml`

use clap::Args;

use super::profile_argument::LoginProfile;
use crate::app::App;
use crate::app::saml::{LoggedIn, log_in};
use crate::cli::page::page;
use crate::credentials::arn::{account, role_name};
use crate::report::Failure;

/// Log in at a SAML identity provider
#[derive(Debug, Default, Args)]
#[command(help_template = page!(
    "
Opens the profile's saml_login_url in the browser, takes the assertion that
comes of it, and keeps the session of the profile's role_arn in the vault.
";
    "awsx login saml corp"
    "awsx login saml corp --no-browser    shows the address"
))]
pub(in crate::cli) struct LoginSaml {
    #[command(flatten)]
    profile: LoginProfile,
    /// Show the address instead of opening it
    #[arg(long)]
    no_browser: bool,
}

impl LoginSaml {
    /// `awsx login saml PROFILE`
    pub(super) fn new(profile: String, no_browser: bool) -> Self {
        Self { profile: LoginProfile::new(profile), no_browser }
    }

    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let profile = self.profile.name(&app.env);
        let LoggedIn { session_name, role_arn, ends } = log_in(app, &profile, self.no_browser)?;
        let who = session_name.map(|name| format!(" as {name}")).unwrap_or_default();
        let role = match (role_name(&role_arn), account(&role_arn)) {
            (Some(role), Some(account)) => format!("{role} in {account}"),
            _ => role_arn,
        };
        app.out().notice(&format!("logged in{who}: {role} until {}", app.until(ends)));
        Ok(())
    }
}
