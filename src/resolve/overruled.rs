//! What AWS's order hides from the person: said, because it decides whose account it is.

use super::candidate::marked;
use super::environment;
use super::profile_source::{has_static_keys, header};
use super::request::Selection;
use super::settings::text;
use super::source::SourceKind;
use super::warning::Warning;
use crate::env::Env;
use crate::profile::Profile;

/// What AWS's order hides from the person.
pub(super) fn warnings(
    taken: SourceKind,
    selection: &Selection,
    profile: Option<&Profile>,
    env: &Env,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let Selection::Variable(variable, name) = selection {
        let shadowed = |profile| {
            SourceKind::ORDER.into_iter().any(|k| k != taken && marked(k, profile).is_some())
        };
        match taken {
            SourceKind::Environment => warnings.push(Warning::new(format!(
                "{variable}={name} is shadowed by AWS_ACCESS_KEY_ID in the environment; name \
                 the profile on the command line, or unset AWS_ACCESS_KEY_ID"
            ))),
            SourceKind::WebIdentity
                if environment::has_web_identity(env) && profile.is_some_and(shadowed) =>
            {
                warnings.push(Warning::new(format!(
                    "{variable}={name} is shadowed by AWS_WEB_IDENTITY_TOKEN_FILE in the \
                     environment; name the profile on the command line to use it"
                )));
            }
            SourceKind::Container | SourceKind::Instance => warnings.push(Warning::new(format!(
                "{variable}={name} has no credentials of its own, so those of the {taken} are \
                 used, as AWS's order has it"
            ))),
            _ => {}
        }
    }
    if environment::has_web_identity(env)
        && taken == SourceKind::AssumeRole
        && !matches!(selection, Selection::Flag(_))
    {
        warnings.push(Warning::new(
            "AWS_WEB_IDENTITY_TOKEN_FILE is set, but a profile with role_arn comes before it \
             in AWS's order"
                .to_owned(),
        ));
    }
    if taken == SourceKind::Environment {
        warnings.extend(environment::environment_warnings(env));
    }
    if let Some(profile) = profile.filter(|_| taken == SourceKind::AssumeRole)
        && has_static_keys(profile)
        && text(profile, "source_profile").as_deref() != Some(profile.name())
    {
        warnings.push(Warning::at(
            header(profile),
            format!(
                "profile \"{}\" has both a role and access keys of its own; the role is used",
                profile.name()
            ),
        ));
    }
    warnings
}
