//! A line for each time that something is handed over, where awsx's settings say `audit = true`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::App;
use crate::agent::Agent;
use crate::guard::Identity;
use crate::host::callers::{own_pid, parent};
use crate::report::Failure;
use crate::state::StateDir;
use crate::state::journal::Journal;
use crate::text::utc;

/// Bytes of a file, at most.
const LIMIT: u64 = 10 * 1024 * 1024;

/// By which command something is handed over.
#[derive(Clone, Debug)]
pub(crate) struct By {
    /// awsx's own: `exec`
    pub command: String,
    /// The program that gets it, without its arguments: they may be secrets
    pub program: Option<String>,
}

/// What the gate knows of it.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub profile: String,
    pub by: By,
    pub identity: Option<Identity>,
    pub scope: Option<String>,
}

/// What is written. Version 1; fields are only ever added. Never a secret.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub version: u32,
    /// RFC 3339, UTC
    pub time: DateTime<Utc>,
    pub profile: String,
    pub account: Option<String>,
    /// Its name
    pub role: Option<String>,
    /// awsx's own command
    pub command: String,
    pub program: Option<String>,
    pub pid: u32,
    pub parent_pid: Option<u32>,
    pub parent: Option<String>,
    pub agent: Option<String>,
    pub scope: Option<String>,
    /// RFC 3339, UTC; none for what says no end
    pub until: Option<DateTime<Utc>>,
}

/// Writes a line, before something is handed over. `account`: what its session says of it.
pub(super) fn note(
    app: &App,
    record: &Record,
    account: Option<&str>,
    until: Option<DateTime<Utc>>,
) -> Result<(), Failure> {
    if !app.preferences()?.audit() {
        return Ok(());
    }
    let (parent_pid, parent) = parent();
    let known = record.identity.as_ref();
    let of_session = || account.map(str::to_owned);
    let entry = Entry {
        version: 1,
        time: app.now(),
        profile: record.profile.clone(),
        account: known.map(|identity| identity.account.clone()).or_else(of_session),
        role: known.and_then(Identity::role_name).map(str::to_owned),
        command: record.by.command.clone(),
        program: record.by.program.clone(),
        pid: own_pid(),
        parent_pid,
        parent,
        agent: Agent::of(&app.env).map(|agent| agent.name.to_owned()),
        scope: record.scope.clone(),
        until,
    };
    let line = serde_json::to_string(&entry).expect("texts and numbers are JSON");
    let state = StateDir::from_env(&app.env)?;
    let added = journal(&state).add(&line);
    added.map_err(|error| {
        let hint =
            "make room for it there; nothing is handed over that `audit = true` cannot write down";
        Failure::from(error).with_hint(hint.to_owned())
    })
}

fn journal(state: &StateDir) -> Journal<'_> {
    Journal { state, name: "audit", limit: LIMIT, stays: None }
}

/// What was written, the oldest first, and how many lines cannot be read.
pub(crate) fn entries(app: &App) -> Result<(Vec<Entry>, usize), Failure> {
    let lines = journal(&StateDir::from_env(&app.env)?).lines()?;
    let entries: Vec<Entry> =
        lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let torn = lines.len() - entries.len();
    Ok((entries, torn))
}

impl Entry {
    /// As programs read it.
    pub(crate) fn document(&self) -> serde_json::Value {
        serde_json::json!({
            "time": utc(self.time),
            "profile": self.profile,
            "account": self.account,
            "role": self.role,
            "command": self.command,
            "program": self.program,
            "pid": self.pid,
            "parent_pid": self.parent_pid,
            "parent": self.parent,
            "agent": self.agent,
            "scope": self.scope,
            "until": self.until.map(utc),
        })
    }
}
