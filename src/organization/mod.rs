//! The accounts and roles that IAM Identity Center gives a person: listed at the access portal, and
//! kept for a day.

pub mod account_name;
mod kept;
pub mod listing;

pub use kept::RolesOfAccount;
