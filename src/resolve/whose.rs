//! Whose credentials a plan leads to, as far as that is known ahead, and whose somebody expects.

use super::plan::{FirstCall, Plan, StepSummary};
use super::source::Given;
use crate::guard::{Expected, Identity, Whose};

impl Plan {
    /// Whose they are, as far as that is known ahead. What AWS once said of an access key or a sign-in counts.
    pub(crate) fn identity_of(&self, whose: &Whose) -> Option<Identity> {
        let step = match whose {
            Whose::Result => self.last_before_scope(),
            Whose::Profile(name) => {
                let is_own =
                    |step: &StepSummary<'_>| step.profile == Some(name) && role_of(step).is_some();
                self.steps().filter(is_own).last().unwrap_or(self.first().summarize())
            }
        };
        role_of(&step).or_else(|| match &self.first().call {
            FirstCall::Given(Given::LoginSession { session, .. }) => {
                Identity::of_arn(session.arn())
            }
            FirstCall::Given(Given::StoredKeys { key, .. }) => {
                Identity::of_arn(key.owner.as_deref()?)
            }
            FirstCall::Given(_) | FirstCall::ByToken(_) => None,
        })
    }

    /// The roles on the way.
    pub(crate) fn roles(&self) -> impl Iterator<Item = Identity> {
        self.steps().filter_map(|step| role_of(&step))
    }

    /// What somebody expects.
    pub(crate) fn expectations(&self) -> &[Expected] {
        &self.expected
    }

    /// What is expected of the credentials that the plan begins with, of which it does not know whose they are.
    pub(crate) fn expectations_of_source(&self) -> Vec<&Expected> {
        let is_unknown = |expected: &&Expected| self.identity_of(&expected.whose).is_none();
        self.expected.iter().filter(is_unknown).collect()
    }

    /// The same plan, of whose credentials more is expected.
    #[must_use]
    pub(crate) fn expect(mut self, expected: impl IntoIterator<Item = Expected>) -> Self {
        self.expected.extend(expected);
        self
    }

    /// The same without what only AWS could tell, where somebody has asked already.
    #[must_use]
    pub(crate) fn expect_planned(self, expected: impl IntoIterator<Item = Expected>) -> Self {
        let expected: Vec<_> = expected.into_iter().collect();
        let is_known = |expected: &Expected| self.identity_of(&expected.whose).is_some();
        let known: Vec<_> = expected.into_iter().filter(is_known).collect();
        self.expect(known)
    }
}

/// The role of a step.
fn role_of(step: &StepSummary<'_>) -> Option<Identity> {
    match (step.sso_role, step.role_arn) {
        (Some(role), _) => Some(Identity::of_permission_set(&role.account_id, &role.role_name)),
        (None, Some(arn)) => Identity::of_arn(arn),
        (None, None) => None,
    }
}
