//! `awsx sessions`

pub(super) mod clear;
pub(super) mod list;
mod running;
mod words;
pub(super) mod write;
