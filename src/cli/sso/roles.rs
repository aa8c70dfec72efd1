//! `awsx sso roles`

use std::borrow::Cow;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::accounts::{document, remark};
use super::changes::{notes, tell_changes};
use super::table::{table, terminal_width};
use crate::app::App;
use crate::app::organization::organization;
use crate::cli::page::page;
use crate::cli::sso_target::SsoTarget;
use crate::organization::listing::Organization;
use crate::organization::no_account;
use crate::ports::Account;
use crate::report::Failure;

/// List your roles, one a line
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "";
    "awsx sso roles --account sandbox"
    "awsx sso roles --diff    what you gained and lost since you last asked that"
    "awsx sso roles --json | jq -r '.accounts[].account_name'"
))]
pub(in crate::cli) struct Roles {
    #[command(flatten)]
    target: SsoTarget,
    /// Of this account alone
    #[arg(long, value_name = "NAME|ID", value_parser = NonEmptyStringValueParser::new())]
    account: Option<String>,
    /// Show what you gained and lost since the last time; asks for all again
    #[arg(long, conflicts_with = "account")]
    diff: bool,
    /// As JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
    /// Ask again, whatever was listed before
    #[arg(long)]
    refresh: bool,
}

impl Roles {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let notes = self.diff.then(|| notes(app)).transpose()?;
        let (login, settings) = self.target.login(app, "awsx sso roles")?;
        let only = self.account.as_deref();
        let is_meant = |account: &Account| {
            only.is_none_or(|only| only == account.account_id || only == account.account_name)
        };
        let found = organization(app, &settings, &login, &is_meant, self.refresh || self.diff)?;
        if let Some(account) = only.filter(|_| found.accounts.is_empty()) {
            return Err(Failure::usage(
                format!("no account of yours at {login} is {account}"),
                "`awsx sso accounts` lists them",
            ));
        }
        if let Some(notes) = notes {
            tell_changes(app, notes, &login, &found, self.json)?;
            self.warn(app, &found);
        } else if self.json {
            app.out().json(&document(&login, &found))?;
        } else {
            app.out().data(&text(&found))?;
            if found.accounts.is_empty() {
                app.out().notice(&no_account(&login));
            }
            self.warn(app, &found);
        }
        Failure::unless_complete(&found)
    }

    /// Of what is not in the lines: accounts that could not be listed.
    fn warn(&self, app: &App, found: &Organization) {
        for account in found.accounts.iter().filter(|_| !self.json) {
            let remark = remark(account, app.now());
            if let Some(remark) = remark.filter(|_| account.problem.is_some()) {
                app.out().warning(&format!("{}: {remark}", account.account.account_id));
            }
        }
    }
}

fn text(organization: &Organization) -> String {
    let mut rows = Vec::new();
    for found in &organization.accounts {
        for role in found.known.iter().flat_map(|known| &known.roles) {
            let Account { account_id, account_name, .. } = &found.account;
            rows.push([account_name, account_id, role].map(|cell| Cow::from(&**cell)));
        }
    }
    table(["ACCOUNT", "ID", "ROLE"], &rows, terminal_width())
}
