//! The role of a profile at IAM Identity Center, and the login that it needs.

use super::error::{ChainError, ChainErrorKind, ProfileTrail, Section};
use super::found::Pair;
use super::settings::invalid;
use super::source::Source;
use crate::credentials::arn::is_account_id;
use crate::credentials::{GetRoleCredentials, SsoLogin};
use crate::profile::{Profile, Profiles, Setting, bare_name, is_region, is_start_url};

const START_URL: &str = "sso_start_url";
const REGION: &str = "sso_region";
const SCOPES: &str = "sso_registration_scopes";

/// The role of `sso_account_id` and `sso_role_name`.
pub(super) fn role(
    profile: &Profile,
    pair: Pair<'_>,
    profiles: &Profiles,
    trail: &ProfileTrail,
) -> Result<Source, ChainError> {
    let (account_id, role_name) = match pair {
        Pair::Both(account_id, role_name) => (account_id, role_name),
        Pair::Half { present, missing } => return Err(trail.incomplete(profile, present, missing)),
    };
    let id = account_id.value.trim();
    if !is_account_id(id) {
        return Err(invalid(profile, account_id, "is not an account id, which has 12 digits"));
    }
    let login = match profile.get("sso_session") {
        Some(reference) => login_of_session(profile, reference, profiles, trail)?,
        None => login_of_profile(profile, account_id, trail)?,
    };
    let request = GetRoleCredentials {
        login,
        account_id: account_id.value.trim().to_owned(),
        role_name: role_name.value.trim().to_owned(),
    };
    Ok(Source::SsoRole { profile: Some(profile.name().to_owned()), request })
}

/// What the `[sso-session]` says; the profile may say the same again, or what it does not say.
fn login_of_session(
    profile: &Profile,
    reference: &Setting,
    profiles: &Profiles,
    trail: &ProfileTrail,
) -> Result<SsoLogin, ChainError> {
    let profile_name = || profile.name().to_owned();
    let session = reference.value.trim();
    let Some(section) = profiles.sso_session(session) else {
        let kind = ChainErrorKind::UnknownSsoSession {
            profile: profile_name(),
            session: session.to_owned(),
            bare: Some(bare_name(session, "sso-session"))
                .filter(|bare| profiles.sso_session(bare).is_some())
                .map(str::to_owned),
            similar: None,
            stray: profiles.strays(true, session).next().cloned(),
        };
        return Err(trail.error(&reference.location, kind));
    };
    let setting = |key: &'static str| match (section.get(key), profile.get(key)) {
        (Some(common), Some(own)) if common.value.trim() != own.value.trim() => {
            let kind = ChainErrorKind::SsoSettingsDiffer {
                profile: profile_name(),
                key,
                session: session.to_owned(),
                other: common.location.clone(),
            };
            Err(ChainError::at(&own.location, kind))
        }
        (Some(found), _) | (None, Some(found)) => Ok(found),
        (None, None) => {
            let kind = ChainErrorKind::IncompleteSsoSession {
                session: session.to_owned(),
                missing: key,
                profile: Some(profile_name()),
            };
            Err(trail.error(section.header(), kind))
        }
    };
    let scopes = section.get(SCOPES).or(profile.get(SCOPES));
    let (start_url, region) = (setting(START_URL)?, setting(REGION)?);
    login(Section::Profile(profile_name()), Some(session), start_url, region, scopes)
}

/// A profile from before there were sections.
fn login_of_profile(
    profile: &Profile,
    account_id: &Setting,
    trail: &ProfileTrail,
) -> Result<SsoLogin, ChainError> {
    let own = |key, missing| {
        profile.get(key).ok_or_else(|| trail.incomplete(profile, account_id, missing))
    };
    let region = own(REGION, "sso_session or sso_region")?;
    let start_url = own(START_URL, "sso_session or sso_start_url")?;
    let section = Section::Profile(profile.name().to_owned());
    login(section, None, start_url, region, profile.get(SCOPES))
}

/// The login of an `[sso-session]` that the command line names; an error if it does not exist, or does not
/// say where to log in.
pub(crate) fn sso_login(profiles: &Profiles, name: &str) -> Result<SsoLogin, ChainError> {
    let session = || name.to_owned();
    let section = profiles.sso_session(name).ok_or_else(|| ChainErrorKind::NoSuchSsoSession {
        session: session(),
        file: profiles.config_file().to_path_buf(),
        known: profiles.sso_session_names().map(str::to_owned).collect(),
    })?;
    let setting = |key: &'static str| {
        section.get(key).ok_or_else(|| {
            let kind = ChainErrorKind::IncompleteSsoSession {
                session: session(),
                missing: key,
                profile: None,
            };
            ChainError::at(section.header(), kind)
        })
    };
    let (start_url, region) = (setting(START_URL)?, setting(REGION)?);
    login(Section::SsoSession(session()), Some(name), start_url, region, section.get(SCOPES))
}

/// The region becomes part of the name of the host that the token is sent to, and the start URL is
/// where a person is sent, so both are checked.
fn login(
    section: Section,
    session: Option<&str>,
    start_url: &Setting,
    region: &Setting,
    scopes: Option<&Setting>,
) -> Result<SsoLogin, ChainError> {
    let (url, region_name) = (start_url.value.trim(), region.value.trim());
    if !is_start_url(url) {
        let problem = "is not an https URL, such as https://corp.awsapps.com/start";
        return Err(ChainError::invalid(start_url, section, problem));
    }
    if !is_region(region_name) {
        let problem = "is not a region, such as eu-west-1";
        return Err(ChainError::invalid(region, section, problem));
    }
    Ok(SsoLogin {
        session: session.map(str::to_owned),
        start_url: url.to_owned(),
        region: region_name.to_owned(),
        scopes: registration_scopes(scopes.map_or("", |setting| &setting.value)),
    })
}

/// The scopes of a comma-separated list.
pub(crate) fn registration_scopes(text: &str) -> Vec<String> {
    let written: Vec<String> =
        text.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect();
    match written.is_empty() {
        true => vec![SsoLogin::DEFAULT_SCOPE.to_owned()],
        false => written,
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
            match *sso_login(&profiles, "corp").unwrap_err().kind {
                ChainErrorKind::NoSuchSsoSession { known, .. } => assert_eq!(known, expected),
                other => panic!("{other}"),
            }
        }
    }
}
