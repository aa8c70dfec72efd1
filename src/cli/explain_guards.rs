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

/// Whether a person has to type the name.
pub(super) fn confirms(guards: &Guards) -> bool {
    guards.0.iter().any(|guard| matches!(guard.rule.demand, Demand::Confirm))
}
