//! `awsx serve --status`

use serde_json::json;

use crate::app::App;
use crate::app::servers::{ProfileStatus, Status, servers};
use crate::cli::columns::{Row, show_list};
use crate::report::{Failure, Look};

pub(super) fn show(app: &App, as_json: bool) -> Result<(), Failure> {
    let running: Vec<Status> = servers(app)?.into_iter().map(|server| server.status).collect();
    if as_json {
        // Version 1; fields are only ever added.
        return app.out().json(&json!({ "version": 1, "servers": running }));
    }
    if running.is_empty() {
        app.out().notice("no server runs");
    }
    let rows: Vec<_> = running
        .iter()
        .flat_map(|server| server.profiles.iter().map(move |profile| row(app, server, profile)))
        .collect();
    show_list(app, ["PROFILE", "AT", "PID", "SINCE", "ANSWERED", "ENDS"], &rows)
}

fn row<'s>(app: &App, server: &'s Status, profile: &'s ProfileStatus) -> Row<'s, 6> {
    let ends = profile.expires_at.map_or("-".to_owned(), |end| app.until(end));
    Row {
        cells: [
            (&*profile.name).into(),
            (&*server.address).into(),
            server.pid.to_string().into(),
            app.on(server.since).into(),
            profile.answered.to_string().into(),
            ends.into(),
        ],
        look: Look::Plain,
        problem: profile.problem.clone(),
    }
}
