//! granted: profiles of its own with `granted_sso_…`, and its `credential_process`.
//! <https://docs.commonfate.io/granted/usage/profile-registry>, <https://docs.commonfate.io/granted/configuration>

use super::finding::{Fate, Finding, Tool};
use super::looked::{Looked, OwnFile};
use super::process::Process;
use super::settings::{Known, find_settings};
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

/// What awsx has in the place of what `granted settings` and `granted browser` keep.
/// <https://docs.commonfate.io/granted/configuration>
const SETTINGS: [Known; 14] = [
    ("DefaultBrowser", BROWSER),
    ("CustomBrowserPath", BROWSER),
    ("CustomSSOBrowserPath", "the variable AWSX_BROWSER names the browser of a login"),
    (
        "Ordering",
        "what is used often and lately comes first; before it `favourites` of config.toml",
    ),
    ("ExportCredentialSuffix", "`awsx sessions write PROFILE --as SECTION` names the section"),
    ("ExportCredsToAWS", "`awsx sessions write PROFILE` does so"),
    ("DefaultExportAllEnvVar", "`awsx exec` hands all of them over"),
    ("ExportSSOToken", "`share_sso_token = true` in config.toml"),
    ("CredentialProcessAutoLogin", "`awsx login sso SESSION` logs in; a process asks nobody"),
    ("UseAuthorizationCode", "awsx does so where there is a browser"),
    ("DisableCredentialProcessCache", "`--refresh`"),
    ("Keyring", "`awsx vault status` says where awsx's key rests"),
    ("ProfileRegistryURLS", "`awsx sso sync` makes a profile of each role"),
    ("SSO", "`profile_name` of [sso.NAME] in config.toml, and `awsx sso sync`"),
];

const BROWSER: &str = "`browser_command` of [console] in config.toml, or the variable AWSX_BROWSER";

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
        found.extend(find_settings(Tool::Granted, &own.place, keys_of(&own.text), &SETTINGS));
    }
    found
}

/// The keys that the file says something of, and its tables.
fn keys_of(text: &str) -> Vec<(&str, usize)> {
    let (mut found, mut is_above) = (Vec::new(), true);
    for (at, line) in text.lines().map(str::trim).enumerate() {
        if let Some(table) = line.strip_prefix('[') {
            is_above = false;
            let name = table.trim_matches(['[', ']', ' ']).split('.').next().unwrap_or_default();
            if found.iter().all(|(known, _)| *known != name) {
                found.push((name, at + 1));
            }
        } else if let Some((key, value)) = line.split_once('=')
            && is_above
            && !line.starts_with('#')
            && !matches!(value.trim(), "" | "\"\"" | "false" | "[]" | "0")
        {
            found.push((key.trim(), at + 1));
        }
    }
    found
}

/// Start URL, region, account and role.
fn values(profile: &Profile) -> Option<[&str; 4]> {
    let value = |at: usize| Some(profile.get_in(FileKind::Config, KEYS[at])?.value.trim());
    Some([value(0)?, value(1)?, value(2)?, value(3)?])
}
