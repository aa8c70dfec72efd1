//! Logins: where a person logs in, what awsx keeps of it, and what it gives.
//!
//! There are two places: IAM Identity Center and AWS's console. What differs between them is in
//! [`identity_center`] and [`console`]; what is done with a login is here once, for both.

mod browser;
mod console;
mod current;
mod header;
mod identity_center;
mod kind;
mod log_in;
mod log_out;
mod pkce;
mod saml;
#[cfg(test)]
pub(crate) mod testing;

use crate::client_settings::ClientSettings;
use crate::ports::{Clock, Oidc, Person, SharedSignIns, SharedTokens, SignIn};
use crate::vault::Vault;

pub(crate) use console::{ConsoleLogin, Freshness};
pub(crate) use current::LoginError;
pub(crate) use header::{LoginHeader, LoginKind};
pub(crate) use identity_center::IdentityCenterLogin;
pub(crate) use log_in::{LogIn, LogInError, LogInFailure, LogInOptions};
pub(crate) use log_out::{LoggedOut, NotTold};
pub(crate) use saml::SamlLogIn;

/// What awsx works with to keep and renew logins.
#[derive(Clone, Copy)]
pub(crate) struct Logins<'a> {
    pub vault: &'a Vault,
    pub oidc: &'a dyn Oidc,
    pub sign_in: &'a dyn SignIn,
    pub shared_tokens: &'a SharedTokens,
    pub shared_sign_ins: &'a SharedSignIns,
    pub person: &'a dyn Person,
    pub clock: &'a dyn Clock,
    /// Which AWS they are for
    pub settings: &'a ClientSettings,
}
