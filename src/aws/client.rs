//! How every call is made: by one HTTP client, within bounds, with retries, and with a local clock that may
//! be wrong.
//!
//! There is exponential back-off with jitter between attempts. Throttling, server faults (5xx), resets
//! and time-outs are tried again; refusals are not. `AWS_RETRY_MODE` is not read: this is `standard`,
//! and a single call needs no other.
//! A request that holds an MFA code is not repeated once AWS may have seen it: the caller gets
//! [`CallError::MfaCodeUnanswered`] and asks for a new code. One that holds an authorization code
//! or a refresh token is not repeated either; it ends in [`CallError::Unreachable`].
//!
//! A local clock that is off: the SDK signs the next attempt with the time of AWS's answer, and so
//! do the calls that follow. Expirations are translated to the local clock if it is off by a minute
//! or more, because freshness is judged by it, here and in every SDK that gets the credentials.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, SystemTime};

use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::app_name::AppName;
use tokio::time::Instant;

use super::attempt::{OneUse, Seen, Witness};
use super::error::{call_error, is_about_time, is_intolerable};
use super::http::Executor;
use super::pace::Pace;
use super::proxy::Proxies;
use super::{http, instance, limit, proxy, query, trust};
use crate::client_settings::ClientSettings;
use crate::credentials::{InstanceMetadata, Secret, check_line, check_word};
use crate::env::Env;
use crate::ports::{CallError, SharedClock, ShowWaiting, catch};

const BOUNDS: Bounds = Bounds {
    connect: Duration::from_secs(3),
    attempt: Duration::from_secs(10),
    call: Duration::from_secs(30),
    first_pause: Duration::from_secs(1),
};
const MAX_ATTEMPTS: u32 = 3;
/// How long a person waits without a word.
const PATIENCE: Duration = Duration::from_secs(1);

/// AWS over the network.
pub(crate) struct Aws {
    pub(super) settings: ClientSettings,
    pub(super) env: Env,
    pub(super) clock: SharedClock,
    pub(super) bounds: Bounds,
    /// That of the access portal, from the first request on
    pub(super) pace: Mutex<Option<(Instant, Pace)>>,
    /// The instance whose region counts where none is configured
    pub(super) instance: Option<InstanceMetadata>,
    region_of_instance: OnceLock<Option<String>>,
    show_waiting: Option<ShowWaiting>,
    live: OnceLock<Live>,
}

/// How long a call may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) connect: Duration,
    /// One attempt, from the connection to the end of the answer
    pub(super) attempt: Duration,
    /// All attempts and the pauses between them
    pub(super) call: Duration,
    /// The longest pause before the second attempt; it doubles from there
    pub(super) first_pause: Duration,
}

/// The clients of the services, made on the first call.
pub(super) struct Live {
    pub(super) executor: Executor,
    pub(super) proxies: Proxies,
    pub(super) sts: aws_sdk_sts::Client,
    pub(super) iam: query::Common,
    pub(super) ecr: query::Common,
    pub(super) ecr_public: query::Common,
    pub(super) sts_by_name: query::Common,
    pub(super) sso: aws_sdk_sso::Client,
    pub(super) oidc: aws_sdk_ssooidc::Client,
    pub(super) signin: aws_sdk_signin::Client,
}

impl Aws {
    /// Keeps what the calls will need; does no I/O. Of `env` only the proxies, `AWS_MAX_ATTEMPTS`
    /// and the home directory are read, on the first call that needs them.
    pub(crate) fn new(settings: ClientSettings, env: &Env, clock: SharedClock) -> Self {
        Self {
            settings,
            env: env.clone(),
            clock,
            bounds: BOUNDS,
            pace: Mutex::default(),
            instance: None,
            region_of_instance: OnceLock::new(),
            show_waiting: None,
            live: OnceLock::new(),
        }
    }

    /// The same, for a person who waits.
    #[must_use]
    pub(crate) fn show_to(self, show: Option<ShowWaiting>) -> Self {
        Self { show_waiting: show, ..self }
    }

    /// The same, with the region of the instance that the credentials come from where none is configured:
    /// like the AWS CLI, but only for those.
    #[must_use]
    pub(crate) fn on_instance(self, instance: Option<InstanceMetadata>) -> Self {
        Self { instance, ..self }
    }

    /// The region that is configured, or that of the instance.
    pub(super) fn region(&self) -> Option<&str> {
        self.settings.region.as_deref().or_else(|| {
            let instance = self.instance.as_ref()?;
            let ask = || self.live().ok()?.executor.block_on(instance::region(instance)).ok();
            self.region_of_instance.get_or_init(ask).as_deref()
        })
    }

