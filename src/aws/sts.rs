//! The STS calls.
//!
//! Bounds: 3 s to connect, 10 s for one attempt, 30 s for a call with all its attempts, of which
//! there are 3 unless `AWS_MAX_ATTEMPTS` says otherwise, with exponential back-off and jitter
//! between them. Throttling, server faults (5xx), resets and time-outs are tried again; refusals
//! are not. `AWS_RETRY_MODE` is not read: this is `standard`, and a single call needs no other.
//! A request that holds an MFA code is not repeated once AWS may have seen it: the caller gets
//! [`CallError::MfaCodeUnanswered`] and asks for a new code.
//!
//! A local clock that is off: the SDK signs the next attempt with the time of AWS's answer, and so
//! do the calls that follow. Expirations are translated to the local clock if it is off by a minute
//! or more, because freshness is judged by it, here and in every SDK that gets the credentials.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sdk_sts::Client;
use aws_sdk_sts::config::retry::RetryConfig;
use aws_sdk_sts::config::timeout::TimeoutConfig;
use aws_sdk_sts::config::{AppName, BehaviorVersion, Builder, Config, Region, SharedHttpClient};
use aws_sdk_sts::types::{PolicyDescriptorType, Tag};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::TimeSource;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use chrono::{DateTime, TimeDelta, Utc};

use super::attempt::{OneUse, Seen, Witness};
use super::error::{call_error, is_about_time, is_intolerable, unanswered};
use super::http::Executor;
use super::{SharedClock, http, partition, proxy, trust};
use crate::credentials::{
    AssumeRole, AssumeRoleWithWebIdentity, Expiration, GetSessionToken, MfaCode, Secret,
    SessionContext, SessionCredentials, SigningKeys,
};
use crate::env::Env;
use crate::profile::ClientSettings;
use crate::session::ports::{CallError, CallerIdentity, Sts};

const BOUNDS: Bounds = Bounds {
    connect: Duration::from_secs(3),
    attempt: Duration::from_secs(10),
    call: Duration::from_secs(30),
    first_pause: Duration::from_secs(1),
};
const MAX_ATTEMPTS: u32 = 3;

/// From this on, expirations are translated to the local clock. Less is noise: `Date` has whole
/// seconds, and answers take time.
const NOTABLE_SKEW_SECONDS: u64 = 60;

/// AWS STS over the network.
pub struct Aws {
    settings: ClientSettings,
    env: Env,
    clock: SharedClock,
    bounds: Bounds,
    live: OnceLock<Live>,
}

/// How long a call may take.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// One connection, TLS included
    connect: Duration,
    /// One attempt, from the connection to the end of the answer
    attempt: Duration,
    /// All attempts and the pauses between them
    call: Duration,
    /// The longest pause before the second attempt; it doubles from there
    first_pause: Duration,
}

/// What the first call makes.
struct Live {
    executor: Executor,
    client: Client,
}

/// One call, apart from what is specific to its operation.
struct Call<'a> {
    name: &'static str,
    /// An ARN of the request; tells the partition if no region is configured
    arn: Option<&'a str>,
    keys: Option<SigningKeys<'a>>,
    code_sent: bool,
}

impl Aws {
    /// Keeps what the calls will need; does no I/O. Of `env` only the proxies and
    /// `AWS_MAX_ATTEMPTS` are read, on the first call.
    pub fn new(settings: ClientSettings, env: &Env, clock: SharedClock) -> Self {
        Self { settings, env: env.clone(), clock, bounds: BOUNDS, live: OnceLock::new() }
    }

    fn live(&self) -> Result<&Live, CallError> {
        if let Some(live) = self.live.get() {
            return Ok(live);
        }
        let trust = trust::trust_store(self.settings.ca_bundle.as_deref())?;
        let http = http::client(
            trust,
            proxy::proxies(&self.env)?,
            http::connect_within(self.bounds.connect),
        );
        let config = self.config(http, max_attempts(&self.env)?);
        let executor = Executor::new()?;
        Ok(self.live.get_or_init(|| Live { executor, client: Client::from_conf(config) }))
    }

