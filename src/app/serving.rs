//! Serves credentials to programs of this machine: they are made here, on the thread that has the vault, the files
//! and the way to AWS, whenever somebody asks at the [`Desk`] and a session nears its end. Who asks for nothing
//! costs no call.
//!
//! What needs a person is said once for each end, and waits for `awsx renew`, which anybody runs who has the vault.

mod desk;
mod waiting;
#[cfg(unix)]
mod watched;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use chrono::{DateTime, TimeDelta, Utc};

use super::guard::Passed;
use super::login::login_header;
use super::mint::{make_session, mint};
use super::{App, MayAsk};
use crate::credentials::{Expiration, LiveCredentials, Margin};
use crate::deliver;
use crate::host::callers::own_pid;
use crate::host::process::runner;
use crate::report::failure::{Failure, Kind, word};
#[cfg(unix)]
use crate::report::output::write_line;
use crate::server::{Unavailable, document};
use crate::state::StateDir;
#[cfg(unix)]
use crate::text::printable;
use crate::vault::session_header;
pub(crate) use desk::Desk;
use desk::{Order, Setback, Stock};
use waiting::Left;
pub(crate) use waiting::Waiting;
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

/// The person who can renew what awsx cannot.
pub(crate) struct Audience {
    /// What `awsx renew` has to ask for: the profile, where there is one, and the flags of `awsx exec`
    pub profile: Option<String>,
    pub flags: Vec<String>,
    /// Shows a line where the command runs
    pub tell: Box<dyn Fn(&str)>,
}

impl Audience {
    /// Who sits where awsx itself runs.
    #[cfg(unix)]
    pub(crate) fn of_profile(name: &str, flags: Vec<String>) -> Self {
        let tell = Box::new(|line: &str| write_line(&format!("awsx: {}", printable(line))));
        Self { profile: Some(name.to_owned()), flags, tell }
    }
}

struct Profile {
    plan: Passed,
    audience: Audience,
    /// When the session that is handed over ends
    ends: Option<DateTime<Utc>>,
    /// Renewals that failed, one after the other
    failures: i32,
    need: Option<Need>,
}

/// A renewal that waits for a person.
struct Need {
    why: Unavailable,
    /// What the vault had
    seen: Seen,
    /// When it is tried anew although the vault has nothing new
    retry_at: DateTime<Utc>,
    _left: Option<Left>,
}

/// When the sessions of a plan were made, and its login: what a person renews changes it.
type Seen = Vec<Option<DateTime<Utc>>>;

impl<'a> Serving<'a> {
    pub(crate) fn new(app: &'a App) -> Self {
        let (desk, orders) = Desk::new(app.clock());
        Self { app, desk: Arc::new(desk), orders, profiles: HashMap::new() }
    }

    /// Goes on with no profile yet.
    #[cfg(unix)]
    pub(crate) fn again(app: &'a App, Orders(desk, orders): Orders) -> Self {
        desk.begin_anew();
        Self { app, desk, orders, profiles: HashMap::new() }
    }

    /// Serves what a plan leads to, from when somebody asks for it.
    #[cfg(unix)]
    pub(crate) fn expect(&mut self, name: &str, plan: Passed, audience: Audience) {
        self.desk.expect(name);
        let plan = plan.for_renewal();
        let profile = Profile { plan, audience, ends: None, failures: 0, need: None };
        self.profiles.insert(name.to_owned(), profile);
    }

    /// Refuses what cannot be served any more, until the files change again.
    #[cfg(unix)]
    pub(crate) fn refuse(&self, name: &str, failure: &Failure) {
        let until = DateTime::<Utc>::MAX_UTC;
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
        audience: Audience,
    ) -> Result<(), Failure> {
        let plan = plan.for_renewal();
        self.desk.put(name, stock(self.app, &plan, live)?);
        let ends = live.expiration().at();
        let profile = Profile { plan, audience, ends, failures: 0, need: None };
        self.profiles.insert(name.to_owned(), profile);
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
        let now = app.now();
        if let Some(need) = &profile.need
            && need.retry_at > now
            && need.seen == times_of(app, &profile.plan)
        {
            return desk.put_off(name, Setback { why: need.why.clone(), until: now });
        }
        let made = mint(app, &profile.plan, None, MayAsk::Nobody)
            .and_then(|live| Ok((stock(app, &profile.plan, &live)?, live.expiration().at())));
        match made {
            Ok((stock, ends)) => {
                (profile.ends, profile.failures, profile.need) = (ends, 0, None);
                desk.put(name, stock);
            }
            Err(failure) if failure.kind() == Kind::InputNeeded => {
                profile.wait_for_person(app, name, &failure);
                let why = profile.need.as_ref().map(|need| need.why.clone());
                let why = why.unwrap_or_else(|| unavailable(&failure));
                desk.put_off(name, Setback { why, until: now });
            }
            Err(failure) => {
                let pause = LONGEST_PAUSE.min(SHORTEST_PAUSE * (1 << profile.failures.min(5)));
                profile.failures += 1;
                desk.put_off(name, Setback { why: unavailable(&failure), until: now + pause });
            }
        }
    }
}

