//! `awsx login status`

use clap::Args;
use serde_json::json;

use crate::app::App;
use crate::cli::login_state::login_clock;
use crate::login::LoginHeader;
use crate::report::Failure;
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
        let mut logins: Vec<LoginHeader> =
            app.vault()?.headers()?.into_iter().map(|(_, header)| header).collect();
        logins.sort_by(|a, b| (&a.name, &a.url).cmp(&(&b.name, &b.url)));
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

fn text(logins: &[LoginHeader], app: &App) -> String {
    let mut text = String::new();
    for header in logins {
        text.push_str(&who(header));
        let instant = |at| app.out().instant(at, app.now());
        for (what, said) in [
            ("login", Some(login_clock(app, header))),
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
