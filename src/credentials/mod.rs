//! Secrets and their lifetimes. Knows nothing of files, profiles, network or terminal.

pub(crate) mod arn;
pub(crate) mod document;
mod endpoint;
mod key;
mod keys;
mod lifetime;
mod login;
mod long_term;
mod mfa;
mod request;
mod secret;
mod session;
mod sign_in;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use endpoint::{ContainerAuthorization, ContainerEndpoint, InstanceMetadata};
pub use key::SessionKey;
pub(crate) use key::SessionKeyBuilder;
pub(crate) use keys::Keys;
pub(crate) use lifetime::Lifetime;
pub(crate) use login::{
    Authorization, DeviceAuthorization, Grant, Login, LoginSession, LoginWords, Registration,
    SsoToken, TokenProof,
};
pub(crate) use long_term::LongTermCredentials;
pub(crate) use mfa::MfaCode;
pub(crate) use request::{
    AssumeRole, AssumeRoleWithWebIdentity, GetRoleCredentials, GetSessionToken, SessionContext,
    SsoLogin,
};
pub use secret::Secret;
pub(crate) use session::{Expiration, LiveCredentials, NoSession, SessionCredentials, SigningKeys};
pub(crate) use sign_in::{SignInAnswer, SignInClient, SignInProof, SignInToken};
