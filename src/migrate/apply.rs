//! The config file's text with what is moved.

use super::finding::Move;
use crate::config::edit::{EditError, Target, with_setting};
use crate::config::rewrite::with_settings;
use crate::profile::FileKind;

/// The new text, and what could not be written into it: by the name of the section, with the reason. The others are
/// there all the same.
pub(crate) fn apply(text: &str, moves: &[&Move]) -> (String, Vec<(String, EditError)>) {
    let (mut text, mut failures) = (text.to_owned(), Vec::new());
    for one in moves {
        match apply_one(&text, one) {
            Ok(new) => text = new,
            Err(error) => {
                let profile = one.profile.as_ref().map(|profile| &profile.name);
                let name = profile.or(one.session.as_ref().map(|session| &session.name));
                failures.push((name.cloned().unwrap_or_default(), error));
            }
        }
    }
    (text, failures)
}

fn apply_one(text: &str, Move { session, profile, gone, .. }: &Move) -> Result<String, EditError> {
    let mut text = text.to_owned();
    if let Some(session) = session {
        for (key, value) in &session.settings {
            let target = Target::SsoSession(&session.name);
            text = with_setting(FileKind::Config, &text, target, key, value)?;
        }
    }
    let Some(profile) = profile else { return Ok(text) };
    let settings = profile.settings.iter().map(|(key, value)| (&**key, &**value));
    let settings: Vec<(&str, &str)> = settings.collect();
    let keys: Vec<&str> =
        gone.iter().copied().chain(settings.iter().map(|(key, _)| *key)).collect();
    with_settings(FileKind::Config, &text, &profile.name, &keys, &settings)
}
