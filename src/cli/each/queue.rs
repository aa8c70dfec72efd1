//! Which run is started next, and when: in their order, those that failed again after a while, and those that need a new
//! session no faster than AWS hands them out.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use super::run::{MintedBy, Run};
use crate::aws::Pace;
use crate::report::failure::Kind;

/// How long a run that failed waits for its next try: doubled for each one before.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What of the runs is left, and how fast they may go.
pub(super) struct Queue<'a> {
    runs: &'a [Run],
    began: Instant,
    fresh: VecDeque<usize>,
    /// Those that failed, and when they may be tried again
    again: Vec<(Instant, usize)>,
    paces: HashMap<MintedBy, Pace>,
    /// Whose session is being made by a run that was started
    minted: HashSet<String>,
    /// When the runs that make one were started
    sent: HashMap<usize, (MintedBy, f64)>,
}

/// What is next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Run(usize),
    /// Nothing before that
    Wait(Instant),
    Nothing,
}

impl<'a> Queue<'a> {
    pub(super) fn new(runs: &'a [Run], now: Instant) -> Self {
        Self {
            runs,
            began: now,
            fresh: (0..runs.len()).collect(),
            again: Vec::new(),
            paces: HashMap::new(),
            minted: HashSet::new(),
            sent: HashMap::new(),
        }
    }

    /// Takes the next run that may be started.
    pub(super) fn next(&mut self, now: Instant) -> Next {
        self.again.sort_unstable();
        if self.again.first().is_some_and(|(at, _)| *at <= now) {
            return Next::Run(self.again.remove(0).1);
        }
        let mut first = self.again.first().map(|(at, _)| *at);
        let mut blocked: HashSet<MintedBy> = HashSet::new();
        for at in 0..self.fresh.len() {
            let run = self.fresh[at];
            let Some(service) = self.runs[run].minted_by.filter(|_| !self.is_minted(run)) else {
                self.fresh.remove(at);
                return Next::Run(run);
            };
            // One that has to wait lets others of the same kind wait too.
            if blocked.contains(&service) {
                continue;
            }
            let seconds = (now - self.began).as_secs_f64();
            let pace = self.paces.entry(service).or_insert_with(|| service.pace());
            if pace.due <= seconds {
                pace.record_request(seconds);
                self.sent.insert(run, (service, seconds));
                self.minted.insert(self.runs[run].whose.name());
                self.fresh.remove(at);
                return Next::Run(run);
            }
            blocked.insert(service);
            let due = now + Duration::from_secs_f64(pace.due - seconds);
            first = Some(first.map_or(due, |first| first.min(due)));
        }
        first.map_or(Next::Nothing, Next::Wait)
    }

    fn is_minted(&self, run: usize) -> bool {
        self.minted.contains(&self.runs[run].whose.name())
    }

    /// What its end says of the pace: awsx ends so where AWS throttled it past the bound.
    pub(super) fn take_end(&mut self, run: usize, code: i32, now: Instant) {
        let Some((service, sent_at)) = self.sent.remove(&run) else { return };
        let seconds = (now - self.began).as_secs_f64();
        let Some(pace) = self.paces.get_mut(&service) else { return };
        match code == i32::from(Kind::Unreachable.contract().1) {
            true => pace.record_throttling(seconds, sent_at, None),
            false => pace.record_answer(seconds),
        }
    }

    /// Lets it run once more, after a while; how long that is.
    pub(super) fn repeat(&mut self, run: usize, tries: u32, now: Instant) -> Duration {
        let wait = FIRST_WAIT.saturating_mul(1 << tries.saturating_sub(1).min(8));
        let wait = wait.min(LONGEST_WAIT);
        self.again.push((now + wait, run));
        wait
    }

    /// How many are left, of both kinds.
    pub(super) fn count(&self) -> usize {
        self.fresh.len() + self.again.len()
    }
}

impl MintedBy {
    /// How fast it hands sessions out, as far as AWS says: 20 a second for the access portal, and 600 in each account for
    /// STS, which no crew of commands comes to.
    /// <https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html>
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
    fn pace(self) -> Pace {
        match self {
            Self::Portal => Pace::new(),
            Self::Sts => Pace::at_full_speed(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::run::Whose;
    use super::*;

    fn runs(count: usize, minted_by: Option<MintedBy>) -> Vec<Run> {
        let run = |number: usize| Run {
            minted_by,
            ..Run::new(Whose::Profile(format!("p{number}")), None)
        };
        (0..count).map(run).collect()
    }

    #[test]
    fn those_that_need_no_session_are_started_in_their_order() {
        let runs = runs(3, None);
        let now = Instant::now();
        let mut queue = Queue::new(&runs, now);
        assert_eq!(queue.next(now), Next::Run(0));
        assert_eq!(queue.repeat(0, 1, now), FIRST_WAIT);
        assert_eq!((queue.next(now), queue.next(now)), (Next::Run(1), Next::Run(2)));
        assert_eq!(queue.next(now), Next::Wait(now + FIRST_WAIT));
        assert_eq!(queue.next(now + FIRST_WAIT), Next::Run(0));
        assert_eq!(queue.repeat(0, 3, now), 4 * FIRST_WAIT);
        assert_eq!(queue.repeat(1, 90, now), LONGEST_WAIT);
        assert_eq!(queue.count(), 2);
    }

    /// A second's worth of what the portal allows, and what needs no session goes on meanwhile.
    #[test]
    fn sessions_are_made_no_faster_than_aws_hands_them_out() {
        let mut runs = runs(100, Some(MintedBy::Portal));
        runs[99].minted_by = None;
        let began = Instant::now();
        let mut queue = Queue::new(&runs, began);
        let mut started = Vec::new();
        for tenth in 0..10 {
            let now = began + Duration::from_millis(tenth * 100);
            while let Next::Run(run) = queue.next(now) {
                started.push(run);
            }
        }
        assert!(started.contains(&99) && (18..=24).contains(&started.len()), "{started:?}");
        // Those of AWS that are throttled slow it down, others do not.
        let now = began + Duration::from_secs(1);
        let due = |queue: &mut Queue<'_>| match queue.next(now) {
            Next::Wait(at) => at - now,
            _ => Duration::ZERO,
        };
        let before = due(&mut queue);
        queue.take_end(started[0], 6, now);
        assert!(due(&mut queue) > before);
    }

    #[test]
    fn a_session_is_made_once_for_all_regions() {
        let mut runs = runs(1, Some(MintedBy::Portal));
        runs.extend((0..50).map(|_| runs[0].clone()).collect::<Vec<_>>());
        let now = Instant::now();
        let mut queue = Queue::new(&runs, now);
        for run in 0..51 {
            assert_eq!(queue.next(now), Next::Run(run));
        }
        assert_eq!(queue.next(now), Next::Nothing);
    }
}
