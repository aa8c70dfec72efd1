//! Where a session leaves awsx: a child's environment, text for a shell, JSON for an SDK.
//!
//! Takes nothing weaker than [`crate::credentials::LiveCredentials`]. Which credentials those are is
//! decided before.

mod aws_mfa;
mod credential_process;
mod environment;
mod exec;
pub(crate) mod format;
#[cfg(unix)]
mod handed;
mod nesting;
mod overlay;
pub(crate) mod shell;
mod variable;

pub(crate) use aws_mfa::{Assumed, section_of_aws_mfa};
pub(crate) use credential_process::write_credential_process;
#[cfg(unix)]
pub(crate) use environment::environment_of_instance;
pub(crate) use environment::{
    Delivery, SECRETS_OF_AWSX, Server, environment, environment_of_server, take_credentials_back,
    withhold_credentials,
};
pub(crate) use exec::{ExecError, exec, interactive_shell};
pub(crate) use nesting::{variables_of_outer, without_outer};
pub use overlay::Overlay;
