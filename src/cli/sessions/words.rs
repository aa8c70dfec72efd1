//! A session in a few words.

use chrono::{DateTime, Utc};

use crate::vault::SessionHeader;

/// By profile, and as they were made: the order of keys, which are digests, says nothing.
pub(super) fn place(header: &SessionHeader) -> (Option<String>, DateTime<Utc>) {
    (header.of.profile.clone(), header.minted_at)
}

/// What it is, without its profile and account: `Admin, MFA`
pub(super) fn session_words(header: &SessionHeader) -> String {
    let of = &header.of;
    let what = match (&of.role_name, of.call.as_deref()) {
        (Some(role), _) => role,
        (None, Some("sts:GetSessionToken")) => "access keys",
        // All that an earlier awsx said of it
        (None, _) => &header.label,
    };
    match of.mfa_serial {
        Some(_) => format!("{what}, MFA"),
        None => what.to_owned(),
    }
}
