//! `awsx keys`

pub(super) mod add;
pub(super) mod import;
pub(super) mod list;
pub(super) mod remove;
pub(super) mod rotate;
