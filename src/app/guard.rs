//! The one gate: nothing that stands for somebody is handed over without having passed it. What needs no call is
//! asked first; whose the credentials are that only AWS knows is asked when they are made, before they are used.

use std::ops::Deref;

use super::App;
pub(crate) use super::consent::Consent;
use super::consent::confirm;
use super::plan::{chain_of_trace, is_of_outer, plan_of_chain, trace};
use crate::client_settings::ClientSettings;
use crate::guard::{Guards, Identity, Whose, check_region, check_roles, find_rules};
use crate::report::Failure;
use crate::resolve::{Chain, Plan, Request, SelectedProfile, Selection, SessionRules, Source};
use crate::session::whose::check_planned;

/// What is handed over, and what the command line says to a guard.
#[derive(Debug)]
pub(crate) struct Handover {
    /// What comes next: `run terraform`
    pub to_do: String,
    pub consent: Consent,
    /// Whether AWS is only asked something, and nothing is handed over
    pub is_answer: bool,
    /// Whose credentials the command itself makes of the plan's
    pub result: Option<Identity>,
    /// Where it is used, where that is not the plan's region
    pub region: Option<String>,
}

impl Handover {
    /// The result of a plan.
    pub(crate) fn new(to_do: &str, consent: Consent) -> Self {
        Self { to_do: to_do.to_owned(), consent, is_answer: false, result: None, region: None }
    }
}

/// A plan whose result may be handed over: only the gate makes it.
#[derive(Debug)]
pub(crate) struct Passed(Plan);

impl Deref for Passed {
    type Target = Plan;

    fn deref(&self) -> &Plan {
        &self.0
    }
}

/// The plan of a request, where all that guards its profiles holds; warns of all that is odd on the way.
pub(crate) fn pass(
    app: &App,
    request: &Request,
    rules: SessionRules,
    handover: &Handover,
) -> Result<Passed, Failure> {
    let chain = chain_of_trace(app, trace(app, request)?)?;
    let guards = guards_of(app, &request.selection, &chain)?;
    let name = name_of(&request.selection, &chain);
    let is_of_outer = matches!(chain.source(), Source::Given(given) if is_of_outer(app, given));
    let plan = plan_of_chain(app, chain, rules)?;
    app.warn_all(plan.warnings());
    check_roles(&guards, &plan.roles().collect::<Vec<_>>())?;
    check_region(&guards, handover.region.as_deref().or(plan.region()))?;
    check_result(&guards, handover.result.as_ref())?;
    let expected = guards.expectations();
    // Who put them there has asked whose they are.
    let plan = if is_of_outer { plan.expect_planned(expected) } else { plan.expect(expected) };
    check_planned(&plan)?;
    if !is_of_outer && !handover.is_answer {
        confirm(app, &guards, &name, Some(&plan), &handover.consent, &handover.to_do)?;
    }
    Ok(Passed(plan))
}

/// The same for a call that nobody signs, with the way of this profile.
pub(crate) fn pass_unsigned(
    app: &App,
    profile: Option<&str>,
    way: &ClientSettings,
    handover: &Handover,
) -> Result<(), Failure> {
    let selected =
        profile.map_or_else(|| SelectedProfile::of_environment(&app.env).name, str::to_owned);
    let guards = find_rules([&*selected], app.profiles_in_reach()?, app.preferences()?.guards())?;
    check_result(&guards, handover.result.as_ref())?;
    check_region(&guards, handover.region.as_deref().or(way.region.as_deref()))?;
    confirm(app, &guards, &selected, None, &handover.consent, &handover.to_do)
}

/// What guards a chain, in awsx's own settings and in its profiles.
pub(crate) fn guards_of(
    app: &App,
    selection: &Selection,
    chain: &Chain,
) -> Result<Guards, Failure> {
    let own = name_of(selection, chain);
    let names = std::iter::once(&*own).chain(chain.profiles().filter(|name| *name != own));
    Ok(find_rules(names, app.profiles_in_reach()?, app.preferences()?.guards())?)
}

/// What the credentials are called by whoever asks for them: the profile, or the role that the command line names.
fn name_of(selection: &Selection, chain: &Chain) -> String {
    let named = selection.role_name().or(chain.profiles().next().map(str::to_owned));
    named.unwrap_or_else(|| selection.to_string())
}

/// The same for whoever only shows them: what else is wrong with awsx's own settings is said elsewhere.
pub(crate) fn guards_that_show(
    app: &App,
    selection: &Selection,
    chain: &Chain,
) -> Result<Guards, Failure> {
    match app.preferences() {
        Ok(_) => guards_of(app, selection, chain),
        Err(_) => Ok(Guards::default()),
    }
}

/// What needs no call, of a plan alone.
pub(crate) fn check(guards: &Guards, plan: &Plan) -> Result<(), Failure> {
    check_roles(guards, &plan.roles().collect::<Vec<_>>())?;
    Ok(check_region(guards, plan.region())?)
}

/// Refuses what the command itself makes of the credentials.
fn check_result(guards: &Guards, result: Option<&Identity>) -> Result<(), Failure> {
    let Some(result) = result else { return Ok(()) };
    check_roles(guards, [result])?;
    let mut of_result = guards.expectations().filter(|expected| expected.whose == Whose::Result);
    Ok(of_result.try_for_each(|expected| expected.check(result))?)
}
