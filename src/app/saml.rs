//! Assertions that a command prints, and those that a person brings.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::login::browser;
use super::mint::{make_session, session_ends};
use super::plan::{plan_of_chain, trace};
use super::{App, MayAsk};
use crate::aws::LocalSources;
use crate::deliver;
use crate::host;
use crate::login::{LogInError, LogInFailure, SamlLogIn};
use crate::ports::Sources;
use crate::report::Failure;
use crate::report::failure::{Kind, word};
use crate::resolve::{Chain, Request, SamlLogin, SessionRules, Source};
use crate::saml::{Assertion, choose};
use crate::session::SamlError;
use crate::vault::{SessionHeader, UnlockerKind};

/// What the command of `named_by` prints.
pub(crate) fn assertion_of_command(
    app: &App,
    named_by: &'static str,
    command: &str,
) -> Result<Assertion, Failure> {
    let run = host::process::runner(&app.inherited, &deliver::SECRETS_OF_AWSX);
    let sources = LocalSources::new(run, None, &app.env, app.clock.clone());
    let printed = sources.saml_assertion(named_by, command, &[])?;
    Ok(Assertion::read(&printed).map_err(|flaw| SamlError::Flaw { named_by, flaw })?)
}

/// Who logged in, and until when the session of it is kept.
pub(crate) struct LoggedIn {
    /// `RoleSessionName`
    pub session_name: Option<String>,
    pub role_arn: String,
    pub ends: DateTime<Utc>,
}

/// Logs a person in for a profile with `saml_login_url`, and keeps the session that comes of it.
pub(crate) fn log_in(app: &App, profile: &str, no_browser: bool) -> Result<LoggedIn, Failure> {
    app.ask_of_files(Some(profile), None, Duration::ZERO);
    let trace = trace(app, &Request::of_profile(profile))?;
    app.warn_all(&trace.oddities);
    let chain = trace.result?;
    let login = chain.saml_login().ok_or_else(|| no_login(&chain, profile))?;
    let command = format!("awsx login saml {}", word(profile));
    make_room(app)?;
    let log_in = SamlLogIn { person: app.person(), browser: &browser(app), clock: &*app.clock };
    let assertion = log_in.assertion(&login, no_browser).map_err(|failure| {
        let is_taken = matches!(failure, LogInFailure::Listen(_));
        let error = LogInError::for_profile(login.profile, failure);
        let failure = Failure::log_in(&error, &command, Some(login.profile));
        match is_taken {
            true => failure.with_hint(
                "free the port, or name another one in saml_consumer and at the identity provider"
                    .to_owned(),
            ),
            false => failure,
        }
    })?;
    let SamlLogin { role_arn, principal_arn, .. } = login;
    choose(&assertion.roles, Some(role_arn), principal_arn)
        .map_err(|none| Failure::saml(&SamlError::Role(none), login.profile))?;
    let (session_name, role_arn) = (assertion.session_name.clone(), role_arn.to_owned());
    let rules = SessionRules { refresh: true, ..SessionRules::default() };
    let plan = plan_of_chain(app, chain.with_assertion(assertion), rules)?;
    app.warn_all(plan.warnings());
    make_session(app, &plan, None, MayAsk::Nobody)?;
    let kept = session_ends(app, Some(&plan), false)?.into_values().next();
    let ends = kept.ok_or_else(nothing_kept)?;
    Ok(LoggedIn { session_name, role_arn, ends })
}

/// Opens the vault before the browser: nobody logs in for a vault that cannot keep it.
fn make_room(app: &App) -> Result<(), Failure> {
    let vault = app.vault()?;
    vault.make_room::<SessionHeader>()?;
    match vault.unlocker_kind() {
        UnlockerKind::Memory => Err(nothing_kept()),
        _ => Ok(()),
    }
}

fn nothing_kept() -> Failure {
    Failure::say(
        "the vault keeps nothing (memory), so this login would be of no use".to_owned(),
        Kind::Vault
            .with("unset AWSX_VAULT, or hand an assertion over: `awsx exec --saml-assertion FILE`"),
    )
}

fn no_login(chain: &Chain, profile: &str) -> Failure {
    let (problem, hint) = match chain.source() {
        Source::Saml(_) => (
            format!("profile \"{profile}\" needs no login: its saml_command brings the assertion"),
            format!("use it: `awsx exec {0} -- COMMAND`, `awsx whoami {0}`", word(profile)),
        ),
        _ => (
            format!("profile \"{profile}\" has no saml_login_url"),
            format!(
                "add it beside role_arn; `awsx explain {}` shows what it draws on",
                word(profile)
            ),
        ),
    };
    Failure::say(problem, Kind::Config.with(hint))
}
