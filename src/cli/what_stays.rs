//! What AWS honours of sessions that awsx forgets.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use crate::app::App;
use crate::text::moment::span;

/// So many of what stays valid are named without `-v`.
const NAMED: usize = 4;

/// Says what stays valid of these, by label, until when.
pub(super) fn tell_what_stays<'l>(app: &App, ends: impl Iterator<Item = (&'l str, DateTime<Utc>)>) {
    let mut stays: Vec<_> = ends.filter(|(_, end)| *end > app.now()).collect();
    stays.sort_by_key(|(_, end)| std::cmp::Reverse(*end));
    if app.globals.verbose > 0 {
        for (label, end) in stays {
            app.out().notice(&format!("valid until {}: {label}", app.until(end)));
        }
        return;
    }
    // The profile, if a label has one, stands first in it.
    let name = |label: &str| label.split_once(": ").map_or(label, |(name, _)| name).to_owned();
    let mut names: Vec<_> = stays.into_iter().map(|(label, end)| (name(label), end)).collect();
    let mut seen = HashSet::new();
    names.retain(|(name, _)| seen.insert(name.clone()));
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    let mut words: Vec<_> =
        names.iter().map(|(name, end)| format!("{name} {}", span(*end - app.now()))).collect();
    if more > 0 {
        words.push(format!("and {more} more (-v)"));
    }
    if !words.is_empty() {
        let words = words.join(", ");
        app.out().notice(&format!("what was handed out before stays valid: {words}"));
    }
}
