//! `awsx token`: what is made from credentials for programs that take no credentials. One file per command.

pub(super) mod codecommit;
pub(super) mod database;
pub(super) mod eks;
mod signer;
