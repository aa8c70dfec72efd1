//! What many clients ask for, and one thread makes: the credentials of each profile that is served, in memory.
//!
//! A client is answered from here. Near the end of a session one order for a new one goes out, whoever asks; until
//! it is there the old one is handed over, and one that is over never.

use std::collections::HashMap;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::ports::SharedClock;
use crate::server::{Backend, Served, Unavailable};

/// How long a client waits for a renewal: SDKs give up after one to two seconds.
const PATIENCE: Duration = Duration::from_millis(800);

/// So near its end a session may be over when its signature arrives: the new one is worth a wait.
const BRINK: TimeDelta = TimeDelta::seconds(5);

/// What the thread that makes credentials is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Renew(String),
    /// The files have changed: what is handed over is looked up anew.
    #[cfg(unix)]
    ReadAnew,
    End,
}

/// A session that is handed over.
#[derive(Clone)]
pub(crate) struct Stock {
    pub served: Served,
    /// From when on a new one is made
    pub renewed_from: Option<DateTime<Utc>>,
}

/// Why there is no new session, and when it is worth another try.
#[derive(Clone, Debug)]
pub(crate) struct Setback {
    pub why: Unavailable,
    pub until: DateTime<Utc>,
}

enum Renewal {
    Idle,
    Ordered,
    Failed(Setback),
}

struct Shelf {
    stock: Option<Stock>,
    renewal: Renewal,
}

#[derive(Default)]
struct Shelves {
    of: HashMap<String, Shelf>,
    /// What is made for an order from before a recall is not what the files say
    is_recalled: bool,
}

/// Where clients ask.
pub(crate) struct Desk {
    clock: SharedClock,
    shelves: Mutex<Shelves>,
    orders: Sender<Order>,
    news: watch::Sender<()>,
}

/// What a look at the shelf comes to.
enum Look {
    Served(Served),
    Refused(Unavailable),
    /// The new session may come at once; the old one, where it still lasts
    Wait(Option<Served>),
}

impl Desk {
    /// An empty one, and the orders that come from it.
    pub(crate) fn new(clock: SharedClock) -> (Self, Receiver<Order>) {
        let (orders, ordered) = mpsc::channel();
        let (news, _) = watch::channel(());
        (Self { clock, shelves: Mutex::default(), orders, news }, ordered)
    }

    /// Hands this session over from now on.
    pub(crate) fn put(&self, profile: &str, stock: Stock) {
        self.set(profile, |_| Shelf { stock: Some(stock), renewal: Renewal::Idle });
    }

    /// Notes that a renewal failed; what is left of the session before is still handed over.
    pub(crate) fn put_off(&self, profile: &str, setback: Setback) {
        let renewal = Renewal::Failed(setback);
        self.set(profile, |shelf| Shelf { stock: shelf.and_then(|shelf| shelf.stock), renewal });
    }

    fn set(&self, profile: &str, change: impl FnOnce(Option<Shelf>) -> Shelf) {
        let mut shelves = self.shelves();
        if !shelves.is_recalled {
            let shelf = change(shelves.of.remove(profile));
            shelves.of.insert(profile.to_owned(), shelf);
        }
        drop(shelves);
        self.news.send_replace(());
    }

    /// Hands nothing over any more that was made before, until [`Self::begin_anew`] follows the order for that.
    #[cfg(unix)]
    pub(crate) fn recall(&self) {
        let mut shelves = self.shelves();
        shelves.is_recalled = true;
        shelves.of.values_mut().for_each(|shelf| *shelf = Shelf::EMPTY);
        // If nobody takes it, the server is ending.
        let _ = self.orders.send(Order::ReadAnew);
    }

    /// From now on it is handed over again what is made.
    #[cfg(unix)]
    pub(crate) fn begin_anew(&self) {
        let mut shelves = self.shelves();
        shelves.is_recalled = false;
        // Orders of the meantime are lost with what would have carried them out.
        shelves.of.values_mut().for_each(|shelf| *shelf = Shelf::EMPTY);
        drop(shelves);
        self.news.send_replace(());
    }

    /// Makes room for a profile whose session is made when somebody asks for it.
    #[cfg(unix)]
    pub(crate) fn expect(&self, profile: &str) {
        self.shelves().of.entry(profile.to_owned()).or_insert(Shelf::EMPTY);
    }

