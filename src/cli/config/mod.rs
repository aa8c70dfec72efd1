//! `awsx config`: one file per command.

pub(super) mod get;
pub(super) mod path;
