//! What AWS's order hides from the person: said, because it decides whose account it is.

use super::found::{Found, ProfileSource};
use super::request::{SelectedBy, SelectedProfile};
use super::source_kind::SourceKind;
use super::warning::Warning;

/// Warns of what is there but gives way to what was taken, which is of this kind. `overruled` holds the
/// kinds of the others.
pub(super) fn warn_of_overruled(
    kind: SourceKind,
    taken: &Found<'_>,
    overruled: &[SourceKind],
    selected: &SelectedProfile,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let SelectedProfile { name, by: SelectedBy::Variable(variable) } = selected {
        match taken {
            Found::EnvironmentKeys { .. } => warnings.push(Warning::new(format!(
                "{variable}={name} is shadowed by AWS_ACCESS_KEY_ID in the environment; name \
                 the profile on the command line, or unset AWS_ACCESS_KEY_ID"
            ))),
            Found::EnvironmentWebIdentity { .. }
                if overruled.iter().any(|kind| kind.is_in_profile()) =>
            {
                warnings.push(Warning::new(format!(
                    "{variable}={name} is shadowed by AWS_WEB_IDENTITY_TOKEN_FILE in the \
                     environment; name the profile on the command line to use it"
                )));
            }
            Found::Container(_) | Found::Instance => warnings.push(Warning::new(format!(
                "{variable}={name} has no credentials of its own, so those of the {kind} are used, as \
                 AWS's order has it"
            ))),
            Found::EnvironmentWebIdentity { .. } | Found::InProfile(..) => {}
        }
    }
    let Found::InProfile(profile, ProfileSource::AssumeRole(_)) = taken else { return warnings };
    // A profile with a token file would be a web identity itself.
    if overruled.contains(&SourceKind::WebIdentity) {
        warnings.push(Warning::new(
            "AWS_WEB_IDENTITY_TOKEN_FILE is set, but a profile with role_arn comes before it \
             in AWS's order",
        ));
    }
    let is_own_source = |source: &str| source.trim() == profile.name();
    let has_keys = overruled.contains(&SourceKind::CredentialsFile)
        || overruled.contains(&SourceKind::ConfigFile);
    if has_keys && !profile.get("source_profile").is_some_and(|own| is_own_source(&own.value)) {
        let message = format!(
            "profile \"{}\" has both a role and access keys of its own; the role is used",
            profile.name()
        );
        warnings.push(Warning { message, at: Some(profile.header().clone()) });
    }
    warnings
}