    pub(super) fn live(&self) -> Result<&Live, CallError> {
        if let Some(live) = self.live.get() {
            return Ok(live);
        }
        let trust = trust::trust_store(self.settings.ca_bundle.as_deref())?;
        let proxies = proxy::proxies(&self.env)?;
        let http = http::client(
            trust,
            proxies.clone(),
            http::connect_within(self.bounds.connect),
            limit::OF_AWS,
        );
        let config = self.config(http, max_attempts(&self.env)?);
        let executor = Executor::new()?;
        Ok(self.live.get_or_init(|| {
            let at = |url: &Option<String>| at_endpoint(&config, url.as_deref());
            Live {
                executor,
                proxies,
                sts: aws_sdk_sts::Client::new(&at(&self.settings.sts_endpoint_url)),
                iam: query::common(&config, "iam"),
                ecr: query::common(&config, "ecr"),
                ecr_public: query::common(&config, "ecr-public"),
                sts_by_name: query::common(&config, "sts"),
                sso: aws_sdk_sso::Client::new(&at(&self.settings.sso_endpoint_url)),
                oidc: aws_sdk_ssooidc::Client::new(&at(&self.settings.sso_oidc_endpoint_url)),
                signin: aws_sdk_signin::Client::new(&at(&self.settings.signin_endpoint_url)),
            }
        }))
    }

    /// What all services' clients have in common.
    fn config(&self, http: SharedHttpClient, attempts: u32) -> SdkConfig {
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .app_name(AppName::new("awsx").expect("letters only"))
            .http_client(http)
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .time_source(SharedTimeSource::new(ClockSource(self.clock.clone())))
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
            .use_dual_stack(self.settings.use_dualstack)
            .build()
    }

    /// Makes a call; its answer, and what was seen on the wire.
    pub(super) fn call<T, E, F>(
        &self,
        name: &'static str,
        one_use: OneUse,
        send: impl Fn(&Live, Witness) -> F,
    ) -> Result<(T, Seen), CallError>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let live = self.live()?;
        let attempt = || {
            let witness = Witness::new(name, live.proxies.clone());
            catch(|| {
                // Before the executor is at work: the region may have to be asked for.
                let sent = send(live, witness.clone());
                (live.executor.block_on(self.show_while(name, sent)), witness.snapshot())
            })
        };
        let bug = |place| CallError::Bug { call: name, place };
        let (mut outcome, mut seen) = attempt().map_err(bug)?;
        // The SDK learned the offset but does not know that these codes are about time.
        if let Err(error) = &outcome
            && is_about_time(error.code().unwrap_or_default(), "")
            && seen.skew.is_some_and(is_intolerable)
        {
            (outcome, seen) = attempt().map_err(bug)?;
        }
        match outcome {
            Ok(output) => Ok((output, seen)),
            Err(error) => Err(call_error(name, &error, &seen, one_use)),
        }
    }
}

impl Aws {
    /// The same future; where it takes long, it is shown what is asked.
    pub(super) async fn show_while<F: Future>(&self, call: &str, future: F) -> F::Output {
        let mut future = pin!(future);
        let Some(show) = &self.show_waiting else { return future.await };
        match tokio::time::timeout(PATIENCE, future.as_mut()).await {
            Ok(output) => output,
            Err(_) => {
                show(Some(call));
                let output = future.await;
                show(None);
                output
            }
        }
    }
}

/// The configuration with a custom endpoint, if there is one. That is used as it is: the SDK refuses it
/// beside FIPS or dual stack, the AWS CLI does not.
fn at_endpoint(config: &SdkConfig, url: Option<&str>) -> SdkConfig {
    match url {
        Some(url) => {
            config.to_builder().endpoint_url(url).use_fips(false).use_dual_stack(false).build()
        }
        None => config.clone(),
    }
}

/// The text of a field, unless it is missing: where a field must be there, the SDK makes an empty one.
pub(super) fn text(field: impl Into<Option<String>>) -> Option<String> {
    field.into().filter(|text| !text.is_empty())
}

/// The same, of a key id or a token.
pub(super) fn word(field: impl Into<Option<String>>) -> Option<String> {
    text(field).filter(|text| check_word(text).is_ok())
}

/// The same, of a secret.
pub(super) fn line(field: impl Into<Option<String>>) -> Option<Secret> {
    text(field).filter(|text| check_line(text).is_ok()).map(Secret::new)
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
