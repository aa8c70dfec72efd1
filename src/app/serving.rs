//! Serves credentials to programs of this machine: they are made here, on the thread that has the vault, the files
//! and the way to AWS, whenever somebody asks at the [`Desk`] and a session nears its end. Who asks for nothing
//! costs no call.

mod desk;
#[cfg(unix)]
mod watched;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use chrono::TimeDelta;

use super::guard::Passed;
use super::mint::mint;
use super::{App, MayAsk};
use crate::credentials::{LiveCredentials, Margin};
use crate::report::Failure;
use crate::report::failure::Kind;
use crate::server::{Unavailable, document};
use crate::vault::session_header;
pub(crate) use desk::Desk;
use desk::{Order, Setback, Stock};
#[cfg(unix)]
pub(crate) use watched::Watched;

/// How long a failed renewal is not tried again: at first, and at most
const SHORTEST_PAUSE: TimeDelta = TimeDelta::seconds(1);
const LONGEST_PAUSE: TimeDelta = TimeDelta::seconds(30);

/// Why a server makes nothing any more.
pub(crate) enum Ended {
    Closed,
    /// The files have changed
    #[cfg(unix)]
    Changed(Orders),
}

/// What goes on when the files have changed.
#[cfg(unix)]
pub(crate) struct Orders(Arc<Desk>, Receiver<Order>);

/// The profiles that are served, and the orders for them.
pub(crate) struct Serving<'a> {
    app: &'a App,
    desk: Arc<Desk>,
    orders: Receiver<Order>,
    profiles: HashMap<String, Profile>,
}

struct Profile {
    plan: Passed,
    /// Renewals that failed, one after the other
    failures: u32,
}

impl<'a> Serving<'a> {
    pub(crate) fn new(app: &'a App) -> Self {
        let (desk, orders) = Desk::new(app.clock.clone());
        Self { app, desk: Arc::new(desk), orders, profiles: HashMap::new() }
    }

    /// Goes on with no profile yet.
    #[cfg(unix)]
    pub(crate) fn again(app: &'a App, Orders(desk, orders): Orders) -> Self {
        Self { app, desk, orders, profiles: HashMap::new() }
    }

    /// Serves what a plan leads to, from when somebody asks for it.
    #[cfg(unix)]
    pub(crate) fn expect(&mut self, name: &str, plan: Passed) {
        self.desk.expect(name);
        let plan = plan.for_renewal();
        self.profiles.insert(name.to_owned(), Profile { plan, failures: 0 });
    }

    /// Refuses what cannot be served any more, until the files change again.
    #[cfg(unix)]
    pub(crate) fn refuse(&self, name: &str, failure: &Failure) {
        let until = chrono::DateTime::<chrono::Utc>::MAX_UTC;
        self.desk.put_off(name, Setback { why: unavailable(failure), until });
    }

    /// Where clients ask.
    pub(crate) fn desk(&self) -> Arc<Desk> {
        Arc::clone(&self.desk)
    }

    /// Serves what a plan leads to, under this name. `live`: its session now.
    pub(crate) fn add(
        &mut self,
        name: &str,
        plan: Passed,
        live: &LiveCredentials,
    ) -> Result<(), Failure> {
        let plan = plan.for_renewal();
        self.desk.put(name, stock(self.app, &plan, live)?);
        self.profiles.insert(name.to_owned(), Profile { plan, failures: 0 });
        Ok(())
    }

    /// Makes what is ordered, until the desk is closed. Nobody is asked for anything.
    pub(crate) fn run(mut self) -> Ended {
        self.app.leave_alone();
        loop {
            match self.orders.recv() {
                Ok(Order::Renew(name)) => self.renew(&name),
                #[cfg(unix)]
                Ok(Order::ReadAnew) => return Ended::Changed(Orders(self.desk, self.orders)),
                Ok(Order::End) | Err(_) => return Ended::Closed,
            }
        }
    }

    fn renew(&mut self, name: &str) {
        let (app, desk) = (self.app, &self.desk);
        let Some(profile) = self.profiles.get_mut(name) else { return };
        let made = mint(app, &profile.plan, None, MayAsk::Nobody)
            .and_then(|live| stock(app, &profile.plan, &live));
        match made {
            Ok(stock) => {
                profile.failures = 0;
                desk.put(name, stock);
            }
            Err(failure) => {
                let pause = LONGEST_PAUSE.min(SHORTEST_PAUSE * (1 << profile.failures.min(5)));
                profile.failures += 1;
                let until = app.now() + pause;
                desk.put_off(name, Setback { why: unavailable(&failure), until });
            }
        }
    }
}

fn unavailable(failure: &Failure) -> Unavailable {
    let hint = failure.hint().map(|hint| format!(" ({hint})")).unwrap_or_default();
    Unavailable { message: format!("{}{hint}", failure.message()) }
}

/// A session as it is handed over, and from when on it is renewed: as any awsx does that has the same vault.
fn stock(app: &App, plan: &Passed, live: &LiveCredentials) -> Result<Stock, Failure> {
    let served = document(live).map_err(|error| {
        Failure::say(format!("the answer is no JSON: {error}"), Kind::Unexpected.without_hint())
    })?;
    let ends = live.expiration().at();
    let now = app.now();
    let began = || {
        let header = session_header(app.vault().ok()?, &plan.key_of_kept()?)?;
        (Some(header.expires_at) == ends).then_some(header.minted_at)
    };
    let renewed_from = ends.map(|end| {
        let whole = (end - began().unwrap_or(now)).to_std().unwrap_or_default();
        end - TimeDelta::from_std(Margin::DELIVERY.of(whole)).unwrap_or_default()
    });
    Ok(Stock { served, renewed_from })
}
