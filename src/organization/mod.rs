//! The accounts and roles that IAM Identity Center gives a person: listed at the access portal, and
//! kept for a day.

pub(crate) mod account_name;
mod kept;
pub(crate) mod listing;
