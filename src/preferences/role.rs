//! A role in an account, as the access portal lists it.

#[derive(Clone, Copy, Debug)]
pub struct Role<'a> {
    /// The name of the `[sso-session]`
    pub session: &'a str,
    /// `accountId`, 12 digits
    pub account_id: &'a str,
    pub account_name: &'a str,
    /// `emailAddress` of the account; empty where there is none
    pub email: &'a str,
    pub role_name: &'a str,
}
