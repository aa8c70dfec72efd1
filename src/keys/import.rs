//! Which access keys other places hold, and what they would be stored as.

use std::collections::BTreeMap;

use super::given::{NewKey, NotAKey};
use crate::config::edit::EditError;
use crate::config::remove::{RemovedLine, Unwanted, without_settings};
use crate::credentials::LongTermCredentials;
use crate::credentials::aws_mfa::LONG_TERM;
use crate::env::Env;
use crate::profile::{
    FileKind, KeyHolder, Profile, Profiles, StoredKey, StoredKeys, UnreadableKey,
};
use crate::resolve::identity;

/// An access key that stands somewhere else.
pub(crate) struct Candidate {
    /// What it is stored under
    pub name: String,
    /// Where it stands, for people
    pub place: String,
    /// The key, or why it cannot be taken, as a clause
    pub key: Result<NewKey, String>,
    /// The section of the credentials file
    pub section: Option<String>,
    /// The MFA device that the place names for it
    pub mfa_serial: Option<String>,
}

/// What the credentials file holds.
pub(crate) fn find_in_credentials_file(profiles: &Profiles) -> Vec<Candidate> {
    let candidate = |section: &str| {
        let profile = profiles.as_written(section)?;
        let get = |key| profile.get_in(FileKind::Credentials, key);
        let (id, secret) = (get("aws_access_key_id"), get("aws_secret_access_key"));
        let place = id.or(secret)?.location.to_string();
        let name = match section.strip_suffix(LONG_TERM) {
            Some(name) if !name.is_empty() && is_free(profiles, name) => name,
            _ => section,
        };
        Some(Candidate {
            name: name.to_owned(),
            place,
            key: key_of(&profile, FileKind::Credentials),
            section: Some(section.to_owned()),
            mfa_serial: profile.get("aws_mfa_device").map(|device| device.value.trim().to_owned()),
        })
    };
    profiles.names().filter_map(candidate).collect()
}

/// Whether a profile has no credentials but those that aws-mfa writes: a session's.
fn is_free(profiles: &Profiles, name: &str) -> bool {
    let Some(profile) = profiles.as_written(name) else { return true };
    const OTHERS: [&str; 7] = [
        "role_arn",
        "web_identity_token_file",
        "oidc",
        "sso_account_id",
        "sso_role_name",
        "login_session",
        "credential_process",
    ];
    let has = |key| profile.get(key).is_some();
    let is_session = has("aws_session_token") || has("aws_security_token");
    !OTHERS.into_iter().any(has) && (is_session || !has("aws_access_key_id"))
}

/// The access key that a profile has in one of the files, or why it has none, as a clause.
pub(super) fn key_of(profile: &Profile, kind: FileKind) -> Result<NewKey, String> {
    let get = |key| profile.get_in(kind, key);
    for key in ["aws_access_key_id", "aws_secret_access_key"] {
        if let Some((first, _)) = profile.contradiction(key) {
            return Err(format!("{key} has another value at {}", first.location));
        }
    }
    if ["aws_session_token", "aws_security_token"].into_iter().any(|key| get(key).is_some()) {
        return Err(NotAKey::Session.to_string());
    }
    match (get("aws_access_key_id"), get("aws_secret_access_key")) {
        (Some(id), Some(secret)) => {
            NewKey::new(&id.value, &secret.secret()).map_err(|problem| problem.to_string())
        }
        (_, None) => Err("aws_secret_access_key is missing".to_owned()),
        (None, _) => Err("aws_access_key_id is missing".to_owned()),
    }
}

/// The credentials file's text without these candidates, and the lines that they had.
pub(crate) fn take_out(
    profiles: &Profiles,
    candidates: &[&Candidate],
) -> Result<(String, Vec<RemovedLine>), EditError> {
    let settings = candidates.iter().flat_map(|candidate| {
        let (profile, key) = (candidate.section.as_deref()?, candidate.key.as_ref().ok()?);
        let LongTermCredentials { access_key_id, secret_access_key, .. } = &key.credentials;
        Some([
            Unwanted { profile, key: "aws_access_key_id", value: access_key_id },
            Unwanted { profile, key: "aws_secret_access_key", value: secret_access_key.expose() },
        ])
    });
    let settings: Vec<_> = settings.flatten().collect();
    without_settings(FileKind::Credentials, profiles.credentials_text(), &settings)
}

