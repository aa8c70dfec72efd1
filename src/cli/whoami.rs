//! `awsx whoami`

use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::flags::{ProfileArgument, SessionFlags};
use super::login_state::{login_document, login_state};
use super::own_settings::warn_of_own_settings;
use super::page::page;
use super::request::{in_directory, request};
use super::scope_words::ScopeFacts;
use crate::app::guard::admit_traced;
use crate::app::login::login_header;
use crate::app::mint::identity;
use crate::app::plan::{plan_of_trace, trace};
use crate::app::{App, MayAsk};
use crate::credentials::Expiration;
use crate::ports::CallerIdentity;
use crate::report::{Failure, Look};
use crate::resolve::{Plan, Purpose, Request, SessionRules};
use crate::text::utc;

/// Show whose credentials they are (GetCallerIdentity)
#[derive(Debug, Args)]
#[command(help_template = page!(
    "";
    "awsx whoami prod"
    "awsx whoami                  of this shell, or of the default profile"
    "awsx whoami prod --json | jq -r .account"
))]
pub(super) struct Whoami {
    #[command(flatten)]
    profile: ProfileArgument,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    session: SessionFlags,
}

impl Whoami {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let code = self.session.mfa_code()?;
        warn_of_own_settings(app);
        let chosen = in_directory(app, &self.session, self.profile.name())?;
        let app = chosen.as_ref().unwrap_or(app);
        let request = request(app, &self.session, self.profile.name(), MayAsk::Person)?;
        let trace = trace(app, &request)?;
        admit_traced(app, &request.selection, &trace)?;
        let source = trace.answer().map_or("none", |kind| kind.as_str());
        let plan = plan_of_trace(app, trace, self.session.rules(Purpose::Sign))?;
        let (caller, expiration) = identity(app, &plan, code, MayAsk::Person)?;
        if self.json {
            return app.out().json(&document(app, &plan, source, &caller, expiration)?);
        }
        let scope = ScopeFacts::find(app, &plan)?;
        let profile = plan.profile().map(|name| match source {
            "environment" => format!("{name} (from awsx in this shell)"),
            _ => name.to_owned(),
        });
        let expires = expiration.at().map(|at| app.until(at));
        let login = login_state(app, &plan)?;
        let scope = scope.as_ref().map(ScopeFacts::text);
        let lines = [
            ("account", Some(&*caller.account)),
            ("arn", Some(&caller.arn)),
            ("user id", Some(&caller.user_id)),
            ("profile", profile.as_deref()),
            ("source", Some(source)),
            ("region", plan.region()),
            ("expires", expires.as_deref()),
            ("login", login.as_deref()),
            ("scope", scope.as_deref()),
        ];
        let mut screen = app.out().screen();
        for (name, value) in lines {
            let Some(value) = value else { continue };
            let look = if name == "arn" { Look::Strong } else { Look::Plain };
            screen.look(Look::Faint, &format!("{name:<9}")).look(look, value).line();
        }
        app.out().show(&screen)
    }
}

/// What `awsx whoami --json` prints of a profile. Nobody is asked.
pub(super) fn whoami_document(app: &App, profile: &str) -> Result<Value, Failure> {
    app.ask_of_files(Some(profile), None, Duration::ZERO);
    let trace = trace(app, &Request::of_profile(profile))?;
    let source = trace.answer().map_or("none", |kind| kind.as_str());
    let rules = SessionRules { is_scoped: true, purpose: Purpose::Sign, ..SessionRules::default() };
    let plan = plan_of_trace(app, trace, rules)?;
    let (caller, expiration) = identity(app, &plan, None, MayAsk::Nobody)?;
    document(app, &plan, source, &caller, expiration)
}

/// Version 1; fields are only ever added.
fn document(
    app: &App,
    plan: &Plan,
    source: &str,
    caller: &CallerIdentity,
    expiration: Expiration,
) -> Result<Value, Failure> {
    Ok(json!({
        "version": 1,
        "account": caller.account,
        "arn": caller.arn,
        "user_id": caller.user_id,
        "profile": plan.profile(),
        "source": source,
        "region": plan.region(),
        "expiration": expiration.at().map(utc),
        "login": login_header(app, plan)?.as_ref().map(login_document),
        "scope": ScopeFacts::find(app, plan)?.as_ref().map(ScopeFacts::document),
    }))
}
