//! From a request to a plan.

use super::App;
use super::scope::find_scope;
use crate::aws::web_identity_token_name;
use crate::client_settings::{Calls, ClientSettings};
use crate::profile::Profile;
use crate::report::Failure;
use crate::resolve::{
    self, Chain, ChainErrorKind, Given, Plan, Request, SelectedProfile, SessionRules, Source, Trace,
};

/// The chain of a request, with every candidate.
pub(crate) fn trace(app: &App, request: &Request) -> Result<Trace, Failure> {
    let trace = resolve::trace(app.profiles_in_reach()?, &app.env, request);
    Ok(match trace.result {
        // What is not there may be meant, or called otherwise.
        Err(_) => resolve::trace(app.profiles()?, &app.env, request),
        Ok(_) => trace,
    })
}

/// The plan of a request; warns of all that is odd on the way.
pub(crate) fn plan(app: &App, request: &Request, rules: SessionRules) -> Result<Plan, Failure> {
    plan_of_trace(app, trace(app, request)?, rules)
}

/// The same, of its trace.
pub(crate) fn plan_of_trace(app: &App, trace: Trace, rules: SessionRules) -> Result<Plan, Failure> {
    let plan = plan_of_chain(app, chain_of_trace(app, trace)?, rules)?;
    app.warn_all(plan.warnings());
    Ok(plan)
}

/// The chain of a trace; warns of all that is odd on the way.
pub(super) fn chain_of_trace(app: &App, trace: Trace) -> Result<Chain, Failure> {
    app.warn_all(&trace.oddities);
    trace.result.map_err(|error| match *error.kind {
        ChainErrorKind::NoCredentials { .. } => {
            Failure::from(error).with_hint(names_to_choose(app))
        }
        _ => error.into(),
    })
}

/// The plan of a chain.
pub(crate) fn plan_of_chain(app: &App, chain: Chain, rules: SessionRules) -> Result<Plan, Failure> {
    let profiles = app.profiles_in_reach()?;
    let scopes = chain.scopes().filter(|_| rules.is_scoped).map(|said| find_scope(app, said));
    let scopes: Vec<_> = scopes.collect::<Result<_, _>>()?;
    let chain = chain.with_token(web_identity_token_name);
    let settings = match (chain.profile(), chain.source()) {
        // As any login by the name of its session.
        (None, Source::SsoRole { .. } | Source::Saml(_)) => app.own_settings()?,
        (None, Source::WebIdentity(web)) if web.origin.is_of_job() => app.own_settings()?,
        (selected, source) => {
            let profile = profile_of_settings(app, selected, false)?;
            let calls = match source {
                Source::SsoRole { .. } => Calls::IdentityCenter,
                Source::Given(Given::LoginSession { .. }) => Calls::SignIn,
                Source::Given(_) | Source::WebIdentity(_) | Source::Saml(_) => Calls::StsAlone,
            };
            let region = app.globals.region.as_deref();
            let is_outer = matches!(source, Source::Given(given) if is_of_outer(app, given));
            let env = if is_outer { &app.inherited } else { &app.env };
            ClientSettings::derive(region, env, profile.as_ref(), profiles, calls)?
        }
    };
    Ok(resolve::plan(chain, scopes, rules, settings, &app.env)?)
}

/// Whether no session of the request lasts as long as its `--min-ttl`. What else is wrong is said later.
pub(crate) fn exceeds_session(app: &App, request: &Request, rules: SessionRules) -> bool {
    let plan = |rules| {
        let chain = trace(app, request).ok()?.result.ok()?;
        plan_of_chain(app, chain, rules).ok()
    };
    plan(rules).is_none() && plan(SessionRules { min_ttl: None, ..rules }).is_some()
}

/// Whether the profile that is asked for says that its commands get a server. Keys of the environment come before
/// one that nobody names.
pub(crate) fn server_of_profile(
    app: &App,
    is_of_flags: bool,
    profile: Option<&str>,
) -> Result<bool, Failure> {
    let has_keys = profile.is_none() && app.env.get("AWS_ACCESS_KEY_ID").is_some();
    if is_of_flags || has_keys {
        return Ok(false);
    }
    match profile_of_settings(app, profile, false)? {
        Some(profile) => Ok(resolve::wants_server(&profile)?),
        None => Ok(false),
    }
}

/// Whether the credentials are those of an awsx around this one: what that one set beside them holds.
pub(super) fn is_of_outer(app: &App, given: &Given) -> bool {
    match given {
        Given::Environment(_) => app.env.has_keys_of_awsx(),
        Given::Container(_) => app.env.has_server_of_awsx(),
        _ => false,
    }
}

/// What is configured for the selected profile holds for every call of its chain, and for the command;
/// without one, what the files step would have looked at still gives the region. A role that the command
/// line names has nothing to do with any profile.
pub(super) fn profile_of_settings(
    app: &App,
    selected: Option<&str>,
    is_of_flags: bool,
) -> Result<Option<Profile>, Failure> {
    let name = match selected {
        Some(name) => name.to_owned(),
        None if is_of_flags => return Ok(None),
        None => SelectedProfile::of_environment(&app.env).name,
    };
    Ok(app.profiles_in_reach()?.profile(&name)?)
}

/// What to do where nothing says whose credentials to take.
pub(super) fn names_to_choose(app: &App) -> String {
    let names: Vec<&str> =
        app.profiles().into_iter().flat_map(|all| all.all_names()).take(4).collect();
    match names.split_at_checked(3) {
        _ if names.is_empty() => "`awsx config` makes a profile, step by step".to_owned(),
        Some((first, [_, ..])) => {
            format!("name a profile: {}, … (`awsx profiles` lists them)", first.join(", "))
        }
        _ => format!("name a profile: {}", names.join(", ")),
    }
}
