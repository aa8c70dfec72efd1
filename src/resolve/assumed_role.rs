//! One role of a chain: read from a profile, completed from its source, changed by flags.

use super::chain::Chain;
use super::error::ChainError;
use super::request::{Request, Selection};
use super::settings::{ROLE_DURATION, duration_seconds, items, pairs, setting, text};
use super::source::{AssumedRole, Mfa, Source};
use crate::credentials::SessionContext;
use crate::profile::{Profile, Profiles};

/// The role of a profile that has `role_arn`.
pub(super) fn of_profile(profile: &Profile) -> Result<AssumedRole, ChainError> {
    let role_arn = setting(profile, "role_arn").expect("a role was only taken for its role_arn");
    Ok(AssumedRole {
        profile: Some(profile.name().to_owned()),
        at: Some(role_arn.location().clone()),
        role_arn: role_arn.value().trim().to_owned(),
        session_name: text(profile, "role_session_name"),
        external_id: text(profile, "external_id"),
        duration: duration_seconds(profile, ROLE_DURATION)?,
        mfa: text(profile, "mfa_serial")
            .map(|serial| Mfa { serial, process: text(profile, "mfa_process") }),
        context: context(profile)?,
    })
}

/// The keys that aws-vault and awsx add to AWS's: `session_tags`, `transitive_session_tags`,
/// `source_identity`, `session_policy`, `session_policy_arns`.
pub(super) fn context(profile: &Profile) -> Result<SessionContext, ChainError> {
    if let Some(policy) = setting(profile, "session_policy")
        && !policy.value().trim_start().starts_with('{')
    {
        return Err(ChainError::InvalidSetting {
            profile: profile.name().to_owned(),
            at: policy.location().clone(),
            key: "session_policy",
            problem: "is not a JSON policy".to_owned(),
        });
    }
    Ok(SessionContext {
        policy: text(profile, "session_policy"),
        policy_arns: items(profile, "session_policy_arns"),
        tags: pairs(profile, "session_tags")?,
        transitive_tag_keys: items(profile, "transitive_session_tags"),
        source_identity: text(profile, "source_identity"),
    })
}

/// `mfa_process` may stand in the profile that has the keys, unless that names another device.
pub(super) fn with_source_settings(
    mut hop: AssumedRole,
    source: &Source,
    profiles: &Profiles,
) -> Result<AssumedRole, ChainError> {
    if let (Some(mfa), Source::StaticKeys { profile, .. }) = (&mut hop.mfa, source)
        && mfa.process.is_none()
        && let Some(base) = profiles.profile(profile)?
        && text(&base, "mfa_serial").is_none_or(|serial| serial == mfa.serial)
    {
        mfa.process = text(&base, "mfa_process");
    }
    Ok(hop)
}

/// The chain with `--role-arn` as its last role, and the other role flags applied to the last role.
pub(super) fn with_flags(
    mut chain: Chain,
    request: &Request,
    selection: &Selection,
) -> Result<Chain, ChainError> {
    if let Some(role_arn) = &request.role_arn {
        chain.roles.push(AssumedRole {
            profile: None,
            at: None,
            role_arn: role_arn.clone(),
            session_name: None,
            external_id: None,
            duration: None,
            mfa: None,
            context: SessionContext::default(),
        });
    }
    let SessionContext { policy, policy_arns, tags, transitive_tag_keys, source_identity } =
        &request.context;
    let asked = [
        ("--external-id", request.external_id.is_some()),
        ("--tag", !tags.is_empty()),
        ("--transitive-tag", !transitive_tag_keys.is_empty()),
        ("--source-identity", source_identity.is_some()),
        ("--session-name", request.session_name.is_some()),
        ("--policy", policy.is_some()),
        ("--policy-arn", !policy_arns.is_empty()),
    ];
    // A web identity's role takes a name and policies; tags and source identity are in its token.
    let (context, session_name, external_id, allowed) =
        match (chain.roles.last_mut(), &mut chain.source) {
            (Some(hop), _) => {
                (&mut hop.context, Some(&mut hop.session_name), Some(&mut hop.external_id), 7)
            }
            (None, Source::WebIdentity(web)) => {
                (&mut web.context, Some(&mut web.session_name), None, 3)
            }
            (None, _) => (&mut SessionContext::default(), None, None, 0),
        };
    let refused = &asked[..asked.len() - allowed];
    if let Some((flag, _)) = refused.iter().find(|(_, asked)| *asked) {
        return Err(ChainError::FlagWithoutRole {
            flag,
            subject: match selection {
                Selection::Default | Selection::SsoRole(_) => "the chain".to_owned(),
                named => format!("the chain of profile \"{}\"", named.name()),
            },
        });
    }
    if let (Some(slot), Some(name)) = (session_name, &request.session_name) {
        *slot = Some(name.clone());
    }
    if let (Some(slot), Some(id)) = (external_id, &request.external_id) {
        *slot = Some(id.clone());
    }
    if policy.is_some() {
        context.policy.clone_from(policy);
    }
    if source_identity.is_some() {
        context.source_identity.clone_from(source_identity);
    }
    for (flag, setting) in [
        (policy_arns, &mut context.policy_arns),
        (transitive_tag_keys, &mut context.transitive_tag_keys),
    ] {
        if !flag.is_empty() {
            setting.clone_from(flag);
        }
    }
    if !tags.is_empty() {
        context.tags.clone_from(tags);
    }
    Ok(chain)
}
