//! A role in an account, as the access portal lists it.

/// Where there is no email, it is empty.
#[derive(Clone, Copy, Debug)]
pub struct Role<'a> {
    /// The name of the `[sso-session]`
    pub session: &'a str,
    /// `accountId`, 12 digits
    pub account_id: &'a str,
    /// `accountName`
    pub account_name: &'a str,
    /// `emailAddress` of the account
    pub email: &'a str,
    /// `roleName`
    pub role_name: &'a str,
}
