//! Builds a source from what was found in a profile, and holds it to be complete.

use std::path::Path;

use super::assumed_role::{AssumedRole, Mfa};
use super::error::{ChainError, ChainErrorKind, ProfileTrail};
use super::found::Pair;
use super::settings::{SESSION_DURATION, boolean, duration_seconds, line, text, word};
use super::source::{Given, Source, StaticKeys, WebIdentity};
use crate::credentials::{
    Expiration, Keys, LongTermCredentials, Secret, SessionCredentials, TokenFile,
};
use crate::env::Env;
use crate::profile::{FileKind, Profile, Setting};

/// The key pair of one file: the two halves never come from different files.
pub(super) fn static_keys(
    profile: &Profile,
    file: FileKind,
    pair: Pair<'_>,
    trail: &ProfileTrail,
) -> Result<StaticKeys, ChainError> {
    let (id, secret) = match pair {
        Pair::Both(id, secret) => (id, secret),
        Pair::Half { present, missing } => {
            let kind = ChainErrorKind::HalfKeyPair {
                profile: profile.name().to_owned(),
                present: present.key.clone(),
                missing,
            };
            return Err(trail.error(&present.location, kind));
        }
    };
    let access_key_id = word(profile, id)?;
    let secret_access_key = Secret::new(line(profile, secret)?);
    // Of the same file: keys of the other one may be another account's.
    let account_id = profile.get_in(file, "aws_account_id");
    let account_id = account_id.map(|id| word(profile, id)).transpose()?;
    // The AWS CLI prefers the older name where both are set.
    let token = profile
        .get_in(file, "aws_security_token")
        .or_else(|| profile.get_in(file, "aws_session_token"));
    let keys = match token {
        Some(token) => Keys::Session(SessionCredentials {
            access_key_id,
            secret_access_key,
            session_token: Some(Secret::new(word(profile, token)?)),
            expiration: Expiration::Unstated,
            account_id,
        }),
        None => {
            Keys::LongTerm(LongTermCredentials { access_key_id, secret_access_key, account_id })
        }
    };
    Ok(StaticKeys {
        profile: profile.name().to_owned(),
        keys,
        at: id.location.clone(),
        file,
        mfa: Mfa::of_profile(profile),
        mfa_process: text(profile, "mfa_process"),
        duration: match profile.get("role_arn") {
            Some(_) => None,
            None => duration_seconds(profile, SESSION_DURATION)?,
        },
        no_session: boolean(profile, "session")? == Some(false),
    })
}

/// `mfa_process` may stand in the profile that has the keys, unless that names another device.
pub(super) fn lend_mfa_process(source: &Source, role: &mut AssumedRole) {
    if let (Source::Given(Given::StaticKeys(keys)), Some(mfa)) = (source, &mut role.mfa)
        && mfa.process.is_none()
        && keys.mfa.as_ref().is_none_or(|own| own.serial == mfa.serial)
    {
        mfa.process.clone_from(&keys.mfa_process);
    }
}

pub(super) fn web_identity(
    profile: &Profile,
    token_file: &Setting,
    env: &Env,
    trail: &ProfileTrail,
) -> Result<WebIdentity, ChainError> {
    let role_arn =
        profile.get("role_arn").ok_or_else(|| trail.incomplete(profile, token_file, "role_arn"))?;
    let role = AssumedRole::of_profile(profile, role_arn)?;
    Ok(WebIdentity {
        role: AssumedRole { mfa: None, external_id: None, ..role },
        token_file: self::token_file(token_file, env),
        token: None,
    })
}

pub(super) fn token_file(setting: &Setting, env: &Env) -> TokenFile {
    let path = env.expand_home(Path::new(setting.value.trim()));
    TokenFile { path, named_by: "web_identity_token_file" }
}
