//! The HTTP client under every call: hyper with rustls, made on the first request.
//!
//! It follows no redirect, keeps connections open between calls and limits the time to connect;
//! limits on whole attempts are the caller's.

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

use super::proxy::Proxies;
use crate::session::ports::CallError;

#[cfg(feature = "aws-lc")]
const CRYPTO: CryptoMode = CryptoMode::AwsLc;
#[cfg(not(feature = "aws-lc"))]
const CRYPTO: CryptoMode = CryptoMode::Ring;

/// A client that connects within `connect_timeout`.
pub(super) fn client(
    trust: TrustStore,
    proxies: Proxies,
    connect_timeout: Duration,
) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(ByScheme {
        trust,
        proxies,
        connect_timeout,
        plain: OnceLock::new(),
        tls: OnceLock::new(),
    });
    http_client_fn(move |_, _| connector.clone())
}

/// Each scheme has its own proxy, and only `https` needs the trusted roots, which take
/// milliseconds to read.
#[derive(Debug)]
struct ByScheme {
    trust: TrustStore,
    proxies: Proxies,
    connect_timeout: Duration,
    plain: OnceLock<Connector>,
    tls: OnceLock<Connector>,
}

impl HttpConnector for ByScheme {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = if request.uri().starts_with("https:") {
            self.tls.get_or_init(|| {
                let proxy = self.proxies.https.clone();
                builder(self.connect_timeout, proxy)
                    .tls_provider(tls_provider())
                    .tls_context(tls_context(self.trust.clone()))
                    .build()
            })
        } else {
            self.plain.get_or_init(|| {
                builder(self.connect_timeout, self.proxies.http.clone()).build_http()
            })
        };
        connector.call(request)
    }
}

/// A builder with the time limit and the proxy set.
pub(super) fn builder(connect_timeout: Duration, proxy: Option<ProxyConfig>) -> ConnectorBuilder {
    Connector::builder()
        .connector_settings(
            HttpConnectorSettings::builder().connect_timeout(connect_timeout).build(),
        )
        .proxy_config(proxy.unwrap_or_else(ProxyConfig::disabled))
}

/// What rustls needs to know.
pub(super) fn tls_context(trust: TrustStore) -> TlsContext {
    TlsContext::builder().with_trust_store(trust).build().expect("a context without options")
}

/// The TLS provider that the cargo features chose.
pub(super) fn tls_provider() -> Provider {
    Provider::rustls(CRYPTO)
}

/// Runs futures to their end on this thread.
///
/// Dropping a tokio runtime waits for name lookups that nobody wants any more; this does not.
pub(super) struct Executor(Option<Runtime>);

impl Executor {
    /// # Errors
    /// [`CallError::Source`] if the operating system refuses to poll.
    pub(super) fn new() -> Result<Self, CallError> {
        match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => Ok(Self(Some(runtime))),
            Err(error) => {
                Err(CallError::Source { origin: "network set-up".into(), cause: error.to_string() })
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
