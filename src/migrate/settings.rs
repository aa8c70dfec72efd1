//! Settings of other tools' own files: what becomes of each, or what awsx has in its place.

use super::finding::{Fate, Finding, Tool};
use super::looked::Looked;
use crate::preferences::setting_line;

/// A setting of a tool, and what awsx has in its place.
pub(super) type Known = (&'static str, &'static str);

/// Those of a file, each with its line, that the table knows; the others in a row of their own.
pub(super) fn find_settings<'f>(
    tool: Tool,
    place: &str,
    said: impl IntoIterator<Item = (&'f str, usize)>,
    table: &[Known],
) -> Vec<Finding> {
    let (mut found, mut others) = (Vec::new(), Vec::new());
    for (key, line) in said {
        match table.iter().find(|(known, _)| *known == key) {
            Some((_, instead)) => found.push(Finding {
                tool,
                place: format!("{place}:{line}"),
                what: format!("setting {key}"),
                fate: Fate::stays("it steers that tool alone", *instead),
            }),
            None if others.contains(&key) => {}
            None => others.push(key),
        }
    }
    if !others.is_empty() {
        found.push(Finding {
            tool,
            place: place.to_owned(),
            what: format!("settings {}", others.join(", ")),
            fate: Fate::stays("awsx has nothing like them", "nothing has to be done"),
        });
    }
    found
}

/// What becomes of a setting that `[sso.SESSION]` of awsx's own settings has, too. What stands there counts.
pub(super) fn setting_of_session(
    looked: &Looked<'_>,
    session: &str,
    key: &'static str,
    value: &str,
) -> Fate {
    let Some(preferences) = looked.preferences else {
        return Fate::stays("awsx's own settings cannot be read", "`awsx config check` says why");
    };
    let common = &preferences.sso(session).common;
    let own = match key {
        "region" => common.region.clone(),
        _ => common.profile_name.as_ref().map(ToString::to_string),
    };
    let line = format!("{} in [sso.{session}]", setting_line(key, value));
    match own {
        Some(own) if own == value => Fate::Works(line),
        Some(own) => Fate::stays(
            format!("config.toml says {} there", setting_line(key, &own)),
            "`awsx config edit settings` opens it",
        ),
        None => Fate::Setting {
            session: session.to_owned(),
            key,
            value: value.to_owned(),
            becomes: line,
        },
    }
}
