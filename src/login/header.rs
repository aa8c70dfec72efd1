//! What is known of a kept login without opening the vault.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::credentials::{Login, LoginSession, SsoLogin};
use crate::vault::Header;

/// Where a person logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LoginKind {
    #[serde(rename = "sso")]
    IdentityCenter,
    /// AWS's console: `login_session`
    #[serde(rename = "sign-in")]
    Console,
}

/// What `awsx login status` lists of a login. Proved only when the login is opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LoginHeader {
    pub kind: LoginKind,
    /// The `[sso-session]`, or the ARN of the `login_session`; `None` for a start URL of a profile
    pub name: Option<String>,
    /// `sso_start_url`; the endpoint of AWS sign-in
    pub url: String,
    /// `sso_region`; the region of AWS sign-in
    pub region: String,
    /// `sso_registration_scopes`; none for AWS sign-in
    #[serde(default)]
    pub scopes: Vec<String>,
    pub logged_in_at: DateTime<Utc>,
    /// When awsx last got a new access token, by login or refresh
    pub refreshed_at: DateTime<Utc>,
    /// When AWS refuses the access token from; `None` if it was dropped
    pub expires_at: Option<DateTime<Utc>>,
    pub can_refresh: bool,
    /// Until when the client registration holds; `None` where there is no registration
    pub registration_expires_at: Option<DateTime<Utc>>,
    /// Whether the AWS CLI's cache has it too, and is kept in step
    #[serde(default)]
    pub shared: bool,
}

impl Header for LoginHeader {
    const FOLDER: &'static str = "logins";
    const IS_CACHE: bool = false;
}

impl LoginHeader {
    pub(crate) fn login(&self) -> Login {
        match self.kind {
            LoginKind::Console => {
                Login::Console(LoginSession::new(self.name.clone().unwrap_or_default()))
            }
            LoginKind::IdentityCenter => Login::IdentityCenter(SsoLogin {
                session: self.name.clone(),
                start_url: self.url.clone(),
                region: self.region.clone(),
                scopes: self.scopes.clone(),
            }),
        }
    }
}
