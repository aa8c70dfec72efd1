//! What other programs want to hear of a token that is made from credentials, in their own words. Pure.

pub(crate) mod database;
pub(crate) mod docker;
pub(crate) mod exec_credential;
pub(crate) mod git;
pub(crate) mod registry;
