//! Accounts and roles, as the access portal lists them: many requests, several at once, each of
//! which waits for its turn ([`super::pace`]). Neither call is signed: the access token proves who
//! asks.
//!
//! The SDK's own retries are off, because they would not wait for a turn. Throttling is part of the
//! work and costs a request nothing; other transient failures are tried again twice.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use aws_sdk_sso::Client;
use aws_sdk_sso::config::{Builder, Config, Region};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::attempt::{OneUse, Seen, Witness};
use super::client::Aws;
use super::error::{call_error, no_answer, throttling};
use super::pace::Pace;
use super::proxy::Proxies;
use super::sso::{is_refused_token, needs_login};
use crate::credentials::{Secret, SsoLogin};
use crate::ports::{Account, CallError, Portal, PortalEvent, catch};

const LIST_ACCOUNTS: &str = "sso:ListAccounts";
const LIST_ACCOUNT_ROLES: &str = "sso:ListAccountRoles";

/// `max_result`: the most that AWS gives on one page.
const PAGE: i32 = 100;
/// Requests under way. With 50 ms for each that is enough for 300 per second.
const AT_ONCE: usize = 16;
/// How often a request is sent that meets faults other than throttling.
const ATTEMPTS: u32 = 3;
/// Gives up after this many lists in a row without an answer.
const UNANSWERED_IN_A_ROW: u32 = 4;
/// Gives up where AWS asks to wait longer; the error says how long.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const SECOND: Duration = Duration::from_secs(1);

impl Portal for Aws {
    fn accounts(&self, login: &SsoLogin, token: &Secret) -> Result<Vec<Account>, CallError> {
        let mut accounts = Ok(Vec::new());
        self.list(login, token, vec![()], request_accounts, &mut |event| {
            if let Event::Done((), outcome) = event {
                accounts = outcome;
            }
        })?;
        accounts.map(|accounts| each_once(accounts, |account| account.account_id.clone()))
    }

    fn roles(
        &self,
        login: &SsoLogin,
        token: &Secret,
        accounts: &[String],
        tell: &mut dyn FnMut(PortalEvent),
    ) -> Result<(), CallError> {
        self.list(login, token, accounts.to_vec(), request_roles, &mut |event| {
            tell(match event {
                Event::Done(account_id, outcome) => PortalEvent::Roles {
                    account_id,
                    outcome: outcome.map(|roles| each_once(roles, String::clone)),
                },
                Event::Throttled => PortalEvent::Throttled,
                Event::SecondPassed => PortalEvent::SecondPassed,
            });
        })
    }
}

/// What is listed while pages are turned may be on two of them.
fn each_once<T>(mut items: Vec<T>, id: impl Fn(&T) -> String) -> Vec<T> {
    let mut seen = HashSet::new();
    items.retain(|item| seen.insert(id(item)));
    items
}

/// What comes in while lists are asked for.
enum Event<Of, T> {
    /// One that is done
    Done(Of, Result<Vec<T>, CallError>),
    Throttled,
    SecondPassed,
}

impl Aws {
    /// Asks for the lists of all of these, page by page, and tells each that is done. Fails with what
    /// would stop every other request too.
    fn list<Of, T, F>(
        &self,
        login: &SsoLogin,
        token: &Secret,
        of: Vec<Of>,
        request: impl Fn(Request, Of) -> F,
        tell: &mut dyn FnMut(Event<Of, T>),
    ) -> Result<(), CallError>
    where
        Of: Clone + Send + 'static,
        T: Send + 'static,
        F: Future<Output = Outcome<T>> + Send + 'static,
    {
        let live = self.live()?;
        let config = Config::builder()
            .region(Region::new(login.region.clone()))
            .retry_config(RetryConfig::disabled());
        let now = Instant::now();
        let mut pace = self.pace.lock().expect("nothing panics while it holds the lock");
        let (began, pace) = pace.get_or_insert_with(|| (now, Pace::new()));
        let list = |of| List {
            of,
            items: Vec::new(),
            next_token: None,
            sent: 0,
            attempts: 0,
            not_before: now,
        };
        let mut listing = Listing {
            began: *began,
            pace,
            queue: of.into_iter().map(list).collect(),
            under_way: JoinSet::new(),
            unanswered: 0,
            pause: self.bounds.first_pause,
        };
        let send = |list: &List<Of, T>| {
            let (client, config, token) = (live.sso.clone(), config.clone(), token.clone());
            let (next_token, proxies) = (list.next_token.clone(), live.proxies.clone());
            request(Request { client, config, token, next_token, proxies }, list.of.clone())
        };
        let outcome = catch(|| live.executor.block_on(listing.run(send, tell)));
        let outcome = outcome
            .unwrap_or_else(|place| Err(CallError::Bug { call: "the access portal", place }));
        outcome.map_err(|error| needs_login(error, login))
    }
}

