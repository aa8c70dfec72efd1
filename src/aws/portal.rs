//! Accounts and roles, as the access portal lists them: many requests, several at once, each of
//! which waits for its turn ([`super::pace`]). Neither call is signed: the access token proves who
//! asks.
//!
//! The SDK's own retries are off, because they would not wait for a turn. Throttling is part of the
//! work and costs a request nothing; other transient failures are tried again twice.

use std::collections::VecDeque;
use std::sync::Mutex;
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
use super::error::{call_error, throttling, unanswered};
use super::pace::Pace;
use crate::credentials::{Secret, SsoLogin};
use crate::ports::{Account, CallError, Heard, Portal};

const LIST_ACCOUNTS: &str = "sso:ListAccounts";
const LIST_ACCOUNT_ROLES: &str = "sso:ListAccountRoles";

/// `max_result`: the most that AWS gives on one page.
const PAGE: i32 = 100;
/// Requests under way. With 50 ms for each that is enough for 300 per second.
const AT_ONCE: usize = 16;
/// How often a request is sent that meets faults other than throttling.
const ATTEMPTS: u32 = 3;
/// So many accounts in a row that AWS does not answer for, and the others would fare no better.
const UNANSWERED_IN_A_ROW: u32 = 4;
const SECOND: Duration = Duration::from_secs(1);

/// The pace of one client, from its first request on.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<Option<(Instant, Pace)>>);

impl Portal for Aws {
    fn accounts(&self, login: &SsoLogin, token: &Secret) -> Result<Vec<Account>, CallError> {
        let mut found = Vec::new();
        let mut failure = None;
        self.listed(login, token, vec![Question::Accounts], &mut |heard| match heard {
            Some((_, Ok(items))) => found = items,
            Some((_, Err(error))) => failure = Some(error),
            None => {}
        })?;
        match failure {
            Some(error) => Err(error),
            None => Ok(found.into_iter().filter_map(Item::account).collect()),
        }
    }

    fn roles(
        &self,
        login: &SsoLogin,
        token: &Secret,
        accounts: &[String],
        heard: &mut dyn FnMut(Heard),
    ) -> Result<(), CallError> {
        let questions = accounts.iter().cloned().map(Question::Roles).collect();
        self.listed(login, token, questions, &mut |event| {
            heard(match event {
                Some((Question::Roles(account_id), outcome)) => Heard::Roles {
                    account_id,
                    outcome: outcome
                        .map(|items| items.into_iter().filter_map(Item::role).collect()),
                },
                Some((Question::Accounts, _)) | None => Heard::Nothing,
            });
        })
    }
}

/// What is listed.
#[derive(Clone, Debug)]
enum Question {
    Accounts,
    Roles(String),
}

impl Question {
    fn call(&self) -> &'static str {
        match self {
            Self::Accounts => LIST_ACCOUNTS,
            Self::Roles(_) => LIST_ACCOUNT_ROLES,
        }
    }
}

/// An entry of a page.
#[derive(Debug)]
enum Item {
    Account(Account),
    Role(String),
}

impl Item {
    fn account(self) -> Option<Account> {
        if let Self::Account(account) = self { Some(account) } else { None }
    }

    fn role(self) -> Option<String> {
        if let Self::Role(name) = self { Some(name) } else { None }
    }
}

/// A question with the pages that it has so far.
#[derive(Debug)]
struct Work {
    question: Question,
    items: Vec<Item>,
    next_token: Option<String>,
    /// Requests for the page that is wanted now, throttled ones included
    sent: u32,
    /// Those of them that met a fault other than throttling
    attempts: u32,
    /// When it may be sent again
    not_before: Instant,
}

/// A page, and the token of the next one.
type Page = (Vec<Item>, Option<String>);

/// What came of one request.
enum Outcome {
    Page(Page),
    Throttled(Option<Duration>, CallError),
    Failed(CallError),
}

/// A request's work, when it was sent, and what came of it.
type Returned = (Work, Instant, Outcome);

/// What is told of a question; nothing where a second went by.
type Event = Option<(Question, Result<Vec<Item>, CallError>)>;

