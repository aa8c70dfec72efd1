//! `awsx login`

pub(super) mod aws;
mod browser_flags;
pub(super) mod sso;
pub(super) mod status;
