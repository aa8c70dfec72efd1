//! Secrets and their lifetimes. Knows nothing of files, profiles, network or terminal.

pub(crate) mod arn;
pub(crate) mod aws_mfa;
mod by_name;
mod claims;
mod console_form;
pub(crate) mod document;
mod flaw;
mod key;
mod lifetime;
mod login;
mod mfa;
mod request;
mod secret;
mod session;
#[cfg(test)]
pub(crate) mod testing;
mod web_token;

pub(crate) use by_name::{StsAnswer, StsCall, StsMember, TokenUsage};
pub(crate) use claims::Claims;
pub(crate) use console_form::ConsoleForm;
pub(crate) use flaw::{Flaw, check_line, check_word};
pub use key::SessionKey;
pub(crate) use key::SessionKeyBuilder;
pub(crate) use lifetime::{Lifetime, Margin};
pub(crate) use login::{
    Authorization, AuthorizedCode, DeviceAuthorization, Grant, Login, LoginSession, LoginWords,
    Registration, SignInAnswer, SignInClient, SignInProof, SignInToken, SsoToken, TokenProof,
};
pub(crate) use mfa::{MfaCode, SerialFlaw, check_mfa_serial};
pub(crate) use request::{
    AssumeRole, AssumeRoleWithSaml, AssumeRoleWithWebIdentity, ContainerAuthorization,
    ContainerEndpoint, GetRoleCredentials, GetScopedCredentials, GetSessionToken, InstanceMetadata,
    JobTag, SessionContext, SsoLogin, TokenFile,
};
pub use secret::Secret;
pub(crate) use session::{
    Expiration, Keys, LiveCredentials, LongTermCredentials, NoSession, SessionCredentials,
};
pub(crate) use web_token::{GithubJob, TokenOrigin};
