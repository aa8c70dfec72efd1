//! A person picks a profile, and sees what is known of each: how long its session lasts, whether somebody is logged in,
//! and what `awsx explain` says of it. Without network, and without opening anything.

use std::collections::HashMap;

use super::explain::short_answer;
use super::login_state::is_logged_in;
use super::profiles::{ProfileLines, profile_lines};
use crate::app::App;
use crate::app::at_hand::end_of_kept;
use crate::app::guard::show;
use crate::app::plan::{plan_of_chain, trace};
use crate::app::used::{note_use, weights_of_use};
use crate::guard::{NamedGuard, colour_of};
use crate::ports::{Details, List, State};
use crate::preferences::Preferences;
use crate::profile::Profiles;
use crate::report::Failure;
use crate::resolve::{InUse, Plan, Request, SessionRules};
use crate::text::{Colour, moment};
use crate::vault::{SessionHeader, session_header};

/// The widest is `9h59m left`.
const WIDTH_OF_STATES: usize = 10;

/// None where there is none, and where nobody can pick.
pub(super) fn pick_profile(app: &App, question: &str) -> Result<Option<String>, Failure> {
    if app.person().terminal().is_err() {
        return Ok(None);
    }
    let profiles = app.profiles()?;
    app.ask_of_all_files();
    let ProfileLines { names, lines, has_logins } = profile_lines(app)?;
    if names.is_empty() {
        return Ok(None);
    }
    let own = app.preferences().ok();
    let Ordered { names, lines, favourites, ranked } =
        in_order(names, lines, own, &weights_of_use(app));
    let has_states = has_logins || has_sessions(app);
    let guards = own.map(Preferences::guards).unwrap_or_default();
    let chosen = profile_of_place(app);
    let chosen = chosen.and_then(|chosen| names.iter().position(|name| *name == chosen));
    let list = List {
        ranked,
        chosen: chosen.unwrap_or_default(),
        details: &Known { app, profiles, guards, names: &names, favourites, has_states },
        ..List::new(question, &lines)
    };
    let choice = app.pick_from(&list)?;
    let picked = choice.and_then(|choice| names.get(choice).cloned());
    if let Some(picked) = &picked {
        note_use(app, picked);
    }
    Ok(picked)
}

/// Profiles as a list shows them.
struct Ordered {
    names: Vec<String>,
    lines: Vec<String>,
    /// How many of the first are favourites
    favourites: usize,
    /// How many are that, or in use
    ranked: usize,
}

/// Favourites first, in the order of their patterns, then what is used, the most first, then the others as they stand
/// in the files. A line ends with the tags of its profile.
fn in_order(
    names: Vec<String>,
    lines: Vec<String>,
    own: Option<&Preferences>,
    weights: &HashMap<String, f64>,
) -> Ordered {
    let favourites = own.map(Preferences::favourites).unwrap_or_default();
    let rank = |name: &str| favourites.iter().position(|pattern| pattern.matches(name));
    let mut all: Vec<_> = names
        .into_iter()
        .zip(lines)
        .map(|(name, mut line)| {
            for tag in own.into_iter().flat_map(|own| own.tags_of(&name)) {
                line.push_str("  tag:");
                line.push_str(tag);
            }
            let weight = weights.get(&name).copied().unwrap_or_default();
            (rank(&name).unwrap_or(usize::MAX), weight, name, line)
        })
        .collect();
    all.sort_by(|(rank, weight, ..), (other_rank, other_weight, ..)| {
        rank.cmp(other_rank).then(other_weight.total_cmp(weight))
    });
    let favourites = all.iter().take_while(|(rank, ..)| *rank != usize::MAX).count();
    let is_used = |(_, weight, ..): &&(usize, f64, String, String)| *weight > 0.0;
    let ranked = favourites + all.iter().skip(favourites).take_while(is_used).count();
    let (names, lines) = all.into_iter().map(|(_, _, name, line)| (name, line)).unzip();
    Ordered { names, lines, favourites, ranked }
}

/// What the directory chooses, else what is in use.
fn profile_of_place(app: &App) -> Option<String> {
    let of_directory = app.directory_settings().and_then(|said| said.profile);
    of_directory.or_else(|| InUse::of(&app.inherited)?.profile)
}

fn has_sessions(app: &App) -> bool {
    let kept = app.vault().and_then(|vault| Ok(vault.keys::<SessionHeader>()?));
    kept.is_ok_and(|keys| !keys.is_empty())
}

/// What is known of the profiles of a list. What cannot be read is not known.
struct Known<'a> {
    app: &'a App,
    profiles: &'a Profiles,
    guards: &'a [NamedGuard],
    /// Of the profiles, line by line
    names: &'a [String],
    /// How many of the first are favourites
    favourites: usize,
    /// Whether any of them may have a session or need a login
    has_states: bool,
}

impl Known<'_> {
    fn plan(&self, name: &str) -> Option<Plan> {
        let request = Request::of_profile(name);
        let chain = trace(self.app, &request).ok()?.result.ok()?;
        let rules = SessionRules { is_scoped: true, ..SessionRules::default() };
        let shown = show(self.app, &request.selection, &chain, rules);
        plan_of_chain(self.app, shown.chain, rules).ok()
    }

    /// How long the session lasts that would be handed over.
    fn left(&self, plan: &Plan) -> Option<String> {
        let header = session_header(self.app.vault().ok()?, &plan.key_of_kept()?)?;
        let left = end_of_kept(self.app, plan, &header)? - self.app.now();
        Some(format!("{} left", moment::span(left)))
    }
}

impl Details for Known<'_> {
    fn colour(&self, line: usize) -> Option<Colour> {
        colour_of(self.names.get(line)?, self.profiles, self.guards)
    }

    fn is_favourite(&self, line: usize) -> bool {
        line < self.favourites
    }

    fn has_favourites(&self) -> bool {
        self.favourites > 0
    }

    fn width_of_states(&self) -> usize {
        if self.has_states { WIDTH_OF_STATES } else { 0 }
    }

    fn state(&self, line: usize) -> State {
        let plan =
            self.names.get(line).filter(|_| self.has_states).and_then(|name| self.plan(name));
        let Some(plan) = plan else { return State::default() };
        if let Some(words) = self.left(&plan) {
            return State { words, is_good: true };
        }
        let needs_login =
            plan.login().is_some() && is_logged_in(self.app, &plan).is_ok_and(|is| !is);
        State { words: if needs_login { "no login" } else { "" }.to_owned(), is_good: false }
    }

    fn preview(&self, line: usize) -> Option<String> {
        Some(short_answer(self.app, self.names.get(line)?))
    }

    fn has_preview(&self) -> bool {
        true
    }
}
