//! `GetFederationToken`: a user vouches for somebody.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html>

use super::answer::{Refusal, element};
use super::iam::{Caller, Identity, SessionContext};
use super::input::{FEDERATED_NAME, Input};
use super::request::Parameters;
use super::state::State;
use super::tags::{SessionPolicies, SessionTags, packed_size};

pub(super) fn result(
    state: &mut State,
    caller: &Caller,
    parameters: &Parameters,
) -> Result<String, Refusal> {
    let mut input = Input::new(parameters);
    let name = input.require("Name", &FEDERATED_NAME);
    let seconds = input.duration_seconds(900..=129_600);
    let policies = SessionPolicies::of(&mut input);
    let tags = SessionTags::of(&mut input);
    input.check()?;
    policies.check()?;
    tags.transitive(&SessionContext::default())?;
    let packed = packed_size(&policies, &tags)?;
    let user = match &caller.identity {
        Identity::User { arn, .. } => arn.clone(),
        Identity::RoleSession { .. } | Identity::Federated { .. } => {
            return Err(Refusal::access_denied(
                "Cannot call GetFederationToken with session credentials",
            ));
        }
    };
    let identity = Identity::Federated { user, name: name.to_owned() };
    let context = SessionContext { limits: policies.limits(), ..SessionContext::default() };
    let credentials = state.issue(identity.clone(), context, seconds.unwrap_or(43_200)).xml();
    let user = format!(
        "<FederatedUser>\n{}{}</FederatedUser>\n",
        element("FederatedUserId", &identity.user_id()),
        element("Arn", &identity.arn())
    );
    let packed = packed.map(|size| element("PackedPolicySize", &size.to_string()));
    Ok(credentials + &user + &packed.unwrap_or_default())
}
