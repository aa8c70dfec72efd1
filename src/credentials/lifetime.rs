//! From when until when something that AWS gave is good.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// How far clocks are set back in the ordinary course of things.
const CLOCK_STEP: TimeDelta = TimeDelta::minutes(1);

/// How much of a session must be left for it to be used: a new one is made in time, and a short one not at
/// every use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Margin {
    /// What must be left of one that lasts four times as long; of a shorter one it is a quarter
    early: Duration,
    /// What must be left of any
    least: Duration,
}

impl Margin {
    /// Of what is handed over: five minutes, or the last quarter of what is shorter than twenty
    pub(crate) const DELIVERY: Self = Self::early(Duration::from_secs(300));
    /// Of what signs the next call
    pub(crate) const SIGNING: Self = Self::early(Duration::from_secs(60));
    /// Of what is as new as can be
    pub(crate) const NONE: Self = Self::early(Duration::ZERO);

    const fn early(early: Duration) -> Self {
        Self { early, least: Duration::ZERO }
    }

    /// The same, and never less than this.
    pub(crate) fn at_least(self, least: Duration) -> Self {
        Self { least: self.least.max(least), ..self }
    }

    /// What must be left of a session that lasts this long.
    pub(crate) fn of(self, whole: Duration) -> Duration {
        self.early.min(whole / 4).max(self.least)
    }

    /// What must be left of what does not say how long it lasts.
    pub(crate) fn of_unknown(self) -> Duration {
        self.early.max(self.least)
    }
}

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

    /// The same for what ends sooner or later, and shall be followed in time.
    pub(crate) fn leaves(self, margin: Margin, now: DateTime<Utc>) -> bool {
        let whole = (self.ends - self.began).to_std().unwrap_or_default();
        self.is_usable(now, margin.of(whole))
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

    #[test]
    fn a_short_session_is_used_for_three_quarters_of_its_time() {
        let minutes = |count: u64| Duration::from_secs(60 * count);
        for (docs, margin, whole, expected) in [
            ("an hour", Margin::DELIVERY, minutes(60), minutes(5)),
            ("twenty minutes", Margin::DELIVERY, minutes(20), minutes(5)),
            ("AWS's shortest", Margin::DELIVERY, minutes(15), Duration::from_secs(225)),
            ("a minute", Margin::DELIVERY, minutes(1), Duration::from_secs(15)),
            ("it signs", Margin::SIGNING, minutes(60), minutes(1)),
            ("a minute that signs", Margin::SIGNING, minutes(1), Duration::from_secs(15)),
            ("what is asked for", Margin::DELIVERY.at_least(minutes(30)), minutes(15), minutes(30)),
            ("less than there is", Margin::DELIVERY.at_least(minutes(1)), minutes(60), minutes(5)),
            ("new", Margin::NONE, minutes(60), Duration::ZERO),
        ] {
            assert_eq!(margin.of(whole), expected, "{docs}");
        }
    }
}