/// A list with the pages that have come so far.
struct List<Of, T> {
    of: Of,
    items: Vec<T>,
    next_token: Option<String>,
    /// Requests for the page that is wanted now, throttled ones included
    sent: u32,
    /// Those of them that met a fault other than throttling
    attempts: u32,
    /// When it may be asked for again
    not_before: Instant,
}

/// What came of one request: a page with the token of the next one, or none.
enum Outcome<T> {
    Page(Vec<T>, Option<String>),
    /// With the wait that AWS states
    Throttled(Option<Duration>, CallError),
    Failed(CallError),
}

/// A run over many lists.
struct Listing<'a, Of, T> {
    began: Instant,
    pace: &'a mut Pace,
    queue: VecDeque<List<Of, T>>,
    /// Each with when its request was sent
    under_way: JoinSet<(List<Of, T>, Instant, Outcome<T>)>,
    /// Lists in a row without an answer
    unanswered: u32,
    /// Before a request that met a fault is sent again
    pause: Duration,
}

impl<Of: Send + 'static, T: Send + 'static> Listing<'_, Of, T> {
    async fn run<F>(
        &mut self,
        send: impl Fn(&List<Of, T>) -> F,
        tell: &mut dyn FnMut(Event<Of, T>),
    ) -> Result<(), CallError>
    where
        F: Future<Output = Outcome<T>> + Send + 'static,
    {
        let mut tick = Instant::now() + SECOND;
        while !(self.queue.is_empty() && self.under_way.is_empty()) {
            let now = Instant::now();
            if now >= tick {
                tell(Event::SecondPassed);
                tick = now + SECOND;
            }
            let due = self.due();
            if due.is_some_and(|due| due <= now)
                && let Some(list) = self.next(now)
            {
                self.pace.record_request(self.seconds(now));
                let answer = send(&list);
                self.under_way.spawn(async move { (list, Instant::now(), answer.await) });
                continue;
            }
            let wake = due.unwrap_or(tick).min(tick);
            if self.under_way.is_empty() {
                tokio::time::sleep_until(wake).await;
            } else if let Ok(Some(returned)) =
                tokio::time::timeout_at(wake, self.under_way.join_next()).await
            {
                let (list, sent_at, outcome) = returned.map_err(|error| CallError::Bug {
                    call: "the access portal",
                    place: error.to_string(),
                })?;
                self.take(list, sent_at, outcome, tell)?;
            }
        }
        Ok(())
    }

    fn seconds(&self, at: Instant) -> f64 {
        at.saturating_duration_since(self.began).as_secs_f64()
    }

    /// When the next request is to be sent; never while enough are under way.
    fn due(&self) -> Option<Instant> {
        if self.under_way.len() >= AT_ONCE {
            return None;
        }
        let turn = self.began + Duration::from_secs_f64(self.pace.due.max(0.0));
        let ready = self.queue.iter().map(|list| list.not_before).min()?;
        Some(turn.max(ready))
    }

    fn next(&mut self, now: Instant) -> Option<List<Of, T>> {
        let at = self.queue.iter().position(|list| list.not_before <= now)?;
        self.queue.remove(at)
    }

    fn take(
        &mut self,
        mut list: List<Of, T>,
        sent_at: Instant,
        outcome: Outcome<T>,
        tell: &mut dyn FnMut(Event<Of, T>),
    ) -> Result<(), CallError> {
        let now = Instant::now();
        let (seconds, sent) = (self.seconds(now), self.seconds(sent_at));
        list.sent += 1;
        match outcome {
            Outcome::Page(items, next_token) => {
                self.pace.record_answer(seconds);
                self.unanswered = 0;
                list.items.extend(items);
                match next_token {
                    Some(_) => {
                        self.queue.push_front(List { next_token, sent: 0, attempts: 0, ..list });
                    }
                    None => tell(Event::Done(list.of, Ok(list.items))),
                }
            }
            Outcome::Throttled(Some(wait), error) if wait > LONGEST_WAIT => {
                return Err(with_attempts(list.sent, error));
            }
            Outcome::Throttled(retry_after, error) => {
                let wait = retry_after.map(|wait| wait.as_secs_f64());
                self.pace.record_throttling(seconds, sent, wait);
                if self.pace.is_hopeless() {
                    return Err(with_attempts(list.sent, error));
                }
                self.queue.push_front(list);
                tell(Event::Throttled);
            }
            Outcome::Failed(error @ CallError::Unreachable { .. }) => {
                list.attempts += 1;
                if list.attempts < ATTEMPTS {
                    list.not_before = now + self.pause * list.attempts;
                    // At once after its pause: where AWS is out of reach, that shows early.
                    self.queue.push_front(list);
                    return Ok(());
                }
                self.unanswered += 1;
                let error = with_attempts(list.sent, error);
                if self.unanswered >= UNANSWERED_IN_A_ROW {
                    return Err(error);
                }
                tell(Event::Done(list.of, Err(error)));
            }
            Outcome::Failed(error @ CallError::Refused { .. }) if !is_refused_token(&error) => {
                self.pace.record_answer(seconds);
                self.unanswered = 0;
                tell(Event::Done(list.of, Err(error)));
            }
            // The token, or what decides how every call is made.
            Outcome::Failed(error) => return Err(error),
        }
        Ok(())
    }
}