    /// Ends the thread that makes credentials.
    pub(crate) fn end(&self) {
        // It has ended already.
        let _ = self.orders.send(Order::End);
    }

    fn shelves(&self) -> MutexGuard<'_, Shelves> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `orders`: whether a new session may be ordered, which each client does once.
    fn look(&self, profile: &str, orders: bool) -> Look {
        let now = self.clock.now();
        let mut shelves = self.shelves();
        let Some(shelf) = shelves.of.get_mut(profile) else {
            return Look::Refused(Unavailable { message: format!("{profile} is not served here") });
        };
        let stock = shelf.stock.as_ref();
        let lasting = stock.filter(|stock| stock.served.expires.is_none_or(|end| end > now));
        let is_new = |stock: &&Stock| stock.renewed_from.is_none_or(|from| from > now);
        if let Some(stock) = lasting.filter(is_new) {
            return Look::Served(stock.served.clone());
        }
        let is_safe =
            |stock: &&Stock| stock.served.expires.is_none_or(|end| end - now > stock.brink());
        let (safe, old) = (lasting.filter(is_safe), lasting.map(|stock| stock.served.clone()));
        let is_due = match &shelf.renewal {
            Renewal::Idle => true,
            Renewal::Ordered => false,
            Renewal::Failed(setback) if !orders || setback.until > now => {
                return match old {
                    Some(old) => Look::Served(old),
                    None => Look::Refused(setback.why.clone()),
                };
            }
            Renewal::Failed(_) => true,
        };
        let look = match safe {
            Some(stock) => Look::Served(stock.served.clone()),
            None => Look::Wait(old),
        };
        if is_due {
            shelf.renewal = Renewal::Ordered;
            let ordered = self.orders.send(Order::Renew(profile.to_owned()));
            if ordered.is_err() {
                return Look::Refused(Unavailable { message: "the server is ending".to_owned() });
            }
        }
        look
    }
}

#[cfg(unix)]
impl Shelf {
    const EMPTY: Self = Self { stock: None, renewal: Renewal::Idle };
}

impl Stock {
    fn brink(&self) -> TimeDelta {
        let early = self.served.expires.zip(self.renewed_from).map(|(end, from)| end - from);
        early.map_or(TimeDelta::zero(), |early| (early / 5).min(BRINK))
    }
}

