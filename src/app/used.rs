//! Which profiles the person picks and takes, how often and how recently: those come first in a list.
//!
//! A small file of the state directory, which holds names and no secret. Whatever is wrong with it, it counts as absent:
//! nothing but an order depends on it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::App;
use crate::host::worktree::{Place, place_of};
use crate::state::{StateDir, encode_record, parse_record};
use crate::text::hex;

const FILE: &str = "used.json";
const LIMIT: u64 = 256 * 1024;
/// Of profiles in directories; those that count least go first.
const MOST: usize = 500;
/// Days in which what was done counts half
const HALF: f64 = 14.0;
/// How much more counts what was done in the same directory
const HERE: f64 = 8.0;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Document {
    uses: Vec<Use>,
}

/// How a profile was used in a directory.
#[derive(Debug, Serialize, Deserialize)]
struct Use {
    profile: String,
    /// A digest of the directory; worktrees of one repository share it
    place: String,
    /// How often, as it counted then
    weight: f64,
    /// RFC 3339, UTC
    last: DateTime<Utc>,
}

impl Use {
    /// How much it counts now. A clock that goes back makes nothing younger than now.
    fn weight_at(&self, now: DateTime<Utc>) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "of a second in thousands of years")]
        let days = (now - self.last).num_seconds().max(0) as f64 / 86_400.0;
        let weight = self.weight * 0.5_f64.powf(days / HALF);
        if weight.is_finite() { weight.clamp(0.0, 1e9) } else { 0.0 }
    }
}

impl Document {
    fn read(state: &StateDir) -> Self {
        let text = state.read(FILE, LIMIT).ok().flatten();
        text.and_then(|text| parse_record(&text)).unwrap_or_default()
    }

    fn add(&mut self, profile: &str, place: &str, now: DateTime<Utc>) {
        let is_same = |one: &&mut Use| one.profile == profile && one.place == place;
        match self.uses.iter_mut().find(is_same) {
            Some(one) => {
                one.weight = one.weight_at(now) + 1.0;
                one.last = now;
            }
            None => self.uses.push(Use {
                profile: profile.to_owned(),
                place: place.to_owned(),
                weight: 1.0,
                last: now,
            }),
        }
        self.uses.sort_by(|one, other| other.weight_at(now).total_cmp(&one.weight_at(now)));
        self.uses.truncate(MOST);
    }

    /// How much each profile counts in that place.
    fn weights(&self, place: &str, now: DateTime<Utc>) -> HashMap<String, f64> {
        let mut weights = HashMap::new();
        for one in &self.uses {
            let factor = if one.place == place { HERE } else { 1.0 };
            *weights.entry(one.profile.clone()).or_default() += factor * one.weight_at(now);
        }
        weights
    }
}

/// Notes that the person picked or took a profile. Another awsx that writes at this moment is not waited for.
pub(crate) fn note_use(app: &App, profile: &str) {
    let note = || {
        let state = StateDir::from_env(&app.env).ok()?;
        let _lock = state.try_lock("used").ok().flatten()?;
        let mut document = Document::read(&state);
        document.add(profile, &place(app), app.now());
        state.write(FILE, &encode_record(&document)).ok()
    };
    // It is only an order.
    let _ = note();
}

/// How much each profile counts that was used, the more the sooner it is wanted again.
pub(crate) fn weights_of_use(app: &App) -> HashMap<String, f64> {
    let Ok(state) = StateDir::from_env(&app.env) else { return HashMap::new() };
    Document::read(&state).weights(&place(app), app.now())
}

/// The directory where awsx was started, which need not be readable to others.
fn place(app: &App) -> String {
    let Place { common, below } = place_of(app.env.working_directory());
    let mut digest = Sha256::new();
    for part in [common, below] {
        let part = part.to_string_lossy();
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    hex(&digest.finalize()[..8])
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    /// The profiles after these uses, each with its place and the day, the first first; on day 100.
    fn order(uses: &[(&str, &str, i64)]) -> Vec<String> {
        let day = |day| DateTime::UNIX_EPOCH + TimeDelta::days(day);
        let mut document = Document::default();
        for (profile, place, on) in uses {
            document.add(profile, place, day(*on));
        }
        let mut weights: Vec<_> = document.weights("here", day(100)).into_iter().collect();
        weights.sort_by(|one, other| other.1.total_cmp(&one.1));
        weights.into_iter().map(|(profile, _)| profile).collect()
    }

    #[test]
    fn what_is_used_lately_often_and_here_comes_first() {
        for (docs, uses, expected) in [
            ("nothing", &[][..], &[][..]),
            ("lately", &[("a", "x", 1), ("b", "x", 99)], &["b", "a"]),
            ("often", &[("a", "x", 99), ("a", "x", 99), ("b", "x", 100)], &["a", "b"]),
            (
                "often, but long ago",
                &[("a", "x", 1), ("a", "x", 1), ("a", "x", 1), ("b", "x", 100)],
                &["b", "a"],
            ),
            ("here", &[("a", "x", 100), ("a", "y", 100), ("b", "here", 95)], &["b", "a"]),
            ("a clock that went back", &[("a", "x", 200), ("b", "x", 100)], &["a", "b"]),
        ] {
            let mut found = order(uses);
            if docs.starts_with("a clock") {
                found.sort();
            }
            assert_eq!(found, expected, "{docs}");
        }
    }

    #[test]
    fn the_file_stays_small() {
        let mut document = Document::default();
        let now = DateTime::UNIX_EPOCH;
        document.add("often", "x", now);
        for number in 0..2 * MOST {
            document.add("often", "x", now);
            document.add(&format!("p{number}"), "x", now);
        }
        assert_eq!(document.uses.len(), MOST);
        assert_eq!(document.uses[0].profile, "often");
        assert!(serde_json::to_vec(&document).unwrap().len() < 100_000);
    }

    #[test]
    fn what_is_broken_counts_as_absent() {
        let home = tempfile::tempdir().unwrap();
        let state = StateDir::at(&home.path().join("awsx"));
        let uses = |text: &str| {
            state.write(FILE, text.as_bytes()).unwrap();
            let weights = Document::read(&state).weights("x", DateTime::UNIX_EPOCH);
            weights.values().sum::<f64>()
        };
        let good = r#"{"version":1,"uses":[{"profile":"a","place":"y","weight":1.0,"last":"1970-01-01T00:00:00Z","new":1}]}"#;
        assert!((uses(good) - 1.0).abs() < 1e-9);
        let bad = [
            good.replace("\"version\":1", "\"version\":2"),
            good.replace("1.0", "1e999"),
            "{".to_owned(),
        ];
        for text in bad {
            assert!(uses(&text).abs() < 1e-9, "{text}");
        }
    }
}
