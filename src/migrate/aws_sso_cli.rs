//! aws-sso-cli: `credential_process = aws-sso … process --arn ARN`, and its `config.yaml`.
//! <https://synfinatic.github.io/aws-sso-cli/latest/config/>

use super::finding::{Fate, Finding, Tool};
use super::looked::{Looked, OwnFile};
use super::mapping::{Entry, entries};
use super::process::Process;
use super::sso::{Portal, Role, Sessions};
use crate::credentials::arn;
use crate::text::word;

/// One of `SSOConfig`.
struct Sso {
    name: String,
    start_url: String,
    region: String,
    line: usize,
}

impl Sso {
    fn portal(&self) -> Portal<'_> {
        // The name that the tool gives where a person gives none says less than that of the portal.
        let name = Some(&*self.name).filter(|name| !name.eq_ignore_ascii_case("default"));
        Portal { start_url: &self.start_url, region: &self.region, name }
    }
}

pub(super) fn find(
    looked: &Looked<'_>,
    own: Option<&OwnFile>,
    sessions: &mut Sessions,
) -> Vec<Finding> {
    let file = own.map(|own| entries(&own.text)).unwrap_or_default();
    let known = portals(&file);
    let mut found = Vec::new();
    for profile in looked.all_profiles() {
        let Some(process) = Process::of(&profile) else { continue };
        if !process.runs("aws-sso", "process") {
            continue;
        }
        let name = profile.name();
        let role = process.value(&["--arn", "-a"]);
        let parts = role.and_then(|role| Some((arn::account(role)?, arn::role_name(role)?)));
        let default = value(&file, &["DefaultSSO"]).unwrap_or("Default");
        let sso = process.value(&["-S", "--sso"]).unwrap_or(default);
        let of_session = sessions.find(sso).map(|portal| Sso {
            name: sso.to_owned(),
            start_url: portal.start_url.to_owned(),
            region: portal.region.to_owned(),
            line: 0,
        });
        let portal = known.iter().find(|known| known.name == sso).or(of_session.as_ref());
        let via = parts.and_then(|(account, role)| via(&file, sso, account, role));
        let (what, fate) = match (parts, portal) {
            (Some((account_id, role_name)), _) if via.is_some() => (
                format!("profile {name}: {role_name} in {account_id}"),
                Fate::stays(
                    format!("it is assumed via {}", via.unwrap_or_default()),
                    "write role_arn and source_profile in the place of its process: `awsx config edit`",
                ),
            ),
            (Some((account_id, role_name)), Some(sso)) => {
                let role = Role { portal: sso.portal(), account_id, role_name };
                let gone = &["credential_process"];
                let fate = sessions.move_profile(name, Some(&profile), role, gone, &[]);
                (format!("profile {name}: {role_name} in {account_id}"), fate)
            }
            (Some((account_id, role_name)), None) => (
                format!("profile {name}: {role_name} in {account_id}"),
                Fate::stays(
                    format!("no config.yaml of aws-sso says where {sso:?} logs in"),
                    format!("make [sso-session {sso}] with `awsx config sso`, then run it again"),
                ),
            ),
            (None, _) => (
                format!("profile {name}"),
                Fate::stays("its --arn is no role's", "correct it there, then run it again"),
            ),
        };
        found.push(Finding { tool: Tool::AwsSsoCli, place: process.place, what, fate });
    }
    if let Some(own) = own {
        found.extend(known.iter().map(|sso| portal_of_file(own, sso, sessions)));
        let roles = file
            .iter()
            .filter_map(|entry| role_of_file(looked, own, &file, entry, &known, sessions));
        found.extend(roles.collect::<Vec<_>>());
    }
    found
}

fn portal_of_file(own: &OwnFile, sso: &Sso, sessions: &mut Sessions) -> Finding {
    Finding {
        tool: Tool::AwsSsoCli,
        place: format!("{}:{}", own.place, sso.line),
        what: format!("SSO {}: {}", sso.name, sso.start_url),
        fate: sessions.move_portal(sso.portal()),
    }
}

