//! `awsx agents`

mod client_file;
mod install;

pub(super) use install::InstallAgents;
