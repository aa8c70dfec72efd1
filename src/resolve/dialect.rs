//! Settings that awsx reads otherwise than the AWS CLI: said, because there they mean something else.

use super::found::ProfileSource;
use super::warning::{About, Warning};
use crate::profile::{IDENTITY, Profile, Setting, is_quoted, parse_duration};
use crate::text::needs_shell;

/// Warns of such settings in a profile on the way. `found` is what it is on that way: the other settings do
/// not count.
pub(super) fn warn_of_dialect(profile: &Profile, found: ProfileSource<'_>) -> Option<Warning> {
    match found {
        ProfileSource::Process(command) => warn_of_shell(command),
        ProfileSource::Sso(_) | ProfileSource::Saml(_) | ProfileSource::LoginSession(_) => None,
        ProfileSource::AssumeRole(_)
        | ProfileSource::WebIdentity(_)
        | ProfileSource::StaticKeys(..)
        | ProfileSource::StoredKeys
        | ProfileSource::LongTerm(_) => warn_of_duration(profile.get("duration_seconds")?),
    }
}

/// Values that no AWS tool takes as they were probably meant.
pub(super) fn warn_of_values(profile: &Profile) -> impl Iterator<Item = Warning> {
    profile.all_of(&IDENTITY).filter_map(|setting| {
        let (about, problem) = match &*setting.key {
            "aws_session_token" | "aws_security_token" => return None,
            _ if profile.blank(&setting.key).is_some_and(|blank| std::ptr::eq(blank, setting)) => (
                About::Blank,
                "is blank and counts as unset; the AWS CLI takes it for nothing: remove the line",
            ),
            // Of a command they may be part.
            "credential_process" | "saml_command" => return None,
            _ if is_quoted(setting.value.trim()) && profile.counts(setting) => {
                (About::Quotes, "is in quotes, which AWS takes as part of it: remove them")
            }
            _ => return None,
        };
        let message = format!("{} {problem}", setting.key);
        Some(Warning { about, message, at: Some(setting.location.clone()) })
    })
}

fn warn_of_shell(command: &Setting) -> Option<Warning> {
    let sign = needs_shell(&command.value).filter(|_| cfg!(unix))?;
    let message = format!(
        "credential_process has `{sign}`, so it runs in a shell, as with other SDKs; the AWS CLI and \
         boto3 will not read it so: write sh -c '…'"
    );
    Some(Warning { about: About::Shell, message, at: Some(command.location.clone()) })
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
    Some(Warning { about: About::Unit, message, at: Some(setting.location.clone()) })
}
