//! What AWS's order hides from the person: said, because it decides whose account it is.

use super::found::{Found, ProfileSource, has_export, keys_in_files, source_with_stored_keys};
use super::request::{SelectedBy, SelectedProfile};
use super::source_kind::SourceKind;
use super::warning::{About, Warning};
use crate::profile::Profile;

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
    let has_keys = overruled.contains(&SourceKind::CredentialsFile) && !has_export(profile)
        || overruled.contains(&SourceKind::ConfigFile);
    if has_keys && !is_own_source(profile) {
        let message = format!(
            "profile \"{}\" has both a role and access keys of its own; the role is used",
            profile.name()
        );
        let at = profile.header().cloned();
        warnings.push(Warning { about: About::OtherSource, message, at });
    }
    warnings
}

/// Warns of what a profile on the way has besides the keys that are `taken`: somebody may count on it.
pub(super) fn warn_of_unused_keys(profile: &Profile, taken: ProfileSource<'_>) -> Vec<Warning> {
    match profile.key_in_vault() {
        Ok(None) => Vec::new(),
        Ok(Some(_)) | Err(_) => warn_beside_stored_keys(profile, taken),
    }
}

/// What is said of a profile that gets stored keys now.
pub(crate) fn warn_of_new_keys(profile: &Profile) -> Vec<Warning> {
    warn_beside_stored_keys(profile, source_with_stored_keys(profile))
}

fn warn_beside_stored_keys(profile: &Profile, taken: ProfileSource<'_>) -> Vec<Warning> {
    let name = profile.name();
    let stored = format!("the stored keys of {name}");
    match (taken, taken.setting()) {
        (ProfileSource::StoredKeys, _) | (_, None) => keys_in_files(profile)
            .map(|unused| Warning {
                about: About::OtherSource,
                message: format!("{} of profile \"{name}\" is not used: {stored} are", unused.key),
                at: Some(unused.location.clone()),
            })
            .collect(),
        (ProfileSource::AssumeRole(_), _) if is_own_source(profile) => Vec::new(),
        (_, Some(used)) => vec![Warning {
            about: About::OtherSource,
            message: format!("{stored} are not used: profile \"{name}\" has {}", used.key),
            at: Some(used.location.clone()),
        }],
    }
}

fn is_own_source(profile: &Profile) -> bool {
    profile.get("source_profile").is_some_and(|source| source.value.trim() == profile.name())
}
