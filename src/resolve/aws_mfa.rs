//! What aws-mfa makes of an access key: a session of its user, or of the role that it was told.

use super::assumed_role::{AssumedRole, Mfa};
use super::error::{ChainError, ChainErrorKind, ProfileTrail};
use super::profile_source::key_user;
use super::source::{Given, KeyUser, Source};
use super::warning::{About, Warning};
use crate::profile::{FileSession, Profile};

/// A session that is over is nobody: whatever answered in its place might be somebody else.
pub(super) fn refuse_what_is_over(
    profile: &Profile,
    trail: &ProfileTrail,
) -> Result<(), ChainError> {
    let Some(FileSession { at, author, .. }) = profile.session_that_is_over() else {
        return Ok(());
    };
    let role = profile.role_of_aws_mfa().map(|role| role.value.trim().to_owned());
    let kind = ChainErrorKind::SessionIsOver { profile: profile.name().to_owned(), author, role };
    Err(trail.error(&at, kind))
}

/// The profile's stored keys, as they were before they were moved from `NAME-long-term`.
pub(super) fn serve_as_before(given: &mut Given, profile: &Profile) -> Result<(), ChainError> {
    if let (Some(before), Some(user)) = (profile.settings_of_aws_mfa(), given.key_user_mut()) {
        user.mfa = user.mfa.take().or(Mfa::of_profile(before));
        serve(user, profile)?;
    }
    Ok(())
}

/// Has the access key serve another profile, whose settings come before those of the key's own.
pub(super) fn serve(user: &mut KeyUser, profile: &Profile) -> Result<(), ChainError> {
    let KeyUser { mfa, mfa_process, duration, no_session, .. } = key_user(profile)?;
    user.mfa = mfa.or(user.mfa.take());
    user.mfa_process = mfa_process.or(user.mfa_process.take());
    user.duration = duration.or(user.duration);
    user.no_session = no_session.or(user.no_session.take());
    user.serves = Some(profile.name().to_owned());
    if let Some(mfa) = &mut user.mfa
        && mfa.process.is_none()
    {
        mfa.process.clone_from(&user.mfa_process);
    }
    Ok(())
}

/// The device of keys that serve as aws-mfa's do is that of the first role behind them.
pub(super) fn lend_device(source: &Source, role: &mut AssumedRole) {
    if let Source::Given(given) = source
        && let Some(user) = given.key_user()
        && user.serves.is_some()
        && role.mfa.is_none()
    {
        role.mfa.clone_from(&user.mfa);
    }
}

/// The role that aws-mfa would assume for the profile with this source.
pub(super) fn role_behind(
    source: &Source,
    profile: &Profile,
    trail: &ProfileTrail,
) -> Result<Option<AssumedRole>, ChainError> {
    let mut role = role_of_aws_mfa(profile, trail)?;
    if let Some(role) = &mut role {
        lend_device(source, role);
    }
    Ok(role)
}

/// The role that aws-mfa assumed for a profile: where it made a session of the key alone, none.
fn role_of_aws_mfa(
    profile: &Profile,
    trail: &ProfileTrail,
) -> Result<Option<AssumedRole>, ChainError> {
    let Some(arn) = profile.role_of_aws_mfa() else {
        return match profile.file_session() {
            // Not its user in its place.
            Some(session) if session.is_role && !session.is_of_awsx() => {
                let profile = profile.name().to_owned();
                Err(trail.error(&session.at, ChainErrorKind::UnnamedRole { profile }))
            }
            _ => Ok(None),
        };
    };
    match profile.get("role_arn") {
        // What else the profile says is of that role.
        Some(_) => AssumedRole::plain(profile, arn).map(Some),
        None => AssumedRole::of_profile(profile, arn).map(Some),
    }
}

/// The keys alone would be somebody else.
pub(super) fn warn_of_role(profile: &Profile, role: &AssumedRole) -> Warning {
    let (name, arn) = (profile.name(), &role.role_arn);
    let message = format!(
        "profile \"{name}\" is {arn}, as with aws-mfa; without that line it is the user of its stored keys"
    );
    Warning { about: About::AwsMfa, message, at: role.at.clone() }
}
