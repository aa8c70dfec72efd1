//! `awsx login`

pub(super) mod aws;
mod browser_flags;
mod choice;
mod profile_argument;
pub(super) mod saml;
pub(super) mod sso;
pub(super) mod status;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

use self::aws::LoginAws;
use self::browser_flags::BrowserFlags;
use self::choice::{Choice, choose};
use self::saml::LoginSaml;
use self::sso::LoginSso;
use self::status::LoginStatus;
use crate::app::App;
use crate::cli::page::page;
use crate::report::Failure;

/// Log in, and see which logins there are
#[derive(Debug, Args)]
#[command(help_template = page!(
    "";
    "awsx login                   the only [sso-session], or sets one up"
    "awsx login prod              what that profile, or that [sso-session], needs"
    "awsx login status"
))]
pub(super) struct Login {
    /// A profile or an [sso-session]; without one, that of AWS_PROFILE or default, or the only one
    #[arg(value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    name: Option<String>,
    #[command(flatten)]
    browser: BrowserFlags,
    /// Keep the AWS CLI's cache in step: aws, boto3 and terraform then use this login
    #[arg(long)]
    share: bool,
    #[command(subcommand)]
    pub(super) command: Option<LoginCommand>,
}

#[derive(Debug, Subcommand)]
pub(super) enum LoginCommand {
    Sso(LoginSso),
    Aws(LoginAws),
    Saml(LoginSaml),
    Status(LoginStatus),
}

impl Login {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let has_flags = self.name.is_some() || self.share || self.browser.are_given();
        match self.command {
            Some(_) if has_flags => Err(Failure::usage(
                "what stands between login and its command belongs behind it".to_owned(),
                "as in `awsx login sso SESSION --no-browser`",
            )),
            Some(LoginCommand::Sso(command)) => command.run(app),
            Some(LoginCommand::Aws(command)) => command.run(app),
            Some(LoginCommand::Saml(command)) => command.run(app),
            Some(LoginCommand::Status(command)) => command.run(app),
            None => match choose(app, self.name.as_deref())? {
                Choice::Saml(profile) => {
                    let options = self.browser.options(false, self.share);
                    if options.share || options.port.is_some() {
                        return Err(Failure::usage(
                            "a SAML login takes neither --share nor --port".to_owned(),
                            "leave them out",
                        ));
                    }
                    LoginSaml::new(profile, options.no_browser).run(app)
                }
                Choice::Sso(target) => LoginSso::new(target, self.browser, self.share).run(app),
                Choice::Aws(profile) => LoginAws::new(profile, self.browser, self.share).run(app),
            },
        }
    }
}
