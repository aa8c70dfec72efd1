//! `GetScopedCredentials`: the same somebody with less, and not for longer.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetScopedCredentials.html>

use super::answer::{Refusal, element};
use super::iam::Caller;
use super::input::{DESCRIPTION, Input, POLICY};
use super::request::Parameters;
use super::state::State;
use super::tags::check_policy;

/// How many policies lie on a session, one on the other, at most.
const MOST: usize = 3;

pub(super) fn result(
    state: &mut State,
    caller: &Caller,
    parameters: &Parameters,
) -> Result<String, Refusal> {
    let mut input = Input::new(parameters);
    let policy = input.text("Policy", &POLICY);
    let seconds = input.duration_seconds(1..=129_600);
    input.text("ScopedSessionDescription", &DESCRIPTION);
    input.check()?;
    if policy.is_none() && seconds.is_none() {
        let message = "At least one of Policy or DurationSeconds must be provided";
        return Err(Refusal::invalid(message));
    }
    policy.map_or(Ok(()), check_policy)?;
    // How AWS words this and the next but one is a guess.
    let (Some(session), Some(end)) = (&caller.session, caller.ends_at) else {
        let message = "Cannot call GetScopedCredentials with long-term credentials";
        return Err(Refusal::access_denied(message));
    };
    state.iam.allow(caller, "sts:GetScopedCredentials")?;
    if policy.is_some() && session.scopes == MOST {
        let message =
            "Cannot call GetScopedCredentials with a session that has 3 scope-down policies";
        return Err(Refusal::access_denied(message));
    }
    let left = (end - state.now()).num_seconds() + 1;
    let seconds = seconds.unwrap_or(left);
    if seconds > left {
        let message = "The requested DurationSeconds exceeds the remaining lifetime of the session";
        return Err(Refusal::new(400, "InsufficientSessionLifetime", message));
    }
    let mut context = session.clone();
    context.by_session = true;
    if let Some(policy) = policy {
        context.limits.push(vec![policy.to_owned()]);
        context.scopes += 1;
    }
    // AWS does not say how it packs; this is one that more text makes larger.
    let used: usize = context.limits.iter().flatten().map(|policy| policy.len() / 50).sum();
    if 15 + used > 100 {
        let message = "The session token exceeds the maximum allowed size";
        return Err(Refusal::new(400, "PackedPolicyTooLarge", message));
    }
    let identity = &caller.identity;
    let (id, arn) =
        (element("ScopedSessionId", &identity.user_id()), element("Arn", &identity.arn()));
    let who = context.source_identity.as_ref().map(|who| element("SourceIdentity", who));
    let count = context.scopes.to_string();
    let issued = state.issue(identity.clone(), context, seconds);
    Ok(issued.xml()
        + &format!("<SessionInfo>\n{id}{arn}</SessionInfo>\n")
        + &element("SessionTokenUtilization", &(15 + used).to_string())
        + &element("SessionTokenSize", &issued.session_token.len().to_string())
        + &element("ScopedPoliciesCount", &count)
        + &who.unwrap_or_default())
}
