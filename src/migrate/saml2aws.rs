//! saml2aws: the accounts of `~/.saml2aws`, and its `credential_process`.
//! <https://github.com/Versent/saml2aws#configuring-idp-accounts>

use std::collections::BTreeSet;

use super::finding::{Fate, Finding, Move, Tool};
use super::looked::{Looked, OwnFile};
use super::process::Process;
use super::sso::Sessions;
use crate::credentials::arn::check_role_arn;
use crate::generate::GeneratedProfile;
use crate::profile::{Profile, Profiles, has_form_of_region, is_portable_name, is_start_url};

/// The profile that it writes to where none is said.
const USUAL_PROFILE: &str = "saml";

/// How long its sessions last where nothing is said, which is AWS's default too.
const USUAL_DURATION: &str = "3600";

/// What makes a profile somebody else.
const OTHERS: [&str; 7] = [
    "source_profile",
    "credential_source",
    "web_identity_token_file",
    "login_session",
    "sso_session",
    "sso_account_id",
    "saml_command",
];

pub(super) fn find(looked: &Looked<'_>, own: Option<&OwnFile>, _: &mut Sessions) -> Vec<Finding> {
    let own_text = own.map(|own| &*own.text).unwrap_or_default();
    let place = own.map(|own| &*own.place).unwrap_or_default();
    let finding = |place: String, what: String, fate: Fate| Finding {
        tool: Tool::Saml2aws,
        place,
        what,
        fate,
    };
    let accounts = match Profiles::from_texts("", own_text) {
        Ok(accounts) => accounts,
        Err(error) => {
            let why = error.to_string().replacen("credentials:", &format!("{place}:"), 1);
            let fate = Fate::stays(why, "correct that line, then run it again");
            return vec![finding(place.to_owned(), "its accounts".to_owned(), fate)];
        }
    };
    let (mut found, mut taken) = (Vec::new(), BTreeSet::new());
    for profile in looked.all_profiles() {
        let Some(process) = Process::of(&profile).filter(|own| own.is_of("saml2aws")) else {
            continue;
        };
        let name = profile.name();
        let account = process.value(&["-a", "--idp-account"]).unwrap_or("default");
        let fate = match accounts.as_written(account) {
            Some(account) => {
                let role = process.value(&["--role"]);
                move_account(&account, role, name, Some(&profile), &["credential_process"])
            }
            None => Fate::stays(
                format!("~/.saml2aws has no account {account:?}"),
                "set saml_login_url and role_arn: see docs/saml.md",
            ),
        };
        taken.insert(name.to_owned());
        let what = format!("profile {name}: account {account}");
        found.push(finding(process.place.clone(), what, fate));
    }
    for account in accounts.names().filter_map(|name| accounts.as_written(name)) {
        let name = value(&account, "aws_profile").unwrap_or(USUAL_PROFILE);
        let line = account.header().map(|header| header.line).unwrap_or_default();
        let what = format!("account {}, for profile {name}", account.name());
        let fate = match taken.insert(name.to_owned()) {
            true => {
                let old = looked.profiles.as_written(name);
                move_account(&account, None, name, old.as_ref(), &[])
            }
            false => Fate::stays(
                format!("profile {name} comes from another account already"),
                "give one of them another aws_profile, then run it again",
            ),
        };
        found.push(finding(format!("{place}:{line}"), what, fate));
    }
    found
}

/// What an account becomes for a profile.
fn move_account(
    account: &Profile,
    role: Option<&str>,
    name: &str,
    old: Option<&Profile>,
    gone: &[&'static str],
) -> Fate {
    let Some(url) = value(account, "url") else {
        return Fate::stays("it has no url", "`saml2aws configure` asks for it");
    };
    let Some(role) = role.or(value(account, "role_arn")) else {
        return Fate::stays(
            "it has no role_arn, which a profile needs",
            format!(
                "add it there, then run it again; `saml2aws list-roles -a {}` lists them",
                account.name()
            ),
        );
    };
    if check_role_arn(role).is_err() {
        return Fate::stays(format!("{role:?} is no role"), "correct role_arn there");
    }
    if !is_portable_name(name) && old.is_none() {
        let why = format!("not all AWS tools read the name {name:?}");
        return Fate::stays(why, "give it another aws_profile there");
    }
    let is_gone = |key: &str| gone.contains(&key);
    let other =
        old.and_then(|old| OTHERS.iter().filter(|key| !is_gone(key)).find_map(|key| old.get(key)));
    let process = old.and_then(|old| old.get("credential_process"));
    if let Some(other) = other.or(process.filter(|_| gone.is_empty())) {
        let why =
            format!("the profile has {} already, which counts ({})", other.key, other.location);
        return Fate::stays(why, "give the account another aws_profile, then run it again");
    }
    // Its provider `Shell` runs a program, which prints the assertion.
    let is_program =
        value(account, "provider").is_some_and(|own| own.eq_ignore_ascii_case("shell"));
    let key = if is_program { "saml_command" } else { "saml_login_url" };
    if !is_program && !is_start_url(url) {
        return Fate::stays(format!("{url:?} is no https address"), "correct url there");
    }
    if old.and_then(|old| old.get("saml_login_url")).is_some() {
        return Fate::Works("saml_login_url".to_owned());
    }
    let duration = value(account, "aws_session_duration");
    let duration = duration.filter(|text| {
        *text != USUAL_DURATION && text.parse().is_ok_and(|s: u32| (900..=43_200).contains(&s))
    });
    let region = value(account, "region").filter(|region| has_form_of_region(region));
    let has_region = old.is_some_and(|old| old.get("region").is_some());
    let settings = [
        (key, Some(url)),
        ("role_arn", Some(role)),
        ("duration_seconds", duration),
        ("region", region.filter(|_| !has_region)),
    ];
    let settings = settings.into_iter().filter_map(|(key, value)| Some((key, value?)));
    let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    Fate::Lines(Box::new(Move {
        session: None,
        profile: Some(GeneratedProfile { name: name.to_owned(), settings }),
        gone: gone.to_vec(),
        becomes: format!("{key}, role_arn"),
    }))
}

fn value<'a>(account: &'a Profile, key: &str) -> Option<&'a str> {
    Some(account.get(key)?.value.trim())
}
