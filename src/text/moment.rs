//! Times as a person reads them: by the clock on the wall, and how long it is until then.

use chrono::{DateTime, FixedOffset, TimeDelta};

/// `00:32 (in 59m)`; with its date where that is not today's; `10:00 (over)`. Both are local times.
pub(crate) fn until(at: DateTime<FixedOffset>, now: DateTime<FixedOffset>) -> String {
    match at > now {
        true => format!("{} (in {})", clock(at, now), span(at - now)),
        false => format!("{} (over)", clock(at, now)),
    }
}

/// `00:32`, or `2026-01-31 00:32` where that is not today.
fn clock(at: DateTime<FixedOffset>, now: DateTime<FixedOffset>) -> String {
    let is_today = at.date_naive() == now.date_naive();
    at.format(if is_today { "%H:%M" } else { "%Y-%m-%d %H:%M" }).to_string()
}

/// `22:00 (3h ago)`
pub(crate) fn on(at: DateTime<FixedOffset>, now: DateTime<FixedOffset>) -> String {
    format!("{} ({})", clock(at, now), ago(at, now))
}

/// `3h ago`, or `just now`.
pub(crate) fn ago(at: DateTime<FixedOffset>, now: DateTime<FixedOffset>) -> String {
    match now - at {
        past if past < TimeDelta::minutes(1) => "just now".to_owned(),
        // What began an hour ago and a second is an hour old.
        past => format!("{} ago", span(TimeDelta::minutes(past.num_minutes()))),
    }
}

/// How long that is: minutes up to ten hours, hours up to two days, then days. Of what has just begun
/// nothing is gone yet: a minute that has begun counts.
pub(crate) fn span(time: TimeDelta) -> String {
    let minutes = (time + TimeDelta::seconds(59)).num_minutes().max(0);
    let nearest = |unit: i64| (minutes + unit / 2) / unit;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours @ ..10, 0) => format!("{hours}h"),
        (hours @ ..10, minutes) => format!("{hours}h{minutes}m"),
        (..48, _) => format!("{}h", nearest(60)),
        _ => format!("{} days", nearest(1440)),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn how_long_it_is() {
        for (seconds, expected) in [
            (0, "0m"),
            (1, "1m"),
            (59, "1m"),
            (61, "2m"),
            (3_599, "1h"),
            (3_600, "1h"),
            (5_400, "1h30m"),
            (35_999, "10h"),
            (42_000, "12h"),
            (43_199, "12h"),
            (86_400, "24h"),
            (172_800, "2 days"),
            (7_700_000, "89 days"),
        ] {
            assert_eq!(span(TimeDelta::seconds(seconds)), expected, "{seconds}");
        }
    }

    #[test]
    fn a_time_has_its_date_where_it_is_not_today() {
        let zone = FixedOffset::east_opt(3600).unwrap();
        let now = zone.with_ymd_and_hms(2026, 1, 31, 23, 30, 0).unwrap();
        for (minutes, expected, past) in [
            (20, "23:50 (in 20m)", "just now"),
            (45, "2026-02-01 00:15 (in 45m)", "just now"),
            (0, "23:30 (over)", "just now"),
            (-90, "22:00 (over)", "1h30m ago"),
            (-3000, "2026-01-29 21:30 (over)", "2 days ago"),
        ] {
            let at = now + TimeDelta::minutes(minutes);
            assert_eq!((&*until(at, now), &*ago(at, now)), (expected, past));
        }
        assert_eq!(ago(now - TimeDelta::seconds(3601), now), "1h ago");
    }
}
