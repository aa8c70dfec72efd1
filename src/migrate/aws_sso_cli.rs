//! aws-sso-cli: `credential_process = aws-sso … process --arn ARN`, and its `config.yaml`.
//! <https://synfinatic.github.io/aws-sso-cli/latest/config/>

use super::finding::{Fate, Finding, Tool};
use super::looked::{Looked, OwnFile};
use super::mapping::{Entry, Mapping};
use super::process::Process;
use super::settings::{Known, find_settings, setting_of_session};
use super::sso::{Portal, Role, Sessions};
use crate::credentials::arn;
use crate::preferences::Template;
use crate::profile::has_form_of_region;
use crate::text::word;

/// What awsx has in the place of the file's other settings.
/// <https://synfinatic.github.io/aws-sso-cli/latest/config/>
const SETTINGS: [Known; 13] = [
    (
        "ProfileFormat",
        "`profile_name` of [sso.NAME] in config.toml, such as \"{account_name:kebab}/{role_name}\"",
    ),
    ("ConfigVariables", "[sso.NAME.settings] in config.toml: lines of each profile"),
    ("AutoLogin", "a command at a terminal offers the login; `auto_login` in config.toml"),
    ("UrlAction", BROWSER),
    ("Browser", BROWSER),
    ("UrlExecCommand", BROWSER),
    ("ConfigUrlAction", BROWSER),
    ("ConsoleDuration", "`awsx console --duration 8h PROFILE`"),
    ("SecureStore", "`awsx vault status` says where awsx's key rests"),
    ("ListFields", "`awsx profiles` and `awsx sso roles` list them"),
    ("CacheRefresh", "`awsx sso sync` asks anew"),
    ("Threads", "awsx asks as fast as AWS lets it"),
    ("LogLevel", "`-v`, or the variable AWSX_LOG"),
];

const BROWSER: &str = "`browser_command` of [console] in config.toml, or the variable AWSX_BROWSER";

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
    let file = own.map(|own| Mapping::read(&own.text)).unwrap_or_default();
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
        let default = file.value(&["DefaultSSO"]).unwrap_or("Default");
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
            .entries
            .iter()
            .filter_map(|entry| role_of_file(looked, own, &file, entry, &known, sessions));
        found.extend(roles.collect::<Vec<_>>());
        found.extend(settings_of_sessions(looked, own, &file, &known, sessions));
        let said = file.entries.iter().filter_map(|entry| match &entry.path[..] {
            [key] if !["SSOConfig", "DefaultSSO"].contains(&&**key) => Some((&**key, entry.line)),
            _ => None,
        });
        let is_moved = |key: &str| key == "ProfileFormat" && template(&file).is_some();
        let said = said.filter(|(key, _)| !is_moved(key));
        found.extend(find_settings(Tool::AwsSsoCli, &own.place, said, &SETTINGS));
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
    file: &Mapping,
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
    let region = places.into_iter().find_map(|place| file.value(place));
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

/// `DefaultRegion` and `ProfileFormat`, which `[sso.SESSION]` has for what `awsx sso sync` makes.
fn settings_of_sessions(
    looked: &Looked<'_>,
    own: &OwnFile,
    file: &Mapping,
    known: &[Sso],
    sessions: &mut Sessions,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for sso in known {
        let Some(session) = sessions.name_of(sso.portal()) else { continue };
        let mut add = |what: String, line: usize, key, value: &str| {
            found.push(Finding {
                tool: Tool::AwsSsoCli,
                place: format!("{}:{line}", own.place),
                what,
                fate: setting_of_session(looked, &session, key, value),
            });
        };
        let region = file.entry(&["SSOConfig", &*sso.name, "DefaultRegion"]);
        if let Some(region) = region.filter(|entry| has_form_of_region(&entry.value)) {
            add(format!("SSO {}: DefaultRegion", sso.name), region.line, "region", &region.value);
        }
        if let Some((line, template)) = template(file) {
            add(format!("SSO {}: ProfileFormat", sso.name), line, "profile_name", &template);
        }
    }
    found
}

/// `ProfileFormat` as awsx writes it, where that makes the same names: its account names are others.
fn template(file: &Mapping) -> Option<(usize, String)> {
    const VALUES: [(&str, &str); 3] =
        [("AccountIdPad", "{account_id}"), ("RoleName", "{role_name}"), ("SSO", "{session}")];
    let entry = file.entry(&["ProfileFormat"])?;
    let mut rest = &*entry.value;
    let mut template = String::new();
    while let Some((text, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}")?;
        let (_, value) =
            VALUES.iter().find(|(own, _)| name.trim().strip_prefix('.') == Some(own))?;
        template.extend([text, value]);
        rest = after;
    }
    template.push_str(rest);
    let has_value = VALUES[..2].iter().all(|(_, value)| template.contains(value));
    let is_ours = has_value && Template::parse(&template).is_ok();
    is_ours.then_some((entry.line, template))
}

/// The role by which the file says that this one is assumed; it may write the account in three ways.
fn via<'f>(file: &'f Mapping, sso: &str, account_id: &str, role_name: &str) -> Option<&'f str> {
    let bare = account_id.trim_start_matches('0');
    let dashed = account_id.as_bytes().chunks(4).map(String::from_utf8_lossy);
    let dashed = dashed.collect::<Vec<_>>().join("-");
    [account_id, bare, &dashed].into_iter().find_map(|account| {
        file.value(&["SSOConfig", sso, "Accounts", account, "Roles", role_name, "Via"])
    })
}

/// What becomes of a role behind another one.
fn through(name: &str, account_id: &str, role_name: &str, via: &str) -> Fate {
    let role = format!("arn:aws:iam::{account_id}:role/{role_name}");
    let role = word(&role);
    Fate::stays(
        format!("it is assumed via {via}"),
        format!(
            "with PROFILE for that role: `awsx config profile add {} --role-arn {role} --source-profile PROFILE`",
            word(name)
        ),
    )
}

fn portals(file: &Mapping) -> Vec<Sso> {
    let portal = |entry: &Entry| {
        let [first, name] = &entry.path[..] else { return None };
        if first != "SSOConfig" {
            return None;
        }
        let value = |key| file.value(&["SSOConfig", name, key]).map(str::to_owned);
        Some(Sso {
            name: name.clone(),
            start_url: value("StartUrl")?,
            region: value("SSORegion")?,
            line: entry.line,
        })
    };
    file.entries.iter().filter_map(portal).collect()
}
