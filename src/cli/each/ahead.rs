//! What has to be asked before the commands run, and what is known of their profiles then.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::flags::Each;
use super::run::{MintedBy, Run, Whose};
use crate::app::guard::{Handover as Gate, Passed};
use crate::app::mint::session_ends;
use crate::app::plan::{plan_of_trace, trace};
use crate::app::serving::renew;
use crate::app::{App, MayAsk};
use crate::cli::asks::find_asks;
use crate::cli::overlay::plan_for;
use crate::cli::request::request;
use crate::cli::several::consent_of;
use crate::guard;
use crate::report::Failure;
use crate::report::failure::{Kind, word};
use crate::resolve::{Plan, Purpose, StepSummary};
use crate::text::Colour;

/// The same runs, once all that a person has to be asked is answered: guards, logins and codes, each once. What cannot be
/// had at all is left to its run, which says so.
pub(super) fn ask_ahead(app: &App, each: &Each, mut runs: Vec<Run>) -> Result<Vec<Run>, Failure> {
    let mut known: HashMap<String, Known> = HashMap::new();
    let names: Vec<String> = runs.iter().map(|run| run.whose.name()).collect();
    for run in &mut runs {
        let known = match known.entry(run.whose.name()) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(Known::find(app, each, &names, &run.whose)?),
        };
        run.account.clone_from(&known.account);
        run.own_region.clone_from(&known.region);
        run.is_confirmed = known.is_confirmed;
        run.colour = known.colour;
        run.minted_by = known.minted_by;
    }
    Ok(runs)
}

/// What is known of a profile before its command runs.
#[derive(Default)]
struct Known {
    account: Option<String>,
    region: Option<String>,
    is_confirmed: bool,
    colour: Option<Colour>,
    minted_by: Option<MintedBy>,
}

impl Known {
    /// `all`: what the profiles of all runs are called
    fn find(app: &App, each: &Each, all: &[String], whose: &Whose) -> Result<Self, Failure> {
        let flags = whose.session(each.server.session());
        if app.person().terminal().is_ok() {
            let consent = consent_of(&each.guard, all, Some(&whose.name()));
            let to_do = format!("run {}", word(&each.command[0].to_string_lossy()));
            let gate = Gate::new("each", &to_do, consent);
            match plan_for(app, &flags, whose.profile(), &gate) {
                Ok((plan, _)) => {
                    let known = Self {
                        is_confirmed: true,
                        colour: plan.colour(),
                        minted_by: find_minter(app, &plan)?,
                        ..Self::of(&plan)
                    };
                    return Ok(match ask_for(app, plan)? {
                        true => Self { minted_by: None, ..known },
                        false => known,
                    });
                }
                Err(failure) if failure.kind() == Kind::Cancelled => return Err(failure),
                Err(_) => {}
            }
        }
        let plan = request(app, &flags, whose.profile(), MayAsk::NoNetwork)
            .and_then(|request| trace(app, &request))
            .and_then(|trace| plan_of_trace(app, trace, flags.rules(Purpose::Deliver)));
        // What is wrong with it its run says.
        let Ok(plan) = plan else { return Ok(Self::default()) };
        Ok(Self { minted_by: find_minter(app, &plan)?, ..Self::of(&plan) })
    }

    fn of(plan: &Plan) -> Self {
        let account = plan.identity_of(&guard::Whose::Result).map(|found| found.account);
        Self { account, region: plan.region().map(str::to_owned), ..Self::default() }
    }
}

/// Makes the session of a plan that a person is needed for; whether it did.
fn ask_for(app: &App, plan: Passed) -> Result<bool, Failure> {
    let ends = session_ends(app, Some(&plan), false)?;
    if find_asks(app, &plan, &ends, false)?.is_empty() {
        return Ok(false);
    }
    match renew(app, plan) {
        Err(failure) if failure.kind() == Kind::Cancelled => Err(failure),
        // Its run says the same.
        made => Ok(made.is_ok()),
    }
}

/// Who makes the sessions of a plan that are not there.
fn find_minter(app: &App, plan: &Plan) -> Result<Option<MintedBy>, Failure> {
    let ends = session_ends(app, Some(plan), false)?;
    let is_there = |step: &StepSummary<'_>| step.kept_as.is_some_and(|key| ends.contains_key(&key));
    // Only what comes after the last one that is there is made.
    let steps: Vec<_> = plan.steps().collect();
    let from = steps.iter().rposition(is_there).map_or(0, |there| there + 1);
    let to_make = || steps[from..].iter().filter(|step| step.kept_as.is_some());
    let of_portal = to_make().any(|step| step.sso_role.is_some());
    Ok(match to_make().next() {
        Some(_) if of_portal => Some(MintedBy::Portal),
        Some(_) => Some(MintedBy::Sts),
        None => None,
    })
}
