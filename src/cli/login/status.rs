//! `awsx login status`

use clap::Args;
use console::measure_text_width;
use serde_json::{Value, json};

use crate::app::App;
use crate::cli::login_state::{is_good, login_document, login_words, words_of_loss};
use crate::cli::own_settings::warn_of_own_settings;
use crate::cli::page::page;
use crate::login::LoginHeader;
use crate::report::{Failure, Look, Screen};

/// Show every login, and whether it renews itself
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Opens nothing, asks nobody.
";
    "awsx login status"
    "awsx login status -v         with its times"
))]
pub(in crate::cli) struct LoginStatus {
    /// As JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

impl LoginStatus {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        warn_of_own_settings(app);
        let vault = app.vault()?;
        let kept = vault.headers()?.into_iter();
        let status = |(key, header)| Status { lost: vault.is_lost::<LoginHeader>(&key), header };
        let mut logins: Vec<Status> = kept.map(status).collect();
        logins.sort_by(|Status { header: a, .. }, Status { header: b, .. }| {
            (&a.name, &a.url).cmp(&(&b.name, &b.url))
        });
        if self.json {
            // Version 1; fields are only ever added.
            let logins: Vec<Value> = logins.iter().map(Status::document).collect();
            return app.out().json(&json!({ "version": 1, "logins": logins }));
        }
        if logins.is_empty() {
            app.out().notice("nobody is logged in; `awsx login sso` logs in");
        }
        app.out().show(&text(&logins, app))
    }
}

struct Status {
    header: LoginHeader,
    /// Whether the vault's key is gone that it was sealed with
    lost: bool,
}

impl Status {
    fn document(&self) -> Value {
        let mut document = login_document(&self.header);
        document["lost"] = self.lost.into();
        document
    }

    fn words(&self, app: &App) -> String {
        let header = &self.header;
        match (self.lost, header.shared) {
            (true, _) => words_of_loss(header, None),
            (false, true) => {
                format!("{}; shared with the AWS CLI", login_words(app, header, None))
            }
            (false, false) => login_words(app, header, None),
        }
    }

    /// AWS's parts of it.
    fn parts(&self, app: &App) -> [(&'static str, Option<String>); 6] {
        let header = &self.header;
        let until = |at| app.until(at);
        let is_newer = header.refreshed_at > header.logged_in_at;
        [
            ("start URL", Some(header.url.clone())),
            ("region", Some(header.region.clone())),
            ("logged in", Some(app.on(header.logged_in_at))),
            ("renewed", is_newer.then(|| app.on(header.refreshed_at))),
            ("access token", Some(header.expires_at.map_or("dropped".to_owned(), until))),
            ("registration", header.registration_expires_at.map(until)),
        ]
    }
}

fn text(logins: &[Status], app: &App) -> Screen {
    let mut screen = app.out().screen();
    let name = |status: &Status| status.header.login().name().to_owned();
    let width = logins.iter().map(|login| measure_text_width(&name(login))).max().unwrap_or(0);
    for login in logins {
        let name = name(login);
        let blanks = " ".repeat(width - measure_text_width(&name) + 2);
        let is_good = !login.lost && is_good(app, &login.header);
        screen.look(Look::Strong, &name).plain(&blanks);
        screen.look(if is_good { Look::Good } else { Look::Bad }, &login.words(app)).line();
        if app.globals.verbose > 0 {
            for (what, said) in login.parts(app) {
                let Some(said) = said else { continue };
                screen.look(Look::Faint, &format!("  {what:<14}{said}")).line();
            }
        }
    }
    screen
}
