//! Account and role of a profile, as far as its settings say them. Opens nothing.

use super::source_kind::SourceKind;
use crate::credentials::arn;
use crate::profile::Profile;

/// The account's id, and the role's name; `kind`: what the profile draws on first.
pub(crate) fn account_and_role(
    profile: &Profile,
    kind: Option<SourceKind>,
) -> (Option<String>, Option<String>) {
    let said = |key: &str| Some(profile.get(key)?.value.trim());
    let text = |key: &str| said(key).map(str::to_owned);
    let arn = match kind {
        Some(SourceKind::AssumeRole | SourceKind::WebIdentity | SourceKind::Saml) => {
            said("role_arn")
        }
        Some(SourceKind::LoginSession) => said("login_session"),
        Some(SourceKind::CredentialsFile | SourceKind::LongTerm) => {
            profile.role_of_aws_mfa().map(|role| role.value.trim())
        }
        _ => None,
    };
    let of_arn = |part: fn(&str) -> Option<&str>| part(arn?).map(str::to_owned);
    match kind {
        Some(SourceKind::Sso) => (text("sso_account_id"), text("sso_role_name")),
        Some(SourceKind::CredentialsFile | SourceKind::ConfigFile) if arn.is_none() => {
            (text("aws_account_id"), None)
        }
        Some(SourceKind::StoredKeys) => {
            (profile.key_in_vault().ok().flatten().and_then(|key| key.account_id), None)
        }
        _ => (of_arn(arn::account), of_arn(arn::role_name)),
    }
}
