//! How fast the access portal may be asked: starts at the one rate that AWS documents, is faster as
//! long as nothing speaks against it, slower once AWS throttles, and then feels its way back.
//!
//! Additive increase, multiplicative decrease. [`Pace`] reads no clock: the time is given, in seconds
//! since the first request.

/// Requests per second that all of IAM Identity Center's APIs together allow, as far as AWS says.
/// <https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html>
const DOCUMENTED_RATE: f64 = 20.0;
const SLOWEST: f64 = 0.25;
const FASTEST: f64 = 200.0;

/// Each answer adds this to the rate until AWS throttles for the first time.
const FIRST_STEP: f64 = 1.0;
/// And this afterwards: in a second, a fifth of what one decrease takes.
const STEP: f64 = 0.01;
/// The step doubles after every so many seconds without throttling: the limit may be higher now.
const PATIENCE: f64 = 4.0;
/// The same where AWS allowed much more before, and may again.
const SHORT_PATIENCE: f64 = 0.5;
/// "Much more": the rate is below this share of the highest that held.
const MUCH: f64 = 0.7;
/// A rate holds if nothing was throttled for this many seconds before.
const HOLDS: f64 = 2.5;

/// The share of the rate that is left when AWS throttles once. Each time that follows soon leaves `LESS`
/// of it, down to `LEAST_LEFT`.
const LEFT: f64 = 0.95;
const LESS: f64 = 0.1;
const LEAST_LEFT: f64 = 0.6;
const SOON: f64 = 1.5;

/// Gives up after this many decreases without an answer in between: some ten seconds.
const GIVE_UP_AFTER: u32 = 12;

/// Turns that are saved up while nothing is sent, so that a late timer loses none.
const SAVED_TURNS: f64 = 2.0;

/// The rate of requests, and when the next one is due.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    rate: f64,
    /// When the next request is due
    pub(crate) due: f64,
    /// When the rate was last decreased; never before the first throttling
    decreased_at: Option<f64>,
    /// The highest rate that held
    held: f64,
    /// Decreases that followed soon on the one before
    in_a_row: u32,
    /// Decreases since the last answer
    decreases: u32,
}

impl Pace {
    pub(crate) fn new() -> Self {
        Self::starting_at(DOCUMENTED_RATE)
    }

    /// The same of another service: as fast as it gets, until that one throttles.
    #[cfg(unix)]
    pub(crate) fn at_full_speed() -> Self {
        Self::starting_at(FASTEST)
    }

    fn starting_at(rate: f64) -> Self {
        Self { rate, due: 0.0, decreased_at: None, held: 0.0, in_a_row: 0, decreases: 0 }
    }

    /// Takes the turn of a request that is sent `now`.
    pub(crate) fn record_request(&mut self, now: f64) {
        let interval = 1.0 / self.rate;
        self.due = self.due.max(now - SAVED_TURNS * interval) + interval;
    }

    /// An answer came: the rate rises a little.
    pub(crate) fn record_answer(&mut self, now: f64) {
        let step = match self.decreased_at {
            None => FIRST_STEP,
            Some(at) => {
                let is_much_less = self.rate < MUCH * self.held;
                let patience = if is_much_less { SHORT_PATIENCE } else { PATIENCE };
                (STEP * 2_f64.powi(((now - at) / patience) as i32)).min(FIRST_STEP)
            }
        };
        self.rate = (self.rate + step).min(FASTEST);
        self.decreases = 0;
    }

    /// AWS throttled the request of `sent_at`: the rate falls. `retry_after` is the wait that AWS states, in
    /// seconds. Of all requests that were under way, only the first one counts.
    pub(crate) fn record_throttling(&mut self, now: f64, sent_at: f64, retry_after: Option<f64>) {
        if let Some(seconds) = retry_after {
            self.due = self.due.max(now + seconds);
        }
        if self.decreased_at.is_some_and(|at| sent_at < at) {
            return;
        }
        if now - self.decreased_at.unwrap_or(0.0) >= HOLDS {
            self.held = self.held.max(self.rate);
        }
        let again = self.decreased_at.is_some_and(|at| now - at < SOON + 1.0 / self.rate);
        self.in_a_row = if again { self.in_a_row + 1 } else { 0 };
        let left = (LEFT - LESS * f64::from(self.in_a_row)).max(LEAST_LEFT);
        self.rate = (self.rate * left).max(SLOWEST);
        self.decreased_at = Some(now);
        self.decreases += 1;
        self.due = self.due.max(now + 1.0 / self.rate);
    }

