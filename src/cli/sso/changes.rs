//! `awsx sso roles --diff`

use std::borrow::Cow;

use serde_json::{Value, json};

use super::accounts::failures;
use super::table::{table, terminal_width};
use crate::app::App;
use crate::credentials::SsoLogin;
use crate::organization::listing::Organization;
use crate::organization::seen::{ChangedAccount, Changes, Fate, Seen};
use crate::report::{Failure, Look};
use crate::state::StateDir;
use crate::text::{utc, with_causes};

/// Where it is noted what a person had.
pub(super) fn notes(app: &App) -> Result<&StateDir, Failure> {
    app.vault()?.durable().ok_or_else(|| {
        Failure::usage(
            "nothing is kept beyond this command, so there is nothing to compare with".to_owned(),
            "`awsx vault status` says why",
        )
    })
}

/// Shows what has changed since the last time, and notes what is there now, once it is told.
pub(super) fn tell_changes(
    app: &App,
    state: &StateDir,
    login: &SsoLogin,
    found: &Organization,
    as_json: bool,
) -> Result<(), Failure> {
    let before = Seen::read(state, login)?;
    let now = Seen::of(found, app.now());
    let changes = before.as_ref().map(|before| before.changes(found));
    match as_json {
        true => app.out().json(&document(login, found, changes.as_ref()))?,
        false => show(app, changes.as_ref())?,
    }
    if !as_json {
        app.out().notice(&match (&changes, &now) {
            (Some(changes), Some(_)) => summary(app, changes),
            (Some(changes), None) => format!(
                "{}, as far as all could be listed: it is not noted, and the next one compares with the same time",
                summary(app, changes)
            ),
            (None, Some(now)) => {
                let [accounts, roles] = now.count();
                format!(
                    "there is nothing to compare with yet: {} in {} are noted now",
                    number(roles, "role"),
                    number(accounts, "account")
                )
            }
            (None, None) => "there is nothing to compare with yet, and nothing is noted".to_owned(),
        });
    }
    if let Some(Err(error)) = now.map(|now| now.write(state, login)) {
        app.out().warning(&format!("what is there now is not noted: {}", with_causes(&error)));
    }
    Ok(())
}

/// One line for each role that came or went.
fn show(app: &App, changes: Option<&Changes>) -> Result<(), Failure> {
    let rows: Vec<_> =
        changes.iter().flat_map(|changes| &changes.accounts).flat_map(rows).collect();
    let text = table(["  ACCOUNT", "ID", "ROLE", ""], &rows, terminal_width());
    let mut screen = app.out().screen();
    for line in text.lines() {
        let look = match line.get(..1) {
            Some("+") => Look::Good,
            Some("-") => Look::Bad,
            _ => Look::Plain,
        };
        screen.look(look, line).line();
    }
    app.out().show(&screen)
}

fn rows(account: &ChangedAccount) -> Vec<[Cow<'_, str>; 4]> {
    let remark = match account.fate {
        Fate::Gained => "new account",
        Fate::Lost => "account is gone",
        Fate::Stays => "",
    };
    let row = |mark: &str, role: &'_ str| {
        let name = format!("{mark} {}", account.account_name);
        [name.into(), account.account_id.clone().into(), role.to_owned().into(), remark.into()]
    };
    let gained = account.gained.iter().map(|role| row("+", role));
    let mut rows: Vec<_> = gained.chain(account.lost.iter().map(|role| row("-", role))).collect();
    if rows.is_empty() {
        rows.push(row(if account.fate == Fate::Lost { "-" } else { "+" }, "-"));
    }
    rows
}

/// Since when, and how much.
fn summary(app: &App, changes: &Changes) -> String {
    let since = format!("since {} ({})", app.on(changes.since), app.ago(changes.since));
    let count = |roles: fn(&ChangedAccount) -> &[String]| -> usize {
        changes.accounts.iter().map(|account| roles(account).len()).sum()
    };
    let parts = [
        (changes.count(Fate::Gained), "account", "gained"),
        (count(|account| &account.gained), "role", "gained"),
        (changes.count(Fate::Lost), "account", "lost"),
        (count(|account| &account.lost), "role", "lost"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, what, fate)| format!("{} {fate}", number(count, what)))
        .collect();
    match parts.is_empty() {
        true => format!("nothing has changed {since}"),
        false => format!("{since}: {}", parts.join(", ")),
    }
}

fn number(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// `awsx sso roles --diff --json`, version 1; fields are only ever added.
fn document(login: &SsoLogin, found: &Organization, changes: Option<&Changes>) -> Value {
    let account = |account: &ChangedAccount| {
        let fate = match account.fate {
            Fate::Gained => Some("gained"),
            Fate::Lost => Some("lost"),
            Fate::Stays => None,
        };
        json!({
            "account_id": account.account_id,
            "account_name": account.account_name,
            "account": fate,
            "gained": account.gained,
            "lost": account.lost,
        })
    };
    let accounts = changes.iter().flat_map(|changes| &changes.accounts).map(account);
    json!({
        "version": 1,
        "session": login.session,
        "start_url": login.start_url,
        "since": changes.map(|changes| utc(changes.since)),
        "accounts": accounts.collect::<Vec<_>>(),
        "failed": failures(found),
    })
}
