//! Settings that nobody reads, or that are better elsewhere.

use std::collections::HashSet;

use super::code::Code;
use super::finding::Finding;
use crate::profile::{
    FileKind, Profile, Profiles, Setting, has_form_of_region, is_known_key, is_known_region,
    is_quoted, is_region, misspelt_key, similar_region,
};
use crate::resolve::{SourceKind, kind_of_profile};
use crate::text::{shell_words, word};

/// `age`: when an access key was made, in words, where that is known.
pub(crate) fn check_settings(
    profiles: &Profiles,
    age: &dyn Fn(&str) -> Option<String>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for name in profiles.names() {
        let Some(profile) = profiles.as_written(name) else { continue };
        found.extend(profile.settings().filter_map(|setting| check_region(setting, Some(name))));
        found.extend(profile.settings().filter_map(|setting| check_key(setting, name)));
        found.extend(profile.settings().filter_map(|setting| check_quotes(setting, name)));
        found.extend(find_unused_settings(&profile));
        found.extend(find_shadowed_settings(&profile));
        found.extend(keys_in_clear_text(&profile, age));
    }
    for session in profiles.sso_session_names().filter_map(|name| profiles.sso_session(name)) {
        found.extend(session.settings().filter_map(|setting| check_region(setting, None)));
    }
    found.extend(find_unused_services(profiles));
    found.extend(only_awsx(profiles));
    found
}

/// A region that AWS does not have, as far as awsx knows.
fn check_region(setting: &Setting, profile: Option<&str>) -> Option<Finding> {
    let region = setting.value.trim();
    let is_one = ["region", "sso_region"].contains(&&*setting.key) && is_region(region);
    let bare = region.replace("fips-", "").replace("-fips", "");
    if !is_one || is_known_region(&bare) {
        return None;
    }
    let what = match has_form_of_region(&bare) {
        true => "is a region that awsx does not know",
        false => "has not the form of AWS's regions",
    };
    let message = format!("{} = {region} {what}", setting.key);
    let mut finding = Finding::warning(Code::UnknownRegion, &setting.location, message);
    finding.hint = similar_region(&bare).map(|similar| format!("did you mean {similar}?"));
    Some(profile.into_iter().fold(finding, Finding::of))
}

fn check_key(setting: &Setting, profile: &str) -> Option<Finding> {
    let meant = misspelt_key(&setting.key)?;
    let message = format!("no AWS tool knows {}", setting.key);
    let finding = Finding::warning(Code::MisspeltSetting, &setting.location, message);
    Some(finding.of(profile).hint(format!("did you mean {meant}?")))
}

/// A value in quotes, which are part of it. Of a command they may be.
fn check_quotes(setting: &Setting, profile: &str) -> Option<Finding> {
    let is_command = ["credential_process", "saml_command"].contains(&&*setting.key);
    let is_one = is_known_key(&setting.key) && !is_command && is_quoted(setting.value.trim());
    let message =
        format!("{} is in quotes, which AWS takes as part of it: remove them", setting.key);
    is_one.then(|| Finding::error(Code::QuotedValue, &setting.location, message).of(profile))
}

/// Settings, and those of which each needs one.
const NEEDS: [(&str, &[&str]); 6] = [
    ("external_id", &["role_arn"]),
    ("role_session_name", &["role_arn"]),
    ("source_profile", &["role_arn"]),
    ("credential_source", &["role_arn"]),
    ("web_identity_token_file", &["role_arn"]),
    ("sso_region", &["sso_start_url", "sso_session"]),
];

/// Settings that have no effect on credentials of another kind.
const OF_KEYS_AND_ROLES: [&str; 2] = ["duration_seconds", "mfa_serial"];

fn find_unused_settings(profile: &Profile) -> Vec<Finding> {
    let kind = kind_of_profile(profile);
    let finding = |setting: &Setting, why: String| {
        let message = format!("{} has no effect {why}", setting.key);
        Finding::warning(Code::UnusedSetting, &setting.location, message).of(profile.name())
    };
    let unmet = NEEDS.iter().filter_map(|(key, needs)| {
        let setting = profile.get(key)?;
        // Without any source it is what the profile lacks, and is said of the profile.
        let is_met = needs.iter().any(|needed| profile.get(needed).is_some());
        let is_said = matches!(*key, "source_profile" | "credential_source") && kind.is_none()
            || kind == Some(SourceKind::WebIdentity);
        (!is_met && !is_said).then(|| finding(setting, format!("without {}", needs.join(" or "))))
    });
    let other = kind.filter(|kind| {
        matches!(kind, SourceKind::Sso | SourceKind::LoginSession | SourceKind::CredentialProcess)
    });
    let of_other = other.into_iter().flat_map(|kind| {
        let settings = OF_KEYS_AND_ROLES.iter().filter_map(|key| profile.get(key));
        settings.map(move |setting| finding(setting, format!("on {kind}")))
    });
    unmet.chain(of_other).collect()
}

