//! What the flags of the command line change in a chain: they apply to its last role.

use super::assumed_role::AssumedRole;
use super::error::{ChainError, ChainErrorKind};
use super::request::{Request, SelectedBy, SelectedProfile, Selection};
use super::source::{Chain, Source};

/// The chain with `--role-arn` as its last role, and the other role flags applied to the last role.
pub(super) fn with_flags(mut chain: Chain, request: &Request) -> Result<Chain, ChainError> {
    chain.roles.extend(request.role_arn.clone().map(AssumedRole::new));
    let Request { session_name, external_id, context, .. } = request;
    // Whether each is given, and whether the role of a web identity takes it: tags and source
    // identity are in its token.
    let flags = [
        ("--external-id", external_id.is_some(), false),
        ("--tag", !context.tags.is_empty(), false),
        ("--transitive-tag", !context.transitive_tag_keys.is_empty(), false),
        ("--source-identity", context.source_identity.is_some(), false),
        ("--session-name", session_name.is_some(), true),
        ("--policy", context.policy.is_some(), true),
        ("--policy-arn", !context.policy_arns.is_empty(), true),
    ];
    let takes: fn(bool) -> bool = match (chain.roles.last(), &chain.source) {
        (Some(_), _) => |_| true,
        (None, Source::WebIdentity(_)) => |web_identity_takes_it| web_identity_takes_it,
        (None, Source::Given(_) | Source::SsoRole { .. }) => |_| false,
    };
    if let Some((flag, ..)) = flags.iter().find(|(_, is_given, web)| *is_given && !takes(*web)) {
        return Err(
            ChainErrorKind::FlagWithoutRole { flag, subject: subject(&request.selection) }.into()
        );
    }
    if let Some(role) = chain.last_role_mut() {
        replace(&mut role.session_name, session_name);
        replace(&mut role.external_id, external_id);
        replace(&mut role.context.policy, &context.policy);
        replace(&mut role.context.policy_arns, &context.policy_arns);
        replace(&mut role.context.tags, &context.tags);
        replace(&mut role.context.transitive_tag_keys, &context.transitive_tag_keys);
        replace(&mut role.context.source_identity, &context.source_identity);
    }
    Ok(chain)
}

/// A flag that is given takes the place of the profile's setting.
fn replace<T: Clone + Default + PartialEq>(setting: &mut T, flag: &T) {
    if *flag != T::default() {
        setting.clone_from(flag);
    }
}

fn subject(selection: &Selection) -> String {
    match selection {
        Selection::SsoRole(_)
        | Selection::Profile(SelectedProfile { by: SelectedBy::Default, .. }) => {
            "the chain".to_owned()
        }
        Selection::Profile(selected) => format!("the chain of profile \"{}\"", selected.name),
    }
}