    fn config(&self, http: SharedHttpClient, attempts: u32) -> Config {
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .app_name(AppName::new("awsx").expect("letters only"))
            .http_client(http)
            .sleep_impl(TokioSleep::new())
            .time_source(ClockSource(self.clock.clone()))
            .timeout_config(
                TimeoutConfig::builder()
                    .operation_attempt_timeout(self.bounds.attempt)
                    .operation_timeout(self.bounds.call)
                    .build(),
            )
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(attempts)
                    .with_initial_backoff(self.bounds.first_pause),
            )
            .use_fips(self.settings.use_fips)
            .use_dual_stack(self.settings.use_dualstack);
        config.set_endpoint_url(self.settings.sts_endpoint_url.clone());
        config.build()
    }

    /// Makes a call with what is specific to it: region, keys, and the rule for its MFA code.
    fn call<T, E, F>(
        &self,
        call: &Call<'_>,
        send: impl Fn(&Client, Builder, Witness) -> F,
    ) -> Result<(T, Seen), CallError>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let live = self.live()?;
        let attempt = || {
            let witness = Witness::default();
            let specific = self.specific(call, &witness);
            (live.executor.block_on(send(&live.client, specific, witness.clone())), witness.seen())
        };
        let (mut outcome, mut seen) = attempt();
        // The SDK learned the offset but does not know that these codes are about time.
        if let Err(error) = &outcome
            && is_about_time(error.code().unwrap_or_default(), "")
            && seen.skew.is_some_and(is_intolerable)
        {
            (outcome, seen) = attempt();
        }
        match outcome {
            Ok(output) => Ok((output, seen)),
            Err(error) => Err(call_error(call.name, &error, &seen, call.code_sent)),
        }
    }

    fn specific(&self, call: &Call<'_>, witness: &Witness) -> Builder {
        let region = self.settings.region.as_deref();
        let region = region.unwrap_or_else(|| partition::default_region(call.arn)).to_owned();
        let mut specific = Config::builder().region(Region::new(region));
        if let Some(keys) = call.keys {
            specific = specific.credentials_provider(Credentials::new(
                keys.access_key_id,
                keys.secret_access_key.expose(),
                keys.session_token.map(|token| token.expose().to_owned()),
                None,
                "awsx",
            ));
        }
        if call.code_sent {
            specific = specific.retry_classifier(OneUse(witness.clone()));
        }
        specific
    }
}

impl Sts for Aws {
    fn get_session_token(
        &self,
        keys: SigningKeys<'_>,
        request: &GetSessionToken,
        code: Option<MfaCode>,
    ) -> Result<SessionCredentials, CallError> {
        let name = "sts:GetSessionToken";
        let arn = request.mfa_serial.as_deref();
        let call = Call { name, arn, keys: Some(keys), code_sent: code.is_some() };
        let (output, seen) = self.call(&call, |client, specific, witness| {
            client
                .get_session_token()
                .duration_seconds(seconds(request.duration))
                .set_serial_number(request.mfa_serial.clone())
                .set_token_code(code.as_ref().map(|code| code.expose().to_owned()))
                .customize()
                .config_override(specific)
                .interceptor(witness)
                .send()
        })?;
        session(&call, output.credentials, None, &seen)
    }

    fn assume_role(
        &self,
        keys: SigningKeys<'_>,
        request: &AssumeRole,
        code: Option<MfaCode>,
    ) -> Result<SessionCredentials, CallError> {
        let name = "sts:AssumeRole";
        let arn = Some(request.role_arn.as_str());
        let call = Call { name, arn, keys: Some(keys), code_sent: code.is_some() };
        let (output, seen) = self.call(&call, |client, specific, witness| {
            client
                .assume_role()
                .role_arn(&request.role_arn)
                .role_session_name(&request.role_session_name)
                .duration_seconds(seconds(request.duration))
                .set_external_id(request.external_id.clone())
                .set_serial_number(request.mfa_serial.clone())
                .set_token_code(code.as_ref().map(|code| code.expose().to_owned()))
                .set_policy(request.context.policy.clone())
                .set_policy_arns(policy_arns(&request.context))
                .set_tags(tags(&request.context))
                .set_transitive_tag_keys(some(request.context.transitive_tag_keys.clone()))
                .set_source_identity(request.context.source_identity.clone())
                .customize()
                .config_override(specific)
                .interceptor(witness)
                .send()
        })?;
        let user = output.assumed_role_user.map(|user| user.arn);
        session(&call, output.credentials, user, &seen)
    }

