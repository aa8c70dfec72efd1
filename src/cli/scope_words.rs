//! How a session is narrowed, in words.

use serde_json::{Value, json};

use crate::app::App;
use crate::report::Failure;
use crate::resolve::{LONGEST_POLICY, Plan, StepSummary};
use crate::vault::{SessionOf, session_header};

/// The names of what narrows the plan's session, the first first; none where nothing does.
pub(super) fn scope_words(plan: &Plan) -> Option<String> {
    let names: Vec<_> = plan.steps().filter_map(|step| step.scope).collect();
    (!names.is_empty()).then(|| names.join(" and "))
}

/// What is known of a narrowed session.
pub(super) struct ScopeFacts {
    name: String,
    policy_characters: Option<usize>,
    of: SessionOf,
}

impl ScopeFacts {
    /// Those of the plan's session, which was just used.
    pub(super) fn find(app: &App, plan: &Plan) -> Result<Option<Self>, Failure> {
        let Some(name) = scope_words(plan) else { return Ok(None) };
        let StepSummary { policy, kept_as, .. } = plan.last();
        let vault = app.vault()?;
        let header = kept_as.and_then(|key| session_header(vault, &key));
        let of = header.map(|header| header.of).unwrap_or_default();
        let policy_characters = policy.map(|policy| policy.chars().count());
        Ok(Some(Self { name, policy_characters, of }))
    }

    pub(super) fn document(&self) -> Value {
        json!({
            "name": self.name,
            "policy_characters": self.policy_characters,
            "token_percent": self.of.token_percent,
            "scopes": self.of.scopes,
        })
    }

    pub(super) fn text(&self) -> String {
        let facts = [
            self.policy_characters.map(|n| format!("policy {n} of {LONGEST_POLICY} characters")),
            self.of.token_percent.map(|percent| format!("token {percent} % full")),
            self.of.scopes.map(|scopes| format!("{scopes} of 3 scopes")),
        ];
        let facts: Vec<_> = facts.into_iter().flatten().collect();
        match &*facts {
            [] => self.name.clone(),
            facts => format!("{} ({})", self.name, facts.join(", ")),
        }
    }
}
