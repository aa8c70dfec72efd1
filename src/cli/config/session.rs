//! `awsx config session`

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

use super::section_names::{Section, remove, rename};
use crate::app::App;
use crate::cli::answers::{parse_region, parse_start_url};
use crate::cli::new_session::{Given, ask_for_session, write_session};
use crate::cli::page::page;
use crate::profile::Named;
use crate::report::failure::{Failure, word};

/// Add, rename and remove the [sso-session]s of IAM Identity Center
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SessionCommand {
    Add(AddSession),
    Rename(RenameSession),
    #[command(alias = "rm")]
    Remove(RemoveSession),
}

/// Add an [sso-session] to the config file
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Asks for what the flags do not say, shows what will be written, and asks. With a
profile for a role at once: `awsx config sso`.
";
    "awsx config session add corp"
    "awsx config session add corp --start-url https://corp.awsapps.com/start \\\n      --sso-region eu-west-1 --yes"
))]
pub(in crate::cli) struct AddSession {
    /// Its name
    #[arg(value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    name: String,
    /// The start URL of the access portal
    #[arg(long, value_name = "URL", value_parser = parse_start_url)]
    start_url: Option<String>,
    /// The region of IAM Identity Center
    #[arg(long, value_name = "REGION", value_parser = parse_region)]
    sso_region: Option<String>,
    /// Its scopes, with commas between them
    #[arg(long, value_name = "SCOPES", value_parser = NonEmptyStringValueParser::new())]
    scopes: Option<String>,
    /// Write it without asking
    #[arg(long)]
    yes: bool,
}

impl AddSession {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        Section::find_free(app.profiles()?, Named::SsoSession, &self.name)?;
        let given = Given {
            start_url: self.start_url.as_deref(),
            region: self.sso_region.as_deref(),
            name: Some(&self.name),
            scopes: self.scopes.as_deref(),
            is_named_by_portal: false,
            before: None,
        };
        let command = format!("awsx config session add {}", word(&self.name));
        let (_, section) = ask_for_session(app, given, &command)?;
        if write_session(app, &section, self.yes)? {
            let name = word(&self.name);
            app.out().notice(&format!(
                "`awsx login sso {name}` logs in, `awsx sso sync {name}` makes profiles"
            ));
        }
        Ok(())
    }
}

/// Rename an [sso-session], and in the profiles that use it
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
A login is kept by the session's name, so that a new one is needed.
";
    "awsx config session rename corp work"
))]
pub(in crate::cli) struct RenameSession {
    /// The session that there is
    #[arg(value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    name: String,
    /// Its new name
    #[arg(value_name = "NEW", value_parser = NonEmptyStringValueParser::new())]
    new: String,
}

impl RenameSession {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        rename(app, Named::SsoSession, &self.name, &self.new)
    }
}

/// Remove an [sso-session] from the config file
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Shows what goes and which profiles use it, and asks. `awsx config undo` brings
it back.
";
    "awsx config session remove corp"
))]
pub(in crate::cli) struct RemoveSession {
    /// The session
    #[arg(value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    name: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

impl RemoveSession {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        remove(app, Named::SsoSession, &self.name, self.yes)
    }
}
