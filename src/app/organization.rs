//! The accounts and roles of a login, listed or already known.

use std::cell::{Cell, OnceCell};

use chrono::{DateTime, TimeDelta, Utc};

use super::login::{log_in, of_login, with_login, with_portal};
use super::{App, MayAsk};
use crate::client_settings::ClientSettings;
use crate::credentials::SsoLogin;
use crate::host;
use crate::login::LogInOptions;
use crate::organization::account_name::{
    AccountNameError, account_id_from_kept, account_id_from_list,
};
use crate::organization::listing::{Organization, OrganizationError, Progress, RoleListing, Which};
use crate::ports::{Account, CallError, Clock, Nobody, Person, Portal};
use crate::report::Failure;
use crate::state::StateDirError;
use crate::text::with_causes;

/// From so many accounts on, listing their roles takes a while.
const MANY: usize = 20;
const BETWEEN_NOTICES: TimeDelta = TimeDelta::seconds(5);

/// The accounts of a login that no file may know yet. Logs in where a person is there. `command`: what they
/// run to try again.
pub(crate) fn accounts_of_login(
    app: &App,
    settings: &ClientSettings,
    login: &SsoLogin,
    command: &str,
) -> Result<Vec<Account>, Failure> {
    let clients = app.clients(settings);
    let logins = app.logins(&clients)?;
    with_login(
        || logins.with_token(login, |token| clients.aws.accounts(login, token)).map_err(of_login),
        |_, _| match app.person.terminal() {
            Ok(_) => {
                log_in(app, settings, login, LogInOptions::default(), command)?;
                app.out.notice(&format!("logged in to {login}"));
                Ok(true)
            }
            Err(Nobody(_)) => Ok(false),
        },
        Failure::from,
    )
}

/// The accounts and roles of a login, of accounts that are meant. `refresh`: whatever is known already. What goes wrong after the accounts were listed is part of the result, except
/// that a login is needed.
pub(crate) fn organization(
    app: &App,
    settings: &ClientSettings,
    login: &SsoLogin,
    is_meant: Which<'_>,
    refresh: bool,
) -> Result<Organization, Failure> {
    let state = app.vault()?.durable();
    let shown = Shown { told_at: Cell::new(app.clock.now()), bar: OnceCell::new() };
    let progress = |event| tell(app, event, &shown);
    let found = with_portal(app, settings, login, MayAsk::Person, |aws, token| {
        let listing = RoleListing {
            portal: aws,
            state,
            clock: &*app.clock,
            login,
            token,
            refresh,
            progress: &progress,
        };
        match listing.list(is_meant) {
            Err(OrganizationError::Call(error))
            | Ok(Organization { stopped: Some(error @ CallError::LoginNeeded { .. }), .. }) => {
                Err(error)
            }
            Err(OrganizationError::StateDir(error)) => Ok(Err::<_, StateDirError>(error)),
            Ok(found) => Ok(Ok(found)),
        }
    })??;
    if let Some(error) = &found.not_kept {
        app.out.warning(&format!("what was listed is not kept: {}", with_causes(error)));
    }
    Ok(found)
}

/// The id of the account that a person names.
pub(crate) fn account_id(
    app: &App,
    login: &SsoLogin,
    name: &str,
    may_ask: MayAsk,
) -> Result<String, Failure> {
    let state = app.vault()?.durable();
    if let Some(id) = account_id_from_kept(state, login, name, app.clock.now())? {
        return Ok(id);
    }
    if may_ask == MayAsk::NoNetwork {
        let (login, name) = (login.to_string(), name.to_owned());
        return Err(AccountNameError::Unknown { login, name }.into());
    }
    let accounts = with_portal(app, &app.own_settings()?, login, may_ask, |aws, token| {
        aws.accounts(login, token)
    })?;
    Ok(account_id_from_list(state, login, name, &accounts, app.clock.now())?)
}

fn tell(app: &App, event: Progress, shown: &Shown) {
    let now = app.clock.now();
    let due = now - shown.told_at.get() >= BETWEEN_NOTICES;
    match event {
        Progress::Waiting => {
            app.out.notice("waiting for another awsx that lists the same accounts");
        }
        Progress::Throttled => {
            if let Some(bar) = shown.bar.get() {
                bar.explain("AWS throttles");
            }
        }
        Progress::Roles { done, of } if app.out.shows_progress() => {
            shown.bar.get_or_init(|| host::Progress::of_list(of, "accounts")).set(done);
        }
        Progress::Roles { done: 0, of } if of >= MANY => {
            shown.told_at.set(now);
            app.out.notice(&format!("listing the roles of {of} accounts"));
        }
        Progress::Roles { done, of } if due => {
            shown.told_at.set(now);
            app.out.notice(&format!("{done} of {of} accounts"));
        }
        Progress::Roles { .. } => {}
    }
}

/// What the person saw of the progress.
struct Shown {
    /// When the last line was said, where there is no terminal
    told_at: Cell<DateTime<Utc>>,
    /// The line of the terminal
    bar: OnceCell<host::Progress>,
}
