//! Why a profile is used, where a guard wants to know or somebody says it.

use super::App;
use super::consent::{Consent, no_answer};
use super::plan::plan_of_chain;
use crate::guard::{Demand, Guard, Guards, check_reason};
use crate::report::failure::Failure;
use crate::resolve::{Chain, Plan, SessionRules};
use crate::session::reason::KeptReason;
use crate::vault::session_header;

/// The chain whose session says why it is used; none where it says nothing of that. `plan` is that of the chain
/// without. A session that runs and says why is not asked about again.
pub(super) fn with_reason(
    app: &App,
    guards: &Guards,
    chain: &Chain,
    plan: &Plan,
    rules: SessionRules,
    (name, consent): (&str, &Consent),
) -> Result<Option<Chain>, Failure> {
    let asks = |guard: &&Guard| matches!(guard.rule.demand, Demand::Reason);
    let guard = guards.0.iter().find(asks);
    let reason = match (&consent.reason, guard) {
        (Some(_), _) if chain.note().is_some() => {
            return Err(Failure::usage(
                "--reason and --scope-note exclude each other: both say what it is for".to_owned(),
                "leave one of them out",
            ));
        }
        (None, None) => return Ok(None),
        // --scope-note
        (None, Some(_)) if chain.note().is_some() => return Ok(None),
        (Some(given), _) => given.clone(),
        (None, Some(guard)) => {
            let kept = KeptReason::find(app.vault()?, plan.last_key())?;
            if let Some(KeptReason(reason)) = kept.filter(|_| !rules.refresh) {
                let chain = chain.clone().with_reason(&reason);
                if is_running(app, &plan_of_chain(app, chain.clone(), rules)?)? {
                    return Ok(Some(chain));
                }
            }
            ask(app, guard, name)?
        }
    };
    KeptReason(reason.clone()).keep(app.vault()?, plan.last_key())?;
    Ok(Some(chain.clone().with_reason(&reason)))
}

/// Whether what the plan leads to is kept, and good.
fn is_running(app: &App, plan: &Plan) -> Result<bool, Failure> {
    let Some((key, margin)) = plan.sessions().last() else { return Ok(false) };
    let header = session_header(app.vault()?, &key);
    Ok(header.is_some_and(|header| header.lifetime().leaves(margin, app.now())))
}

fn ask(app: &App, guard: &Guard, name: &str) -> Result<String, Failure> {
    let question = format!("What {name} is used for, which CloudTrail shows");
    loop {
        let answer = app.person().ask(|terminal| terminal.text(&question, None));
        let answer = answer.map_err(|error| {
            let what = format!("what profile \"{}\" is used for is not said", guard.profile);
            no_answer(guard, &what, &error, "add --reason TEXT, or run it in a terminal".to_owned())
        })?;
        match check_reason(&answer) {
            Ok(()) => return Ok(answer),
            Err(problem) => app.out().instruction(problem),
        }
    }
}
