//! The AWS CLI's own caches of logins, which other tools read too: [`TokenCache`] implements
//! `SharedTokens`, [`LoginCache`] implements `SharedSignIns`. Whether they are read or written is decided
//! elsewhere.

mod login_cache;
pub(crate) mod sign_in_file;
mod sso_cache;
pub(crate) mod sso_token_file;

pub(crate) use login_cache::LoginCache;
pub(crate) use sso_cache::TokenCache;
