//! `awsx mfa`

pub(super) mod add;
pub(super) mod code;
pub(super) mod enable;
pub(super) mod list;
pub(super) mod login;
pub(super) mod remove;
mod target;
