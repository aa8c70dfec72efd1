//! Calls of STS by their names.

use std::time::Duration;

use super::App;
use super::guard::{Passed, Unsigned};
use super::mint::{ask_by_name, variables};
use crate::client_settings::{ClientSettings, command_variables};
use crate::credentials::{MfaCode, StsAnswer, StsCall};
use crate::ports::Sts;
use crate::report::Failure;
use crate::report::failure::{Kind, SESSION_DENIED, hint_of_keys};
use crate::resolve::{
    Mfa, Plan, SelectedBy, SelectedProfile, SourceKind, find_profile, kind_of_profile,
};

/// What STS answers. `code` is for the plan that signs, `own_code` for the device that the call names.
pub(crate) fn ask(
    app: &App,
    plan: &Passed,
    code: Option<MfaCode>,
    call: &StsCall,
    device: Option<&Mfa>,
    own_code: Option<MfaCode>,
) -> Result<StsAnswer, Failure> {
    let answer = ask_by_name(app, plan, code, call, device, own_code);
    let answer = answer.or_else(|failure| {
        // Only AWS knows what a `credential_process` gave.
        if failure.is_about_sessions() {
            return Err(failure.with_hint(hint_of_keys(&profiles_with_keys(app)?)));
        }
        if failure.is_denial_by_policy() && call.name == "sts:GetSessionToken" {
            return Err(failure.with_hint(SESSION_DENIED.to_owned()));
        }
        Err(failure)
    })?;
    plan.note_answer(app, &answer)?;
    Ok(answer)
}

/// The way on which AWS is reached, and what a command gets of it.
pub(crate) struct Way {
    pub settings: ClientSettings,
    /// Names and values
    pub variables: Vec<(String, String)>,
}

/// That of the plan.
pub(crate) fn way_of_plan(app: &App, plan: &Plan) -> Result<Way, Failure> {
    Ok(Way { settings: plan.settings().clone(), variables: variables(app, plan)? })
}

/// That of a profile, or of the one that the environment selects, where nobody's credentials are needed.
pub(crate) fn way_of_profile(app: &App, profile: Option<&str>) -> Result<Way, Failure> {
    app.ask_of_files(profile, None, Duration::ZERO);
    let selected = match profile {
        Some(name) => SelectedProfile { name: name.to_owned(), by: SelectedBy::CommandLine },
        None => SelectedProfile::of_environment(&app.env),
    };
    let profile = find_profile(&selected, app.profiles_in_reach()?)?;
    let settings = app.client_settings(profile.as_ref(), None)?;
    let profiles = app.profiles_in_reach()?;
    let handed = command_variables(&settings, &app.env, profile.as_ref(), profiles)?;
    let said = [settings.warn_of_clear_text(), settings.warn_of_sigv4a()].into_iter().flatten();
    said.chain(handed.warnings).for_each(|warning| app.out().warning(&warning));
    Ok(Way { settings, variables: handed.variables })
}

/// What STS answers to a call that nobody signs.
pub(crate) fn ask_unsigned(
    app: &App,
    way: &Way,
    call: &StsCall,
    passed: &Unsigned,
) -> Result<StsAnswer, Failure> {
    let answer = app.clients(&way.settings).aws.ask(None, call, None)?;
    passed.note(app, &answer)?;
    Ok(answer)
}

/// Sees before any call that AWS takes this one from an IAM user's access keys alone.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html>
pub(crate) fn check_keys_of_user(app: &App, plan: &Plan, call: &str) -> Result<(), Failure> {
    if !plan.ends_in_session() {
        return Ok(());
    }
    let whose = match plan.profile() {
        Some(name) => format!("profile \"{name}\" leads"),
        None => "the chain leads".to_owned(),
    };
    Err(Failure::say(
        format!("{call} needs the access keys of an IAM user, and {whose} to a session"),
        Kind::Config.with(hint_of_keys(&profiles_with_keys(app)?)),
    ))
}

/// The profiles that have access keys of a user.
fn profiles_with_keys(app: &App) -> Result<Vec<String>, Failure> {
    let profiles = app.profiles()?;
    let has_keys = |name: &&str| {
        let kind =
            profiles.as_known(name).and_then(|profile| match profile.get("aws_session_token") {
                Some(_) => None,
                None => kind_of_profile(&profile),
            });
        matches!(
            kind,
            Some(
                SourceKind::CredentialsFile
                    | SourceKind::ConfigFile
                    | SourceKind::StoredKeys
                    | SourceKind::LongTerm
            )
        )
    };
    Ok(profiles.all_names().filter(has_keys).map(str::to_owned).collect())
}
