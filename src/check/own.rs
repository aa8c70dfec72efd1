//! awsx's own settings.

use std::path::Path;

use super::code::Code;
use super::finding::Finding;
use crate::preferences::{Preferences, PreferencesError};
use crate::profile::{Location, Profiles};

/// What is wrong with the settings file at this path. `mistakes`: all, where it cannot be read.
pub(crate) fn check_own_settings(
    read: &Result<Preferences, PreferencesError>,
    mistakes: &[PreferencesError],
    path: &Path,
    profiles: &Profiles,
) -> Vec<Finding> {
    match read {
        Ok(settings) => strangers(settings, profiles)
            .into_iter()
            .map(|message| Finding::warning(Code::UnknownName, path, message))
            .collect(),
        Err(_) => mistakes.iter().map(mistake_of_settings).collect(),
    }
}

fn mistake_of_settings(error: &PreferencesError) -> Finding {
    let code = Code::OwnSettings;
    match error {
        PreferencesError::NotReadable { path, .. } => Finding::of_failure(code, &**path, error),
        PreferencesError::Invalid { path, line, problem, .. } => {
            let line = u32::try_from(*line).unwrap_or(u32::MAX);
            let at = Location { file: path.as_path().into(), line };
            Finding { message: problem.clone(), ..Finding::of_failure(code, at, error) }
        }
    }
}

/// What the settings say of sessions and profiles that there are not, in words.
pub(crate) fn strangers(settings: &Preferences, profiles: &Profiles) -> Vec<String> {
    let meant = |similar: Option<&str>| {
        similar.map(|similar| format!("; did you mean {similar}?")).unwrap_or_default()
    };
    let sessions = settings.sessions().filter(|name| profiles.sso_session(name).is_none());
    let sessions = sessions.map(|name| {
        format!("there is no [sso-session {name}]{}", meant(profiles.similar_session(name)))
    });
    let of_registries = settings.profiles_of_registries().map(|name| ("registries", name));
    let of_hosts = settings.profiles_of_hosts().map(|name| ("ssh", name));
    let of_tags = settings.profiles_of_tags().map(|name| ("tags", name));
    let named =
        of_registries.chain(of_hosts).chain(of_tags).filter(|(_, name)| !profiles.knows(name));
    let named = named.map(|(table, name)| {
        format!("{table}: there is no profile \"{name}\"{}", meant(profiles.similar(name)))
    });
    sessions.chain(named).collect()
}
