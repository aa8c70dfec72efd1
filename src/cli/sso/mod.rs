//! `awsx sso`

mod accounts;
mod roles;
pub(super) mod sync;

use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};

use crate::app::App;
use crate::organization::listing::{KnownAccount, Problem};
use crate::profile::display_duration;
use crate::report::Failure;

/// The accounts and roles of IAM Identity Center, and profiles for them
#[derive(Debug, Args)]
pub(super) struct Sso {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Accounts(accounts::Accounts),
    Roles(roles::Roles),
    Sync(sync::Sync),
}

impl Sso {
    pub(super) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        match self.what {
            What::Accounts(command) => command.run(app),
            What::Roles(command) => command.run(app),
            What::Sync(command) => command.run(app),
        }
    }

    /// Whether a failure is told as JSON.
    pub(super) fn wants_json(&self) -> bool {
        match &self.what {
            What::Accounts(command) => command.json,
            What::Roles(command) => command.json,
            What::Sync(_) => false,
        }
    }
}

/// What there is to say about how an account's roles are known: they are old, or were not listed.
fn remark(account: &KnownAccount, now: DateTime<Utc>) -> Option<String> {
    let age = account.known.as_ref().map(|known| now - known.listed_at);
    let old = age.filter(|age| *age >= TimeDelta::hours(1)).and_then(|age| {
        let minutes = std::time::Duration::from_secs(age.to_std().ok()?.as_secs() / 60 * 60);
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

/// Lines of columns, each as wide as its widest cell; the last one is not padded.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max()
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let rows = [vec!["ä".to_owned(), "b".to_owned()], vec!["ccc".to_owned(), String::new()]];
        assert_eq!(table(&rows), "ä    b\nccc\n");
        assert_eq!(table(&[]), "");
    }
}
