//! What is said of a step, and of the session that it makes.

use crate::credentials::{SessionCredentials, arn};
use crate::resolve::{Plan, StepSummary};
use crate::vault::SessionOf;

/// Where credentials come from, for an error's sentence.
pub(super) fn origin(step: &StepSummary<'_>) -> String {
    match (step.role_arn, step.profile) {
        (Some(role), _) => role.to_owned(),
        (None, Some(profile)) => format!("profile \"{profile}\""),
        (None, None) => format!("the {}", step.call),
    }
}

/// The profile that a session is for.
fn profile<'p>(step: &StepSummary<'p>, plan: &'p Plan) -> Option<&'p str> {
    step.profile.or(plan.profile())
}

/// What the vault's list tells of a session.
pub(super) fn session_of(
    step: &StepSummary<'_>,
    plan: &Plan,
    session: &SessionCredentials,
) -> SessionOf {
    let role = step.sso_role.map(|role| (Some(&*role.account_id), Some(&*role.role_name)));
    let of_arn = |arn| (arn::account(arn), arn::role_name(arn));
    let (account_id, role_name) = role.or(step.role_arn.map(of_arn)).unwrap_or_default();
    let serial = step.mfa.map(|mfa| &*mfa.serial);
    let account_id = account_id.or(session.account_id.as_deref()).or(serial.and_then(arn::account));
    let owned = |text: Option<&str>| text.map(str::to_owned);
    SessionOf {
        profile: owned(profile(step, plan)),
        call: Some(step.call.to_owned()),
        account_id: owned(account_id),
        role_arn: owned(step.role_arn),
        role_name: owned(role_name),
        mfa_serial: owned(serial),
        ..SessionOf::default()
    }
}

/// What the vault's list shows for a session.
pub(super) fn label(step: &StepSummary<'_>, plan: &Plan) -> String {
    let profile = profile(step, plan).map(|name| format!("{name}: "));
    let of = match (step.role_arn, step.sso_role, step.mfa) {
        _ if step.role_arn.is_none() && step.scope.is_some() => {
            format!(" {}", step.scope.unwrap_or_default())
        }
        (Some(role), ..) => format!(" {role}"),
        (None, Some(role), _) => format!(" {} in {}", role.role_name, role.account_id),
        (None, None, Some(mfa)) => format!(" with {}", mfa.serial),
        (None, None, None) => String::new(),
    };
    format!("{}{}{of}", profile.unwrap_or_default(), step.call)
}
