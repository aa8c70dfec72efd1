//! `awsx sessions list`

use std::borrow::Cow;

use clap::Args;
use serde_json::{Value, json};

use super::words::{place, session_words};
use crate::app::App;
use crate::cli::columns::{Cells, Columns};
use crate::cli::page::page;
use crate::report::{Failure, Look};
use crate::text::utc;
use crate::vault::{SessionHeader, UnlockerKind};

/// List the sessions that are kept
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Opens nothing, asks nobody.
";
    "awsx sessions list"
    "awsx sessions list --json | jq -r '.sessions[].expires_at'"
))]
pub(in crate::cli) struct SessionsList {
    /// As JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

struct Kept {
    header: SessionHeader,
    /// Whether the vault's key is gone that it was sealed with, or another vault has it
    lost: bool,
}

impl SessionsList {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let vault = app.vault()?;
        // To look at a keychain takes longer than all of this.
        let looks = vault.unlocker_kind() != UnlockerKind::Keychain;
        let kept = vault.headers::<SessionHeader>()?.into_iter();
        let mut sessions: Vec<Kept> = kept
            .map(|(key, header)| Kept {
                header,
                lost: looks && vault.is_lost::<SessionHeader>(&key),
            })
            .collect();
        sessions.sort_by_key(|kept| place(&kept.header));
        if self.json {
            // Version 1; fields are only ever added.
            let sessions: Vec<Value> = sessions.iter().map(document).collect();
            return app.out().json(&json!({ "version": 1, "sessions": sessions }));
        }
        if sessions.is_empty() {
            app.out().notice("no session is kept");
        }
        show(app, &sessions)
    }
}

fn document(Kept { header, lost }: &Kept) -> Value {
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

/// One line for each; with a header where a person looks at it.
fn show(app: &App, sessions: &[Kept]) -> Result<(), Failure> {
    let header = ["PROFILE", "ACCOUNT", "SESSION", "ENDS", "MADE"].map(Cow::from);
    let header = (app.out().is_seen() && !sessions.is_empty()).then_some(header);
    let lines: Vec<Cells<'_, 5>> = sessions.iter().map(|kept| cells(app, &kept.header)).collect();
    let columns = Columns::new(header.iter().chain(&lines));
    let mut screen = app.out().screen();
    if let Some(header) = &header {
        let (first, rest) = columns.align(header);
        screen.look(Look::Faint, &(first + &rest)).line();
    }
    for (kept, cells) in sessions.iter().zip(&lines) {
        let (first, rest) = columns.align(cells);
        let is_over = kept.header.expires_at <= app.now();
        screen.look(Look::Strong, &first);
        screen.look(if is_over { Look::Faint } else { Look::Plain }, &rest);
        let remark = if kept.lost { "  ! the vault's key that sealed it is gone" } else { "" };
        screen.look(Look::Bad, remark).line();
    }
    app.out().show(&screen)
}

fn cells<'h>(app: &App, header: &'h SessionHeader) -> Cells<'h, 5> {
    let known = |text: &'h Option<String>| Cow::from(text.as_deref().unwrap_or("-"));
    [
        known(&header.of.profile),
        known(&header.of.account_id),
        session_words(header).into(),
        app.until(header.expires_at).into(),
        app.ago(header.minted_at).into(),
    ]
}
