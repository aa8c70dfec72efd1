//! How many requests a service takes per second: a token bucket, refilled by this machine's clock,
//! whatever the time at AWS is said to be.

use std::time::Instant;

/// A bucket of requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Bucket {
    /// How full it is, and since when
    level: Option<(f64, Instant)>,
}

impl Bucket {
    /// Takes one request out, where `rate` flow in each second and `burst` fit in. False: it is empty.
    pub(super) fn takes(&mut self, rate: f64, burst: f64) -> bool {
        let now = Instant::now();
        let level = self.level.map_or(burst, |(level, then)| {
            burst.min(level + rate * now.duration_since(then).as_secs_f64())
        });
        let enough = level >= 1.0;
        self.level = Some((if enough { level - 1.0 } else { level }, now));
        enough
    }
}
