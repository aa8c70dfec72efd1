//! The role of a profile at IAM Identity Center, and the login that it needs.

use super::error::ChainError;
use super::settings::{setting, text};
use super::source::Source;
use super::way::Path;
use crate::credentials::{GetRoleCredentials, SsoLogin};
use crate::profile::{Location, Profile, Profiles, Setting, is_region, is_start_url};

const START_URL: &str = "sso_start_url";
const REGION: &str = "sso_region";
const SCOPES: &str = "sso_registration_scopes";

/// The source of a profile that has `sso_account_id` or `sso_role_name`: AWS wants both.
pub(super) fn role(
    profile: &Profile,
    profiles: &Profiles,
    path: &Path,
) -> Result<Source, ChainError> {
    let required = |key, other: &'static str| {
        text(profile, key).ok_or_else(|| incomplete(profile, other, key, path))
    };
    let account_id = required("sso_account_id", "sso_role_name")?;
    let role_name = required("sso_role_name", "sso_account_id")?;
    let login = match setting(profile, "sso_session") {
        Some(reference) => login_of_session(profile, reference, profiles, path)?,
        None => login_of_profile(profile, path)?,
    };
    Ok(Source::SsoRole {
        profile: Some(profile.name().to_owned()),
        request: GetRoleCredentials { login, account_id, role_name },
    })
}

/// What the `[sso-session]` says; the profile may say the same again, or what it does not say.
fn login_of_session(
    profile: &Profile,
    reference: &Setting,
    profiles: &Profiles,
    path: &Path,
) -> Result<SsoLogin, ChainError> {
    let name = reference.value().trim();
    let section = profiles.sso_session(name).ok_or_else(|| ChainError::UnknownSsoSession {
        profile: profile.name().to_owned(),
        at: reference.location().clone(),
        session: name.to_owned(),
        path: path.text(),
    })?;
    let scopes = section.get(SCOPES).or(setting(profile, SCOPES)).cloned();
    let value = |key: &'static str| match (section.get(key), setting(profile, key)) {
        (Some(common), Some(own)) if common.value().trim() != own.value().trim() => {
            Err(ChainError::SsoSettingsDiffer {
                profile: profile.name().to_owned(),
                at: own.location().clone(),
                key,
                session: name.to_owned(),
                other: common.location().clone(),
            })
        }
        (Some(found), _) | (None, Some(found)) => Ok(found.clone()),
        (None, None) => Err(ChainError::IncompleteSsoSession {
            profile: profile.name().to_owned(),
            at: section.header().clone(),
            session: name.to_owned(),
            missing: key,
            path: path.text(),
        }),
    };
    let (start_url, region) = (value(START_URL)?, value(REGION)?);
    login(profile, Some(name), &start_url, &region, scopes.as_ref())
}

/// A profile from before there were sections.
fn login_of_profile(profile: &Profile, path: &Path) -> Result<SsoLogin, ChainError> {
    let own = |key, missing| {
        setting(profile, key).ok_or_else(|| incomplete(profile, "sso_account_id", missing, path))
    };
    let region = own(REGION, "sso_session or sso_region")?;
    let start_url = own(START_URL, "sso_session or sso_start_url")?;
    login(profile, None, start_url, region, setting(profile, SCOPES))
}

fn login(
    profile: &Profile,
    session: Option<&str>,
    start_url: &Setting,
    region: &Setting,
    scopes: Option<&Setting>,
) -> Result<SsoLogin, ChainError> {
    if let Some((setting, key, problem)) = wrong(start_url, region) {
        return Err(ChainError::InvalidSetting {
            profile: profile.name().to_owned(),
            at: setting.location().clone(),
            key,
            problem: problem.to_owned(),
        });
    }
    Ok(SsoLogin {
        session: session.map(str::to_owned),
        start_url: start_url.value().trim().to_owned(),
        region: region.value().trim().to_owned(),
        scopes: registration_scopes(scopes.map_or("", Setting::value)),
    })
}

/// What no login can be made of. The region becomes part of the name of the host that the token is
/// sent to; the start URL is where a person is sent.
fn wrong<'a>(
    start_url: &'a Setting,
    region: &'a Setting,
) -> Option<(&'a Setting, &'static str, &'static str)> {
    if !is_start_url(start_url.value().trim()) {
        let problem = "is not an https URL, such as https://corp.awsapps.com/start";
        return Some((start_url, START_URL, problem));
    }
    (!is_region(region.value().trim())).then_some((
        region,
        REGION,
        "is not a region, such as eu-west-1",
    ))
}

/// The scopes of a comma-separated list.
pub fn registration_scopes(text: &str) -> Vec<String> {
    let written: Vec<String> =
        text.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect();
    match written.is_empty() {
        true => vec![SsoLogin::DEFAULT_SCOPE.to_owned()],
        false => written,
    }
}

/// The login of an `[sso-session]` that the command line names.
///
/// # Errors
/// [`SsoSessionError`]: it does not exist, or does not say where to log in.
pub fn sso_login(profiles: &Profiles, name: &str) -> Result<SsoLogin, SsoSessionError> {
    let section = profiles.sso_session(name).ok_or_else(|| SsoSessionError::Unknown {
        session: name.to_owned(),
        file: profiles.config_file().to_path_buf(),
        known: profiles.sso_session_names().map(str::to_owned).collect(),
    })?;
    let at = section.header();
    let value = |key: &'static str| {
        section.get(key).filter(|setting| !setting.value().trim().is_empty()).ok_or_else(|| {
            SsoSessionError::Incomplete { session: name.to_owned(), at: at.clone(), missing: key }
        })
    };
    let (start_url, region) = (value(START_URL)?, value(REGION)?);
    if let Some((setting, key, problem)) = wrong(start_url, region) {
        return Err(SsoSessionError::Invalid {
            session: name.to_owned(),
            at: setting.location().clone(),
            key,
            problem,
        });
    }
    Ok(SsoLogin {
        session: Some(name.to_owned()),
        start_url: start_url.value().trim().to_owned(),
        region: region.value().trim().to_owned(),
        scopes: registration_scopes(section.get(SCOPES).map_or("", Setting::value)),
    })
}