/// The same, with how often the page was asked for.
fn with_attempts(sent: u32, error: CallError) -> CallError {
    match error {
        CallError::Unreachable { call, endpoint, cause, .. } => {
            CallError::Unreachable { call, endpoint, attempts: sent, cause }
        }
        other => other,
    }
}

/// What every request for a page needs.
struct Request {
    client: Client,
    config: Builder,
    token: Secret,
    next_token: Option<String>,
    proxies: Proxies,
}

async fn request_accounts(request: Request, (): ()) -> Outcome<Account> {
    let Request { client, config, token, next_token, proxies } = request;
    let witness = Witness::new(LIST_ACCOUNTS, proxies);
    let answer = client
        .list_accounts()
        .max_results(PAGE)
        .set_next_token(next_token.clone())
        .access_token(token.expose())
        .customize()
        .config_override(config)
        .interceptor(witness.clone())
        .send()
        .await;
    outcome(LIST_ACCOUNTS, answer, &witness.snapshot(), next_token, |answer| {
        let accounts = answer.account_list?.into_iter().map(|found| {
            Some(Account {
                account_id: found.account_id?,
                account_name: found.account_name.unwrap_or_default(),
                email: found.email_address.unwrap_or_default(),
            })
        });
        Some((accounts.collect::<Option<_>>()?, answer.next_token))
    })
}

async fn request_roles(request: Request, account_id: String) -> Outcome<String> {
    let Request { client, config, token, next_token, proxies } = request;
    let witness = Witness::new(LIST_ACCOUNT_ROLES, proxies);
    let answer = client
        .list_account_roles()
        .account_id(account_id)
        .max_results(PAGE)
        .set_next_token(next_token.clone())
        .access_token(token.expose())
        .customize()
        .config_override(config)
        .interceptor(witness.clone())
        .send()
        .await;
    outcome(LIST_ACCOUNT_ROLES, answer, &witness.snapshot(), next_token, |answer| {
        let roles = answer.role_list?.into_iter().map(|found| found.role_name);
        Some((roles.collect::<Option<_>>()?, answer.next_token))
    })
}

/// What came of a request for the page after `token`; `page` reads the answer.
fn outcome<A, E, T>(
    call: &'static str,
    answer: Result<A, SdkError<E, HttpResponse>>,
    seen: &Seen,
    token: Option<String>,
    page: impl FnOnce(A) -> Option<(Vec<T>, Option<String>)>,
) -> Outcome<T>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let faulty =
        |cause: &str| Outcome::Failed(no_answer(call, cause.into(), seen, OneUse::Nothing));
    match answer.map(page) {
        Ok(None) => faulty("the answer holds no complete list"),
        Ok(Some((items, next))) => match next.filter(|next| !next.is_empty()) {
            next if next.is_some() && next == token => faulty("the list does not end"),
            next => Outcome::Page(items, next),
        },
        Err(error) => {
            let said = call_error(call, &error, seen, OneUse::Nothing);
            match throttling(&error) {
                Some(retry_after) => Outcome::Throttled(retry_after, said),
                None => Outcome::Failed(said),
            }
        }
    }
}

#[cfg(test)]
mod tests;
