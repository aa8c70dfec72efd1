//! The one gate: nothing that stands for somebody is handed over without having passed it. What needs no call is
//! asked first; whose the credentials are that only AWS knows is asked when they are made, before they are used.

use std::ops::Deref;

use chrono::{DateTime, Utc};

use super::App;
use super::agents::{Admission, admit, limit};
use super::audit::{Record, note};
pub(crate) use super::consent::Consent;
use super::consent::confirm;
use super::handover::KEYS_THEMSELVES;
pub(crate) use super::handover::{Handover, Yields};
use super::plan::{chain_of_trace, is_of_outer, plan_of_chain, trace};
use super::reason::with_reason;
use crate::client_settings::ClientSettings;
use crate::credentials::StsAnswer;
use crate::guard::{
    Demand, Guard, GuardError, Guards, Identity, Reading, Whose, check_region, check_roles,
    find_rules,
};
use crate::report::Failure;
use crate::resolve::{
    Chain, Given, Plan, Request, ScopeText, SelectedBy, SelectedProfile, Selection, SessionRules,
    Source, Trace,
};
use crate::session::whose::check_planned;
use crate::text::Colour;

/// A plan whose result may be handed over: only the gate makes it.
#[derive(Debug)]
pub(crate) struct Passed {
    plan: Plan,
    record: Record,
    is_answer: bool,
    colour: Option<Colour>,
}

impl Deref for Passed {
    type Target = Plan;

    fn deref(&self) -> &Plan {
        &self.plan
    }
}

impl Passed {
    /// In which the name of its profile is shown.
    pub(crate) fn colour(&self) -> Option<Colour> {
        self.colour
    }

    /// What the credentials are called by whoever asks for them.
    pub(super) fn name(&self) -> &str {
        &self.record.profile
    }

    /// The same for whoever makes the session anew: another awsx may have made it already.
    pub(super) fn for_renewal(self) -> Self {
        Self { plan: self.plan.for_renewal(), ..self }
    }

    /// Writes down that somebody may ask for it.
    #[cfg(unix)]
    pub(crate) fn note_token(&self, app: &App) -> Result<(), Failure> {
        self.note(app, None, None)
    }

    /// Writes down that it is handed over. `account` and `until`: of what is.
    pub(super) fn note(
        &self,
        app: &App,
        account: Option<&str>,
        until: Option<DateTime<Utc>>,
    ) -> Result<(), Failure> {
        note(app, &self.record, account, until)
    }

    /// The same, unless AWS was only asked something.
    pub(super) fn note_answer(&self, app: &App, answer: &StsAnswer) -> Result<(), Failure> {
        match self.is_answer {
            true => Ok(()),
            false => self.note(app, None, end_of(answer)),
        }
    }
}

/// What a call without a signature hands over.
pub(crate) struct Unsigned(Record);

impl Unsigned {
    pub(super) fn note(&self, app: &App, answer: &StsAnswer) -> Result<(), Failure> {
        note(app, &self.0, None, end_of(answer))
    }
}

fn end_of(answer: &StsAnswer) -> Option<DateTime<Utc>> {
    answer.session.as_ref()?.expiration.at()
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
    let admission = admission_of(app, &name, &chain)?;
    let is_held = !is_of_outer && handover.yields != Yields::Answer;
    let chain = match is_held {
        true => {
            let chain = narrow(&guards, chain, rules, &handover.yields)?;
            limit(app, chain, rules, &handover.yields)?
        }
        false => chain,
    };
    let plan = plan_of_chain(app, chain.clone(), rules)?;
    app.warn_all(plan.warnings());
    check_roles(&guards, &plan.roles().collect::<Vec<_>>())?;
    check_result(&guards, handover.result.as_ref())?;
    // Who put them there has asked whose they are.
    let expect = |plan: Plan| match is_of_outer {
        true => plan.expect_planned(guards.expectations()),
        false => plan.expect(guards.expectations()),
    };
    let passed = |plan: Plan| {
        let identity = handover.result.clone().or_else(|| plan.identity_of(&Whose::Result));
        // Each of them holds.
        let scopes: Vec<_> = plan.steps().filter_map(|step| step.scope).collect();
        let scope = (!scopes.is_empty()).then(|| scopes.join(" and "));
        let (profile, by) = (name.clone(), handover.by.clone());
        let is_answer = handover.yields == Yields::Answer;
        let record = Record { profile, by, identity, scope };
        Passed { plan, record, is_answer, colour: guards.colour() }
    };
    let plan = expect(plan);
    check_planned(&plan)?;
    check_region(&guards, handover.region.as_deref().or(plan.region()))?;
    let plan = match is_held {
        true => {
            let consent = &handover.consent;
            confirm(app, &guards, &name, Some(&plan), consent, &handover.to_do)?;
            match with_reason(app, &guards, &chain, &plan, rules, (&name, consent))? {
                Some(chain) => expect(plan_of_chain(app, chain, rules)?),
                None => plan,
            }
        }
        false => plan,
    };
    admission.spend(app)?;
    Ok(passed(plan))
}

/// Whether an agent may use the chain.
fn admission_of(app: &App, name: &str, chain: &Chain) -> Result<Admission, Failure> {
    match chain.source() {
        // What the environment has, the agent has already.
        Source::Given(Given::Environment(_)) => Ok(Admission::FREE),
        Source::Given(given) if is_of_outer(app, given) => Ok(Admission::FREE),
        _ => admit(app, name, chain.profiles()),
    }
}