/// A role that the file gives the name of a profile, which no AWS file has yet.
fn role_of_file(
    looked: &Looked<'_>,
    own: &OwnFile,
    file: &[Entry],
    entry: &Entry,
    known: &[Sso],
    sessions: &mut Sessions,
) -> Option<Finding> {
    let path: Vec<&str> = entry.path.iter().map(String::as_str).collect();
    let ["SSOConfig", sso, "Accounts", account, "Roles", role_name, "Profile"] = path[..] else {
        return None;
    };
    let name = &*entry.value;
    // Aliases of profiles may be made from a template, which only the tool fills in.
    if name.is_empty() || looked.profiles.contains(name) {
        return None;
    }
    let portal = known.iter().find(|known| known.name == sso)?.portal();
    let account_id = account.replace('-', "");
    let account_id = format!("{account_id:0>12}");
    let role = Role { portal, account_id: &account_id, role_name };
    let places = [
        &["SSOConfig", sso, "Accounts", account, "Roles", role_name, "DefaultRegion"][..],
        &["SSOConfig", sso, "Accounts", account, "DefaultRegion"],
        &["SSOConfig", sso, "DefaultRegion"],
    ];
    let region = places.into_iter().find_map(|place| value(file, place));
    let more: Vec<(&str, &str)> = region.map(|region| ("region", region)).into_iter().collect();
    Some(Finding {
        tool: Tool::AwsSsoCli,
        place: format!("{}:{}", own.place, entry.line),
        what: format!("profile {name}: {role_name} in {account_id}"),
        fate: match via(file, sso, &account_id, role_name) {
            Some(via) => through(name, &account_id, role_name, via),
            None => sessions.move_profile(name, None, role, &[], &more),
        },
    })
}

/// The role by which the file says that this one is assumed.
fn via<'f>(file: &'f [Entry], sso: &str, account_id: &str, role_name: &str) -> Option<&'f str> {
    let is_it = |entry: &&Entry| {
        matches!(&entry.path[..], [config, name, accounts, account, roles, role, key]
            if config == "SSOConfig" && name == sso && accounts == "Accounts" && roles == "Roles"
                && is_account(account, account_id) && role == role_name && key == "Via")
    };
    let entry = file.iter().find(is_it)?;
    Some(&*entry.value).filter(|value| !value.is_empty())
}

/// What becomes of a role behind another one.
fn through(name: &str, account_id: &str, role_name: &str, via: &str) -> Fate {
    let role = word(&format!("arn:aws:iam::{account_id}:role/{role_name}"));
    Fate::stays(
        format!("it is assumed via {via}"),
        format!(
            "with PROFILE for that role: `awsx config profile add {} --role-arn {role} --source-profile PROFILE`",
            word(name)
        ),
    )
}

/// Whether the file means that account: with dashes, or without the zeros at its front.
fn is_account(written: &str, account_id: &str) -> bool {
    format!("{:0>12}", written.replace('-', "")) == account_id
}

fn portals(file: &[Entry]) -> Vec<Sso> {
    let portal = |entry: &Entry| {
        let [first, name] = &entry.path[..] else { return None };
        if first != "SSOConfig" {
            return None;
        }
        let value = |key| value(file, &["SSOConfig", name, key]).map(str::to_owned);
        Some(Sso {
            name: name.clone(),
            start_url: value("StartUrl")?,
            region: value("SSORegion")?,
            line: entry.line,
        })
    };
    file.iter().filter_map(portal).collect()
}

fn value<'f>(file: &'f [Entry], path: &[&str]) -> Option<&'f str> {
    let entry = file.iter().find(|entry| entry.path == path)?;
    Some(&*entry.value).filter(|value| !value.is_empty())
}
