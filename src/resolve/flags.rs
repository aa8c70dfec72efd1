//! What the flags of the command line change in a chain: they apply to its last role.

use super::assumed_role::AssumedRole;
use super::error::{ChainError, ChainErrorKind};
use super::request::{Request, ScopeWords, SelectedBy, SelectedProfile, Selection};
use super::source::{Chain, Source};
use crate::guard::{Expected, Wanted, Whose};

/// The chain with `--role-arn` as its last role, and the other role flags applied to the last role.
pub(super) fn with_flags(mut chain: Chain, request: &Request) -> Result<Chain, ChainError> {
    chain.roles.extend(request.role_arn.clone().map(AssumedRole::new));
    let Request { session_name, external_id, context, scope, .. } = request;
    if let Some(assertion) = &request.assertion {
        let Source::Saml(saml) = &mut chain.source else {
            let (flag, subject) = (assertion.setting(), subject(&request.selection));
            return Err(ChainErrorKind::FlagWithoutSaml { flag, subject }.into());
        };
        saml.assertion.clone_from(assertion);
    }
    // Whether each is given, and who takes it beside a role that keys assume: tags and source identity
    // are in a token or an assertion, and in this the name is, too.
    let flags = [
        ("--external-id", external_id.is_some(), Takes::Role),
        ("--tag", !context.tags.is_empty(), Takes::Role),
        ("--transitive-tag", !context.transitive_tag_keys.is_empty(), Takes::Role),
        ("--source-identity", context.source_identity.is_some(), Takes::Role),
        ("--session-name", session_name.is_some(), Takes::WebIdentity),
        ("--policy-arn", !context.policy_arns.is_empty(), Takes::Saml),
    ];
    let least = match (chain.roles.last(), &chain.source) {
        (Some(_), _) => Takes::Role,
        (None, Source::WebIdentity(_)) => Takes::WebIdentity,
        (None, Source::Saml(saml)) if !saml.is_login() => Takes::Saml,
        (None, Source::Given(_) | Source::SsoRole { .. } | Source::Saml(_)) => Takes::Nothing,
    };
    if let Some((flag, ..)) = flags.iter().find(|(_, is_given, who)| *is_given && *who < least) {
        let kind = match least {
            Takes::Saml => ChainErrorKind::FlagBesideAssertion { flag },
            _ => ChainErrorKind::FlagWithoutRole { flag, subject: subject(&request.selection) },
        };
        return Err(kind.into());
    }
    let words = scope.clone();
    chain.scope = ScopeWords { scope: words.scope.or(chain.scope.scope.take()), ..words };
    if !request.allowed_accounts.is_empty() {
        chain.expected.push(Expected {
            whose: Whose::Result,
            wanted: Wanted::Account(request.allowed_accounts.clone()),
            profile: None,
            said_by: "--allowed-account",
            at: None,
        });
    }
    if let Some(role) = chain.last_role_mut() {
        replace(&mut role.session_name, session_name);
        replace(&mut role.external_id, external_id);
        replace(&mut role.context.policy, &context.policy);
        replace(&mut role.context.policy_arns, &context.policy_arns);
        replace(&mut role.context.tags, &context.tags);
        replace(&mut role.context.transitive_tag_keys, &context.transitive_tag_keys);
        replace(&mut role.context.source_identity, &context.source_identity);
    } else {
        // What narrows a role's session when it is made narrows any other one afterwards.
        chain.policy.clone_from(&context.policy);
    }
    Ok(chain)
}

/// Who takes a flag: each takes what those behind it take.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Takes {
    Role,
    WebIdentity,
    Saml,
    Nothing,
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
        | Selection::RoleBySaml(_)
        | Selection::Oidc { .. }
        | Selection::Profile(SelectedProfile { by: SelectedBy::Default, .. }) => {
            "the chain".to_owned()
        }
        Selection::Profile(selected) => format!("the chain of profile \"{}\"", selected.name),
    }
}
