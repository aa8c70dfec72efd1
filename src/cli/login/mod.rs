//! `awsx login`

pub(super) mod aws;
pub(super) mod sso;
mod status;

use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};

use crate::app::App;
use crate::credentials::Login;
use crate::login::{LoginHeader, LoginKind};
use crate::report::Failure;
use crate::resolve::Plan;

/// How long AWS renews a sign-in at most,
/// <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sign-in.html>
const CONSOLE_SESSION: TimeDelta = TimeDelta::hours(12);

/// Log in, and see until when a login holds
#[derive(Debug, Args)]
pub(super) struct LoginCommand {
    #[command(subcommand)]
    at: At,
}

#[derive(Debug, Subcommand)]
enum At {
    Sso(sso::LoginSso),
    Aws(aws::LoginAws),
    Status(status::LoginStatus),
}

impl App {
    /// Until when a login holds, in a few words.
    pub(crate) fn login_clock(&self, header: &LoginHeader) -> String {
        let now = self.now();
        let until = |at: DateTime<Utc>| self.out().instant(at, now);
        let limit = match header.kind {
            LoginKind::IdentityCenter => header.registration_expires_at,
            LoginKind::Console => Some(header.logged_in_at + CONSOLE_SESSION),
        };
        let renewed_until = limit.filter(|end| header.can_refresh && *end > now);
        match (header.expires_at.filter(|end| *end > now), renewed_until) {
            (_, Some(end)) => {
                format!("renews itself while AWS allows it, at the longest until {}", until(end))
            }
            (Some(end), None) => format!("holds until {}", until(end)),
            (None, None) => "is over".to_owned(),
        }
    }

    /// The state of the login that a plan starts from, in words; `None` where it needs no login.
    pub(crate) fn login_state(&self, plan: &Plan) -> Result<Option<String>, Failure> {
        let Some(login) = plan.login() else { return Ok(None) };
        let clock = self.login_of(plan)?.map(|header| self.login_clock(&header));
        Ok(Some(match (clock, login) {
            (Some(clock), Login::Console(_)) => format!("the sign-in {clock}"),
            (None, Login::Console(_)) => "nobody has signed in with awsx".to_owned(),
            (Some(clock), Login::IdentityCenter(login)) => format!("{login} {clock}"),
            (None, Login::IdentityCenter(login)) => match self.aws_cli_token(&login) {
                Some(file) => format!("the AWS CLI's, in {}", file.display()),
                None => format!("nobody is logged in to {login}"),
            },
        }))
    }
}

impl LoginCommand {
    pub(super) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        match self.at {
            At::Sso(command) => command.run(app),
            At::Aws(command) => command.run(app),
            At::Status(command) => command.run(app),
        }
    }

    /// Whether a failure is told as JSON.
    pub(super) fn wants_json(&self) -> bool {
        match &self.at {
            At::Status(command) => command.json,
            At::Sso(_) | At::Aws(_) => false,
        }
    }
}
