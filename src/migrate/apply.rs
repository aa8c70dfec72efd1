//! The config file's text with what is moved.

use std::collections::HashSet;

use super::finding::Move;
use crate::config::edit::{EditError, Target};
use crate::config::rewrite::{NewSettings, with_all_settings};
use crate::profile::FileKind;

/// The new text, and what could not be written into it: by the name of the section, with the reason. The others are
/// there all the same.
pub(crate) fn apply(text: &str, moves: &[&Move]) -> (String, Vec<(String, EditError)>) {
    let mut failures = Vec::new();
    let text = apply_all(text.to_owned(), moves, &mut failures);
    (text, failures)
}

/// All at once; where that cannot be, one half after the other, until it is known which cannot.
fn apply_all(text: String, moves: &[&Move], failures: &mut Vec<(String, EditError)>) -> String {
    match (with_all_settings(FileKind::Config, &text, &changes(moves)), moves) {
        (Ok(new), _) => new,
        (Err(_), []) => text,
        (Err(error), [one]) => {
            let profile = one.profile.as_ref().map(|profile| &profile.name);
            let name = profile.or(one.session.as_ref().map(|session| &session.name));
            failures.push((name.cloned().unwrap_or_default(), error));
            text
        }
        (Err(_), _) => {
            let (first, second) = moves.split_at(moves.len() / 2);
            let text = apply_all(text, first, failures);
            apply_all(text, second, failures)
        }
    }
}

/// What becomes of the sections. Each profile of a new session brings that along.
fn changes<'a>(moves: &[&'a Move]) -> Vec<NewSettings<'a>> {
    let mut sessions = HashSet::new();
    let mut changes = Vec::new();
    for Move { session, profile, gone, .. } in moves {
        if let Some(session) = session.as_ref().filter(|session| sessions.insert(&session.name)) {
            changes.push(change(Target::SsoSession(&session.name), &session.settings, &[]));
        }
        if let Some(profile) = profile {
            changes.push(change(Target::Profile(&profile.name), &profile.settings, gone));
        }
    }
    changes
}

fn change<'a>(
    target: Target<'a>,
    settings: &'a [(String, String)],
    gone: &[&'a str],
) -> NewSettings<'a> {
    let settings: Vec<(&str, &str)> =
        settings.iter().map(|(key, value)| (&**key, &**value)).collect();
    let keys = gone.iter().copied().chain(settings.iter().map(|(key, _)| *key)).collect();
    NewSettings { target, keys, settings }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::{GeneratedProfile, GeneratedSession};

    fn text_of(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn move_of(name: &str, value: &str) -> Move {
        let settings = text_of(&[("sso_start_url", "https://a.example/start")]);
        let session = Some(GeneratedSession { name: "s".to_owned(), settings });
        let settings = text_of(&[("sso_session", "s"), ("sso_account_id", value)]);
        let profile = Some(GeneratedProfile { name: name.to_owned(), settings });
        Move { session, profile, gone: vec!["old"], becomes: String::new() }
    }

    #[test]
    fn what_cannot_be_written_keeps_none_of_the_others() {
        let text = "[profile a]\nold = 1\n[profile b]\nold = 2\n  more\n[profile c]\nold = 3\n";
        let names = ["a", "b", "c", "new", "c"];
        let moves: Vec<Move> = names.iter().map(|name| move_of(name, "1")).collect();
        let bad = move_of("bad", "1 # 2");
        let all: Vec<&Move> = moves.iter().chain([&bad]).collect();
        let (new, failures) = apply(text, &all);
        let failed: Vec<&str> = failures.iter().map(|(name, _)| &**name).collect();
        assert_eq!(failed, ["b", "bad"]);
        let lines = "sso_session = s\nsso_account_id = 1\n";
        assert_eq!(
            new,
            format!(
                "[profile a]\n{lines}[profile b]\nold = 2\n  more\n[profile c]\n{lines}\n\
                 [sso-session s]\nsso_start_url = https://a.example/start\n\n[profile new]\n{lines}"
            )
        );
        assert_eq!(apply(text, &[]).0, text);
    }
}
