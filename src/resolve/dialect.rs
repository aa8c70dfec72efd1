//! Settings that awsx reads otherwise than the AWS CLI: said, because there they mean something else.

use super::assumed_role::AssumedRole;
use super::source::{Given, Source};
use super::warning::Warning;
use crate::profile::{Profiles, Setting, parse_duration};
use crate::text::needs_shell;

/// Warns of such settings in the profiles on the way.
pub(super) fn warn_of_dialect(
    source: &Source,
    roles: &[AssumedRole],
    profiles: &Profiles,
) -> Vec<Warning> {
    let setting = |profile: &str, key: &str| {
        let profile = profiles.profile(profile).ok()??;
        profile.get(key).cloned()
    };
    let (first, command) = match source {
        Source::Given(Given::Process { profile, .. }) => {
            (None, setting(profile, "credential_process"))
        }
        Source::Given(Given::StaticKeys(keys)) => (Some(&keys.profile), None),
        Source::WebIdentity(web) => (web.role.profile.as_ref(), None),
        Source::Given(_) | Source::SsoRole { .. } => (None, None),
    };
    let profiles = first.into_iter().chain(roles.iter().filter_map(|role| role.profile.as_ref()));
    let durations = profiles.filter_map(|profile| setting(profile, "duration_seconds"));
    let durations = durations.filter_map(|setting| warn_of_duration(&setting));
    command.and_then(|command| warn_of_shell(&command)).into_iter().chain(durations).collect()
}

fn warn_of_shell(command: &Setting) -> Option<Warning> {
    let sign = needs_shell(&command.value).filter(|_| cfg!(unix))?;
    let message = format!(
        "credential_process has `{sign}`, so it runs in a shell, as with other SDKs; the AWS CLI and \
         boto3 will not read it so: write sh -c '…'"
    );
    Some(Warning { message, at: Some(command.location.clone()) })
}

fn warn_of_duration(setting: &Setting) -> Option<Warning> {
    let text = setting.value.trim();
    let seconds = parse_duration(text).ok()?.as_secs();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let message = format!(
        "the AWS CLI takes no notice of duration_seconds = {text}, which has a unit; write {seconds}"
    );
    Some(Warning { message, at: Some(setting.location.clone()) })
}
