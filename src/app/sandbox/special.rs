//! Ways that take more than a look at a file.

use std::path::Path;

use crate::app::App;
use crate::aws::instance_answers;
use crate::config::survey::survey;
use crate::profile::{FileKind, Profiles};
use crate::resolve::instance_metadata;
use crate::state::StateDir;
use crate::text::{is_awsx, shell_words};

/// Settings that are secret.
const SECRETS: [&str; 3] = ["aws_secret_access_key", "aws_session_token", "aws_security_token"];

/// What the files say; those that variables hide too, as a variable is soon unset.
fn profiles_everywhere(app: &App) -> Vec<Profiles> {
    let usual = app.env.without(["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"]);
    let mut found = vec![survey(&app.env).profiles];
    let is_elsewhere = |name| app.env.path(name).is_some();
    if is_elsewhere("AWS_CONFIG_FILE") || is_elsewhere("AWS_SHARED_CREDENTIALS_FILE") {
        found.push(survey(&usual).profiles);
    }
    found
}

/// Where a profile has one of these settings, once each.
fn places_of(
    app: &App,
    keys: &[&str],
    counts: impl Fn(&str) -> bool,
    describe: impl Fn(String, &str) -> String,
) -> Vec<String> {
    let mut found = Vec::new();
    for profiles in profiles_everywhere(app) {
        for profile in profiles.names().filter_map(|name| profiles.as_written(name)) {
            for kind in [FileKind::Config, FileKind::Credentials] {
                let mut settings = keys.iter().filter_map(|key| profile.get_in(kind, key));
                let Some(setting) = settings.find(|setting| counts(&setting.value)) else {
                    continue;
                };
                let place = describe(setting.location.to_string(), &setting.value);
                if !found.contains(&place) {
                    found.push(place);
                }
            }
        }
    }
    found
}

pub(super) fn find_keys_in_aws_files(app: &App) -> Vec<String> {
    places_of(app, &SECRETS, |value| !value.trim().is_empty(), |place, _| place)
}

pub(super) fn find_foreign_processes(app: &App) -> Vec<String> {
    places_of(app, &["credential_process"], |line| !runs_awsx(line), |place, _| place)
}

/// Whether a line runs awsx.
fn runs_awsx(line: &str) -> bool {
    let words = shell_words(line).unwrap_or_default();
    words.first().is_none_or(|program| is_awsx(Path::new(program)))
}

/// The state directory, where what it holds can be opened.
pub(super) fn find_open_vault(app: &App) -> Vec<String> {
    let is_open = app
        .vault_without_asking()
        .is_ok_and(|vault| vault.durable().is_some() && vault.open_if_there().unwrap_or_default());
    let state = StateDir::from_env(&app.env).ok().filter(|_| is_open);
    state.map(|state| format!("the vault in {}", state.path().display())).into_iter().collect()
}

#[cfg(unix)]
pub(super) fn find_servers(app: &App) -> Vec<String> {
    let servers = crate::app::servers::servers(app).unwrap_or_default();
    servers.iter().map(|server| server.socket_path().display().to_string()).collect()
}

/// None runs on Windows.
#[cfg(not(unix))]
pub(super) fn find_servers(_: &App) -> Vec<String> {
    Vec::new()
}

/// Whatever `AWS_EC2_METADATA_DISABLED` says: it is a variable.
pub(super) fn find_instance_metadata(app: &App) -> Vec<String> {
    let service = instance_metadata(&app.env).ok();
    let service = service.filter(instance_answers);
    service.map(|service| service.endpoint).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_runs_awsx_or_another_program() {
        for (line, expected) in [
            ("awsx credential-process prod", true),
            ("\"/opt/my tools/awsx\" credential-process prod", true),
            ("/usr/bin/other --for awsx", false),
            ("aws-vault exec prod --json", false),
            ("", true),
        ] {
            assert_eq!(runs_awsx(line), expected, "{line}");
        }
    }
}
