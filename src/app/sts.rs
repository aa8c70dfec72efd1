//! Calls of STS by their names.

use super::App;
use super::mint::ask_by_name;
use crate::credentials::{MfaCode, StsAnswer, StsCall};
use crate::report::Failure;
use crate::report::failure::{Kind, word};
use crate::resolve::{Mfa, Plan, SourceKind, kind_of_profile};

/// How many profiles a hint names.
const SHOWN: usize = 3;

/// What STS answers. `code` is for the plan that signs, `own_code` for the device that the call names.
pub(crate) fn ask(
    app: &App,
    plan: &Plan,
    code: Option<MfaCode>,
    call: &StsCall,
    device: Option<&Mfa>,
    own_code: Option<MfaCode>,
) -> Result<StsAnswer, Failure> {
    ask_by_name(app, plan, code, call, device, own_code)
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
        Kind::Config.with(hint_of_users(app)?),
    ))
}

/// The profiles that have access keys of a user.
fn hint_of_users(app: &App) -> Result<String, Failure> {
    let profiles = app.profiles()?;
    let has_keys = |name: &&str| {
        let kind =
            profiles.as_known(name).and_then(|profile| match profile.get("aws_session_token") {
                Some(_) => None,
                None => kind_of_profile(&profile),
            });
        matches!(
            kind,
            Some(SourceKind::CredentialsFile | SourceKind::ConfigFile | SourceKind::StoredKeys)
        )
    };
    let names: Vec<_> = profiles.all_names().filter(has_keys).map(word).take(SHOWN).collect();
    Ok(match &*names {
        [] => "no profile has any: `awsx keys add NAME` stores a user's key".to_owned(),
        [one] => format!("this profile has some: --profile {one}"),
        several => format!("these profiles have some: --profile {}", several.join(", ")),
    })
}
