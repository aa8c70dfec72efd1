//! Whether AWS answers, and what time it is there.

use super::machine::{SET_CLOCK, state_of};
use super::point::{Point, State};
use crate::app::App;
use crate::app::doctor::Endpoint;
use crate::client_settings::origin;

const TOPIC: &str = "network";

pub(super) fn examine(app: &App) -> Vec<Point> {
    let endpoints = match app.endpoints() {
        Ok(endpoints) => endpoints,
        Err(failure) => return vec![Point::of_failure(TOPIC, &failure)],
    };
    let mut points = Vec::new();
    let mut has_clock = false;
    for Endpoint { service, url } in &endpoints {
        let at = format!("{service} at {}", origin(url));
        match app.reach(service, url) {
            Ok(time) => {
                points.push(Point::new(State::Good, TOPIC, format!("{at} answers")));
                if let Some(off) = time.filter(|_| !has_clock) {
                    has_clock = true;
                    points.extend(judge(off));
                }
            }
            Err(failure) => points.push(Point::of_failure(TOPIC, &failure)),
        }
    }
    points
}

/// AWS's time less that of this machine.
fn judge(off: chrono::TimeDelta) -> Option<Point> {
    const NOTABLE: chrono::TimeDelta = chrono::TimeDelta::seconds(30);
    let seconds = off.num_seconds().abs();
    let is = if off > chrono::TimeDelta::zero() { "behind" } else { "ahead of" };
    match off.abs() >= NOTABLE {
        true => {
            let said = format!("this machine's clock is {seconds} s {is} AWS's");
            Some(Point::new(state_of(off), "clock", said).next(SET_CLOCK))
        }
        false => Some(Point::new(State::Good, "clock", "as AWS has it")),
    }
}
