//! A strict stand-in for AWS on loopback: STS with its refusals, IAM's keys and MFA devices, IAM Identity Center's SSO-OIDC and
//! access portal, AWS sign-in, IMDSv2, the container endpoint, TLS with its own authority, a proxy, and
//! faults on demand.
//!
//! It lives in the test's process; `awsx` children reach it by URL. It knows nothing of awsx's code,
//! so that it cannot share awsx's mistakes. What it grants and refuses:
//!
//! - `sts.rs`, `assume_role.rs`, `web_identity.rs`, `input.rs`, `tags.rs`: the operations
//! - `iam_api.rs`, `access_keys.rs`, `mfa_devices.rs`: the same of IAM
//! - `sigv4.rs`: who signed; `iam.rs`: who exists and who trusts whom; `totp.rs`: MFA devices
//! - `oidc/`: how a person logs in to IAM Identity Center; `portal.rs`: what that gives, at which rate;
//!   `organization.rs`: the accounts
//! - `signin.rs`: AWS sign-in, `dpop.rs`: whose its tokens are
//! - `console.rs`: the console's federation endpoint
//! - `consent.rs`: the pages that ask the person; `browser.rs`: the person
//! - `metadata.rs`, `container.rs`: what a machine and a container are given
//! - `codecommit.rs`: a repository that git reads
//! - `ecr.rs`: the password of a registry
//! - `eks.rs`: whom a cluster of EKS takes the bearer of a token for
//! - `github.rs`: the tokens of CI jobs
//! - `fault.rs`: what goes wrong when a test says so; `sample.rs`: the world it starts with
//!
//! It leaves out what identities may *do*: a trusted principal of a role's account may assume it. What a session's own
//! policies allow counts (`policy.rs`), at `s3.rs` and at the operations of STS that few ask for.
//! `scoped.rs` adds such a policy.
//!
//! Include it with `#[path = "../fake_aws/mod.rs"] mod fake_aws;`; a binary that uses only a part adds
//! `#[expect(dead_code, reason = "…")]`.

mod access_keys;
mod answer;
mod assume_role;
pub(crate) mod base64url;
pub(crate) mod browser;
pub(crate) mod codecommit;
mod consent;
pub(crate) mod console;
pub(crate) mod container;
mod dpop;
mod ecr;
mod eks;
pub(crate) mod fault;
mod federation;
pub(crate) mod github;
pub(crate) mod iam;
mod iam_api;
mod input;
mod json;
pub(crate) mod metadata;
mod mfa_devices;
pub(crate) mod oidc;
pub(crate) mod organization;
mod policy;
pub(crate) mod portal;
pub(crate) mod proxy;
mod random;
pub(crate) mod rate;
pub(crate) mod request;
mod s3;
pub(crate) mod saml;
pub(crate) mod saml_signature;
pub(crate) mod sample;
mod scoped;
mod server;
mod services;
pub(crate) mod signin;
pub(crate) mod sigv4;
pub(crate) mod state;
mod sts;
mod sts_by_name;
mod tags;
mod tls;
pub(crate) mod totp;
mod web_identity;

use std::collections::HashMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use fault::Fault;
use state::{Call, State};

