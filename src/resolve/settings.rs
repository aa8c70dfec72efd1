//! Reads a profile's settings as what AWS defines them to be.

use std::time::Duration;

use super::error::ChainError;
use crate::profile::{Profile, Setting, parse_duration};

/// The setting, unless it is blank.
pub(super) fn setting<'a>(profile: &'a Profile, key: &str) -> Option<&'a Setting> {
    profile.get(key).filter(|setting| !setting.value().trim().is_empty())
}

/// The setting's text, unless it is blank.
pub(super) fn text(profile: &Profile, key: &str) -> Option<String> {
    setting(profile, key).map(|setting| setting.value().trim().to_owned())
}

/// The settings that hold whole seconds, and what AWS allows for them.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html> and `API_GetSessionToken`
pub(super) const ROLE_DURATION: (Duration, Duration) =
    (Duration::from_secs(900), Duration::from_secs(43_200));
/// The same for `GetSessionToken`.
pub(super) const SESSION_DURATION: (Duration, Duration) =
    (Duration::from_secs(900), Duration::from_secs(129_600));

/// `duration_seconds`, within `bounds`.
pub(super) fn duration_seconds(
    profile: &Profile,
    bounds: (Duration, Duration),
) -> Result<Option<Duration>, ChainError> {
    const KEY: &str = "duration_seconds";
    let Some(setting) = setting(profile, KEY) else { return Ok(None) };
    let invalid = |problem: String| ChainError::InvalidSetting {
        profile: profile.name().to_owned(),
        at: setting.location().clone(),
        key: KEY,
        problem,
    };
    let duration = parse_duration(setting.value())
        .map_err(|_| invalid("is not a number of seconds, such as 3600".to_owned()))?;
    if duration < bounds.0 || duration > bounds.1 {
        return Err(invalid(format!(
            "is {} s; AWS allows {} to {} s here",
            duration.as_secs(),
            bounds.0.as_secs(),
            bounds.1.as_secs()
        )));
    }
    Ok(Some(duration))
}

/// `true` or `false`, in any case.
pub(super) fn boolean(profile: &Profile, key: &'static str) -> Result<Option<bool>, ChainError> {
    let Some(setting) = setting(profile, key) else { return Ok(None) };
    match setting.value().trim().to_ascii_lowercase().as_str() {
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        _ => Err(ChainError::InvalidSetting {
            profile: profile.name().to_owned(),
            at: setting.location().clone(),
            key,
            problem: "is neither true nor false".to_owned(),
        }),
    }
}

/// `k1=v1,k2=v2`, as aws-vault writes `session_tags`.
pub(super) fn pairs(
    profile: &Profile,
    key: &'static str,
) -> Result<Vec<(String, String)>, ChainError> {
    let Some(setting) = setting(profile, key) else { return Ok(Vec::new()) };
    list(setting.value())
        .map(|item| match item.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                Ok((name.trim().to_owned(), value.trim().to_owned()))
            }
            _ => Err(ChainError::InvalidSetting {
                profile: profile.name().to_owned(),
                at: setting.location().clone(),
                key,
                problem: "is not a list such as team=web,stage=prod".to_owned(),
            }),
        })
        .collect()
}

/// `a,b,c`.
pub(super) fn items(profile: &Profile, key: &str) -> Vec<String> {
    setting(profile, key).map(|s| list(s.value()).map(str::to_owned).collect()).unwrap_or_default()
}

fn list(value: &str) -> impl Iterator<Item = &str> {
    value.split([',', '\n']).map(str::trim).filter(|item| !item.is_empty())
}
