//! From a plan to credentials.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::guard::Passed;
use super::login::{has_own_login, log_in_if_agreed, login_header, offers_login, with_login};
use super::plan::{is_of_outer, names_to_choose, profile_of_settings};
use super::shell::line_for_shell;
use super::{App, Clients, MayAsk};
use crate::aws::LocalSources;
use crate::client_settings::{Calls, ClientSettings, command_variables};
use crate::credentials::{
    Expiration, Keys, LiveCredentials, Login, MfaCode, SessionKey, StsAnswer, StsCall, TokenOrigin,
};
use crate::deliver;
use crate::host;
use crate::ports::{CallError, CallerIdentity, PromptError, SourceOf};
use crate::profile::{Location, Profile};
use crate::report::Failure;
use crate::report::failure::{Kind, hint_of_code, word};
use crate::resolve::{FirstCall, Given, Mfa, Plan, TokenCall};
use crate::session::CodeError;
use crate::session::mint::{MintError, Minter};
use crate::vault::{KeptSession, session_header};

/// The same of a plan: flags alone may say what it begins with.
fn profile_of_plan(app: &App, plan: &Plan) -> Result<Option<Profile>, Failure> {
    let is_of_flags = plan.is_of_job()
        || matches!(plan.login(), Some(Login::IdentityCenter(_)))
        || matches!(plan.first().call, FirstCall::ByToken(TokenCall::AssumeRoleWithSaml(..)));
    profile_of_settings(app, plan.profile(), is_of_flags)
}

/// What of the profile's settings a command gets as variables.
pub(crate) fn variables(app: &App, plan: &Plan) -> Result<Vec<(String, String)>, Failure> {
    if let FirstCall::Given(given) = &plan.first().call
        && is_of_outer(app, given)
    {
        return Ok(deliver::variables_of_outer(&app.inherited));
    }
    let profile = profile_of_plan(app, plan)?;
    let handed =
        command_variables(plan.settings(), &app.env, profile.as_ref(), app.profiles_in_reach()?)?;
    handed.warnings.iter().for_each(|warning| app.out().warning(warning));
    Ok(handed.variables)
}

/// How another service is reached, as the plan's profile says it.
pub(super) fn settings_for(
    app: &App,
    plan: &Plan,
    calls: Calls,
) -> Result<ClientSettings, Failure> {
    let is_outer = matches!(&plan.first().call, FirstCall::Given(given) if is_of_outer(app, given));
    let env = if is_outer { &app.inherited } else { &app.env };
    let profile = profile_of_plan(app, plan)?;
    let region = app.globals.region.as_deref();
    let profiles = app.profiles_in_reach()?;
    Ok(ClientSettings::derive(region, env, profile.as_ref(), profiles, calls)?)
}

/// The plan's credentials, to be handed over.
pub(crate) fn mint(
    app: &App,
    plan: &Passed,
    mut code: Option<MfaCode>,
    may_ask: MayAsk,
) -> Result<LiveCredentials, Failure> {
    let live = with_minter(app, plan, may_ask, |minter| minter.mint(plan, &mut code))?;
    plan.note(app, live.account_id(), live.expiration().at())?;
    Ok(live)
}

/// Makes the plan's session, or finds it, and hands nothing over; when it ends.
pub(super) fn make_session(
    app: &App,
    plan: &Plan,
    mut code: Option<MfaCode>,
    may_ask: MayAsk,
) -> Result<Expiration, Failure> {
    let live = with_minter(app, plan, may_ask, |minter| minter.mint(plan, &mut code))?;
    Ok(live.expiration())
}

/// The plan's credentials for calls of awsx's own, and for what is made of them here.
pub(crate) fn keys_of_plan(
    app: &App,
    plan: &Plan,
    mut code: Option<MfaCode>,
    may_ask: MayAsk,
) -> Result<Keys, Failure> {
    with_minter(app, plan, may_ask, |minter| minter.keys(plan, &mut code))
}

/// Who the plan's credentials are, and when they end.
pub(crate) fn identity(
    app: &App,
    plan: &Plan,
    mut code: Option<MfaCode>,
    may_ask: MayAsk,
) -> Result<(CallerIdentity, Expiration), Failure> {
    with_minter(app, plan, may_ask, |minter| minter.identity(plan, &mut code))
}

/// The answer to a call by its name, which the plan's credentials sign.
pub(crate) fn ask_by_name(
    app: &App,
    plan: &Plan,
    mut code: Option<MfaCode>,
    call: &StsCall,
    device: Option<&Mfa>,
    mut own_code: Option<MfaCode>,
) -> Result<StsAnswer, Failure> {
    with_minter(app, plan, MayAsk::Person, |minter| {
        minter.ask(plan, &mut code, call, device, &mut own_code)
    })
}

/// What reaches AWS for the plan.
pub(super) fn clients_of_plan(app: &App, plan: &Plan) -> Clients {
    let mut clients = app.clients(plan.settings());
    if let FirstCall::Given(Given::Instance(instance)) = &plan.first().call {
        clients.aws = clients.aws.on_instance(Some(instance.clone()));
    }
    clients
}

