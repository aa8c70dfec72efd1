//! Builds a source from what was found in a profile, and holds it to be complete.

use std::path::Path;

use super::assumed_role::{AssumedRole, Mfa};
use super::error::{ChainError, ChainErrorKind, ProfileTrail};
use super::found::Pair;
use super::oidc::{NO_ORIGIN, token_origin};
use super::settings::{SESSION_DURATION, boolean, duration_seconds, invalid, line, text, word};
use super::source::{Given, KeyUser, SamlIdentity, Source, StaticKeys, WebIdentity};
use crate::credentials::arn::check_provider_arn;
use crate::credentials::{
    Expiration, Keys, LongTermCredentials, Secret, SessionCredentials, TokenFile, TokenOrigin,
};
use crate::env::Env;
use crate::profile::{FileKind, Profile, Setting, UnreadableKey};
use crate::saml::{AssertionSource, Consumer};

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
                present: present.key.to_string(),
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
    let session = profile.file_session().filter(|_| file == FileKind::Credentials);
    let ends = session.as_ref().and_then(|session| Expiration::new(session.ends));
    let keys = match token {
        Some(token) => Keys::Session(SessionCredentials {
            access_key_id,
            secret_access_key,
            session_token: Some(Secret::new(word(profile, token)?)),
            expiration: ends.unwrap_or(Expiration::Unstated),
            account_id,
        }),
        None => {
            Keys::LongTerm(LongTermCredentials { access_key_id, secret_access_key, account_id })
        }
    };
    let is_renewable = session.is_some() && profile.long_term().is_some();
    let (at, user) = (id.location.clone(), key_user(profile)?);
    Ok(StaticKeys { keys, at, file, user, session, is_renewable })
}

/// The access key that the vault keeps for the profile.
pub(super) fn keys_in_vault(profile: &Profile, trail: &ProfileTrail) -> Result<Given, ChainError> {
    let gone = || UnreadableKey { problem: "they are gone".to_owned(), remedy: None };
    let key = profile.key_in_vault().and_then(|key| key.ok_or_else(gone));
    let key = key.map_err(|cause| {
        let kind = ChainErrorKind::StoredKeys { profile: profile.name().to_owned(), cause };
        trail.error(None, kind)
    })?;
    Ok(Given::StoredKeys { key, user: key_user(profile)? })
}

/// `server`: whether `awsx exec` lets a command ask for its credentials while it runs.
pub(crate) fn wants_server(profile: &Profile) -> Result<bool, ChainError> {
    Ok(boolean(profile, "server")? == Some(true))
}

/// What a profile says of its access key.
pub(super) fn key_user(profile: &Profile) -> Result<KeyUser, ChainError> {
    let is_off = boolean(profile, "session")? == Some(false);
    Ok(KeyUser {
        profile: profile.name().to_owned(),
        mfa: Mfa::of_profile(profile),
        mfa_process: text(profile, "mfa_process"),
        duration: match profile.get("role_arn") {
            Some(_) => None,
            None => duration_seconds(profile, SESSION_DURATION)?,
        },
        no_session: profile
            .get("session")
            .filter(|_| is_off)
            .map(|setting| setting.location.clone()),
        serves: None,
    })
}

/// `mfa_process` may stand in the profile that has the keys, unless that names another device.
pub(super) fn lend_mfa_process(source: &Source, role: &mut AssumedRole) {
    if let (Source::Given(given), Some(mfa)) = (source, &mut role.mfa)
        && let Some(user) = given.key_user()
        && mfa.process.is_none()
        && user.mfa.as_ref().is_none_or(|own| own.serial == mfa.serial)
    {
        mfa.process.clone_from(&user.mfa_process);
    }
}

