//! Secrets and their lifetimes. Knows nothing of files, profiles, network or terminal.

pub(crate) mod arn;
pub mod document;
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

pub use endpoint::{ContainerAuthorization, ContainerEndpoint, InstanceMetadata};
pub use key::{SessionKey, SessionKeyBuilder};
pub use keys::Keys;
pub use lifetime::Lifetime;
pub use login::{
    Authorization, DeviceAuthorization, Grant, Login, LoginSession, LoginWords, Registration,
    SsoToken, TokenProof,
};
pub use long_term::LongTermCredentials;
pub use mfa::{InvalidMfaCode, MfaCode};
pub use request::{
    AssumeRole, AssumeRoleWithWebIdentity, GetRoleCredentials, GetSessionToken, SessionContext,
    SsoLogin,
};
pub use secret::Secret;
pub use session::{Expiration, LiveCredentials, NoSession, SessionCredentials, SigningKeys};
pub use sign_in::{SignInAnswer, SignInClient, SignInProof, SignInToken};
