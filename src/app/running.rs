//! What `awsx exec` handed over to commands that run still: a line for each, in the state directory, so that a person
//! sees whose credentials are about to end.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::App;
use crate::host::running::{is_running, start_of};
use crate::report::Failure;
use crate::state::StateDir;
use crate::state::journal::Journal;
use crate::text::{utc, with_causes};

/// Bytes of a file, at most; when one is full, the oldest goes with all that has ended.
const LIMIT: u64 = 64 * 1024;

/// A command, and what it was given. Version 1; fields are only ever added. Never a secret, nor an argument.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RunningCommand {
    pub version: u32,
    /// Of awsx, whose place the command takes; on Windows awsx waits for it
    pub pid: u32,
    /// When that was started, in the system's own unit
    pub started: Option<u64>,
    /// Or the role that the command line named
    pub profile: Option<String>,
    pub account: Option<String>,
    /// Its name; none of a shell
    pub program: Option<String>,
    /// RFC 3339, UTC
    pub time: DateTime<Utc>,
    /// RFC 3339, UTC
    pub until: DateTime<Utc>,
}

impl RunningCommand {
    /// This process, which becomes a command with such credentials.
    pub(crate) fn this(app: &App, until: DateTime<Utc>) -> Self {
        let pid = std::process::id();
        let (profile, account, program) = Default::default();
        let (started, time) = (start_of(pid), app.now());
        Self { version: 1, pid, started, profile, account, program, time, until }
    }

    /// Writes it down, where there is a place for it. The command needs that not.
    pub(crate) fn note(&self, app: &App) {
        let Some(state) = app.vault().ok().and_then(|vault| vault.durable()) else { return };
        let line = serde_json::to_string(self).expect("texts and numbers are JSON");
        if let Err(error) = journal(state).add(&line) {
            tracing::info!("what runs is not written down: {}", with_causes(&error));
        }
    }

    fn runs(&self) -> bool {
        is_running(self.pid, self.started)
    }

    /// As programs read it.
    pub(crate) fn document(&self) -> serde_json::Value {
        serde_json::json!({
            "pid": self.pid,
            "profile": self.profile,
            "account_id": self.account,
            "program": self.program,
            "handed_over_at": utc(self.time),
            "expires_at": utc(self.until),
        })
    }
}

fn journal(state: &StateDir) -> Journal<'_> {
    let stays =
        |line: &str| serde_json::from_str(line).is_ok_and(|command: RunningCommand| command.runs());
    Journal { state, name: "running", limit: LIMIT, stays: Some(stays) }
}

/// The commands that run, whose credentials end first at the beginning.
pub(crate) fn running_commands(app: &App) -> Result<Vec<RunningCommand>, Failure> {
    let lines = journal(&StateDir::from_env(&app.env)?).lines()?;
    let read = |line: &String| serde_json::from_str::<RunningCommand>(line).ok();
    let mut found: Vec<RunningCommand> = Vec::new();
    for command in lines.iter().filter_map(read) {
        // A command that is awsx again was given something else.
        found.retain(|other| (other.pid, other.started) != (command.pid, command.started));
        found.push(command);
    }
    found.retain(RunningCommand::runs);
    found.sort_by_key(|command| command.until);
    Ok(found)
}