impl Aws {
    fn listed(
        &self,
        login: &SsoLogin,
        token: &Secret,
        questions: Vec<Question>,
        tell: &mut dyn FnMut(Event),
    ) -> Result<(), CallError> {
        let live = self.live()?;
        let here = Config::builder()
            .region(Region::new(login.region.clone()))
            .retry_config(RetryConfig::disabled());
        let now = Instant::now();
        let mut turns = self.turns.0.lock().expect("nothing panics while it holds the lock");
        let (began, pace) = turns.get_or_insert_with(|| (now, Pace::new()));
        let first = |question| Work {
            question,
            items: Vec::new(),
            next_token: None,
            sent: 0,
            attempts: 0,
            not_before: now,
        };
        let mut listing = Listing {
            began: *began,
            pace,
            queue: questions.into_iter().map(first).collect(),
            under_way: JoinSet::new(),
            unanswered: 0,
            pause: self.bounds.first_pause,
        };
        let send = |work| request(live.sso.clone(), here.clone(), token.clone(), work);
        let ended = live.executor.block_on(listing.run(send, tell));
        ended.map_err(|error| needs_login(error, login))
    }
}

/// A token that AWS does not accept is a login that is needed.
fn needs_login(error: CallError, login: &SsoLogin) -> CallError {
    match error {
        CallError::Refused { code, message, .. } if code == UNAUTHORIZED => {
            CallError::login_needed(
                login,
                format!("AWS does not accept the access token: {message}"),
            )
        }
        other => other,
    }
}

const UNAUTHORIZED: &str = "UnauthorizedException";

/// A run over many questions.
struct Listing<'a> {
    began: Instant,
    pace: &'a mut Pace,
    queue: VecDeque<Work>,
    under_way: JoinSet<Returned>,
    /// Questions in a row without an answer
    unanswered: u32,
    /// Before a request that met a fault is sent again
    pause: Duration,
}

