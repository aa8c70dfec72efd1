//! The HTTP client under every call: hyper with rustls, made on the first request.
//!
//! It follows no redirect and keeps connections open between calls; limits on whole attempts are
//! the caller's.

use std::fmt;
use std::future::Future;
use std::sync::OnceLock;
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use tokio::runtime::Runtime;

use super::limit::limit_body;
use super::proxy::Proxies;
use crate::ports::{CallError, SourceOf};

#[cfg(not(any(feature = "ring", feature = "aws-lc")))]
compile_error!("TLS needs one of the features `ring` and `aws-lc`");

/// rustls, with the cryptography that the cargo features choose.
#[cfg(feature = "aws-lc")]
pub(super) const TLS: Provider = Provider::Rustls(CryptoMode::AwsLc);
#[cfg(not(feature = "aws-lc"))]
pub(super) const TLS: Provider = Provider::Rustls(CryptoMode::Ring);

/// A client whose requests all have the same `limits`, whatever an SDK client asks for.
/// Answers longer than `longest` bytes fail.
pub(super) fn client(
    trust: TrustStore,
    proxies: Proxies,
    limits: HttpConnectorSettings,
    longest: usize,
) -> SharedHttpClient {
    let connectors = Default::default();
    let connector =
        SharedHttpConnector::new(ByScheme { trust, proxies, limits, longest, connectors });
    http_client_fn(move |_, _| connector.clone())
}

/// Each scheme has its own proxy, and only `https` needs the trusted roots, which take
/// milliseconds to read.
struct ByScheme {
    trust: TrustStore,
    proxies: Proxies,
    limits: HttpConnectorSettings,
    longest: usize,
    /// Plain and TLS, each without and with its proxy
    connectors: [OnceLock<Connector>; 4],
}

/// The proxies' URLs may hold passwords.
impl fmt::Debug for ByScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByScheme").finish_non_exhaustive()
    }
}

impl HttpConnector for ByScheme {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let is_tls = request.uri().starts_with("https:");
        let proxy = self.proxies.of(request.uri());
        let at = 2 * usize::from(is_tls) + usize::from(proxy.is_some());
        let connector = self.connectors[at].get_or_init(|| {
            let proxy = proxy.map(|proxy| proxy.config.clone());
            connector(self.limits.clone(), proxy, is_tls.then(|| self.trust.clone()))
        });
        let (answer, longest) = (connector.call(request), self.longest);
        HttpConnectorFuture::new(
            async move { answer.await.map(|answer| limit_body(answer, longest)) },
        )
    }
}

pub(super) fn connect_within(limit: Duration) -> HttpConnectorSettings {
    HttpConnectorSettings::builder().connect_timeout(limit).build()
}

/// For `https` with whom to trust, for `http` without.
pub(super) fn connector(
    limits: HttpConnectorSettings,
    proxy: Option<ProxyConfig>,
    trust: Option<TrustStore>,
) -> Connector {
    let builder = builder(limits, proxy);
    match trust {
        Some(trust) => builder.tls_provider(TLS).tls_context(tls_context(trust)).build(),
        None => builder.build_http(),
    }
}

pub(super) fn builder(
    limits: HttpConnectorSettings,
    proxy: Option<ProxyConfig>,
) -> ConnectorBuilder {
    Connector::builder()
        .connector_settings(limits)
        .proxy_config(proxy.unwrap_or_else(ProxyConfig::disabled))
}

pub(super) fn tls_context(trust: TrustStore) -> TlsContext {
    TlsContext::builder().with_trust_store(trust).build().expect("a context without options")
}

/// Runs futures to their end on this thread.
///
/// Dropping a tokio runtime waits for name lookups that nobody wants any more; this does not.
pub(super) struct Executor(Option<Runtime>);

impl Executor {
    /// Fails if the operating system refuses to poll.
    pub(super) fn new() -> Result<Self, CallError> {
        match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => Ok(Self(Some(runtime))),
            Err(error) => {
                let (of, origin) = (SourceOf::Machine, "network set-up".into());
                Err(CallError::Source { of, origin, cause: error.to_string() })
            }
        }
    }

    pub(super) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.as_ref().expect("taken in drop only").block_on(future)
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
