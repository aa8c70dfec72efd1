//! `awsx sessions`

pub(super) mod clear;
pub(super) mod list;
mod words;
pub(super) mod write;