/// The running stand-in; dropping it closes every connection.
pub(crate) struct FakeAws {
    shared: Arc<server::Shared>,
    url: String,
    tls_url: String,
    ca_pem: PathBuf,
    _directory: tempfile::TempDir,
    runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl FakeAws {
    /// Starts with the people and roles of [`sample`].
    pub(crate) fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let authority = tls::Authority::new();
        let ca_pem = directory.path().join("ca.pem");
        std::fs::write(&ca_pem, authority.pem()).expect("the temporary directory is writable");
        let shared = Arc::new(server::Shared {
            state: Mutex::new(State::sample()),
            tls: tls::acceptor(authority),
        });

        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a tokio runtime");
        let handle = runtime.handle().clone();
        let (url, plain) = loopback("http");
        let (tls_url, secure) = loopback("https");
        handle.spawn(server::accept(plain, shared.clone(), false));
        handle.spawn(server::accept(secure, shared.clone(), true));
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            // An error means that the sender is gone: the same request to stop.
            let _ = runtime.block_on(stopped);
        });
        Self {
            shared,
            url,
            tls_url,
            ca_pem,
            _directory: directory,
            runtime: handle,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// `http://127.0.0.1:PORT`: STS and IAM at `/`, SSO-OIDC, the access portal, AWS sign-in and the container
    /// endpoint at their paths, IMDS under `/latest/`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// `https://127.0.0.1:PORT`, the same services; a certificate for every asked server name.
    pub(crate) fn tls_url(&self) -> &str {
        &self.tls_url
    }

    /// The PEM file of the authority behind [`Self::tls_url`].
    pub(crate) fn ca_pem_path(&self) -> &Path {
        &self.ca_pem
    }

    /// The container endpoint's full address, for `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
    pub(crate) fn container_url(&self) -> String {
        format!("{}{}", self.url, self.control(|state| state.container.path.clone()))
    }

    /// Reads or changes the state.
    pub(crate) fn control<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state())
    }

    /// Every request so far, in the order of arrival.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// The operations of every request so far.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.state().calls.iter().map(|call| call.operation.clone()).collect()
    }

    /// The operations since they were last asked for so, and forgets them.
    pub(crate) fn new_operations(&self) -> Vec<String> {
        let operations = self.operations();
        self.forget_calls();
        operations
    }

    /// Forgets the requests so far.
    pub(crate) fn forget_calls(&self) {
        self.state().calls.clear();
    }

    /// Makes the next `times` requests for `operation` (`*`: for any) go wrong.
    pub(crate) fn fail(&self, operation: &str, fault: Fault, times: usize) {
        self.state().faults.plan(operation, fault, times);
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.state().now()
    }

    /// How often an operation was asked for, retries and refusals included.
    pub(crate) fn count(&self, operation: &str) -> usize {
        self.state().calls.iter().filter(|call| call.operation == operation).count()
    }

    /// How often each operation was asked for.
    pub(crate) fn counts(&self) -> HashMap<String, usize> {
        let mut counts = HashMap::new();
        for call in &self.state().calls {
            *counts.entry(call.operation.clone()).or_default() += 1;
        }
        counts
    }

    /// What the MFA device shows now, used or not.
    pub(crate) fn mfa_code(&self, serial: &str) -> String {
        self.control(|state| {
            let now = state.now();
            state.iam.mfa_device(serial).expect("a known device").code(now)
        })
    }

    /// A code that the device's owner could still use: of this 30-second step or the next. Where both are used, the
    /// time goes on instead of the person's wait.
    pub(crate) fn unused_mfa_code(&self, serial: &str) -> String {
        self.control(|state| {
            loop {
                let now = state.now();
                let device = state.iam.mfa_device(serial).expect("a known device");
                match device.unused_code(now) {
                    Some(code) => return code,
                    None => state.clock_offset += TimeDelta::seconds(totp::STEP),
                }
            }
        })
    }

    /// Every secret that was ever given out here: keys, tokens, codes, seeds. None may appear where awsx writes.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.control(|state| {
            let mut secrets = state.iam.secrets();
            secrets.extend(state.container.authorization.clone());
            secrets.extend(state.portal.tokens.iter().map(|known| known.token.clone()));
            secrets.extend(state.oidc.secrets());
            secrets.extend(state.signin.secrets());
            secrets.extend(state.console.tokens());
            secrets.extend(state.registry_passwords.iter().cloned());
            secrets.extend(state.consent.secrets());
            secrets.extend(state.github.secrets());
            secrets
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }
}

impl Drop for FakeAws {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic there has already been printed; this may run while unwinding.
            let _ = thread.join();
        }
    }
}

/// A listener on a free loopback port, and its URL.
fn loopback(scheme: &str) -> (String, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free loopback port");
    listener.set_nonblocking(true).expect("a socket can be made non-blocking");
    let address = listener.local_addr().expect("a bound socket has an address");
    (format!("{scheme}://{address}"), listener)
}
