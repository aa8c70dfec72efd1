//! The accounts and roles that IAM Identity Center gives a person: listed at the access portal, and
//! kept for a day.

pub(crate) mod account_name;
pub(crate) mod kept;
pub(crate) mod last_choice;
pub(crate) mod listing;
pub(crate) mod seen;

use crate::credentials::SsoLogin;

/// That there is nothing to choose from.
pub(crate) fn no_account(login: &SsoLogin) -> String {
    format!("IAM Identity Center lists no account for you at {login}")
}
