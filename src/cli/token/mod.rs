//! `awsx token`: what is made from credentials for programs that take no credentials. One file per command.

pub(super) mod codecommit;
pub(super) mod database;
pub(super) mod ecr;
pub(super) mod eks;
mod registry_account;
mod signer;

pub(super) use registry_account::{check_account, settings_file};
pub(super) use signer::{Token, plan_of_signer};
