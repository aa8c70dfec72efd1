//! `awsx sso`

pub(super) mod accounts;
mod changes;
pub(super) mod roles;
pub(super) mod sync;
mod table;
