//! The vault, the state directory, the clock, and where the browser is.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, TimeDelta, Utc};

use super::point::{Point, State};
use crate::app::App;
use crate::report::Failure;
use crate::state::StateDir;
use crate::vault::UnlockerKind;

/// AWS refuses requests that are signed further away than this.
pub(super) const MOST_SKEW: TimeDelta = TimeDelta::minutes(5);
/// Less is noise.
const NOTABLE_SKEW: TimeDelta = TimeDelta::minutes(1);

pub(super) fn examine(app: &App) -> Vec<Point> {
    let mut points = vec![examine_vault(app)];
    points.extend(examine_state(app));
    points
}

/// Why no browser opens, where one does not.
pub(super) fn examine_browser(app: &App) -> Option<Point> {
    let obstacle = app.browser_obstacle()?;
    let said = format!("{obstacle}: no browser opens by itself");
    let next = "`awsx login sso --device-code`, or `awsx login aws --remote`";
    Some(Point::new(State::Doubtful, "browser", said).next(next))
}

fn examine_vault(app: &App) -> Point {
    let status = app.vault().and_then(|vault| vault.status().map_err(Failure::from));
    let status = match status {
        Ok(status) => status,
        Err(failure) => return Point::of_failure("vault", &failure),
    };
    let lost: usize = status.folders.iter().filter_map(|folder| folder.lost).sum();
    let records: usize = status.folders.iter().map(|folder| folder.records).sum();
    if lost > 0 {
        let said = format!("{lost} of {records} records were sealed with a key that is gone");
        return Point::new(State::Doubtful, "vault", said)
            .next("`awsx vault status` says which; `awsx vault reset` begins anew");
    }
    let said = match (status.unlocker, records) {
        (UnlockerKind::Auto, _) => "nothing is kept yet".to_owned(),
        (unlocker, 0) => format!("nothing is kept yet; its key is in {}", unlocker.place()),
        (unlocker, records) => {
            format!("{records} records, its key in {}", unlocker.place())
        }
    };
    Point::new(State::Good, "vault", said)
}

fn examine_state(app: &App) -> Vec<Point> {
    let state = match StateDir::from_env(&app.env) {
        Ok(state) => state,
        Err(error) => return vec![Point::of_failure("state", &Failure::from(error))],
    };
    let now = app.now();
    let directory = state.path();
    if !directory.exists() {
        return vec![Point::new(
            State::Good,
            "state",
            format!("{} comes on first use", directory.display()),
        )];
    }
    if let Err(error) = state.room_for("", 16) {
        return vec![Point::of_failure("state", &Failure::from(error))];
    }
    let written = tempfile::NamedTempFile::new_in(directory)
        .and_then(|file| file.as_file().metadata()?.modified());
    let of_files = written.ok().and_then(|at| judge_clock(now, at.into(), directory));
    let newest = newest_below(directory).and_then(|at| judge_past(now, at.into(), directory));
    match of_files.or(newest) {
        Some(point) => vec![point],
        None => vec![Point::new(State::Good, "clock", "as the file system has it")],
    }
}

/// The time of a file that was written just now.
fn judge_clock(now: DateTime<Utc>, written: DateTime<Utc>, directory: &Path) -> Option<Point> {
    let off = written - now;
    (off.abs() >= NOTABLE_SKEW).then(|| {
        let (is, seconds) = match off > TimeDelta::zero() {
            true => ("behind", off.num_seconds()),
            false => ("ahead of", -off.num_seconds()),
        };
        let said = format!(
            "this machine's clock is {seconds} s {is} that of the file system at {}",
            directory.display()
        );
        Point::new(state_of(off), "clock", said).next(SET_CLOCK)
    })
}

/// The time of the file that was written last, by whichever awsx.
fn judge_past(now: DateTime<Utc>, newest: DateTime<Utc>, directory: &Path) -> Option<Point> {
    let off = newest - now;
    (off >= NOTABLE_SKEW).then(|| {
        let said = format!(
            "a file below {} is of {} s in the future: this machine's clock was set back, or is wrong",
            directory.display(),
            off.num_seconds()
        );
        Point::new(state_of(off), "clock", said).next(SET_CLOCK)
    })
}

/// What is between clocks, and what AWS thinks of it.
pub(super) fn state_of(off: TimeDelta) -> State {
    if off.abs() >= MOST_SKEW { State::Bad } else { State::Doubtful }
}

pub(super) const SET_CLOCK: &str = if cfg!(target_os = "linux") {
    "`timedatectl set-ntp true` sets the clock"
} else {
    "set the clock of this machine"
};

/// When a file of the directory, or of one in it, was last written.
fn newest_below(directory: &Path) -> Option<SystemTime> {
    let below = |path: &Path| fs::read_dir(path).into_iter().flatten().flatten();
    let entries = below(directory).flat_map(|entry| {
        let inner: Vec<_> = below(&entry.path()).collect();
        std::iter::once(entry).chain(inner)
    });
    entries.filter_map(|entry| entry.metadata().ok()?.modified().ok()).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_compared() {
        let now = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(20_000);
        for (off, expected) in [
            (0, None),
            (30, None),
            (-59, None),
            (90, Some((State::Doubtful, "90 s behind"))),
            (-3600, Some((State::Bad, "3600 s ahead of"))),
        ] {
            let point = judge_clock(now, now + TimeDelta::seconds(off), Path::new("/s"));
            assert_eq!(
                point.as_ref().map(|point| point.state),
                expected.map(|(state, _)| state),
                "{off}"
            );
            let said = point.map(|point| point.said).unwrap_or_default();
            assert!(said.contains(expected.map_or("", |(_, words)| words)), "{said}");
        }
        let newest = |off| judge_past(now, now + TimeDelta::seconds(off), Path::new("/s"));
        assert!(newest(-7200).is_none(), "files are old");
        assert_eq!(newest(7200).map(|point| point.state), Some(State::Bad));
    }
}
