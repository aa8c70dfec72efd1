//! granted: profiles of its own with `granted_sso_…`, and its `credential_process`.
//! <https://docs.commonfate.io/granted/usage/profile-registry>, <https://docs.commonfate.io/granted/configuration>

use super::finding::{Fate, Finding, Tool};
use super::looked::{Looked, OwnFile};
use super::process::Process;
use super::sso::{Portal, Role, Sessions};
use crate::profile::{FileKind, Profile};

/// What only granted reads.
const KEYS: [&str; 7] = [
    "granted_sso_start_url",
    "granted_sso_region",
    "granted_sso_account_id",
    "granted_sso_role_name",
    "granted_sso_registration_scopes",
    "common_fate_generated_from",
    "credential_process",
];

pub(super) fn find(
    looked: &Looked<'_>,
    own: Option<&OwnFile>,
    sessions: &mut Sessions,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for profile in looked.all_profiles() {
        let process = Process::of(&profile);
        let process = process.filter(|process| process.runs("granted", "credential-process"));
        let is_own = values(&profile).is_some();
        let place = match (&process, profile.get_in(FileKind::Config, KEYS[0])) {
            (Some(process), _) => process.place.clone(),
            (None, Some(setting)) => setting.location.to_string(),
            (None, None) => continue,
        };
        let named = process.as_ref().and_then(|process| process.value(&["--profile", "-p"]));
        let named = named.filter(|_| !is_own).and_then(|name| looked.profiles.as_written(name));
        let role = values(named.as_ref().unwrap_or(&profile));
        let name = profile.name();
        // What is no process of granted's stays.
        let gone = if process.is_some() { &KEYS[..] } else { &KEYS[..KEYS.len() - 1] };
        let (what, fate) = match role {
            Some([start_url, region, account_id, role_name]) => {
                let portal = Portal { start_url, region, name: None };
                let role = Role { portal, account_id, role_name };
                let fate = match profile.get_in(FileKind::Config, "credential_process") {
                    Some(other) if process.is_none() => Fate::stays(
                        format!("the profile has a credential_process too ({})", other.location),
                        "take one of them out, then run it again",
                    ),
                    _ => sessions.move_profile(name, Some(&profile), role, gone, &[]),
                };
                (format!("profile {name}: {role_name} in {account_id}"), fate)
            }
            None => (
                format!("profile {name}"),
                Fate::stays(
                    "it does not say all of granted_sso_start_url, _region, _account_id and _role_name",
                    "`awsx config sso` makes a profile of a role",
                ),
            ),
        };
        found.push(Finding { tool: Tool::Granted, place, what, fate });
    }
    if let Some(own) = own {
        found.push(Finding {
            tool: Tool::Granted,
            place: own.place.clone(),
            what: "browser, order of profiles, logins in the keychain".to_owned(),
            fate: Fate::stays(
                "a login belongs to the program that made it",
                "`awsx login sso SESSION` logs in; [console] in config.toml names the browser",
            ),
        });
    }
    found
}

/// Start URL, region, account and role.
fn values(profile: &Profile) -> Option<[&str; 4]> {
    let value = |at: usize| Some(profile.get_in(FileKind::Config, KEYS[at])?.value.trim());
    Some([value(0)?, value(1)?, value(2)?, value(3)?])
}