/// The same rule where the credentials only sign a call of awsx's own, whose answer is shown. A trace without a chain
/// is refused by whoever makes a plan of it.
pub(crate) fn admit_traced(app: &App, selection: &Selection, trace: &Trace) -> Result<(), Failure> {
    let Ok(chain) = &trace.result else { return Ok(()) };
    admission_of(app, &name_of(selection, chain), chain)?.spend(app)
}

/// The same for a call that nobody signs, with the way of this profile.
pub(crate) fn pass_unsigned(
    app: &App,
    profile: Option<&str>,
    way: &ClientSettings,
    handover: &Handover,
) -> Result<Unsigned, Failure> {
    let selected =
        profile.map_or_else(|| SelectedProfile::of_environment(&app.env).name, str::to_owned);
    let admission = admit(app, &selected, [])?;
    let guards = find_rules([&*selected], app.profiles_in_reach()?, app.preferences()?.guards())?;
    check_result(&guards, handover.result.as_ref())?;
    check_region(&guards, handover.region.as_deref().or(way.region.as_deref()))?;
    check_kind(&guards, &handover.yields)?;
    confirm(app, &guards, &selected, None, &handover.consent, &handover.to_do)?;
    admission.spend(app)?;
    let (by, identity) = (handover.by.clone(), handover.result.clone());
    Ok(Unsigned(Record { profile: selected, by, identity, scope: None }))
}

/// The chain whose session may do no more than its guards allow.
fn narrow(
    guards: &Guards,
    chain: Chain,
    rules: SessionRules,
    yields: &Yields,
) -> Result<Chain, Failure> {
    check_kind(guards, yields)?;
    let Some(reading) = Reading::of(guards)? else { return Ok(chain) };
    if rules.no_session {
        let what = KEYS_THEMSELVES.to_owned();
        let Reading { profile, at, .. } = reading;
        return Err(GuardError::CannotNarrow { what, profile, at }.into());
    }
    match chain.scope() {
        None => {
            let (text, at) = (reading.scope(), Some(reading.at));
            Ok(chain.with_scope(ScopeText { text, at }))
        }
        Some(said) if reading.allows(&said.text) => Ok(chain),
        Some(said) => {
            let (scope, allowed) = (said.text.clone(), reading.scope());
            let Reading { profile, at, .. } = reading;
            Err(GuardError::Scope { scope, allowed, profile, at }.into())
        }
    }
}

/// Refuses what a guard cannot change.
fn check_kind(guards: &Guards, yields: &Yields) -> Result<(), Failure> {
    let Some(what) = yields.beyond() else { return Ok(()) };
    if let Some(Reading { profile, at, .. }) = Reading::of(guards)? {
        return Err(GuardError::CannotNarrow { what, profile, at }.into());
    }
    let asks = |guard: &&Guard| matches!(guard.rule.demand, Demand::Reason);
    match guards.0.iter().find(asks) {
        Some(Guard { rule, profile, .. }) if matches!(yields, Yields::Call(_)) => {
            let (profile, at) = (profile.clone(), rule.at.clone());
            Err(GuardError::CannotSayWhy { what, profile, at }.into())
        }
        _ => Ok(()),
    }
}

/// What guards a chain, in awsx's own settings and in its profiles.
fn guards_of(app: &App, selection: &Selection, chain: &Chain) -> Result<Guards, Failure> {
    let own = name_of(selection, chain);
    let names = std::iter::once(&*own).chain(chain.profiles().filter(|name| *name != own));
    let mut guards = find_rules(names, app.profiles_in_reach()?, app.preferences()?.guards())?;
    if let Selection::Profile(selected) = selection
        && selected.by != SelectedBy::CommandLine
        && let Some(rule) = app.directory.as_ref().and_then(|said| said.account.clone())
    {
        guards.0.push(Guard { rule, profile: own, whose: Whose::Result });
    }
    Ok(guards)
}

/// What the credentials are called by whoever asks for them: the profile, or the role that the command line names.
fn name_of(selection: &Selection, chain: &Chain) -> String {
    let named = selection.role_name().or(chain.profiles().next().map(str::to_owned));
    named.unwrap_or_else(|| selection.to_string())
}

/// What guards a chain, for whoever only shows it.
pub(crate) struct Shown {
    pub chain: Chain,
    pub guards: Guards,
    /// What stands in the way
    pub problem: Option<Failure>,
}

/// The same chain as it would be handed over. What else is wrong with awsx's own settings is said elsewhere.
pub(crate) fn show(app: &App, selection: &Selection, chain: &Chain, rules: SessionRules) -> Shown {
    let shown = |guards, problem| Shown { chain: chain.clone(), guards, problem };
    if app.preferences().is_err() {
        return shown(Guards::default(), None);
    }
    let guards = match guards_of(app, selection, chain) {
        Ok(guards) => guards,
        Err(failure) => return shown(Guards::default(), Some(failure)),
    };
    if matches!(chain.source(), Source::Given(given) if is_of_outer(app, given)) {
        return shown(guards, None);
    }
    let narrowed = narrow(&guards, chain.clone(), rules, &Yields::Session);
    match narrowed.and_then(|chain| limit(app, chain, rules, &Yields::Session)) {
        Ok(chain) => Shown { chain, guards, problem: None },
        Err(failure) => shown(guards, Some(failure)),
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
