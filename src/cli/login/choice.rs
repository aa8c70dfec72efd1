//! Which login `awsx login NAME` means.

use crate::app::App;
use crate::app::plan::trace;
use crate::cli::sso_target::{SsoTarget, has_sessions};
use crate::report::failure::{Failure, Kind, word};
use crate::resolve::{ChainErrorKind, Given, Request, SelectedProfile, Source};

/// Where to log in.
pub(super) enum Choice {
    /// At IAM Identity Center
    Sso(SsoTarget),
    /// At the console, for this profile
    Aws(String),
    /// At a SAML identity provider, for this profile
    Saml(String),
}

/// What a profile needs.
enum Need {
    Login(Choice),
    /// It has no credentials, so that a sign-in can give it some
    Credentials,
    /// It gets its credentials without a person
    Nothing,
}

/// The login that `name` needs, a session or a profile; without one, that of the profile which the
/// environment selects, of the only session, or the one that a person picks.
pub(super) fn choose(app: &App, name: Option<&str>) -> Result<Choice, Failure> {
    let files = app.profiles()?;
    let Some(name) = name else { return choose_without_name(app) };
    if files.sso_session(name).is_some() {
        let profile = files.profile(name)?;
        let session = profile.as_ref().and_then(|profile| profile.get("sso_session"));
        return match session.is_some_and(|session| session.value.trim() != name) {
            false => Ok(Choice::Sso(SsoTarget::of_session(name))),
            true => Err(Failure::usage(
                format!("\"{name}\" is an [sso-session], and a profile of another one"),
                &format!("run `awsx login sso {0}`, or `awsx login sso --profile {0}`", word(name)),
            )),
        };
    }
    if !files.contains(name) {
        return Err(failure_of_name(app, name)?);
    }
    match need(app, name)? {
        Need::Login(choice) => Ok(choice),
        Need::Credentials => Ok(Choice::Aws(name.to_owned())),
        Need::Nothing => Err(Failure::usage(
            format!("profile \"{name}\" needs no login: it has credentials of its own"),
            &format!("use it: `awsx exec {0} -- COMMAND`, `awsx whoami {0}`", word(name)),
        )),
    }
}

fn choose_without_name(app: &App) -> Result<Choice, Failure> {
    let files = app.profiles()?;
    let selected = SelectedProfile::of_environment(&app.env).name;
    if files.contains(&selected)
        && let Ok(Need::Login(choice)) = need(app, &selected)
    {
        return Ok(choice);
    }
    if has_sessions(files) {
        return Ok(Choice::Sso(SsoTarget::default()));
    }
    let signs_in = |name: &&str| {
        files.as_written(name).is_some_and(|profile| profile.get("login_session").is_some())
    };
    let names: Vec<String> = files.names().filter(signs_in).map(str::to_owned).collect();
    if let [only] = &*names {
        return Ok(Choice::Aws(only.clone()));
    }
    let places = ["IAM Identity Center (SSO)", "the AWS console, with an IAM user or as root"];
    match app.pick("Log in at", &places.map(str::to_owned))? {
        Some(0) => Ok(Choice::Sso(SsoTarget::default())),
        Some(_) => Ok(Choice::Aws(selected)),
        None => Err(Failure::usage(
            "no profile and no [sso-session] says where to log in".to_owned(),
            "`awsx config sso` sets up IAM Identity Center, `awsx login aws NAME` signs in at the console",
        )),
    }
}

fn need(app: &App, profile: &str) -> Result<Need, Failure> {
    let written = app.profiles()?.profile(profile)?;
    let has_session = written.is_some_and(|written| written.get("sso_session").is_some());
    let sso = || Need::Login(Choice::Sso(SsoTarget::of_profile(profile)));
    match trace(app, &Request::of_profile(profile))?.result {
        Ok(chain) => Ok(match chain.source() {
            Source::SsoRole { .. } => sso(),
            Source::Given(Given::LoginSession { profile, .. }) => {
                Need::Login(Choice::Aws(profile.clone()))
            }
            Source::Saml(_) if let Some(login) = chain.saml_login() => {
                Need::Login(Choice::Saml(login.profile.to_owned()))
            }
            Source::Given(_) | Source::WebIdentity(_) | Source::Saml(_) => Need::Nothing,
        }),
        // Its token is all that it is for.
        Err(_) if has_session => Ok(sso()),
        Err(error) if matches!(*error.kind, ChainErrorKind::ProfileWithoutCredentials { .. }) => {
            Ok(Need::Credentials)
        }
        Err(error) => Err(error.into()),
    }
}

fn failure_of_name(app: &App, name: &str) -> Result<Failure, Failure> {
    let files = app.profiles()?;
    let similar = files.similar_session(name).or_else(|| files.similar(name));
    let hint = match similar {
        Some(similar) => format!("did you mean \"{similar}\"? run `awsx login {}`", word(similar)),
        None => format!(
            "`awsx profiles` lists all; `awsx login aws {}` signs in at the console, and makes it",
            word(name)
        ),
    };
    let (config, credentials) = (files.config_file(), files.credentials_file());
    let message = format!(
        "there is no profile and no [sso-session] \"{name}\" in {} or {}",
        config.display(),
        credentials.display()
    );
    Ok(Failure::say(message, Kind::Config.with(hint)))
}