/// The profiles that would be somebody else if these candidates were stored and the credentials file had this
/// text. Those whose key gets another name may change.
pub(crate) fn find_changed(
    profiles: &Profiles,
    env: &Env,
    candidates: &[&Candidate],
    credentials: &str,
) -> Vec<String> {
    let Ok(after) = Profiles::from_texts(profiles.config_text(), credentials) else {
        return profiles.names().map(str::to_owned).collect();
    };
    let stored = |candidate: &&Candidate| {
        let key = candidate.key.as_ref().ok()?;
        let access_key_id = key.credentials.access_key_id.clone();
        let key = StoredKey { access_key_id, owner: None, account_id: None };
        Some((candidate.name.clone(), key))
    };
    let new = candidates.iter().filter_map(stored).collect();
    let stored = StoredKeys::of(Both { new, before: profiles.stored.clone() });
    let after = after.with_stored(stored).with_need(profiles.need);
    let is_meant = |name: &str| {
        let mut moved =
            candidates.iter().filter(|c| c.section.as_ref().is_some_and(|from| *from != c.name));
        moved.any(|c| c.name == name || c.section.as_deref() == Some(name))
    };
    let is_changed = |name: &&str| {
        let before = identity(profiles, env, name);
        before.is_some() && before != identity(&after, env, name) && !is_meant(name)
    };
    profiles.all_names().filter(is_changed).map(str::to_owned).collect()
}

/// Stored keys beside those that are there.
struct Both {
    new: BTreeMap<String, StoredKey>,
    before: StoredKeys,
}

impl KeyHolder for Both {
    fn find(&self, profile: &str) -> Result<Option<StoredKey>, UnreadableKey> {
        match self.new.get(profile) {
            Some(key) => Ok(Some(key.clone())),
            None => self.before.find(profile),
        }
    }

    fn names(&self) -> Vec<String> {
        self.new.keys().chain(self.before.names()).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_credentials_file_holds() {
        const ID: &str = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\n";
        const SECRET: &str = "aws_secret_access_key = planted\n";
        let config = "[profile role]\nrole_arn = r\nsource_profile = dev\n";
        let credentials = format!(
            "[dev]\n{ID}{SECRET}\n[session]\n{ID}{SECRET}aws_session_token = t\n[half]\n{ID}\n\
             [twice]\n{ID}aws_access_key_id = AKIAOTHEREXAMPLE0000\n{SECRET}[quoted]\n\
             aws_access_key_id = \"AKIAIOSFODNN7EXAMPLE\"\n{SECRET}[none]\nregion = x\n\
             [work]\n{ID}{SECRET}aws_security_token = t\n[work-long-term]\n{ID}{SECRET}\
             aws_mfa_device = arn:aws:iam::1:mfa/m\n[new-long-term]\n{ID}{SECRET}\n\
             [dev-long-term]\n{ID}{SECRET}\n[role-long-term]\n{ID}{SECRET}\n[-long-term]\n{ID}{SECRET}"
        );
        let profiles = Profiles::from_texts(config, &credentials).unwrap();
        let found = find_in_credentials_file(&profiles);
        let shown: Vec<String> = found
            .iter()
            .map(|c| {
                let key = match &c.key {
                    Ok(_) => "fine",
                    Err(problem) => problem,
                };
                let mfa = c.mfa_serial.as_deref().unwrap_or_default();
                format!("{} {} {key} {mfa}", c.name, c.place).trim_end().to_owned()
            })
            .collect();
        let session = "these are the credentials of a session, which ends by itself";
        assert_eq!(
            shown,
            [
                "dev credentials:2 fine".to_owned(),
                format!("session credentials:6 {session}"),
                "half credentials:10 aws_secret_access_key is missing".to_owned(),
                "twice credentials:14 aws_access_key_id has another value at credentials:13".to_owned(),
                "quoted credentials:17 the access key id is not 16 to 128 capital letters and digits, \
                 such as AKIA…"
                    .to_owned(),
                format!("work credentials:22 {session}"),
                "work credentials:26 fine arn:aws:iam::1:mfa/m".to_owned(),
                "new credentials:30 fine".to_owned(),
                "dev-long-term credentials:34 fine".to_owned(),
                "role-long-term credentials:38 fine".to_owned(),
                "-long-term credentials:42 fine".to_owned(),
            ]
        );
    }

    #[test]
    fn who_would_be_somebody_else() {
        const KEYS: &str = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\n";
        let role = "role_arn = arn:aws:iam::111122223333:role/r\n";
        for (docs, config, expected) in [
            ("a profile of its own", String::new(), ""),
            ("a role behind it", format!("[profile r]\n{role}source_profile = dev\n"), ""),
            ("a role of its own", format!("[profile dev]\n{role}source_profile = dev\n"), ""),
            (
                "a sign-in after the keys",
                "[profile dev]\nlogin_session = arn:x\n".to_owned(),
                "dev",
            ),
            (
                "a role that ends at the keys of another",
                format!(
                    "[profile dev]\n{role}source_profile = base\n[profile far]\n{role}source_profile = dev\n\
                     [profile base]\ncredential_process = get\n"
                ),
                "far",
            ),
        ] {
            let credentials = format!("[dev]\n{KEYS}");
            let profiles = Profiles::from_texts(&config, &credentials).unwrap();
            let found = find_in_credentials_file(&profiles);
            let all: Vec<&Candidate> = found.iter().collect();
            let changed = find_changed(&profiles, &Env::default(), &all, "[dev]\n");
            assert_eq!(changed.join(" "), expected, "{docs}");
        }
    }
}
