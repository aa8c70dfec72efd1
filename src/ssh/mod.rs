//! `ssh` as `awsx ssh` runs it: one connection, which others go through, and what lies at its other end meanwhile.

mod arguments;
mod far_files;

pub(crate) use arguments::{Arguments, Way, escape};
pub(crate) use far_files::{FarFiles, Place, SHELL};
