//! Reads a profile's settings as what AWS defines them to be.

use std::time::Duration;

use super::error::{ChainError, ChainErrorKind, Section};
use crate::credentials::arn::check_role_arn;
use crate::credentials::{check_line, check_word};
use crate::profile::{IDENTITY, Profile, Setting, parse_duration};
use crate::text::has_control;

pub(super) fn text(profile: &Profile, key: &str) -> Option<String> {
    profile.get(key).map(|setting| setting.value.trim().to_owned())
}

/// Holds the settings that decide whose credentials they are to be said once, on one line each.
pub(super) fn check_identity(profile: &Profile) -> Result<(), ChainError> {
    let others = [
        "mfa_serial",
        "external_id",
        "role_session_name",
        "assumed_role_arn",
        "assume_role",
        "aws_mfa_device",
        "scope",
    ];
    for setting in profile.all_of(&IDENTITY).chain(profile.all_of(&others)) {
        if let Some((first, last)) = profile.contradiction(&setting.key) {
            let kind = ChainErrorKind::Contradiction {
                profile: profile.name().to_owned(),
                key: setting.key.to_string(),
                first: first.location.clone(),
            };
            return Err(ChainError::at(&last.location, kind));
        }
        if profile.counts(setting) {
            let value = setting.value.trim();
            if value.contains('\n') {
                let problem = "goes on in an indented line below it; begin that line in column 1";
                return Err(invalid(profile, setting, problem));
            }
            if has_control(value) {
                return Err(invalid(profile, setting, "has a control character"));
            }
        }
    }
    Ok(())
}

/// `role_session_name`, or what takes its place.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
pub(crate) fn check_session_name(name: &str) -> Result<(), &'static str> {
    let is_legal = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    match (2..=64).contains(&name.len()) && name.bytes().all(is_legal) {
        true => Ok(()),
        false => Err("is not 2 to 64 letters, digits and _+=,.@-"),
    }
}

/// A key id, a token, an account or an ARN.
pub(super) fn word(profile: &Profile, setting: &Setting) -> Result<String, ChainError> {
    let text = setting.value.trim();
    let checked = check_word(text).map_err(|flaw| invalid(profile, setting, flaw.to_string()));
    checked.map(|()| text.to_owned())
}

/// `role_arn`
pub(super) fn role_arn(profile: &Profile, setting: &Setting) -> Result<String, ChainError> {
    let arn = word(profile, setting)?;
    check_role_arn(&arn).map_err(|flaw| invalid(profile, setting, flaw))?;
    Ok(arn)
}

/// A secret or a name.
pub(super) fn line(profile: &Profile, setting: &Setting) -> Result<String, ChainError> {
    let text = setting.value.trim();
    let checked = check_line(text).map_err(|flaw| invalid(profile, setting, flaw.to_string()));
    checked.map(|()| text.to_owned())
}

/// What AWS allows for `duration_seconds` of a role,
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
pub(super) const ROLE_DURATION: (Duration, Duration) =
    (Duration::from_secs(900), Duration::from_secs(43_200));
/// How long a role session lasts that nobody says more about: AWS's default.
pub(super) const DEFAULT_ROLE_DURATION: Duration = Duration::from_secs(3600);
/// Characters of a policy, at most
pub(crate) const LONGEST_POLICY: usize = 2048;
/// What AWS allows for the session of an IAM user,
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
pub(super) const SESSION_DURATION: (Duration, Duration) =
    (Duration::from_secs(900), Duration::from_secs(129_600));

/// `duration_seconds`, within `bounds`.
pub(super) fn duration_seconds(
    profile: &Profile,
    bounds: (Duration, Duration),
) -> Result<Option<Duration>, ChainError> {
    let Some(setting) = profile.get("duration_seconds") else { return Ok(None) };
    let duration = parse_duration(&setting.value)
        .map_err(|_| invalid(profile, setting, "is not a number of seconds, such as 3600"))?;
    if duration < bounds.0 || duration > bounds.1 {
        let problem = format!(
            "is {} s; AWS allows {} to {} s here",
            duration.as_secs(),
            bounds.0.as_secs(),
            bounds.1.as_secs()
        );
        return Err(invalid(profile, setting, problem));
    }
    Ok(Some(duration))
}

/// `true` or `false`, in any case.
pub(super) fn boolean(profile: &Profile, key: &str) -> Result<Option<bool>, ChainError> {
    let Some(setting) = profile.get(key) else { return Ok(None) };
    match setting.value.trim().to_ascii_lowercase().as_str() {
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        _ => Err(invalid(profile, setting, "is neither true nor false")),
    }
}

/// `k1=v1,k2=v2`, as aws-vault writes `session_tags`.
pub(super) fn pairs(profile: &Profile, key: &str) -> Result<Vec<(String, String)>, ChainError> {
    let Some(setting) = profile.get(key) else { return Ok(Vec::new()) };
    list(&setting.value)
        .map(|item| match item.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                Ok((name.trim().to_owned(), value.trim().to_owned()))
            }
            _ => Err(invalid(profile, setting, "is not a list such as team=web,stage=prod")),
        })
        .collect()
}

/// `a,b,c`.
pub(super) fn items(profile: &Profile, key: &str) -> Vec<String> {
    profile
        .get(key)
        .map(|setting| list(&setting.value).map(str::to_owned).collect())
        .unwrap_or_default()
}

/// The error of a profile's setting whose value does not fit.
pub(super) fn invalid(
    profile: &Profile,
    setting: &Setting,
    problem: impl Into<String>,
) -> ChainError {
    ChainError::invalid(setting, Section::Profile(profile.name().to_owned()), problem)
}

fn list(value: &str) -> impl Iterator<Item = &str> {
    value.split([',', '\n']).map(str::trim).filter(|item| !item.is_empty())
}
