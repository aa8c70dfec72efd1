//! Carries out a plan: back to the deepest fresh cached step, then forward.

mod in_browser;
pub mod lock;
pub mod logout;
pub mod mint;
mod pkce;
pub mod renewal;
pub mod sign_in;
mod sign_in_record;
pub mod signing_in;
pub mod sso_login;
pub mod sso_token;

mod step_up;
#[cfg(test)]
mod testing;

pub use step_up::CodeError;
