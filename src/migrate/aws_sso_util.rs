//! aws-sso-util: profiles from before there were sessions, with its own `credential_process`.
//! <https://github.com/benkehoe/aws-sso-util/blob/master/docs/credential-process.md>

use super::finding::{Fate, Finding, Tool};
use super::looked::{Looked, OwnFile};
use super::process::Process;
use super::sso::{Portal, Role, Sessions};
use crate::profile::{FileKind, Profile};

/// The mark of the profiles that it makes.
const MARK: &str = "sso_auto_populated";

/// What is the session's from then on, or only the tool's.
const GONE: [&str; 4] = ["sso_start_url", "sso_region", MARK, "credential_process"];

pub(super) fn find(
    looked: &Looked<'_>,
    _: Option<&OwnFile>,
    sessions: &mut Sessions,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for profile in looked.all_profiles() {
        let process = Process::of(&profile);
        let process = process.filter(|process| process.runs("aws-sso-util", "credential-process"));
        let place = match (&process, profile.get_in(FileKind::Config, MARK)) {
            (Some(process), _) => process.place.clone(),
            (None, Some(mark)) => mark.location.to_string(),
            (None, None) => continue,
        };
        let name = profile.name();
        let named = process.as_ref().and_then(|process| process.value(&["--profile", "-p"]));
        let named = named.filter(|named| *named != name);
        let named = named.and_then(|named| looked.profiles.as_written(named));
        let gone = if process.is_some() { &GONE[..] } else { &GONE[..GONE.len() - 1] };
        let (what, fate) = match values(named.as_ref().unwrap_or(&profile)) {
            Some([start_url, region, account_id, role_name]) => {
                let portal = Portal { start_url, region, name: None };
                let role = Role { portal, account_id, role_name };
                let what = format!("profile {name}: {role_name} in {account_id}");
                (what, sessions.move_profile(name, Some(&profile), role, gone, &[]))
            }
            None => (
                format!("profile {name}"),
                Fate::stays(
                    "it does not say all of sso_start_url, sso_region, sso_account_id and sso_role_name",
                    "`awsx config sso` makes a profile of a role",
                ),
            ),
        };
        found.push(Finding { tool: Tool::AwsSsoUtil, place, what, fate });
    }
    found
}

/// Start URL, region, account and role.
fn values(profile: &Profile) -> Option<[&str; 4]> {
    let value = |key: &str| Some(profile.get_in(FileKind::Config, key)?.value.trim());
    let [start_url, region] = ["sso_start_url", "sso_region"].map(value);
    Some([start_url?, region?, value("sso_account_id")?, value("sso_role_name")?])
}