impl Backend for Desk {
    async fn credentials(&self, profile: &str) -> Result<Served, Unavailable> {
        let until = Instant::now() + PATIENCE;
        let mut news = self.news.subscribe();
        let mut orders = true;
        loop {
            news.mark_unchanged();
            let old = match self.look(profile, std::mem::take(&mut orders)) {
                Look::Served(served) => return Ok(served),
                Look::Refused(why) => return Err(why),
                Look::Wait(old) => old,
            };
            if timeout_at(until, news.changed()).await.is_err() {
                let message = format!("the session of {profile} is being made anew");
                return old.ok_or(Unavailable { message });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::credentials::Secret;
    use crate::ports::Clock;

    /// The time, which sleeping moves.
    struct FakeClock(Mutex<DateTime<Utc>>);

    impl Default for FakeClock {
        fn default() -> Self {
            Self(Mutex::new(DateTime::UNIX_EPOCH))
        }
    }

    impl Clock for FakeClock {
        fn now(&self) -> DateTime<Utc> {
            *self.0.lock().unwrap()
        }

        fn sleep(&self, duration: Duration) {
            *self.0.lock().unwrap() += TimeDelta::from_std(duration).unwrap();
        }
    }

    fn stock(name: &str, now: DateTime<Utc>, seconds: i64) -> Stock {
        let end = now + TimeDelta::seconds(seconds);
        let served = Served { document: Secret::new(name), expires: Some(end) };
        Stock { served, renewed_from: Some(end - TimeDelta::seconds(seconds / 4)) }
    }

    fn answer(desk: &Desk) -> Result<String, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let asked = runtime.block_on(desk.credentials("p"));
        asked.map(|served| served.document.expose().to_owned()).map_err(|why| why.message)
    }

    #[test]
    fn the_old_session_is_handed_over_until_the_new_one_is_there_and_never_after_its_end() {
        let clock = Arc::new(FakeClock::default());
        let (desk, orders) = Desk::new(clock.clone());
        assert_eq!(answer(&desk).unwrap_err(), "p is not served here");
        desk.put("p", stock("a", clock.now(), 60));
        let ordered = || orders.try_iter().count();
        for (docs, later, expected, renewals) in [
            ("new", 44, Ok("a"), 0),
            ("its last quarter", 2, Ok("a"), 1),
            ("nobody orders twice", 5, Ok("a"), 0),
            ("to its end", 8, Ok("a"), 0),
            ("it is over", 1, Err("the session of p is being made anew"), 0),
        ] {
            clock.sleep(Duration::from_secs(later));
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!((answer(&desk), ordered()), (expected, renewals), "{docs}");
        }
        desk.put("p", stock("b", clock.now(), 60));
        assert_eq!(answer(&desk).unwrap(), "b");
    }

    #[cfg(unix)]
    #[test]
    fn what_was_made_for_the_files_before_is_not_handed_over() {
        let clock = Arc::new(FakeClock::default());
        let (desk, orders) = Desk::new(clock.clone());
        desk.put("p", stock("a", clock.now(), 60));
        desk.recall();
        let anew = "the session of p is being made anew";
        assert_eq!(answer(&desk).unwrap_err(), anew);
        // It was on its way.
        desk.put("p", stock("a", clock.now(), 60));
        assert_eq!(answer(&desk).unwrap_err(), anew);
        assert_eq!(
            orders.try_iter().collect::<Vec<_>>(),
            [Order::ReadAnew, Order::Renew("p".into())]
        );
        desk.begin_anew();
        // What was ordered may be lost, and is ordered once more.
        assert_eq!(answer(&desk).unwrap_err(), anew);
        assert_eq!(orders.try_iter().collect::<Vec<_>>(), [Order::Renew("p".into())]);
        desk.put("p", stock("b", clock.now(), 60));
        assert_eq!(answer(&desk).unwrap(), "b");
    }

    #[test]
    fn what_failed_is_tried_again_later() {
        let clock = Arc::new(FakeClock::default());
        let (desk, orders) = Desk::new(clock.clone());
        desk.put("p", stock("a", clock.now(), 60));
        let ordered = || orders.try_iter().count();
        let pass = |seconds| clock.sleep(Duration::from_secs(seconds));
        let put_off = |seconds| {
            let until = clock.now() + TimeDelta::seconds(seconds);
            desk.put_off("p", Setback { why: Unavailable { message: "no".into() }, until });
        };
        pass(50);
        assert_eq!((answer(&desk).unwrap(), ordered()), ("a".to_owned(), 1));
        put_off(5);
        assert_eq!((answer(&desk).unwrap(), ordered()), ("a".to_owned(), 0), "not yet");
        pass(5);
        assert_eq!((answer(&desk).unwrap(), ordered()), ("a".to_owned(), 1), "again");
        put_off(30);
        pass(6);
        assert_eq!((answer(&desk).unwrap_err(), ordered()), ("no".to_owned(), 0), "it is over");
        pass(30);
        assert!(answer(&desk).is_err());
        assert_eq!(ordered(), 1);
    }

    #[test]
    fn who_waits_gets_the_new_session() {
        let clock = Arc::new(FakeClock::default());
        let (desk, orders) = Desk::new(clock.clone());
        desk.put("p", stock("a", clock.now(), 60));
        clock.sleep(Duration::from_secs(61));
        std::thread::scope(|scope| {
            let asked: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        let runtime = tokio::runtime::Builder::new_current_thread()
                            .enable_all()
                            .build()
                            .unwrap();
                        let served = runtime.block_on(desk.credentials("p"));
                        served.map(|served| served.document.expose().to_owned())
                    })
                })
                .collect();
            assert_eq!(orders.recv().unwrap(), Order::Renew("p".into()));
            desk.put("p", stock("b", clock.now(), 60));
            for one in asked {
                assert_eq!(one.join().unwrap().unwrap(), "b");
            }
        });
        assert_eq!(orders.try_iter().count(), 0, "one order for all");
    }
}
