//! `awsx doctor --sandbox`

use std::process::ExitCode;

use serde_json::{Value, json};

use super::point::{Point, State, text};
use crate::app::App;
use crate::app::sandbox::{Open, Way};
use crate::report::failure::{Failure, Kind};

/// As many places of one way are named to a person.
const MOST_NAMED: usize = 4;

type Seen = [(&'static Way, Open)];

/// Shows every way around awsx, those that are open first; with one the exit code is 1.
pub(super) fn run(app: &App, online: bool, as_json: bool) -> Result<ExitCode, Failure> {
    let seen = app.find_ways_around(online);
    match as_json {
        true => app.out().json(&document(&seen))?,
        false => {
            let mut points: Vec<Point> = seen.iter().map(|(way, open)| point(way, open)).collect();
            points.sort_by_key(|point| point.state);
            app.out().show(&text(&points, app))?;
        }
    }
    let open = seen.iter().filter(|(_, open)| matches!(open, Open::At(..))).count();
    let message = match open {
        0 => return Ok(ExitCode::SUCCESS),
        1 => "1 way around awsx is open here".to_owned(),
        open => format!("{open} ways around awsx are open here"),
    };
    let hint = "close them, then look again: `awsx doctor --sandbox`";
    Err(Failure::say(message, Kind::WaysOpen.with(hint)))
}

fn point(way: &Way, open: &Open) -> Point {
    match open {
        Open::At(places) => {
            let more = match places.len().saturating_sub(MOST_NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let first: Vec<&str> = places.iter().take(MOST_NAMED).map(String::as_str).collect();
            let said = format!("{}{more}: {}", first.join(", "), way.why);
            Point::new(State::Bad, way.name, said).next(way.close)
        }
        Open::Nowhere => Point::new(State::Good, way.name, way.closed),
        Open::NotLookedAt => {
            Point::new(State::Doubtful, way.name, "not looked at: it takes a call")
                .next("`awsx doctor --sandbox --online` asks the instance metadata service")
        }
    }
}

/// Version 1; fields are only ever added.
fn document(seen: &Seen) -> Value {
    let way = |(way, open): &(&Way, Open)| {
        let (state, places) = match open {
            Open::At(places) => ("open", &places[..]),
            Open::Nowhere => ("closed", &[][..]),
            Open::NotLookedAt => ("unknown", &[][..]),
        };
        json!({
            "way": way.name, "state": state, "places": places, "why": way.why, "close": way.close,
        })
    };
    let count = |is: fn(&Open) -> bool| seen.iter().filter(|(_, open)| is(open)).count();
    json!({
        "version": 1,
        "open": count(|open| matches!(open, Open::At(..))),
        "unknown": count(|open| matches!(open, Open::NotLookedAt)),
        "ways": seen.iter().map(way).collect::<Vec<_>>(),
    })
}
