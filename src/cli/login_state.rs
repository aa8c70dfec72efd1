//! A login in a few words.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::app::App;
use crate::app::login::{aws_cli_has, aws_cli_token, login_header};
use crate::credentials::Login;
use crate::login::{LoginHeader, LoginKind};
use crate::report::Failure;
use crate::report::failure::login_command;
use crate::resolve::Plan;
use crate::text::{abbreviate, utc};

/// How long AWS renews a sign-in at most,
/// <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sign-in.html>
const CONSOLE_SESSION: TimeDelta = TimeDelta::hours(12);

/// What is left of a login.
enum Left {
    /// It renews itself; the end of that, where it is known
    Renewal(Option<DateTime<Utc>>),
    Until(DateTime<Utc>),
    Nothing,
}

fn left(app: &App, header: &LoginHeader) -> Left {
    let is_to_come = |end: &DateTime<Utc>| *end > app.now();
    // The end of a registration says nothing of the organization's session, which AWS does not tell.
    let (limit, shown) = match header.kind {
        LoginKind::IdentityCenter => (header.registration_expires_at, None),
        LoginKind::Console => {
            let end = Some(header.logged_in_at + CONSOLE_SESSION);
            (end, end)
        }
    };
    match header.expires_at.filter(is_to_come) {
        _ if header.can_refresh && limit.as_ref().is_some_and(is_to_come) => Left::Renewal(shown),
        Some(end) => Left::Until(end),
        None => Left::Nothing,
    }
}

/// Whether nobody needs to log in again.
pub(super) fn is_good(app: &App, header: &LoginHeader) -> bool {
    !matches!(left(app, header), Left::Nothing)
}

/// What a login does by itself: `renews itself`.
pub(super) fn login_clock(app: &App, header: &LoginHeader) -> String {
    match left(app, header) {
        Left::Renewal(None) => "renews itself".to_owned(),
        Left::Renewal(Some(end)) => format!("renews itself until {}", app.until(end)),
        Left::Until(end) => format!("holds until {}", app.until(end)),
        Left::Nothing => "is over".to_owned(),
    }
}

/// Since when it holds, or what to do: `logged in 3h ago, renews itself`.
pub(super) fn login_words(app: &App, header: &LoginHeader, profile: Option<&str>) -> String {
    let login = header.login();
    match is_good(app, header) {
        true => {
            let (done, since) = (login.words().past, app.ago(header.logged_in_at));
            format!("{done} {since}, {}", login_clock(app, header))
        }
        false => format!("ended: run `{}`", login_command(&login, profile)),
    }
}

/// What is said of a login that nothing opens any longer.
pub(super) fn words_of_loss(header: &LoginHeader, profile: Option<&str>) -> String {
    let command = login_command(&header.login(), profile);
    format!("lost: the vault's key that sealed it is gone; run `{command}`")
}

/// Whether the key is gone that the login of a plan was sealed with.
fn is_lost(app: &App, plan: &Plan) -> Result<bool, Failure> {
    let vault = app.vault()?;
    Ok(plan.login_key().is_some_and(|key| vault.is_lost::<LoginHeader>(&key)))
}

/// The state of the login that a plan starts from, in words; `None` where it needs no login.
pub(super) fn login_state(app: &App, plan: &Plan) -> Result<Option<String>, Failure> {
    let Some(login) = plan.login() else { return Ok(None) };
    let words = match (login_header(app, plan)?, &login) {
        (Some(header), _) if is_lost(app, plan)? => words_of_loss(&header, plan.profile()),
        (Some(header), _) => login_words(app, &header, plan.profile()),
        (None, Login::IdentityCenter(of)) if let Some(file) = aws_cli_token(app, of) => {
            let file = file.display().to_string();
            format!("that of the AWS CLI ({})", abbreviate(&file, app.env.home()))
        }
        (None, _) => {
            let command = login_command(&login, plan.profile());
            format!("nobody has {}: run `{command}`", login.words().past)
        }
    };
    Ok(Some(match &login {
        Login::IdentityCenter(_) => format!("{}, {words}", login.name()),
        Login::Console(_) => words,
    }))
}

/// Whether the login that a plan starts from is there, awsx's or the AWS CLI's.
pub(super) fn is_logged_in(app: &App, plan: &Plan) -> Result<bool, Failure> {
    let is_kept = login_header(app, plan)?.is_some_and(|header| is_good(app, &header));
    let is_kept = is_kept && !is_lost(app, plan)?;
    Ok(is_kept || plan.login().is_some_and(|login| aws_cli_has(app, &login)))
}

/// A login as JSON documents have it.
pub(super) fn login_document(header: &LoginHeader) -> Value {
    let mut document = json!(header);
    for (key, at) in [
        ("logged_in_at", Some(header.logged_in_at)),
        ("refreshed_at", Some(header.refreshed_at)),
        ("expires_at", header.expires_at),
        ("registration_expires_at", header.registration_expires_at),
    ] {
        document[key] = json!(at.map(utc));
    }
    document
}
