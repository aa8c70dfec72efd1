//! What `awsx explain` shows of guards.

use serde_json::{Value, json};

use crate::app::App;
use crate::guard::{Demand, Guard, Guards};
use crate::report::{Look, Screen};
use crate::text::abbreviate;

/// A line for each, below a word that says what they are.
pub(super) fn show_guards(guards: &Guards, app: &App, screen: &mut Screen) {
    let mut what = "guards";
    for Guard { rule, profile, .. } in &guards.0 {
        let said = match &*rule.demand.values() {
            [] => rule.key.to_owned(),
            values => format!("{} {}", rule.key, values.join(", ")),
        };
        let at = format!(" (of {profile}, {})", rule.at);
        screen.look(Look::Faint, &format!("{what:<9}")).plain(&said);
        screen.look(Look::Faint, &abbreviate(&at, app.env.home())).line();
        what = "";
    }
}

/// The same for programs.
pub(super) fn document(guards: &Guards) -> Vec<Value> {
    let guard = |Guard { rule, profile, .. }: &Guard| {
        json!({
            "key": rule.key,
            "values": rule.demand.values(),
            "profile": profile,
            "file": rule.at.file.display().to_string(),
            "line": rule.at.line,
        })
    };
    guards.0.iter().map(guard).collect()
}

/// What a person is asked because of them: its name in JSON, and in words.
pub(super) fn asks_of_guards(guards: &Guards) -> Vec<(&'static str, &'static str)> {
    let has = |is_it: fn(&Demand) -> bool| guards.0.iter().any(|guard| is_it(&guard.rule.demand));
    let confirm = has(|demand| matches!(demand, Demand::Confirm));
    let reason = has(|demand| matches!(demand, Demand::Reason));
    let asks = [
        confirm.then_some(("confirm", "for the name of the profile, typed")),
        reason.then_some(("reason", "what it is used for")),
    ];
    asks.into_iter().flatten().collect()
}