/// An `[sso-session]` that nobody can log in to.
#[derive(Debug, thiserror::Error)]
pub enum SsoSessionError {
    /// No such section
    #[error("there is no [sso-session {session}] in {}", .file.display())]
    Unknown {
        /// Its name
        session: String,
        /// The config file
        file: std::path::PathBuf,
        /// Those that there are
        known: Vec<String>,
    },
    /// A setting is missing
    #[error("{at}: [sso-session {session}] has no {missing}")]
    Incomplete {
        /// Its name
        session: String,
        /// Its header
        at: Location,
        /// The setting
        missing: &'static str,
    },
    /// A setting cannot be what it is
    #[error("{at}: {key} of [sso-session {session}] {problem}")]
    Invalid {
        /// Its name
        session: String,
        /// The setting
        at: Location,
        /// Its key
        key: &'static str,
        /// What is wrong with it
        problem: &'static str,
    },
}

fn incomplete(
    profile: &Profile,
    present: &'static str,
    missing: &'static str,
    path: &Path,
) -> ChainError {
    let at = setting(profile, present).expect("sso was only taken for a setting").location();
    ChainError::Incomplete {
        profile: profile.name().to_owned(),
        at: at.clone(),
        present,
        missing,
        path: path.text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes() {
        let default = [SsoLogin::DEFAULT_SCOPE];
        for (docs, text, expected) in [
            ("none", "", &default[..]),
            ("blank", " \t", &default),
            ("commas alone", " , ,", &default),
            ("one", "a:b", &["a:b"]),
            ("a list, blanks around", " a:b ,\tc:d,e", &["a:b", "c:d", "e"]),
            ("a comma too many", "a:b,,c:d,", &["a:b", "c:d"]),
            ("as written: order, repetition, case", "b,a,B,a", &["b", "a", "B", "a"]),
        ] {
            assert_eq!(registration_scopes(text), expected, "{docs}");
        }
    }

    const CONFIG: &str = "\
[sso-session corp]
sso_start_url =  https://corp.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access, codewhisperer:completions
[sso-session plain]
sso_region = us-east-1
sso_start_url = https://plain.awsapps.com/start
sso_registration_scopes =
[sso-session nowhere]
sso_region = us-east-1
[sso-session blank]
sso_start_url = https://planted.awsapps.com/start
sso_region =
[sso-session host]
sso_start_url = https://planted.awsapps.com/start
sso_region = us-east-1.planted/
[sso-session digits]
sso_start_url = https://planted.awsapps.com/start
sso_region = 123
[sso-session twice]
sso_start_url = https://planted.awsapps.com/start
[sso-session twice]
sso_region = eu-west-1
sso_start_url = https://twice.awsapps.com/start
[profile corp-dev]
sso_session = corp
[sso-session script]
sso_start_url = javascript:planted
sso_region = eu-west-1
";

    /// URL, region and scopes, or the error.
    fn shown(config: &str, name: &str) -> String {
        let profiles = Profiles::from_texts(config, "").unwrap();
        match sso_login(&profiles, name) {
            Ok(login) => {
                assert_eq!(login.session.as_deref(), Some(name));
                format!("{} {} {}", login.start_url, login.region, login.scopes.join(" "))
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn logins_of_sessions() {
        for (docs, name, expected) in [
            (
                "all settings",
                "corp",
                "https://corp.awsapps.com/start eu-west-1 sso:account:access codewhisperer:completions",
            ),
            ("no scopes", "plain", "https://plain.awsapps.com/start us-east-1 sso:account:access"),
            (
                "in two places",
                "twice",
                "https://twice.awsapps.com/start eu-west-1 sso:account:access",
            ),
            ("no such session", "cor", "there is no [sso-session cor] in config"),
            ("names have a case", "Corp", "there is no [sso-session Corp] in config"),
            ("a profile is none", "corp-dev", "there is no [sso-session corp-dev] in config"),
            ("no start URL", "nowhere", "config:9: [sso-session nowhere] has no sso_start_url"),
            ("a blank region", "blank", "config:11: [sso-session blank] has no sso_region"),
            (
                "a region with a host in it",
                "host",
                "config:16: sso_region of [sso-session host] is not a region, such as eu-west-1",
            ),
            (
                "a region of digits",
                "digits",
                "config:19: sso_region of [sso-session digits] is not a region, such as eu-west-1",
            ),
            (
                "no page to log in at",
                "script",
                "config:28: sso_start_url of [sso-session script] is not an https URL, such as \
                 https://corp.awsapps.com/start",
            ),
        ] {
            let said = shown(CONFIG, name);
            assert_eq!(said, expected, "{docs}");
            assert!(!said.contains("planted"), "{docs}: {said}");
        }
    }

    #[test]
    fn an_unknown_session_comes_with_those_that_there_are() {
        for (config, expected) in
            [("", &[][..]), ("[sso-session b]\n[sso-session a]\n", &["b", "a"])]
        {
            let profiles = Profiles::from_texts(config, "").unwrap();
            match sso_login(&profiles, "corp").unwrap_err() {
                SsoSessionError::Unknown { known, .. } => assert_eq!(known, expected),
                other => panic!("{other}"),
            }
        }
    }
}
