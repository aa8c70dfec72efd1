//! Which login at IAM Identity Center a command is about.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::app::App;
use crate::app::plan::plan;
use crate::client_settings::ClientSettings;
use crate::credentials::{Login, SsoLogin};
use crate::profile::Profiles;
use crate::report::failure::{Failure, word};
use crate::resolve::{Plan, Purpose, Request, SelectedProfile, SessionRules, sso_login};

/// The session as an argument, or the one of a profile.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct SsoTarget {
    /// The [sso-session]; without one that of the profile (AWS_PROFILE, default), or the only one
    #[arg(value_name = "SESSION", value_parser = NonEmptyStringValueParser::new())]
    pub(super) session: Option<String>,
    /// The profile whose session it is
    #[arg(
        short,
        long,
        alias = "sso-session",
        value_name = "PROFILE",
        value_parser = NonEmptyStringValueParser::new(),
        conflicts_with = "session"
    )]
    pub(super) profile: Option<String>,
}

impl SsoTarget {
    pub(super) fn of_session(name: &str) -> Self {
        Self { session: Some(name.to_owned()), profile: None }
    }

    pub(super) fn of_profile(name: &str) -> Self {
        Self { session: None, profile: Some(name.to_owned()) }
    }

    /// Whether the command line names nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.session.is_none() && self.profile.is_none()
    }

    /// The login that the command line means, and how AWS is reached for it. `command` is what the
    /// person ran, for the hints.
    pub(super) fn login(
        &self,
        app: &App,
        command: &str,
    ) -> Result<(SsoLogin, ClientSettings), Failure> {
        let files = app.profiles()?;
        let name = match (&self.profile, &self.session) {
            // As `aws sso login --sso-session` has it.
            (Some(name), _) if !files.contains(name) && files.sso_session(name).is_some() => {
                name.clone()
            }
            (Some(profile), _) => return login_of_profile(app, profile),
            (None, Some(session)) => session.clone(),
            (None, None) => match login_of_selected_profile(app) {
                Some(selected) => return Ok(selected),
                None => only_session(app, command)?,
            },
        };
        // People who come from `aws sso login --profile` name the profile.
        if files.sso_session(&name).is_none() && files.contains(&name) {
            return login_of_profile(app, &name);
        }
        Ok((sso_login(files, &name)?, app.own_settings()?))
    }
}

/// The login of the profile, and how AWS is reached for it.
pub(super) fn login_of_profile(
    app: &App,
    profile: &str,
) -> Result<(SsoLogin, ClientSettings), Failure> {
    let plan = plan_of_profile(app, profile);
    if let Ok(plan) = &plan
        && let Some(Login::IdentityCenter(login)) = plan.login()
    {
        return Ok((login, plan.settings().clone()));
    }
    // A profile without a role, whose token is all that it is for.
    let written = app.profiles()?.profile(profile)?;
    match written.as_ref().and_then(|profile| profile.get("sso_session")) {
        Some(session) => {
            let login = sso_login(app.profiles()?, session.value.trim())?;
            Ok((login, app.client_settings(written.as_ref(), None)?))
        }
        None => Err(plan.err().unwrap_or_else(|| {
            Failure::usage(
                format!("profile \"{profile}\" does not use IAM Identity Center"),
                "`awsx explain` shows what it uses",
            )
        })),
    }
}

/// The login of the profile that `AWS_PROFILE` names, or of `default`, if it has one.
fn login_of_selected_profile(app: &App) -> Option<(SsoLogin, ClientSettings)> {
    let name = SelectedProfile::of_environment(&app.env).name;
    let is_there = app.profiles().ok()?.contains(&name);
    is_there.then(|| login_of_profile(app, &name).ok()).flatten()
}

/// How the profile gets its credentials.
pub(super) fn plan_of_profile(app: &App, profile: &str) -> Result<Plan, Failure> {
    let rules = SessionRules { purpose: Purpose::Sign, ..SessionRules::default() };
    plan(app, &Request::of_profile(profile), rules)
}

/// Whether the files say where to log in at IAM Identity Center.
pub(super) fn has_sessions(profiles: &Profiles) -> bool {
    profiles.sso_session_names().next().is_some()
        || profiles.names().any(|name| has_start_url(profiles, name))
}

/// Whether the profile says itself where to log in.
fn has_start_url(profiles: &Profiles, name: &str) -> bool {
    profiles.as_written(name).is_some_and(|profile| profile.get("sso_start_url").is_some())
}

/// The name of the only `[sso-session]`, or of the one that a person picks.
fn only_session(app: &App, command: &str) -> Result<String, Failure> {
    let profiles = app.profiles()?;
    let names: Vec<String> = profiles.sso_session_names().map(str::to_owned).collect();
    match names.as_slice() {
        [] => Err(Failure::usage(
            format!("there is no [sso-session] in {}", profiles.config_file().display()),
            &match profiles.names().find(|name| has_start_url(profiles, name)) {
                Some(profile) => format!("run `{command} --profile {}`", word(profile)),
                None if command == "awsx login sso" => {
                    "run `awsx config sso`, or give --start-url URL --sso-region REGION".to_owned()
                }
                None => "`awsx config sso` makes one".to_owned(),
            },
        )),
        [only] => Ok(only.clone()),
        several => match app.pick("Session", several)? {
            Some(choice) => Ok(several[choice].clone()),
            None => Err(Failure::usage(
                format!("there are several sessions: {}", several.join(", ")),
                &format!("name one of them: `{command} {}`", word(&several[0])),
            )),
        },
    }
}
