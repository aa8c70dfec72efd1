//! A login in a few words.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::App;
use crate::app::login::{aws_cli_token, login_header};
use crate::credentials::Login;
use crate::login::{LoginHeader, LoginKind};
use crate::report::Failure;
use crate::resolve::Plan;

/// How long AWS renews a sign-in at most,
/// <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sign-in.html>
const CONSOLE_SESSION: TimeDelta = TimeDelta::hours(12);

/// Until when a login holds, in a few words.
pub(super) fn login_clock(app: &App, header: &LoginHeader) -> String {
    let now = app.now();
    let until = |at: DateTime<Utc>| app.out().instant(at, now);
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
pub(super) fn login_state(app: &App, plan: &Plan) -> Result<Option<String>, Failure> {
    let Some(login) = plan.login() else { return Ok(None) };
    let clock = login_header(app, plan)?.map(|header| login_clock(app, &header));
    Ok(Some(match (clock, login) {
        (Some(clock), Login::Console(_)) => format!("the sign-in {clock}"),
        (None, Login::Console(_)) => "nobody has signed in with awsx".to_owned(),
        (Some(clock), Login::IdentityCenter(login)) => format!("{login} {clock}"),
        (None, Login::IdentityCenter(login)) => match aws_cli_token(app, &login) {
            Some(file) => format!("the AWS CLI's, in {}", file.display()),
            None => format!("nobody is logged in to {login}"),
        },
    }))
}
