//! The system's clock.

use std::time::Duration;

use chrono::{DateTime, FixedOffset, Local, Utc};

use crate::ports::Clock;

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemClock;

#[expect(clippy::disallowed_methods, reason = "the one place that asks for the time and waits")]
impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }

    fn local(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        at.with_timezone(&Local).fixed_offset()
    }
}
