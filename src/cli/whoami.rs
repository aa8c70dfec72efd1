//! `awsx whoami`

use clap::Args;
use serde::Serialize;

use super::flags::{ProfileArgument, SessionFlags};
use super::login_state::login_state;
use super::request::request;
use crate::app::login::login_header;
use crate::app::mint::{identity, plan_of_chain, trace};
use crate::app::{App, MayAsk};
use crate::credentials::Expiration;
use crate::login::LoginHeader;
use crate::report::Failure;
use crate::resolve::Purpose;
use crate::text::utc;

/// Show whose credentials a profile leads to (GetCallerIdentity)
#[derive(Debug, Args)]
pub(super) struct Whoami {
    #[command(flatten)]
    profile: ProfileArgument,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    session: SessionFlags,
}

/// `awsx whoami --json`, version 1; fields are only ever added.
#[derive(Serialize)]
struct Identity<'a> {
    version: u32,
    account: &'a str,
    arn: &'a str,
    user_id: &'a str,
    profile: Option<&'a str>,
    source: &'a str,
    region: Option<&'a str>,
    expiration: Option<String>,
    login: Option<LoginHeader>,
}

impl Whoami {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let code = self.session.mfa_code()?;
        let request = request(app, &self.session, self.profile.name(), MayAsk::Person)?;
        let trace = trace(app, &request)?;
        let source = trace.answer().map_or("none", |kind| kind.as_str());
        let plan = plan_of_chain(app, trace.result?, self.session.rules(Purpose::Sign))?;
        app.warn_all(plan.warnings());
        let (caller, expiration) = identity(app, &plan, code, MayAsk::Person)?;
        let identity = Identity {
            version: 1,
            account: &caller.account,
            arn: &caller.arn,
            user_id: &caller.user_id,
            profile: plan.profile(),
            source,
            region: plan.region(),
            expiration: expiration.at().map(utc),
            login: login_header(app, &plan)?,
        };
        if self.json {
            app.out().json(&identity)?;
        } else {
            let login = login_state(app, &plan)?;
            app.out().data(&lines(&identity, expiration, login.as_deref(), app))?;
        }
        Ok(())
    }
}

fn lines(
    identity: &Identity<'_>,
    expiration: Expiration,
    login: Option<&str>,
    app: &App,
) -> String {
    let expires = expiration.at().map(|at| app.out().instant(at, app.now()));
    [
        ("account", Some(identity.account)),
        ("arn", Some(identity.arn)),
        ("user id", Some(identity.user_id)),
        ("profile", identity.profile),
        ("source", Some(identity.source)),
        ("region", identity.region),
        ("expires", expires.as_deref()),
        ("login", login),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(format!("{name:<9}{}\n", value?)))
    .collect()
}