fn with_minter<T>(
    app: &App,
    plan: &Plan,
    may_ask: MayAsk,
    mut work: impl FnMut(&Minter<'_>) -> Result<T, MintError>,
) -> Result<T, Failure> {
    let clients = clients_of_plan(app, plan);
    let run = host::process::runner(&app.inherited, &deliver::SECRETS_OF_AWSX);
    let ca_bundle = plan.settings().ca_bundle.clone();
    let sources = LocalSources::new(run, ca_bundle, &app.env, app.clock.clone());
    let logins = app.logins(&clients)?;
    let minter = Minter {
        vault: app.vault()?,
        sts: &clients.aws,
        sso: &clients.aws,
        logins,
        sources: &sources,
        person: app.person(),
        clock: &*app.clock,
        above: host::process::sessions_above(&app.inherited),
    };
    with_login(
        || work(&minter),
        |login, profile| {
            if !offers_login(app, may_ask, login)? {
                return Ok(false);
            }
            let Some(region) = region_of_login(app, login, plan)? else { return Ok(false) };
            log_in_if_agreed(app, logins, login, &region, profile.or_else(|| plan.profile()))
        },
        |error| failure_of(app, plan, error),
    )
}

/// Where a person logs in: where they did the last time, else the plan's region.
fn region_of_login(app: &App, login: &Login, plan: &Plan) -> Result<Option<String>, Failure> {
    match login {
        Login::IdentityCenter(login) => Ok(Some(login.region.clone())),
        Login::Console(_) => {
            let known = login_header(app, plan)?.map(|header| header.region);
            Ok(known.or_else(|| plan.region().map(str::to_owned)))
        }
    }
}

/// The failure, with the place of the setting or the profile whose call it was, and the login that helps.
fn failure_of(app: &App, plan: &Plan, error: MintError) -> Failure {
    if let FirstCall::Given(given) = &plan.first().call
        && is_of_outer(app, given)
        && is_expired(&error)
    {
        return Failure::from(error).with_hint(renewal_of_outer(app));
    }
    if let MintError::Code(CodeError::Prompt { source: PromptError::Nobody(_), .. }) = &error
        && let (Some(profile), Some(length)) = (plan.profile(), plan.rules().duration)
    {
        return Failure::from(error).with_hint(hint_of_code(profile, Some(length)));
    }
    if let MintError::Saml { profile: Some(name), cause } = &error {
        let at = place_of(app, name, &[cause.setting()]);
        let failure = Failure::from(error);
        return match at {
            Some(at) => failure.at(&at),
            None => failure,
        };
    }
    let MintError::Call { cause, profile } = &error else { return error.into() };
    if plan.is_last_resort() && matches!(cause, CallError::NoInstance { is_silent: false, .. }) {
        let message =
            format!("no profile was named, and there are no default credentials ({cause})");
        return Failure::say(message, Kind::NoCredentials.with(names_to_choose(app)));
    }
    let settings: &[&str] = match cause {
        CallError::Source { of, .. } => match of {
            SourceOf::Command | SourceOf::Awsx => &["credential_process", TokenOrigin::SETTING],
            SourceOf::TokenFile => &["web_identity_token_file", TokenOrigin::SETTING],
            SourceOf::Github | SourceOf::NoGithubJob | SourceOf::Gitlab | SourceOf::Variable => {
                &[TokenOrigin::SETTING]
            }
            SourceOf::Container | SourceOf::Instance | SourceOf::AwsCliFile | SourceOf::Machine => {
                &[]
            }
        },
        _ => &[],
    };
    let at = match (cause, &plan.first().call) {
        // Not the call is wrong, but the keys.
        (CallError::Refused { code, .. }, FirstCall::Given(Given::StaticKeys(keys)))
            if ["InvalidClientTokenId", "SignatureDoesNotMatch"].contains(&&**code) =>
        {
            Some(keys.at.clone())
        }
        _ => profile.as_ref().and_then(|name| place_of(app, name, settings)),
    };
    let own_login = match (cause, plan.profile()) {
        (CallError::LoginNeeded { login, .. }, Some(name))
            if has_own_login(app, login, plan.settings()) =>
        {
            Some(name)
        }
        _ => None,
    };
    let is_told = matches!(cause, CallError::Source { of: SourceOf::Awsx, .. });
    let mut failure = Failure::from(error);
    failure.is_told = is_told;
    if let Some(profile) = own_login {
        failure = failure.for_login_of(profile);
    }
    match at {
        Some(at) => failure.at(&at),
        None => failure,
    }
}

/// Where the first of the settings stands, or else the profile.
fn place_of(app: &App, profile: &str, settings: &[&str]) -> Option<Location> {
    let profile = app.profiles_in_reach().ok()?.profile(profile).ok()??;
    let line = settings.iter().find_map(|key| Some(profile.get(key)?.location.clone()));
    line.or_else(|| profile.header().cloned())
}

fn is_expired(error: &MintError) -> bool {
    match error {
        MintError::TooShort { .. } => true,
        MintError::Call { cause: CallError::Refused { code, .. }, .. } => {
            code.starts_with("ExpiredToken")
        }
        _ => false,
    }
}

/// How a person renews what an awsx around this one handed over.
fn renewal_of_outer(app: &App) -> String {
    let profile = app.env.profile_of_awsx();
    let line = line_for_shell(profile, &app.env);
    let exec = profile.map(|name| format!(" {}", word(name))).unwrap_or_default();
    format!("`{line}` renews them in this shell; or `exit`, and `awsx exec{exec}`")
}

/// When each cached session of the plan expires; sessions that are not usable any more are left out.
/// Opens nothing, unless `open` asks that each record be proved readable.
pub(crate) fn session_ends(
    app: &App,
    plan: Option<&Plan>,
    open: bool,
) -> Result<HashMap<SessionKey, DateTime<Utc>>, Failure> {
    let vault = app.vault()?;
    let mut ends = HashMap::new();
    for (key, margin) in plan.into_iter().flat_map(Plan::sessions) {
        let Some(header) = session_header(vault, &key) else { continue };
        let usable = header.lifetime().leaves(margin, app.now());
        if usable && (!open || vault.get::<KeptSession>(&key)?.is_some()) {
            ends.insert(key, header.expires_at);
        }
    }
    Ok(ends)
}
