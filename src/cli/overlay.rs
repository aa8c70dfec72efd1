//! What `exec` and `env` hand over.

use super::flags::SessionFlags;
use super::request::request;
use crate::app::mint::{mint, plan, variables};
use crate::app::{App, MayAsk};
use crate::credentials::Expiration;
use crate::deliver::{self, Delivery, Overlay};
use crate::report::Failure;
use crate::resolve::{Purpose, SelectedBy, SelectedProfile};

/// Variables that answer for the chain where no profile does.
const ANSWERING: [&str; 4] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// What is handed over, and what a person wants to know of it.
pub(super) struct Handover {
    pub overlay: Overlay,
    pub profile: Option<String>,
    pub account: Option<String>,
    pub region: Option<String>,
    pub expiration: Expiration,
}

/// The variables of the profile, or of the one that a person picks.
pub(super) fn overlay(
    app: &App,
    flags: &SessionFlags,
    profile: Option<&str>,
) -> Result<Handover, Failure> {
    let code = flags.mfa_code()?;
    app.forgive_files(profile.is_some() || flags.sso_role().is_some());
    let profile = match flags.sso_role() {
        Some(_) => profile.map(str::to_owned),
        None => profile_or_pick(app, profile)?,
    };
    let request = request(app, flags, profile.as_deref(), MayAsk::Person)?;
    let plan = plan(app, &request, flags.rules(Purpose::Deliver))?;
    let variables = variables(app, &plan)?;
    let live = mint(app, &plan, code, MayAsk::Person)?;
    let delivery =
        Delivery { profile: plan.profile(), region: plan.region(), variables: &variables };
    Ok(Handover {
        overlay: deliver::environment(&live, &delivery, &app.inherited),
        profile: plan.profile().map(str::to_owned),
        account: live.account_id().map(str::to_owned),
        region: plan.region().map(str::to_owned),
        expiration: live.expiration(),
    })
}

/// The profile that the command line names; where nothing names one and nothing else answers,
/// the one that a person picks.
fn profile_or_pick(app: &App, named: Option<&str>) -> Result<Option<String>, Failure> {
    if let Some(name) = named {
        return Ok(Some(name.to_owned()));
    }
    let profiles = app.profiles()?;
    let nothing_says = SelectedProfile::of_environment(&app.env).by == SelectedBy::Default
        && ANSWERING.iter().all(|variable| app.env.get(variable).is_none())
        && !profiles.contains("default")
        && profiles.names().next().is_some();
    if !nothing_says {
        return Ok(None);
    }
    let names: Vec<String> = profiles.names().map(str::to_owned).collect();
    let choice = app.pick("Profile", &names)?;
    Ok(choice.and_then(|choice| names.get(choice).cloned()))
}