    fn assume_role_with_web_identity(
        &self,
        request: &AssumeRoleWithWebIdentity,
        token: Secret,
    ) -> Result<SessionCredentials, CallError> {
        let name = "sts:AssumeRoleWithWebIdentity";
        let arn = Some(request.role_arn.as_str());
        let call = Call { name, arn, keys: None, code_sent: false };
        let (output, seen) = self.call(&call, |client, specific, witness| {
            client
                .assume_role_with_web_identity()
                .role_arn(&request.role_arn)
                .role_session_name(&request.role_session_name)
                .web_identity_token(token.expose())
                .duration_seconds(seconds(request.duration))
                .set_policy(request.context.policy.clone())
                .set_policy_arns(policy_arns(&request.context))
                .customize()
                .config_override(specific)
                .interceptor(witness)
                .send()
        })?;
        let user = output.assumed_role_user.map(|user| user.arn);
        session(&call, output.credentials, user, &seen)
    }

    fn get_caller_identity(&self, keys: SigningKeys<'_>) -> Result<CallerIdentity, CallError> {
        let name = "sts:GetCallerIdentity";
        let call = Call { name, arn: None, keys: Some(keys), code_sent: false };
        let (output, seen) = self.call(&call, |client, specific, witness| {
            client
                .get_caller_identity()
                .customize()
                .config_override(specific)
                .interceptor(witness)
                .send()
        })?;
        match (output.account, output.arn, output.user_id) {
            (Some(account), Some(arn), Some(user_id)) => {
                Ok(CallerIdentity { account, arn, user_id })
            }
            _ => Err(incomplete(&call, "Account, Arn and UserId", &seen)),
        }
    }
}

/// The credentials of an answer, `Expiration` in local time.
///
/// The SDK fills in what is missing: empty texts, and the year 1970.
fn session(
    call: &Call<'_>,
    credentials: Option<aws_sdk_sts::types::Credentials>,
    assumed_role: Option<String>,
    seen: &Seen,
) -> Result<SessionCredentials, CallError> {
    let incomplete = || incomplete(call, "Credentials", seen);
    let credentials = credentials
        .filter(|found| {
            !found.access_key_id.is_empty()
                && !found.secret_access_key.is_empty()
                && !found.session_token.is_empty()
                && found.expiration.secs() > 0
        })
        .ok_or_else(incomplete)?;
    let expiration =
        DateTime::<Utc>::from_timestamp(credentials.expiration.secs(), 0).ok_or_else(incomplete)?;
    let skew = seen.skew.filter(|skew| skew.unsigned_abs() >= NOTABLE_SKEW_SECONDS).unwrap_or(0);
    Ok(SessionCredentials {
        access_key_id: credentials.access_key_id,
        secret_access_key: Secret::new(credentials.secret_access_key),
        session_token: Some(Secret::new(credentials.session_token)),
        expiration: Expiration::At(expiration - TimeDelta::seconds(skew)),
        account_id: assumed_role.as_deref().and_then(partition::account).map(str::to_owned),
    })
}

fn incomplete(call: &Call<'_>, what: &str, seen: &Seen) -> CallError {
    unanswered(call.name, format!("the answer holds no complete {what}"), seen, call.code_sent)
}

fn policy_arns(context: &SessionContext) -> Option<Vec<PolicyDescriptorType>> {
    some(context.policy_arns.iter().map(|arn| PolicyDescriptorType::builder().arn(arn).build()))
}

fn tags(context: &SessionContext) -> Option<Vec<Tag>> {
    some(context.tags.iter().map(|(key, value)| {
        Tag::builder().key(key).value(value).build().expect("key and value are set")
    }))
}

/// An empty list is not sent at all.
fn some<T>(items: impl IntoIterator<Item = T>) -> Option<Vec<T>> {
    let items: Vec<T> = items.into_iter().collect();
    (!items.is_empty()).then_some(items)
}

/// `DurationSeconds`; what does not fit is refused by AWS, which knows the role's limit.
fn seconds(duration: Duration) -> i32 {
    duration.as_secs().try_into().unwrap_or(i32::MAX)
}

/// `AWS_MAX_ATTEMPTS`, <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
fn max_attempts(env: &Env) -> Result<u32, CallError> {
    let Some(text) = env.get("AWS_MAX_ATTEMPTS") else { return Ok(MAX_ATTEMPTS) };
    text.trim().parse().ok().filter(|&attempts| attempts > 0).ok_or_else(|| CallError::Settings {
        origin: "AWS_MAX_ATTEMPTS".into(),
        cause: "is not a number of at least 1".into(),
    })
}

/// The SDK's view of the clock.
struct ClockSource(SharedClock);

impl TimeSource for ClockSource {
    fn now(&self) -> SystemTime {
        self.0.now().into()
    }
}

impl fmt::Debug for ClockSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClockSource")
    }
}

#[cfg(test)]
mod tests;
