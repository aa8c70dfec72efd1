//! Run after run against a portal that lists what it is told to.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use super::*;
use crate::credentials::testing::sso_login;
use crate::ports::SourceOf;

/// Time goes by as the portal is asked.
struct Ticking(Cell<DateTime<Utc>>);

impl Clock for Ticking {
    fn now(&self) -> DateTime<Utc> {
        self.0.get()
    }

    fn sleep(&self, duration: Duration) {
        self.0.set(self.0.get() + duration);
    }
}

/// Lists accounts `a`, `b`, … with one role each.
struct FakePortal<'a> {
    clock: &'a Ticking,
    accounts: RefCell<Vec<&'static str>>,
    /// The account that fails, and the one at which the run ends
    fails: Cell<&'static str>,
    stops: Cell<&'static str>,
    asked: RefCell<Vec<String>>,
    /// Looks at what is kept when an account is asked for
    look: &'a dyn Fn(&str),
}

impl<'a> FakePortal<'a> {
    fn new(clock: &'a Ticking, accounts: &[&'static str]) -> Self {
        Self {
            clock,
            accounts: RefCell::new(accounts.to_vec()),
            fails: Cell::new(""),
            stops: Cell::new(""),
            asked: RefCell::default(),
            look: &|_| (),
        }
    }
}

fn error() -> CallError {
    CallError::Source { of: SourceOf::Machine, origin: "portal".into(), cause: "failed".into() }
}

impl Portal for FakePortal<'_> {
    fn accounts(&self, _: &SsoLogin, _: &Secret) -> Result<Vec<Account>, CallError> {
        let account = |id: &&str| Account {
            account_id: (*id).to_owned(),
            account_name: format!("account {id}"),
            email: String::new(),
        };
        Ok(self.accounts.borrow().iter().rev().map(account).collect())
    }

    fn roles(
        &self,
        _: &SsoLogin,
        _: &Secret,
        accounts: &[String],
        tell: &mut dyn FnMut(PortalEvent),
    ) -> Result<(), CallError> {
        for id in accounts {
            (self.look)(id);
            self.asked.borrow_mut().push(id.clone());
            if self.stops.get() == id {
                return Err(error());
            }
            let outcome = match self.fails.get() == id {
                true => Err(error()),
                false => Ok(vec![format!("role of {id}")]),
            };
            tell(PortalEvent::Roles { account_id: id.clone(), outcome });
            self.clock.sleep(Duration::from_millis(700));
            tell(PortalEvent::SecondPassed);
        }
        Ok(())
    }
}

/// A listing of one login that tells nobody of its progress.
fn listing<'a>(
    portal: &'a FakePortal<'a>,
    state: Option<&'a StateDir>,
    login: &'a SsoLogin,
    token: &'a Secret,
) -> RoleListing<'a> {
    let clock = portal.clock;
    RoleListing { portal, state, clock, login, token, refresh: false, progress: &|_| () }
}

/// Whether every account's roles are known and no older than they may be.
fn is_complete(found: &Organization) -> bool {
    found.stopped.is_none() && found.accounts.iter().all(|account| account.problem.is_none())
}

