//! `awsx login status`

use clap::Args;
use serde::Serialize;
use serde_json::json;

use crate::app::App;
use crate::cli::login_state::login_clock;
use crate::login::LoginHeader;
use crate::report::Failure;
use crate::report::failure::login_command;
use crate::text::utc;

/// Show every login: until when it holds, and whether it renews itself
///
/// Opens nothing and asks nobody.
#[derive(Debug, Args)]
pub(in crate::cli) struct LoginStatus {
    /// As JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

impl LoginStatus {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let vault = app.vault()?;
        let kept = vault.headers()?.into_iter();
        let status = |(key, header)| Status { lost: vault.is_lost::<LoginHeader>(&key), header };
        let mut logins: Vec<Status> = kept.map(status).collect();
        logins.sort_by(|Status { header: a, .. }, Status { header: b, .. }| {
            (&a.name, &a.url).cmp(&(&b.name, &b.url))
        });
        if self.json {
            // Version 1; fields are only ever added.
            return app.out().json(&json!({ "version": 1, "logins": logins }));
        }
        if logins.is_empty() {
            app.out().notice("nobody is logged in; `awsx login sso` logs in");
        }
        app.out().data(&text(&logins, app))
    }
}

#[derive(Serialize)]
struct Status {
    #[serde(flatten)]
    header: LoginHeader,
    /// Whether the vault's key is gone that it was sealed with
    lost: bool,
}

impl Status {
    fn clock(&self, app: &App) -> String {
        match self.lost {
            true => {
                let command = login_command(&self.header.login(), None);
                format!("is lost: the vault's key that sealed it is gone; run `{command}`")
            }
            false => login_clock(app, &self.header),
        }
    }
}

fn text(logins: &[Status], app: &App) -> String {
    let mut text = String::new();
    for status in logins {
        let header = &status.header;
        text.push_str(&who(header));
        let instant = |at| app.out().instant(at, app.now());
        for (what, said) in [
            ("login", Some(status.clock(app))),
            ("access token", Some(header.expires_at.map_or("dropped".to_owned(), instant))),
            ("registration", header.registration_expires_at.map(instant)),
            ("last login", Some(utc(header.logged_in_at))),
            (
                "last refresh",
                Some(utc(header.refreshed_at))
                    .filter(|_| header.refreshed_at > header.logged_in_at),
            ),
            ("shared", header.shared.then(|| "with the AWS CLI's cache".to_owned())),
        ] {
            let Some(said) = said else { continue };
            text.push_str(&format!("  {what:<14}{said}\n"));
        }
    }
    text
}

fn who(header: &LoginHeader) -> String {
    match &header.name {
        Some(name) => format!("{name} ({}, {})\n", header.url, header.region),
        None => format!("{} ({})\n", header.url, header.region),
    }
}