    /// Whether AWS throttles whatever is sent.
    pub(crate) fn is_hopeless(&self) -> bool {
        self.decreases >= GIVE_UP_AFTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A service that allows `rate` requests per second, `burst` of them at once.
    #[derive(Clone, Copy)]
    struct Service {
        rate: f64,
        /// From when until when it allows another rate
        slow: Option<(f64, f64, f64)>,
        burst: f64,
        tokens: f64,
        at: f64,
        retry_after: Option<f64>,
    }

    impl Service {
        fn new(rate: f64, burst: f64) -> Self {
            Self { rate, slow: None, burst, tokens: burst, at: 0.0, retry_after: None }
        }

        fn allows(&mut self, now: f64) -> bool {
            let rate = match self.slow {
                Some((from, until, rate)) if (from..until).contains(&now) => rate,
                _ => self.rate,
            };
            self.tokens = (self.tokens + (now - self.at) * rate).min(self.burst);
            self.at = now;
            let allowed = self.tokens >= 1.0;
            self.tokens -= f64::from(u8::from(allowed));
            allowed
        }
    }

    /// Seconds and throttled requests until `count` were answered, 16 at a time.
    fn run(service: &mut Service, latency: f64, count: usize) -> (f64, usize) {
        let mut pace = Pace::new();
        let (mut now, mut answered, mut throttled) = (0.0_f64, 0, 0);
        let mut under_way: Vec<(f64, f64, bool)> = Vec::new();
        while answered < count {
            under_way.sort_by(|a, b| b.0.total_cmp(&a.0));
            let room = under_way.len() < 16 && answered + under_way.len() < count;
            let next = under_way.last().map_or(f64::MAX, |(back, ..)| *back);
            let due = pace.due.max(now);
            if room && due <= next {
                // A timer is late by up to a millisecond.
                now = (due * 1000.0).ceil() / 1000.0;
                pace.record_request(now);
                let allowed = service.allows(now + latency / 2.0);
                under_way.push((now + latency, now, allowed));
            } else {
                let (back, sent_at, allowed) = under_way.pop().expect("something is under way");
                now = now.max(back);
                if allowed {
                    answered += 1;
                    pace.record_answer(now);
                } else {
                    throttled += 1;
                    pace.record_throttling(now, sent_at, service.retry_after);
                }
            }
        }
        (now, throttled)
    }

    #[test]
    fn near_the_floor_of_every_limit_and_without_a_storm() {
        for (docs, rate, burst, latency, count, over, share) in [
            ("the documented rate, 1,000 accounts", 20.0, 20.0, 0.05, 1010, 1.10, 0.05),
            ("without any burst", 20.0, 1.0, 0.05, 1010, 1.10, 0.05),
            ("a slow link", 20.0, 20.0, 0.4, 1010, 1.10, 0.05),
            ("a quarter of it", 5.0, 5.0, 0.05, 300, 1.10, 0.08),
            ("a quarter of it without any burst", 5.0, 1.0, 0.05, 300, 1.20, 0.10),
            ("five times of it", 100.0, 100.0, 0.05, 3000, 1.10, 0.08),
            ("next to nothing", 1.0, 1.0, 0.05, 60, 1.45, 0.35),
        ] {
            let (seconds, throttled) = run(&mut Service::new(rate, burst), latency, count);
            let floor = (count as f64 - burst) / rate;
            assert!(seconds <= floor * over, "{docs}: {seconds} s over a floor of {floor} s");
            assert!(throttled as f64 <= share * count as f64, "{docs}: {throttled} throttled");
        }
    }

    #[test]
    fn a_storm_costs_little_more_than_what_it_takes_away() {
        for (docs, until, rate) in [
            ("a tenth for ten seconds", 20.0, 2.0),
            ("a tenth for twenty", 30.0, 2.0),
            ("a quarter", 20.0, 5.0),
        ] {
            let slow = Some((10.0, until, rate));
            let mut service = Service { slow, ..Service::new(20.0, 20.0) };
            let (seconds, throttled) = run(&mut service, 0.05, 672);
            let floor = (672.0 - 20.0) / 20.0 + (until - 10.0) * (1.0 - rate / 20.0);
            assert!(seconds <= floor * 1.15, "{docs}: {seconds} s over a floor of {floor} s");
            assert!(throttled <= 40, "{docs}: {throttled} throttled");
        }
    }

    #[test]
    fn a_stated_wait_is_kept() {
        let mut pace = Pace::new();
        pace.record_request(0.0);
        pace.record_throttling(0.1, 0.0, Some(7.0));
        assert!(pace.due >= 7.1, "{pace:?}");
    }

    #[test]
    fn requests_that_were_under_way_count_once() {
        let mut pace = Pace::new();
        (0..16).for_each(|_| pace.record_request(0.0));
        (0..16).for_each(|_| pace.record_throttling(0.1, 0.0, None));
        assert_eq!(pace.decreases, 1);
        assert!(pace.rate > 0.8 * DOCUMENTED_RATE, "{pace:?}");
    }

    #[test]
    fn a_service_that_throttles_everything_is_given_up() {
        let mut pace = Pace::new();
        let mut now = 0.0;
        while !pace.is_hopeless() {
            now = pace.due.max(now);
            pace.record_request(now);
            pace.record_throttling(now + 0.05, now, None);
        }
        assert!((5.0..30.0).contains(&now), "after {now} s");
        pace.record_answer(now);
        assert!(!pace.is_hopeless());
    }
}