/// Settings of the config file that the credentials file replaces.
fn find_shadowed_settings(profile: &Profile) -> Vec<Finding> {
    let finding = |setting: &Setting| {
        let old = profile.get_in(FileKind::Config, &setting.key)?;
        let new = profile.get_in(FileKind::Credentials, &setting.key)?;
        // Keys are of one file or the other, and a source that is not used is said of the source.
        if old.value == new.value || is_static_key(&setting.key) {
            return None;
        }
        let message = format!("{} is not used: {} has another value", old.key, new.location);
        Some(Finding::warning(Code::ShadowedSetting, &old.location, message).of(profile.name()))
    };
    profile.settings().filter_map(finding).collect()
}

fn is_static_key(key: &str) -> bool {
    key.starts_with("aws_")
}

/// Long-term keys that whoever reads the file has.
fn keys_in_clear_text(profile: &Profile, age: &dyn Fn(&str) -> Option<String>) -> Vec<Finding> {
    let finding = |file| {
        let get = |key| profile.get_in(file, key);
        let (id, _) = (get("aws_access_key_id")?, get("aws_secret_access_key")?);
        let has_token = get("aws_session_token").or(get("aws_security_token")).is_some();
        let key = id.value.trim();
        if has_token || key.starts_with("ASIA") {
            return None;
        }
        let name = profile.name();
        let made = age(key).map(|age| format!(", made {age},")).unwrap_or_default();
        let message =
            format!("the access key of profile \"{name}\"{made} stands there in clear text");
        let hint = match file {
            FileKind::Credentials => {
                format!("`awsx keys import {} --remove` takes it into the vault", word(name))
            }
            FileKind::Config => {
                format!("`awsx keys add {}` keeps it in the vault; remove it there", word(name))
            }
        };
        Some(Finding::warning(Code::KeyInClearText, &id.location, message).of(name).hint(hint))
    };
    [FileKind::Config, FileKind::Credentials].into_iter().filter_map(finding).collect()
}

fn find_unused_services(profiles: &Profiles) -> Vec<Finding> {
    let named: HashSet<String> = profiles
        .names()
        .filter_map(|name| {
            Some(profiles.as_written(name)?.get("services")?.value.trim().to_owned())
        })
        .collect();
    let unused = profiles.services_names().filter(|name| !named.contains(*name));
    let finding = |name: &str| {
        let section = profiles.services(name)?;
        let message = format!("no profile has services = {name}");
        Some(Finding::warning(Code::UnusedServices, section.header()?, message))
    };
    unused.filter_map(finding).collect()
}

/// The profiles whose credentials another one hands to every tool: `credential_process = … credential-process NAME`
fn profiles_with_twin(profiles: &Profiles) -> HashSet<String> {
    let twin_of = |name: &str| {
        let profile = profiles.as_written(name)?;
        let words = shell_words(&profile.get("credential_process")?.value)?;
        let [.., command, of] = words.as_slice() else { return None };
        (command == "credential-process" && of != name).then(|| of.clone())
    };
    profiles.names().filter_map(twin_of).collect()
}

/// Profiles that have credentials for awsx alone, and those that draw on them.
fn only_awsx(profiles: &Profiles) -> Vec<Finding> {
    let reason = |name: &str| {
        let profile = profiles.profile(name).ok()??;
        let written = profiles.as_written(name);
        let kind = kind_of_profile(&profile)?;
        let is_included = written.as_ref().and_then(kind_of_profile).is_none();
        match kind {
            SourceKind::StoredKeys => Some("its access key rests in the vault"),
            SourceKind::Saml => Some("no AWS tool takes a SAML assertion"),
            SourceKind::WebIdentity if profile.get("oidc").is_some() => {
                Some("no AWS tool knows `oidc`")
            }
            SourceKind::LongTerm => {
                Some("its access key stands in another profile, as with aws-mfa")
            }
            _ if is_included => Some("no AWS tool knows `include_profile`"),
            _ => None,
        }
    };
    let source = |name: &str| {
        let profile = profiles.as_written(name)?;
        profile.get("role_arn")?;
        Some(profile.get("source_profile")?.value.trim().to_owned())
    };
    let bridged = profiles_with_twin(profiles);
    let mut found = Vec::new();
    for name in profiles.names().filter(|name| !bridged.contains(*name)) {
        let mut trail = vec![name.to_owned()];
        while let Some(next) = trail.last().and_then(|last| source(last))
            && !trail.contains(&next)
        {
            trail.push(next);
        }
        let Some((of, why)) = trail.iter().find_map(|of| Some((of, reason(of)?))) else { continue };
        let of = if of == name { String::new() } else { format!("{of}: ") };
        let Some(at) = profiles.as_written(name).and_then(|written| written.header().cloned())
        else {
            continue;
        };
        let message = format!(
            "only awsx has credentials for profile \"{name}\" ({of}{why}); other tools do not"
        );
        found.push(Finding::warning(Code::OnlyAwsx, at, message).of(name).hint(format!(
            "`awsx config install-process {0}` writes a profile beside it that any tool reads",
            word(name)
        )));
    }
    found
}
