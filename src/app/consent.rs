//! What a guard asks of the person: that they mean this profile.

use super::App;
use crate::agent::Agent;
use crate::guard::{Demand, Guard, Guards};
use crate::ports::PromptError;
use crate::report::failure::{Failure, Kind, prompt_advice, word};
use crate::resolve::Plan;

/// What the command line says of it already.
#[derive(Clone, Debug, Default)]
pub(crate) struct Consent {
    /// `--yes-i-mean`
    pub yes_i_mean: Option<String>,
    /// `--reason`
    pub reason: Option<String>,
}

/// Has the person type the name, where a guard wants that. `to_do`: what comes then.
pub(super) fn confirm(
    app: &App,
    guards: &Guards,
    name: &str,
    plan: Option<&Plan>,
    consent: &Consent,
    to_do: &str,
) -> Result<(), Failure> {
    // A person means it, and no program in their place.
    let said = consent.yes_i_mean.as_deref().filter(|_| Agent::of(&app.env).is_none());
    match said {
        Some(meant) if meant == name => return Ok(()),
        Some(meant) => {
            let message =
                format!("--yes-i-mean {} is not \"{name}\", which is asked for", word(meant));
            let hint = format!("`--yes-i-mean {}` says that it is meant", word(name));
            return Err(Failure::usage(message, &hint));
        }
        None => {}
    }
    let asks = |guard: &&Guard| matches!(guard.rule.demand, Demand::Confirm);
    let Some(guard) = guards.0.iter().find(asks) else { return Ok(()) };
    let role = plan.and_then(|plan| plan.roles().last());
    let role = role.map(|role| {
        let name = role.role_name().unwrap_or_default();
        format!(" as {name} in {}", role.account)
    });
    let to_do = format!("{to_do}{}", role.unwrap_or_default());
    match app.person().ask(|terminal| terminal.type_word(name, guards.colour(), &to_do)) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::say(
            format!("that is not \"{name}\", so nothing was handed over"),
            Kind::Refused
                .with(format!("type {name} to go on; confirm stands at {}", guard.rule.at)),
        )),
        Err(error) => {
            let hint = match Agent::of(&app.env) {
                Some(_) => "the person runs it in a terminal: no agent can mean it".to_owned(),
                None => format!("run it in a terminal, or add --yes-i-mean {}", word(name)),
            };
            let what = format!("profile \"{}\" is to be confirmed", guard.profile);
            Err(no_answer(guard, &what, &error, hint))
        }
    }
}

/// What comes of a guard that asks, where no answer comes: `what` it asks for is the first half of a sentence.
pub(super) fn no_answer(guard: &Guard, what: &str, error: &PromptError, hint: String) -> Failure {
    let Guard { rule, .. } = guard;
    let message = match error {
        PromptError::Nobody(_) => format!("{what} ({}, {}), and {error}", rule.key, rule.at),
        PromptError::Unanswered(_) => error.to_string(),
    };
    Failure::say(message, prompt_advice(error, hint))
}
