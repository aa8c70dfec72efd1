//! `awsx audit`

use std::borrow::Cow;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::columns::{Row, show_list};
use super::flags::read_duration;
use super::page::page;
use crate::app::App;
use crate::app::audit::{Entry, entries};
use crate::report::{Failure, Look};

/// List what was handed over, and to whom
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Written where awsx's config.toml says audit = true: a line each time, and no
secret, in the state directory.
";
    "awsx audit --since 1d"
    "awsx audit --json | jq -r '.entries[].profile'"
))]
pub(super) struct Audit {
    /// Of that time alone, such as 8h
    #[arg(long, value_name = "D", value_parser = read_duration)]
    since: Option<Duration>,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl Audit {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let (mut entries, torn) = entries(app)?;
        let begin = self.since.and_then(|since| app.now().checked_sub_signed(since_delta(since)));
        entries.retain(|entry| begin.is_none_or(|begin| entry.time >= begin));
        match torn {
            0 => {}
            1 => app.out().warning("one line of the journal cannot be read"),
            torn => app.out().warning(&format!("{torn} lines of the journal cannot be read")),
        }
        if self.json {
            // Version 1; fields are only ever added.
            let entries: Vec<Value> = entries.iter().map(Entry::document).collect();
            return app.out().json(&json!({ "version": 1, "entries": entries }));
        }
        if entries.is_empty() {
            app.out().notice(match app.preferences()?.audit() {
                true => "nothing was handed over",
                false => "nothing is written down: `audit = true` in awsx's settings does that",
            });
        }
        let rows: Vec<_> = entries.iter().map(|entry| row(app, entry)).collect();
        show_list(app, ["PROFILE", "ACCOUNT", "ROLE", "COMMAND", "WHEN", "ENDS"], &rows)
    }
}

fn since_delta(since: Duration) -> chrono::TimeDelta {
    chrono::TimeDelta::from_std(since).unwrap_or(chrono::TimeDelta::MAX)
}

fn row<'e>(app: &App, entry: &'e Entry) -> Row<'e, 6> {
    let known = |text: &'e Option<String>| Cow::from(text.as_deref().unwrap_or("-"));
    let Entry { command, program, agent, .. } = entry;
    let program = program.as_ref().map(|program| format!(" {program}")).unwrap_or_default();
    let agent = agent.as_ref().map(|agent| format!(" ({agent})")).unwrap_or_default();
    Row {
        cells: [
            entry.profile.as_str().into(),
            known(&entry.account),
            known(&entry.role),
            format!("{command}{program}{agent}").into(),
            app.on(entry.time).into(),
            entry.until.map_or("-".into(), |until| app.until(until).into()),
        ],
        look: if entry.until.is_some_and(|until| until <= app.now()) {
            Look::Faint
        } else {
            Look::Plain
        },
        problem: None,
    }
}
