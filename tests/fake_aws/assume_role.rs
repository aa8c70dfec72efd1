//! `AssumeRole`: the trust policy, the limits of a chain, and what the new session carries.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

use super::answer::{Refusal, element};
use super::iam::{Caller, Identity, Role, SessionContext};
use super::input::{ARN, EXTERNAL_ID, Input, NAME, SERIAL_NUMBER, SOURCE_IDENTITY};
use super::request::Parameters;
use super::state::State;
use super::sts::mfa_present;
use super::tags::{SessionPolicies, SessionTags, packed_size};

/// Assumes the role.
pub(crate) fn result(
    state: &mut State,
    caller: &Caller,
    parameters: &Parameters,
) -> Result<String, Refusal> {
    let mut input = Input::new(parameters);
    let arn = input.require("RoleArn", &ARN);
    let name = input.require("RoleSessionName", &NAME);
    let seconds = input.duration_seconds(900..=43_200);
    let external_id = input.text("ExternalId", &EXTERNAL_ID);
    let serial = input.text("SerialNumber", &SERIAL_NUMBER);
    let code = input.token_code();
    let source_identity = input.text("SourceIdentity", &SOURCE_IDENTITY);
    let policies = SessionPolicies::of(&mut input);
    let tags = SessionTags::of(&mut input);
    input.check()?;
    require_role_arn(arn)?;
    policies.check()?;

    let mfa = mfa_present(state, caller, serial, code)?;
    let before = caller.session.clone().unwrap_or_default();
    let denied = |action: &str| {
        let user = caller.identity.arn();
        Refusal::access_denied(format!(
            "User: {user} is not authorized to perform: sts:{action} on resource: {arn}"
        ))
    };
    let role = state.iam.role(arn).ok_or_else(|| denied("AssumeRole"))?;
    let trust = &role.trust;
    let trusted = trust.principals.iter().any(|principal| caller.identity.is(principal))
        && (trust.external_id.is_none() || trust.external_id.as_deref() == external_id)
        && (!trust.mfa || mfa || before.mfa);
    if !trusted {
        return Err(denied("AssumeRole"));
    }
    if tags.need_permission(&before) && !trust.tag_session {
        return Err(denied("TagSession"));
    }
    caller.check("sts:AssumeRole", arn)?;
    // A source identity cannot be changed; that AWS words it as a missing permission is a guess.
    let kept = before.source_identity.as_deref().or(source_identity);
    let changed = source_identity.is_some() && source_identity != kept;
    if changed || kept.is_some() && !trust.set_source_identity {
        return Err(denied("SetSourceIdentity"));
    }
    let chained = matches!(caller.identity, Identity::RoleSession { .. });
    let seconds = session_seconds(role, seconds, chained)?;
    let context = SessionContext {
        mfa: false,
        source_identity: kept.map(str::to_owned),
        transitive_tags: tags.transitive(&before)?,
        limits: policies.limits(),
        by_session: caller.session.is_some(),
        scopes: 0,
    };

    let identity = role_session(role, name);
    let packed =
        packed_size(&policies, &tags)?.map(|size| element("PackedPolicySize", &size.to_string()));
    let source_identity = kept.map_or(String::new(), |kept| element("SourceIdentity", kept));
    let credentials = state.issue(identity.clone(), context, seconds).xml();
    Ok(assumed_role_user(&identity) + &credentials + &source_identity + &packed.unwrap_or_default())
}

/// Refuses what is no role's ARN.
pub(crate) fn require_role_arn(arn: &str) -> Result<(), Refusal> {
    let parts: Vec<_> = arn.split(':').collect();
    match parts[..] {
        ["arn", _, "iam", "", account, resource]
            if account.len() == 12 && resource.starts_with("role/") =>
        {
            Ok(())
        }
        _ => Err(Refusal::invalid("Request ARN is invalid")),
    }
}

/// How long a session of the role lasts: as asked, or an hour.
pub(crate) fn session_seconds(
    role: &Role,
    asked: Option<i64>,
    chained: bool,
) -> Result<i64, Refusal> {
    let seconds = asked.unwrap_or(3600);
    if chained && seconds > 3600 {
        return Err(Refusal::invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role \
             chaining",
        ));
    }
    if seconds > role.max_session_seconds {
        return Err(Refusal::invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    Ok(seconds)
}

/// The caller that a session of the role will be.
pub(crate) fn role_session(role: &Role, name: &str) -> Identity {
    Identity::RoleSession {
        role: role.arn.clone(),
        role_id: role.id.clone(),
        name: name.to_owned(),
    }
}

/// `<AssumedRoleUser>`
pub(crate) fn assumed_role_user(identity: &Identity) -> String {
    format!(
        "<AssumedRoleUser>\n{}{}</AssumedRoleUser>\n",
        element("AssumedRoleId", &identity.user_id()),
        element("Arn", &identity.arn())
    )
}
