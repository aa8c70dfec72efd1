//! `awsx sso`

pub(super) mod accounts;
pub(super) mod roles;
pub(super) mod sync;
mod table;
