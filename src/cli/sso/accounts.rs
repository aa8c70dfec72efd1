//! `awsx sso accounts`

use std::borrow::Cow;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use serde_json::{Value, json};

use super::table::{table, terminal_width};
use crate::app::App;
use crate::app::organization::organization;
use crate::cli::page::page;
use crate::cli::sso_target::SsoTarget;
use crate::credentials::SsoLogin;
use crate::organization::listing::{KnownAccount, Organization, Problem};
use crate::organization::no_account;
use crate::ports::Account;
use crate::profile::display_duration;
use crate::report::Failure;
use crate::text::utc;

/// List the accounts that are yours, with your roles in them
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
What was listed within the last 24 hours is not asked for again.
";
    "awsx sso accounts"
    "awsx sso accounts corp --refresh"
))]
pub(in crate::cli) struct Accounts {
    #[command(flatten)]
    target: SsoTarget,
    /// As JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
    /// Ask for the roles of all accounts again
    #[arg(long)]
    refresh: bool,
}

/// `awsx sso accounts --json` and `awsx sso roles --json`, version 1; fields are only ever added.
pub(super) fn document(login: &SsoLogin, organization: &Organization) -> Value {
    let accounts = organization.accounts.iter().map(|KnownAccount { account, known, .. }| {
        json!({
            "account_id": account.account_id,
            "account_name": account.account_name,
            "email": account.email,
            "roles": known.as_ref().map(|known| &known.roles),
            "listed_at": known.as_ref().map(|known| utc(known.listed_at)),
        })
    });
    json!({
        "version": 1,
        "session": login.session,
        "start_url": login.start_url,
        "accounts": accounts.collect::<Vec<_>>(),
        "failed": failures(organization),
    })
}

/// The accounts whose roles were not listed, and why, as JSON.
pub(super) fn failures(organization: &Organization) -> Vec<Value> {
    let failure = |KnownAccount { account, problem, .. }: &KnownAccount| {
        let message = match (problem.as_ref()?, &organization.stopped) {
            (Problem::Failed(error), _) => error.to_string(),
            (Problem::NotReached, Some(error)) => format!("not asked for: {error}"),
            (Problem::NotReached, None) => "not asked for".to_owned(),
        };
        Some(json!({
            "account_id": account.account_id,
            "account_name": account.account_name,
            "message": message,
        }))
    };
    organization.accounts.iter().filter_map(failure).collect()
}

impl Accounts {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let (login, settings) = self.target.login(app, "awsx sso accounts")?;
        let found = organization(app, &settings, &login, &|_| true, self.refresh)?;
        if self.json {
            app.out().json(&document(&login, &found))?;
        } else {
            app.out().data(&text(&found, app))?;
            if found.accounts.is_empty() {
                app.out().notice(&no_account(&login));
            }
        }
        Failure::unless_complete(&found)
    }
}

/// What there is to say about how an account's roles are known: they are old, or were not listed.
pub(super) fn remark(account: &KnownAccount, now: DateTime<Utc>) -> Option<String> {
    let age = account.known.as_ref().map(|known| now - known.listed_at);
    let old = age.filter(|age| *age >= TimeDelta::hours(1)).and_then(|age| {
        let minutes = Duration::from_secs(age.to_std().ok()?.as_secs() / 60 * 60);
        Some(format!("listed {} ago", display_duration(minutes)))
    });
    let problem = account.problem.as_ref().map(|problem| match problem {
        Problem::Failed(error) => error.to_string(),
        Problem::NotReached => "not listed".to_owned(),
    });
    match (old, problem) {
        (Some(old), Some(problem)) => Some(format!("{old}: {problem}")),
        (old, problem) => old.or(problem),
    }
}

fn text(organization: &Organization, app: &App) -> String {
    let (now, width) = (app.now(), terminal_width());
    let row = |found: &KnownAccount| {
        let roles = found.known.as_ref().map(|known| known.roles.join(", ")).unwrap_or_default();
        let remark = remark(found, now).map(|remark| format!("({remark})"));
        let last = [Some(roles).filter(|roles| !roles.is_empty()), remark];
        let last = last.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let Account { account_id, account_name, email } = found.account.clone();
        // What a person looks for is not what a terminal has no room for.
        match width {
            Some(_) => [account_name, account_id, last, email],
            None => [account_name, account_id, email, last],
        }
        .map(Cow::from)
    };
    let rows: Vec<_> = organization.accounts.iter().map(row).collect();
    table(["ACCOUNT", "ID", "ROLES", "EMAIL"], &rows, width)
}
