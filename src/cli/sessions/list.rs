//! `awsx sessions list`

use std::borrow::Cow;

use clap::Args;
use serde_json::{Value, json};

use super::running::show_running;
use super::words::{place, session_words};
use crate::app::App;
use crate::cli::columns::{LOST, Row, show_list};
use crate::cli::page::page;
use crate::report::{Failure, Look};
use crate::text::utc;
use crate::vault::SessionHeader;

/// List the sessions that are kept
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Opens nothing, asks nobody.
";
    "awsx sessions list"
    "awsx sessions list --running     commands whose credentials are about to end"
    "awsx sessions list --json | jq -r '.sessions[].expires_at'"
))]
pub(in crate::cli) struct SessionsList {
    /// What `awsx exec` started and still runs, and until when it may
    #[arg(long)]
    running: bool,
    /// As JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

impl SessionsList {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        if self.running {
            return show_running(app, self.json);
        }
        let mut sessions = app.vault()?.headers_with_loss::<SessionHeader>()?;
        sessions.sort_by_key(|(header, _)| place(header));
        if self.json {
            // Version 1; fields are only ever added.
            let sessions: Vec<Value> = sessions.iter().map(document).collect();
            return app.out().json(&json!({ "version": 1, "sessions": sessions }));
        }
        if sessions.is_empty() {
            app.out().notice("no session is kept");
        }
        let rows: Vec<_> = sessions.iter().map(|kept| row(app, kept)).collect();
        show_list(app, ["PROFILE", "ACCOUNT", "SESSION", "ENDS", "MADE"], &rows)
    }
}

fn document((header, lost): &(SessionHeader, bool)) -> Value {
    let SessionHeader { label, minted_at, expires_at, of, .. } = header;
    json!({
        "profile": of.profile,
        "call": of.call,
        "account_id": of.account_id,
        "role_name": of.role_name,
        "role_arn": of.role_arn,
        "mfa_serial": of.mfa_serial,
        "minted_at": utc(*minted_at),
        "expires_at": utc(*expires_at),
        "label": label,
        "lost": lost,
    })
}

fn row<'h>(app: &App, (header, lost): &'h (SessionHeader, bool)) -> Row<'h, 5> {
    let known = |text: &'h Option<String>| Cow::from(text.as_deref().unwrap_or("-"));
    Row {
        cells: [
            known(&header.of.profile),
            known(&header.of.account_id),
            session_words(header).into(),
            app.until(header.expires_at).into(),
            app.ago(header.minted_at).into(),
        ],
        look: if header.expires_at <= app.now() { Look::Faint } else { Look::Plain },
        problem: lost.then(|| LOST.to_owned()),
    }
}
