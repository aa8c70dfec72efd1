//! `awsx config`: one file per command.

pub(super) mod check;
pub(super) mod get;
pub(super) mod path;
mod sarif;
pub(super) mod set;
mod setting_flags;
pub(super) mod unset;
