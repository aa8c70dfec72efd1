//! The only network: AWS STS, the access portal and the OIDC service of IAM Identity Center, AWS
//! sign-in, and the endpoints that hand credentials to containers and instances.
//!
//! Implements `Sts`, `Sso`, `Portal`, `Oidc` and `SignIn` ([`Aws`]), and `Sources` ([`LocalSources`]).
//! Which call is made, with which keys, and what is cached is decided elsewhere; so is what the user
//! reads when a call fails.
//!
//! - `client`: how every call is made. `attempt` watches each of them, `error` puts a failure into
//!   words.
//! - `sts`, `sso`, `portal`, `oidc`, `signin`: the calls. `pace`: how fast the portal may be asked.
//!   `dpop`: the proof that goes with a sign-in.
//! - `http`, `trust`, `proxy`: the one HTTP client: TLS, CA bundle, proxies, time-outs.
//! - [`sources`]: `credential_process`, web identity token, container, instance.
//!
//! The SDK logs requests and responses, secrets included, under the targets `aws_*`, `hyper*`,
//! `h2`, `rustls`, `tower`; whoever sets up a log subscriber keeps them out of it.

mod answer;
mod attempt;
mod authorize_url;
mod client;
mod container;
mod dpop;
mod error;
mod http;
mod instance;
mod oidc;
mod pace;
mod portal;
mod proxy;
mod refusal;
mod signin;
pub(crate) mod sources;
mod sso;
mod sts;
#[cfg(test)]
mod testing;
mod token_file;
mod trust;

pub(crate) use client::Aws;
pub(crate) use sources::{LocalSources, web_identity_token_name};
