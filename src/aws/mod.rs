//! The only network: AWS STS, the access portal of IAM Identity Center, and the endpoints that hand
//! credentials to containers and instances.
//!
//! Implements `Sts`, `Sso` and `Portal` ([`Aws`]) and `Sources` ([`LocalSources`]). Which call is made, with which
//! keys, and what is cached is decided elsewhere; so is what the user reads when a call fails.
//!
//! - `client`: how every call is made. `attempt` watches each of them, `error` puts a failure into
//!   words.
//! - `sts`, `sso`, `portal`: the calls. `pace`: how fast the portal may be asked. `sso_cache`: the AWS CLI's access tokens.
//! - `http`, `trust`, `proxy`: the one HTTP client: TLS, CA bundle, proxies, time-outs.
//! - [`sources`]: `credential_process`, web identity token, container, instance.
//! - [`document`]: the JSON that these hand over.
//!
//! The SDK logs requests and responses, secrets included, under the targets `aws_*`, `hyper*`,
//! `h2`, `rustls`, `tower`; whoever sets up a log subscriber keeps them out of it.

use std::sync::Arc;

use crate::session::ports::Clock;

mod attempt;
mod client;
mod container;
pub mod document;
mod error;
mod http;
mod instance;
mod pace;
mod partition;
mod portal;
mod proxy;
pub mod sources;
mod sso;
mod sso_cache;
mod sts;
#[cfg(test)]
mod testing;
mod trust;

pub use client::Aws;
pub use sources::{LocalSources, web_identity_token_name};

/// The clock as the edges share it.
pub type SharedClock = Arc<dyn Clock + Send + Sync>;
