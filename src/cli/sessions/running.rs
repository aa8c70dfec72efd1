//! `awsx sessions list --running`

use std::borrow::Cow;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::App;
use crate::app::running::{RunningCommand, running_commands};
use crate::cli::columns::{Row, show_list};
use crate::report::failure::word;
use crate::report::{Failure, Look};

/// What ends within this is told of.
const SOON: TimeDelta = TimeDelta::hours(1);

/// The commands that run with credentials that end, and how one is started that goes on.
pub(super) fn show_running(app: &App, as_json: bool) -> Result<(), Failure> {
    let running = running_commands(app)?;
    if as_json {
        // Version 1; fields are only ever added.
        let running: Vec<Value> = running.iter().map(RunningCommand::document).collect();
        return app.out().json(&json!({ "version": 1, "running": running }));
    }
    let rows: Vec<_> = running.iter().map(|command| row(app, command)).collect();
    show_list(app, ["PROFILE", "ACCOUNT", "RUNS", "PID", "ENDS"], &rows)?;
    let soon = running.iter().filter(|command| is_soon(app, command)).count();
    let first = running.first().filter(|_| soon > 0);
    match first {
        _ if running.is_empty() => {
            app.out().notice("nothing runs that `awsx exec` gave credentials which end");
        }
        Some(command) => app.out().notice(&advice(command, soon)),
        None => {}
    }
    Ok(())
}

fn is_soon(app: &App, command: &RunningCommand) -> bool {
    command.until <= app.now() + SOON
}

/// What runs keeps what it was given.
fn advice(command: &RunningCommand, soon: usize) -> String {
    let profile = command.profile.as_ref().map(|name| format!(" {}", word(name)));
    let what = match soon {
        1 => "one has credentials that end within the hour".to_owned(),
        soon => format!("{soon} have credentials that end within the hour"),
    };
    let profile = profile.unwrap_or_default();
    let instead = match cfg!(windows) {
        true => format!("`awsx exec{profile} --min-ttl 2h -- …` takes some that last"),
        false => format!("`awsx exec --server{profile} -- …` renews them while it runs"),
    };
    format!("{what}, and keeps them until it is started anew: {instead}")
}

fn row<'c>(app: &App, command: &'c RunningCommand) -> Row<'c, 5> {
    let known = |text: &'c Option<String>| Cow::from(text.as_deref().unwrap_or("-"));
    Row {
        cells: [
            known(&command.profile),
            known(&command.account),
            command.program.as_deref().unwrap_or("a shell").into(),
            command.pid.to_string().into(),
            app.until(command.until).into(),
        ],
        look: if is_soon(app, command) { Look::Plain } else { Look::Faint },
        problem: None,
    }
}
