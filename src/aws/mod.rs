//! The only network: AWS STS, IAM, ECR, the access portal and the OIDC service of IAM Identity Center, AWS
//! sign-in, and the endpoints that hand credentials to containers and instances, or tokens to jobs.
//!
//! Implements `Sts`, `Iam`, `Sso`, `Portal`, `Oidc` and `SignIn` ([`Aws`]), and `Sources` ([`LocalSources`]).
//! Which call is made, with which keys, and what is cached is decided elsewhere.
//!
//! The SDK logs requests and responses, secrets included, under the targets `aws_*`, `hyper*`,
//! `h2`, `rustls`, `tower`; whoever sets up a log subscriber keeps them out of it.

mod attempt;
mod authorize_url;
mod client;
mod console;
mod container;
mod dpop;
mod ecr;
mod error;
mod get;
mod github;
mod http;
mod iam;
mod instance;
mod json_call;
mod limit;
mod oidc;
mod pace;
mod portal;
mod presign;
mod proxy;
mod query;
mod query_call;
mod reach;
mod signin;
pub(crate) mod sources;
mod sso;
mod start_url;
mod sts;
mod sts_by_name;
#[cfg(test)]
mod testing;
mod token_file;
mod trust;

pub(crate) use client::Aws;
pub(crate) use console::ConsoleSite;
pub(crate) use ecr::EcrKind;
pub(crate) use instance::instance_answers;
#[cfg(unix)]
pub(crate) use pace::Pace;
pub(crate) use presign::{Presigned, Scope};
pub(crate) use reach::{Service, check_proxies};
pub(crate) use sources::{LocalSources, web_identity_token_name};
