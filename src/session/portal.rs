//! What the access portal of IAM Identity Center is asked about the accounts and roles of a person.

use super::ports::CallError;
use crate::credentials::{Secret, SsoLogin};

/// An account that the person may enter, as `sso:ListAccounts` gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// `accountId`, 12 digits
    pub account_id: String,
    /// `accountName`; empty where there is none
    pub account_name: String,
    /// `emailAddress`, the account's; empty where there is none
    pub email: String,
}

/// What comes in while the roles of many accounts are listed.
#[derive(Debug)]
pub enum Heard {
    /// An account is done: its `roleName`s, or why there are none
    Roles {
        /// The account
        account_id: String,
        /// The names, in the portal's order
        outcome: Result<Vec<String>, CallError>,
    },
    /// About a second went by
    Nothing,
}

/// The access portal, as far as it lists. Throttling is waited out, at a rate that the portal allows.
pub trait Portal {
    /// `sso:ListAccounts`, all pages. A token that AWS does not accept is [`CallError::LoginNeeded`].
    fn accounts(&self, login: &SsoLogin, token: &Secret) -> Result<Vec<Account>, CallError>;
    /// `sso:ListAccountRoles` of every account, all pages, several at once. Each is told to `heard`
    /// when it is done; one that fails does not stop the others.
    ///
    /// # Errors
    /// What would stop every other call too: the token is not accepted
    /// ([`CallError::LoginNeeded`]), AWS throttles all of them or cannot be reached. What was told
    /// before stays true.
    fn roles(
        &self,
        login: &SsoLogin,
        token: &Secret,
        accounts: &[String],
        heard: &mut dyn FnMut(Heard),
    ) -> Result<(), CallError>;
}
