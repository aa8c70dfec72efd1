//! The command that helps where a login is missing.

use super::word;
use crate::credentials::{Login, SsoLogin};

/// What a person runs to log in.
pub(crate) fn login_command(login: &Login, profile: Option<&str>) -> String {
    match login {
        Login::IdentityCenter(SsoLogin { session, start_url, region, .. }) => {
            match (session, profile) {
                (Some(session), _) => format!("awsx login sso {}", word(session)),
                (None, Some(profile)) => format!("awsx login sso --profile {}", word(profile)),
                (None, None) => format!(
                    "awsx login sso --start-url {} --sso-region {}",
                    word(start_url),
                    word(region)
                ),
            }
        }
        Login::Console(_) => {
            let profile = profile.map(|profile| format!(" {}", word(profile))).unwrap_or_default();
            format!("awsx login aws{profile}")
        }
    }
}
