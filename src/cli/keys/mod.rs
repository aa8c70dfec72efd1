//! `awsx keys`

pub(super) mod add;
pub(super) mod list;
pub(super) mod remove;