impl Profile {
    /// Says once what a person has to do, and leaves it for `awsx renew`.
    fn wait_for_person(&mut self, app: &App, name: &str, failure: &Failure) {
        let (now, seen) = (app.now(), times_of(app, &self.plan));
        let retry_at = now + LONGEST_PAUSE;
        if let Some(need) = &mut self.need {
            (need.seen, need.retry_at) = (seen, retry_at);
            return;
        }
        let is_shared = app.vault().is_ok_and(|vault| vault.durable().is_some());
        let command = format!("awsx renew {}", word(name));
        let what_helps = match is_shared {
            true => format!("`{command}` in any terminal makes a new one"),
            // What another awsx makes stays there.
            false => "start the command again, as the vault is in memory alone".to_owned(),
        };
        let line = match self.ends.filter(|end| *end > now) {
            Some(end) => format!("the session of {name} ends {}: {what_helps}", app.until(end)),
            None => format!("the session of {name} is over: {what_helps}"),
        };
        let message =
            format!("the session of {name} is over: {what_helps} ({})", failure.message());
        let left = is_shared.then(|| self.leave(app, name)).flatten();
        self.need = Some(Need { why: Unavailable { message }, seen, retry_at, _left: left });
        (self.audience.tell)(&line);
        notify(app, name, &line, &command);
    }

    fn leave(&self, app: &App, name: &str) -> Option<Left> {
        let Audience { profile, flags, .. } = &self.audience;
        let waiting = Waiting {
            version: 1,
            name: name.to_owned(),
            profile: profile.clone(),
            flags: flags.clone(),
            pid: own_pid(),
            ends_at: self.ends,
        };
        // Where nothing can be written, `awsx renew PROFILE` still helps.
        waiting.leave(&StateDir::from_env(&app.env).ok()?).ok()
    }
}

/// Runs `notify_command`, and waits for nothing of it; whether there is one.
pub(crate) fn notify(app: &App, name: &str, line: &str, command: &str) -> bool {
    let Some(notify) = app.preferences().ok().and_then(|own| own.notify_command()) else {
        return false;
    };
    let withheld = deliver::withhold_credentials(&app.env);
    let env = app.env.without(withheld.iter().map(|(name, _)| name)).with([
        ("AWSX_NOTIFY_PROFILE", name),
        ("AWSX_NOTIFY_MESSAGE", line),
        ("AWSX_NOTIFY_COMMAND", command),
    ]);
    let (run, notify) = (runner(&env, &deliver::SECRETS_OF_AWSX), notify.to_owned());
    // What it says is for nobody.
    std::thread::spawn(move || drop(run(&notify, &[])));
    true
}

/// What the vault has of a plan.
fn times_of(app: &App, plan: &Passed) -> Seen {
    let Ok(vault) = app.vault() else { return Vec::new() };
    let sessions = plan.sessions().map(|(key, _)| Some(session_header(vault, &key)?.minted_at));
    let login = login_header(app, plan).ok().flatten().map(|header| header.refreshed_at);
    sessions.chain([login]).collect()
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
    Ok(Stock { served, renewed_from: renewal_time(app, plan, live) })
}

/// From when on any awsx that has the same vault makes a new session; none where it does not end.
pub(crate) fn renewal_time(
    app: &App,
    plan: &Passed,
    live: &LiveCredentials,
) -> Option<DateTime<Utc>> {
    let end = live.expiration().at()?;
    let began = || {
        let header = session_header(app.vault().ok()?, &plan.key_of_kept()?)?;
        (header.expires_at == end).then_some(header.minted_at)
    };
    let whole = (end - began().unwrap_or_else(|| app.now())).to_std().unwrap_or_default();
    Some(end - TimeDelta::from_std(Margin::DELIVERY.of(whole)).unwrap_or_default())
}

/// What waits for a person; what nobody waits for any more is swept.
pub(crate) fn find_waiting(app: &App) -> Result<Vec<Waiting>, Failure> {
    Ok(Waiting::all(&StateDir::from_env(&app.env)?)?)
}

/// Makes the session of a plan with the person, for whoever serves it; when it ends. It is handed to nobody here.
pub(crate) fn renew(app: &App, plan: Passed) -> Result<Expiration, Failure> {
    make_session(app, &plan.for_renewal(), None, MayAsk::Person)
}
