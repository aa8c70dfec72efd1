//! How many requests a service takes: a token bucket, refilled by this machine's clock, whatever the time at AWS is said to
//! be.

use std::time::Instant;

/// What a service takes, of everyone together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limit {
    /// Requests per second; None: any number
    pub(crate) rate: Option<f64>,
    /// How many of them may come at once; None: one second's, at least one
    pub(crate) burst: Option<f64>,
    /// How full the bucket is, and since when
    level: Option<(f64, Instant)>,
}

impl Limit {
    /// Whether it takes one more request, which then counts.
    pub(super) fn takes(&mut self) -> bool {
        let Some(rate) = self.rate else { return true };
        let burst = self.burst.unwrap_or(rate.max(1.0));
        let now = Instant::now();
        let level = self.level.map_or(burst, |(level, then)| {
            burst.min(level + rate * now.duration_since(then).as_secs_f64())
        });
        let enough = level >= 1.0;
        self.level = Some((if enough { level - 1.0 } else { level }, now));
        enough
    }
}
