//! The only network: AWS STS, the access portal and the OIDC service of IAM Identity Center, AWS
//! sign-in, and the endpoints that hand credentials to containers and instances.
//!
//! Implements `Sts`, `Sso`, `Portal`, `Oidc` and `SignIn` ([`Aws`]), `SharedTokens` ([`TokenCache`]),
//! `SharedSignIns` ([`LoginCache`]) and `Sources` ([`LocalSources`]). Which call is made, with which
//! keys, and what is cached is decided elsewhere; so is what the user reads when a call fails.
//!
//! - `client`: how every call is made. `attempt` watches each of them, `error` puts a failure into
//!   words.
//! - `sts`, `sso`, `portal`, `oidc`, `signin`: the calls. `pace`: how fast the portal may be asked.
//!   `dpop`: the proof that goes with a sign-in.
//! - `sso_cache`, `login_cache`: the AWS CLI's access tokens and sign-ins.
//! - `http`, `trust`, `proxy`: the one HTTP client: TLS, CA bundle, proxies, time-outs.
//! - [`sources`]: `credential_process`, web identity token, container, instance.
//! - [`document`]: the JSON that these hand over.
//!
//! The SDK logs requests and responses, secrets included, under the targets `aws_*`, `hyper*`,
//! `h2`, `rustls`, `tower`; whoever sets up a log subscriber keeps them out of it.

use std::sync::Arc;

use crate::ports::Clock;

mod attempt;
mod client;
mod container;
pub mod document;
mod dpop;
mod error;
mod http;
mod instance;
pub mod login_cache;
mod oidc;
mod pace;
mod partition;
mod portal;
mod private_file;
mod proxy;
mod query;
mod signin;
pub mod sources;
mod sso;
mod sso_cache;
mod sts;
#[cfg(test)]
mod testing;
mod trust;

pub use client::Aws;
pub use login_cache::LoginCache;
pub use sources::{LocalSources, web_identity_token_name};
pub use sso_cache::TokenCache;

/// The clock as the edges share it.
pub type SharedClock = Arc<dyn Clock + Send + Sync>;
