//! The sources that one profile can be, each from its settings. Whether a profile is that kind was
//! seen before ([`super::candidate`]); here it is held to be complete.

use std::path::PathBuf;

use super::assumed_role;
use super::error::ChainError;
use super::settings::{ROLE_DURATION, SESSION_DURATION, boolean, duration_seconds, setting, text};
use super::source::{Keys, Mfa, Source, SourceKind, WebIdentity};
use super::way::Path;
use crate::credentials::{Expiration, LongTermCredentials, SessionCredentials};
use crate::env::Env;
use crate::profile::{FileKind, Location, Profile};

pub(super) fn header(profile: &Profile) -> Location {
    profile.header().clone()
}

pub(super) fn has_static_keys(profile: &Profile) -> bool {
    setting(profile, "aws_access_key_id").is_some()
        || setting(profile, "aws_secret_access_key").is_some()
}

pub(super) fn static_kind(profile: &Profile) -> SourceKind {
    let in_credentials = |key| profile.get_in(FileKind::Credentials, key).is_some();
    if in_credentials("aws_access_key_id") || in_credentials("aws_secret_access_key") {
        SourceKind::CredentialsFile
    } else {
        SourceKind::ConfigFile
    }
}

/// The key pair of one file: the two halves never come from different files.
pub(super) fn static_keys(
    profile: &Profile,
    kind: SourceKind,
    path: &Path,
) -> Result<Source, ChainError> {
    let file = match kind {
        SourceKind::CredentialsFile => FileKind::Credentials,
        _ => FileKind::Config,
    };
    let find = |key| profile.get_in(file, key).filter(|s| !s.value().trim().is_empty());
    let half = |at: &Location, present, missing| ChainError::HalfKeyPair {
        profile: profile.name().to_owned(),
        at: at.clone(),
        present,
        missing,
        path: path.text(),
    };
    let (id, secret) = match (find("aws_access_key_id"), find("aws_secret_access_key")) {
        (Some(id), Some(secret)) => (id, secret),
        (Some(id), None) => {
            return Err(half(id.location(), "aws_access_key_id", "aws_secret_access_key"));
        }
        (None, Some(secret)) => {
            return Err(half(secret.location(), "aws_secret_access_key", "aws_access_key_id"));
        }
        (None, None) => unreachable!("static keys were only taken for one of the two"),
    };
    let access_key_id = id.value().trim().to_owned();
    let account_id = text(profile, "aws_account_id");
    // The AWS CLI prefers the older name where both are set.
    let token = find("aws_security_token").or_else(|| find("aws_session_token"));
    let keys = match token {
        Some(token) => Keys::Session(SessionCredentials {
            access_key_id,
            secret_access_key: secret.secret(),
            session_token: Some(token.secret()),
            expiration: Expiration::Unstated,
            account_id,
        }),
        None => Keys::LongTerm(LongTermCredentials {
            access_key_id,
            secret_access_key: secret.secret(),
            account_id,
        }),
    };
    let is_role = setting(profile, "role_arn").is_some();
    let own = |key| text(profile, key).filter(|_| !is_role);
    Ok(Source::StaticKeys {
        profile: profile.name().to_owned(),
        keys,
        at: id.location().clone(),
        kind,
        mfa: own("mfa_serial").map(|serial| Mfa { serial, process: text(profile, "mfa_process") }),
        duration: if is_role { None } else { duration_seconds(profile, SESSION_DURATION)? },
        no_session: boolean(profile, "session")? == Some(false),
    })
}

pub(super) fn process(profile: &Profile) -> Source {
    let command = setting(profile, "credential_process")
        .expect("the process was only taken because the setting is there");
    Source::Process {
        profile: profile.name().to_owned(),
        at: command.location().clone(),
        command: command.value().trim().to_owned(),
    }
}

pub(super) fn login_session(profile: &Profile) -> Source {
    let session = setting(profile, "login_session")
        .expect("the session was only taken because the setting is there");
    Source::LoginSession {
        profile: profile.name().to_owned(),
        at: session.location().clone(),
        session: session.value().trim().to_owned(),
    }
}

pub(super) fn web_identity(
    profile: &Profile,
    env: &Env,
    path: &Path,
) -> Result<Source, ChainError> {
    let token_file = setting(profile, "web_identity_token_file")
        .expect("web identity was only taken because the setting is there");
    let role_arn = text(profile, "role_arn").ok_or_else(|| ChainError::Incomplete {
        profile: profile.name().to_owned(),
        at: token_file.location().clone(),
        present: "web_identity_token_file",
        missing: "role_arn",
        path: path.text(),
    })?;
    Ok(Source::WebIdentity(WebIdentity {
        role_arn,
        session_name: text(profile, "role_session_name"),
        token_file: env.expand_home(&PathBuf::from(token_file.value().trim())),
        token: None,
        profile: Some(profile.name().to_owned()),
        duration: duration_seconds(profile, ROLE_DURATION)?,
        context: assumed_role::context(profile)?,
    }))
}
