//! `awsx config`: one file per command.

pub(super) mod check;
pub(super) mod edit;
pub(super) mod get;
pub(super) mod list;
pub(super) mod path;
mod sarif;
pub(super) mod set;
mod setting_flags;
pub(super) mod undo;
pub(super) mod unset;