impl Listing<'_> {
    async fn run<F>(
        &mut self,
        send: impl Fn(Work) -> F,
        tell: &mut dyn FnMut(Event),
    ) -> Result<(), CallError>
    where
        F: Future<Output = Returned> + Send + 'static,
    {
        let mut tick = Instant::now() + SECOND;
        while !(self.queue.is_empty() && self.under_way.is_empty()) {
            let now = Instant::now();
            if now >= tick {
                tell(None);
                tick = now + SECOND;
            }
            let due = self.due();
            if due.is_some_and(|due| due <= now) {
                let work = self.next(now).expect("something is due");
                self.pace.sent(self.seconds(now));
                self.under_way.spawn(send(work));
                continue;
            }
            let wake = due.unwrap_or(tick).min(tick);
            if self.under_way.is_empty() {
                tokio::time::sleep_until(wake).await;
            } else if let Ok(Some(returned)) =
                tokio::time::timeout_at(wake, self.under_way.join_next()).await
            {
                let (work, sent_at, outcome) =
                    returned.expect("requests do not panic, and none is cancelled");
                self.take(work, sent_at, outcome, tell)?;
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
        let turn = self.began + Duration::from_secs_f64(self.pace.due().max(0.0));
        let ready = self.queue.iter().map(|work| work.not_before).min()?;
        Some(turn.max(ready))
    }

    fn next(&mut self, now: Instant) -> Option<Work> {
        let at = self.queue.iter().position(|work| work.not_before <= now)?;
        self.queue.remove(at)
    }

    /// Takes in what came of a request.
    fn take(
        &mut self,
        mut work: Work,
        sent_at: Instant,
        outcome: Outcome,
        tell: &mut dyn FnMut(Event),
    ) -> Result<(), CallError> {
        let now = Instant::now();
        let (seconds, sent) = (self.seconds(now), self.seconds(sent_at));
        work.sent += 1;
        match outcome {
            Outcome::Page((items, next_token)) => {
                self.pace.answered(seconds);
                self.unanswered = 0;
                work.items.extend(items);
                match next_token {
                    Some(token) => {
                        self.queue.push_front(Work {
                            next_token: Some(token),
                            sent: 0,
                            attempts: 0,
                            ..work
                        });
                    }
                    None => tell(Some((work.question, Ok(work.items)))),
                }
            }
            Outcome::Throttled(retry_after, error) => {
                let wait = retry_after.map(|wait| wait.as_secs_f64());
                self.pace.throttled(seconds, sent, wait);
                if self.pace.is_hopeless() {
                    return Err(after(work.sent, error));
                }
                self.queue.push_front(work);
            }
            Outcome::Failed(error @ CallError::Unreachable { .. }) => {
                work.attempts += 1;
                if work.attempts < ATTEMPTS {
                    work.not_before = now + self.pause * work.attempts;
                    // At once after its pause: where AWS is out of reach, that shows early.
                    self.queue.push_front(work);
                    return Ok(());
                }
                self.unanswered += 1;
                let error = after(work.sent, error);
                if self.unanswered >= UNANSWERED_IN_A_ROW {
                    return Err(error);
                }
                tell(Some((work.question, Err(error))));
            }
            Outcome::Failed(CallError::Refused { call, code, message, request_id })
                if code != UNAUTHORIZED =>
            {
                self.pace.answered(seconds);
                self.unanswered = 0;
                let error = CallError::Refused { call, code, message, request_id };
                tell(Some((work.question, Err(error))));
            }
            // The token, or what decides how every call is made.
            Outcome::Failed(error) => return Err(error),
        }
        Ok(())
    }
}

/// The same, with how often the page was asked for.
fn after(sent: u32, error: CallError) -> CallError {
    match error {
        CallError::Unreachable { call, endpoint, cause, .. } => {
            CallError::Unreachable { call, endpoint, attempts: sent, cause }
        }
        other => other,
    }
}

/// Sends one request for a page.
async fn request(client: Client, config: Builder, token: Secret, work: Work) -> Returned {
    let sent_at = Instant::now();
    let call = work.question.call();
    let witness = Witness::new(call);
    let after = work.next_token.as_deref();
    let outcome = match &work.question {
        Question::Accounts => {
            let answer = client
                .list_accounts()
                .max_results(PAGE)
                .set_next_token(work.next_token.clone())
                .access_token(token.expose())
                .customize()
                .config_override(config)
                .interceptor(witness.clone())
                .send()
                .await;
            outcome(call, answer, &witness.seen(), after, |answer| {
                let items = answer.account_list?.into_iter().map(|found| {
                    Some(Item::Account(Account {
                        account_id: found.account_id?,
                        account_name: found.account_name.unwrap_or_default(),
                        email: found.email_address.unwrap_or_default(),
                    }))
                });
                Some((items.collect::<Option<_>>()?, answer.next_token))
            })
        }
        Question::Roles(account_id) => {
            let answer = client
                .list_account_roles()
                .account_id(account_id)
                .max_results(PAGE)
                .set_next_token(work.next_token.clone())
                .access_token(token.expose())
                .customize()
                .config_override(config)
                .interceptor(witness.clone())
                .send()
                .await;
            outcome(call, answer, &witness.seen(), after, |answer| {
                let items =
                    answer.role_list?.into_iter().map(|found| found.role_name.map(Item::Role));
                Some((items.collect::<Option<_>>()?, answer.next_token))
            })
        }
    };
    (work, sent_at, outcome)
}

fn outcome<T, E>(
    call: &'static str,
    answer: Result<T, SdkError<E, HttpResponse>>,
    seen: &Seen,
    after: Option<&str>,
    page: impl FnOnce(T) -> Option<Page>,
) -> Outcome
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match answer {
        Ok(answer) => {
            let faulty = |cause: &str| {
                Outcome::Failed(unanswered(call, cause.into(), seen, OneUse::Nothing))
            };
            let Some((items, next)) = page(answer) else {
                return faulty("the answer holds no complete list");
            };
            let next = next.filter(|token| !token.is_empty());
            match next.is_some() && next.as_deref() == after {
                true => faulty("the list does not end"),
                false => Outcome::Page((items, next)),
            }
        }
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
