//! What happened on the wire while one call was made: how often it was tried, where, whether a
//! request may have arrived, and how far the local clock is from AWS's.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connection::CaptureSmithyConnection;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
    FinalizerInterceptorContextRef, InterceptorContext,
};
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority, RetryReason,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::{DateTime, Format};
use aws_smithy_types::retry::ErrorKind;
use chrono::{TimeDelta, Utc};

use super::proxy::Proxies;
use crate::client_settings::origin;

/// From this on, expirations are translated to the local clock. Less is noise: `Date` has whole
/// seconds, and answers take time.
const NOTABLE_SKEW_SECONDS: u64 = 60;

/// Watches the attempts of one call, and logs each.
#[derive(Clone)]
pub(super) struct Witness {
    call: &'static str,
    proxies: Proxies,
    seen: Arc<Mutex<Seen>>,
}

/// What a [`Witness`] has seen so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Requests sent, or tried to be sent
    pub(super) attempts: u32,
    /// Scheme, host and port of the last request
    pub(super) endpoint: Option<String>,
    /// The proxy that it took, the same of it
    pub(super) proxy: Option<String>,
    /// The last request had a connection, so AWS may have acted on it
    pub(super) may_have_arrived: bool,
    /// AWS's time less the local time, in seconds, from the last answer's `Date`
    pub(super) skew: Option<i64>,
    /// When the last request left, local time
    pub(super) sent_at: Option<SystemTime>,
}

impl Seen {
    /// AWS's time `at`, by the local clock.
    pub(super) fn in_local_time(&self, at: chrono::DateTime<Utc>) -> chrono::DateTime<Utc> {
        let skew = self.skew.filter(|skew| skew.unsigned_abs() >= NOTABLE_SKEW_SECONDS);
        let local = at.checked_sub_signed(TimeDelta::seconds(skew.unwrap_or(0)));
        local.unwrap_or(at)
    }
}

impl Witness {
    pub(super) fn new(call: &'static str, proxies: Proxies) -> Self {
        Self { call, proxies, seen: Arc::default() }
    }

    pub(super) fn snapshot(&self) -> Seen {
        self.seen.lock().expect("nothing panics while it holds the lock").clone()
    }

    fn note(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.seen.lock().expect("nothing panics while it holds the lock"));
    }
}

/// A proxy's URL may hold a password.
impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Witness of {}", self.call)
    }
}

impl Intercept for Witness {
    fn name(&self) -> &'static str {
        "Witness"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.note(|seen| {
            seen.attempts += 1;
            let url = context.request().uri();
            seen.endpoint = Some(origin(url));
            seen.proxy = self.proxies.of(url).map(|proxy| proxy.origin.clone());
            // Until the attempt is known to have found no connection.
            seen.may_have_arrived = true;
            seen.sent_at = components.time_source().map(|time| time.now());
        });
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
        let received = components.time_source().map(|time| time.now());
        self.note(|seen| {
            if let (Some(date), Some(sent), Some(received)) = (date, seen.sent_at, received) {
                let elapsed = received.duration_since(sent).unwrap_or_default();
                seen.skew = Some(date.secs() - DateTime::from(sent + elapsed / 2).secs());
            }
        });
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answer = match context.response() {
            Some(response) => format!("HTTP {}", response.status().as_u16()),
            None => "no answer".into(),
        };
        let Seen { endpoint, attempts, sent_at, .. } = self.snapshot();
        let endpoint = endpoint.unwrap_or_default();
        let now = components.time_source().map(|time| time.now());
        let took = now.zip(sent_at).and_then(|(now, sent)| now.duration_since(sent).ok());
        let took = took.unwrap_or_default().as_secs_f64();
        let again = if attempts > 1 { format!(" (attempt {attempts})") } else { String::new() };
        tracing::info!("{} at {endpoint}: {answer} after {took:.2} s{again}", self.call);
        if let Some(capture) = config.load::<CaptureSmithyConnection>() {
            self.note(|seen| seen.may_have_arrived = capture.get().is_some());
        }
        Ok(())
    }
}

/// What a request holds that AWS takes only once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OneUse {
    /// Nothing of that kind
    Nothing,
    /// An MFA code; the person has a new one soon
    MfaCode,
    /// An authorization code or a refresh token; a new one takes a login
    Grant,
    /// Nothing, but each time that it is carried out something more is made
    Creation,
}

/// Forbids to send the same code or refresh token again once AWS may have seen it.
///
/// AWS takes it once, or makes something each time. After a reset, a time-out or a server fault nobody knows whether it was
/// taken, and a repetition would be refused like a wrong one. Attempts that found no connection,
/// were throttled, or were refused for their signature's time did not use it up.
#[derive(Debug)]
pub(super) struct NotTwice(pub(super) Witness);

impl ClassifyRetry for NotTwice {
    fn name(&self) -> &'static str {
        "NotTwice"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }

    fn classify_retry(&self, _: &InterceptorContext) -> RetryAction {
        RetryAction::NoActionIndicated
    }

    fn classify_retry_v2(&self, _: &InterceptorContext, previous: &RetryAction) -> RetryAction {
        match previous {
            RetryAction::RetryIndicated(RetryReason::RetryableError {
                kind: ErrorKind::TransientError,
                ..
            }) if self.0.snapshot().may_have_arrived => RetryAction::RetryForbidden,
            _ => RetryAction::NoActionIndicated,
        }
    }
}
