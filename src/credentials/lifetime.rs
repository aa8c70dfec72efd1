//! From when until when something that AWS gave is good.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// How far clocks are set back in the ordinary course of things.
const CLOCK_STEP: TimeDelta = TimeDelta::minutes(1);

/// From when until when something that AWS gave is good, by the local clock of when it was noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    pub began: DateTime<Utc>,
    /// When AWS refuses it from
    pub ends: DateTime<Utc>,
}

impl Lifetime {
    /// Whether it may be used at `now`: at least `margin` is left of it, and the clock was not set
    /// back since it began, for then the end that was noted means nothing.
    pub fn is_usable(self, now: DateTime<Utc>, margin: Duration) -> bool {
        self.began - now <= CLOCK_STEP
            && self.ends - now >= TimeDelta::from_std(margin).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn usable_while_it_lasts_and_the_clock_holds() {
        let noon = Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).unwrap();
        let minutes = TimeDelta::minutes;
        let lifetime = Lifetime { began: noon, ends: noon + minutes(60) };
        for (docs, now, usable) in [
            ("just begun", minutes(0), true),
            ("until the margin", minutes(55), true),
            ("within the margin", minutes(56), false),
            ("over", minutes(61), false),
            ("the clock was corrected a little", minutes(-1), true),
            ("the clock was set back", minutes(-2), false),
        ] {
            let found = lifetime.is_usable(noon + now, Duration::from_secs(300));
            assert_eq!(found, usable, "{docs}");
        }
    }
}