pub(super) fn web_identity(
    profile: &Profile,
    token: &Setting,
    env: &Env,
    trail: &ProfileTrail,
) -> Result<WebIdentity, ChainError> {
    let role_arn =
        profile.get("role_arn").ok_or_else(|| trail.incomplete(profile, token, "role_arn"))?;
    if let Some(oidc) = profile.get(TokenOrigin::SETTING) {
        let others =
            ["web_identity_token_file", "saml_command", "source_profile", "credential_source"];
        if let Some(other) = others.into_iter().find_map(|key| profile.get(key)) {
            return Err(both_sources(profile, oidc, other, trail));
        }
    }
    let role = AssumedRole::of_profile(profile, role_arn)?;
    Ok(WebIdentity {
        role: AssumedRole { mfa: None, external_id: None, ..role },
        origin: origin(profile, token, env)?,
        token: None,
    })
}

/// The role that the assertion of `saml_command` or of a login opens.
pub(super) fn saml(
    profile: &Profile,
    setting: &Setting,
    trail: &ProfileTrail,
) -> Result<SamlIdentity, ChainError> {
    let role_arn =
        profile.get("role_arn").ok_or_else(|| trail.incomplete(profile, setting, "role_arn"))?;
    let role = AssumedRole::of_profile(profile, role_arn)?;
    let principal_arn = profile.get("principal_arn").map(|arn| principal(profile, arn));
    let url = profile.get("saml_login_url");
    let assertion = match (&*setting.key, url) {
        ("saml_command", Some(url)) => {
            return Err(invalid(profile, url, "stands beside saml_command, and one has to go"));
        }
        ("saml_command", None) => {
            let command = setting.value.trim().to_owned();
            AssertionSource::Command { command, named_by: "saml_command" }
        }
        _ => AssertionSource::Login {
            url: login_url(profile, setting)?,
            consumer: profile.get("saml_consumer").map(|at| consumer(profile, at)).transpose()?,
            brought: None,
        },
    };
    Ok(SamlIdentity {
        role: AssumedRole { mfa: None, external_id: None, session_name: None, ..role },
        principal_arn: principal_arn.transpose()?,
        assertion,
    })
}

/// `saml_consumer`
fn consumer(profile: &Profile, setting: &Setting) -> Result<Consumer, ChainError> {
    let problem = "is not an address of this machine, such as http://127.0.0.1:8400/saml";
    Consumer::read(setting.value.trim()).ok_or_else(|| invalid(profile, setting, problem))
}

/// `saml_login_url`: an address that a browser may be led to.
fn login_url(profile: &Profile, setting: &Setting) -> Result<String, ChainError> {
    let url = word(profile, setting)?;
    let is_here = ["http://127.0.0.1:", "http://localhost:"].iter().any(|at| url.starts_with(at));
    match (url.starts_with("https://") || is_here) && url.is_ascii() {
        true => Ok(url),
        false => Err(invalid(profile, setting, "is not an address that begins with https://")),
    }
}

/// `principal_arn`
fn principal(profile: &Profile, setting: &Setting) -> Result<String, ChainError> {
    let arn = word(profile, setting)?;
    check_provider_arn(&arn).map_err(|flaw| invalid(profile, setting, flaw))?;
    Ok(arn)
}

/// Where the token of a profile comes from: `web_identity_token_file` or `oidc`.
pub(super) fn origin(
    profile: &Profile,
    setting: &Setting,
    env: &Env,
) -> Result<TokenOrigin, ChainError> {
    if setting.key == TokenOrigin::SETTING {
        return token_origin(&setting.value, TokenOrigin::SETTING, env)
            .ok_or_else(|| invalid(profile, setting, NO_ORIGIN));
    }
    let path = env.expand_home(Path::new(setting.value.trim()));
    Ok(TokenOrigin::File(TokenFile { path, named_by: "web_identity_token_file" }))
}

/// A role has one source.
pub(super) fn both_sources(
    profile: &Profile,
    one: &Setting,
    other: &Setting,
    trail: &ProfileTrail,
) -> ChainError {
    let kind = ChainErrorKind::BothSources {
        profile: profile.name().to_owned(),
        keys: [one, other].map(|setting| setting.key.to_string()),
        other: other.location.clone(),
    };
    trail.error(&one.location, kind)
}