/// What is asked for in run after run on one state directory.
#[test]
fn only_new_and_old_accounts_are_listed() {
    let root = tempfile::tempdir().unwrap();
    let state = StateDir::at(root.path());
    let clock = Ticking(Cell::new(DateTime::UNIX_EPOCH));
    let portal = FakePortal::new(&clock, &[]);
    let login = sso_login();
    let token = Secret::new("t");
    struct Run {
        docs: &'static str,
        hours: u64,
        accounts: &'static [&'static str],
        fails: &'static str,
        stops: &'static str,
        refresh: bool,
        only: Option<&'static str>,
        asked: &'static [&'static str],
        outcome: &'static str,
    }
    let run = Run {
        docs: "",
        hours: 1,
        accounts: &["a", "b", "c"],
        fails: "",
        stops: "",
        refresh: false,
        only: None,
        asked: &[],
        outcome: "",
    };
    for run in [
        Run {
            docs: "one fails",
            fails: "b",
            asked: &["a", "b", "c"],
            outcome: "a=ok b=none/failed c=ok",
            ..run
        },
        Run { docs: "the failed one alone", asked: &["b"], outcome: "a=ok b=ok c=ok", ..run },
        Run { docs: "nothing to do", outcome: "a=ok b=ok c=ok", ..run },
        Run {
            docs: "a new account; one is gone",
            accounts: &["b", "c", "d"],
            asked: &["d"],
            outcome: "b=ok c=ok d=ok",
            ..run
        },
        Run {
            docs: "it was forgotten",
            accounts: &["a", "b", "c", "d"],
            asked: &["a"],
            outcome: "a=ok b=ok c=ok d=ok",
            ..run
        },
        Run {
            docs: "one account only, by its name",
            refresh: true,
            only: Some("account b"),
            asked: &["b"],
            outcome: "b=ok",
            ..run
        },
        Run {
            docs: "all are old, and the run ends early",
            hours: 30,
            stops: "b",
            asked: &["a", "b"],
            outcome: "a=ok b=ok/not reached c=ok/not reached stopped",
            ..run
        },
        Run { docs: "it goes on", asked: &["b", "c"], outcome: "a=ok b=ok c=ok", ..run },
        Run {
            docs: "all of them",
            refresh: true,
            asked: &["a", "b", "c"],
            outcome: "a=ok b=ok c=ok",
            ..run
        },
    ] {
        clock.sleep(Duration::from_secs(run.hours * 3600));
        *portal.accounts.borrow_mut() = run.accounts.to_vec();
        portal.fails.set(run.fails);
        portal.stops.set(run.stops);
        portal.asked.borrow_mut().clear();
        let listing =
            RoleListing { refresh: run.refresh, ..listing(&portal, Some(&state), &login, &token) };
        let found = listing
            .list(&|account| run.only.is_none_or(|only| only == account.account_name))
            .unwrap();
        assert_eq!(*portal.asked.borrow(), run.asked, "{}", run.docs);
        let mut outcome: Vec<String> = found
            .accounts
            .iter()
            .map(|account| {
                let known = if account.known.is_some() { "ok" } else { "none" };
                let problem = match &account.problem {
                    Some(Problem::Failed(_)) => "/failed",
                    Some(Problem::NotReached) => "/not reached",
                    None => "",
                };
                format!("{}={known}{problem}", account.account.account_id)
            })
            .collect();
        outcome.extend(found.stopped.is_some().then(|| "stopped".to_owned()));
        assert_eq!(outcome.join(" "), run.outcome, "{}", run.docs);
        assert_eq!(is_complete(&found), !run.outcome.contains(['/', 't']), "{}", run.docs);
        assert!(found.not_kept.is_none());
    }
}

/// Whatever ends the process, at most the last second is lost.
#[test]
fn results_are_kept_while_they_come_in() {
    let root = tempfile::tempdir().unwrap();
    let state = StateDir::at(root.path());
    let clock = Ticking(Cell::new(DateTime::UNIX_EPOCH));
    let login = sso_login();
    let key = kept::key(&login);
    let kept = RefCell::new(Vec::new());
    let portal = FakePortal {
        look: &|_| {
            kept.borrow_mut().push(KeptRoles::read(Some(&state), &key).unwrap().accounts.len())
        },
        ..FakePortal::new(&clock, &["a", "b", "c", "d", "e"])
    };
    let token = Secret::new("t");
    let steps = Cell::new(0);
    let progress = |_| steps.set(steps.get() + 1);
    let listing =
        RoleListing { progress: &progress, ..listing(&portal, Some(&state), &login, &token) };
    listing.list(&|_| true).unwrap();
    assert_eq!(*kept.borrow(), [0, 0, 2, 2, 4], "0.7 s go by for each");
    assert_eq!(KeptRoles::read(Some(&state), &key).unwrap().accounts.len(), 5);
    assert_eq!(steps.get(), 6);
}

#[test]
fn listing_needs_no_place_to_keep_it() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    std::fs::write(&file, "").unwrap();
    let clock = Ticking(Cell::new(DateTime::UNIX_EPOCH));
    let login = sso_login();
    let portal = FakePortal::new(&clock, &["a"]);
    let token = Secret::new("t");
    let nowhere = StateDir::at(&file.join("state"));
    for (docs, state, complains) in
        [("nowhere", None, false), ("not writable", Some(&nowhere), true)]
    {
        let found = listing(&portal, state, &login, &token).list(&|_| true).unwrap();
        assert!(found.accounts[0].known.is_some(), "{docs}");
        assert_eq!(found.not_kept.is_some(), complains, "{docs}");
    }
}
