//! What `exec` and `env` hand over.

use super::flags::SessionFlags;
use super::profiles::profile_lines;
use super::region_question::no_region;
use super::request::request;
use super::scope_words::scope_words;
use crate::app::guard::{Handover as Gate, pass};
use crate::app::mint::{mint, variables};
use crate::app::{App, MayAsk};
use crate::credentials::Expiration;
use crate::deliver::{self, Delivery, Overlay};
use crate::report::Failure;
use crate::report::failure::Kind;
use crate::resolve::{Purpose, SelectedBy, SelectedProfile, kind_of_profile};
use crate::text::Colour;

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
    /// `SESSION/ACCOUNT/ROLE` of `--sso`
    pub role: Option<String>,
    pub account: Option<String>,
    pub region: Option<String>,
    pub expiration: Expiration,
    /// What the session is narrowed to
    pub scope: Option<String>,
    /// Of the name of the profile or the role
    pub colour: Option<Colour>,
}

/// The variables of the profile, or of the one that a person picks where nothing says whose to take.
pub(super) fn overlay(
    app: &App,
    flags: &SessionFlags,
    profile: Option<&str>,
    gate: &Gate,
) -> Result<Handover, Failure> {
    flags.ask_of_files(app, profile);
    if profile.is_some() || flags.names_whose() || !nothing_says(app)? {
        return hand_over(app, flags, profile, gate);
    }
    if app.profiles_in_reach()?.contains("default") {
        // It has settings alone; what is left is the machine.
        match hand_over(app, flags, None, gate) {
            Err(failure) if failure.kind() == Kind::NoCredentials => {
                let picked = pick_profile(app)?.ok_or(failure)?;
                return hand_over(app, flags, Some(&picked), gate);
            }
            done => return done,
        }
    }
    let picked = pick_profile(app)?;
    hand_over(app, flags, picked.as_deref(), gate)
}

/// Whether no variable and no default profile says whose credentials to take.
fn nothing_says(app: &App) -> Result<bool, Failure> {
    if SelectedProfile::of_environment(&app.env).by != SelectedBy::Default
        || ANSWERING.iter().any(|variable| app.env.get(variable).is_some())
    {
        return Ok(false);
    }
    let default = app.profiles_in_reach()?.profile("default")?;
    Ok(default.is_none_or(|profile| kind_of_profile(&profile).is_none()))
}

fn hand_over(
    app: &App,
    flags: &SessionFlags,
    profile: Option<&str>,
    gate: &Gate,
) -> Result<Handover, Failure> {
    let code = flags.mfa_code()?;
    let request = request(app, flags, profile, MayAsk::Person)?;
    let plan = pass(app, &request, flags.rules(Purpose::Deliver), gate)?;
    let variables = variables(app, &plan)?;
    let live = mint(app, &plan, code, MayAsk::Person)?;
    let role = request.selection.role_name();
    let (profile, region) = (plan.profile(), plan.region());
    let delivery = Delivery { profile, role: role.as_deref(), region, variables: &variables };
    Ok(Handover {
        overlay: deliver::environment(&live, &delivery, &app.inherited),
        profile: profile.map(str::to_owned),
        account: live.account_id().map(str::to_owned),
        region: plan.region().map(str::to_owned),
        expiration: live.expiration(),
        scope: scope_words(&plan),
        colour: plan.colour(),
        role,
    })
}

/// Said of a shell's credentials, once: what will run there is not known yet. A single command that needs
/// a region says so itself, and many do not.
pub(super) fn tell_of_region(app: &App, handover: &Handover) {
    if let (Some(profile), None) = (&handover.profile, &handover.region)
        && app.out().shows_progress()
    {
        app.out().notice(&no_region(profile));
    }
}

/// None where there is none, and where nobody can pick.
fn pick_profile(app: &App) -> Result<Option<String>, Failure> {
    if app.person().terminal().is_err() {
        return Ok(None);
    }
    let (names, lines) = profile_lines(app)?;
    if names.is_empty() {
        return Ok(None);
    }
    let choice = app.pick("Profile", &lines)?;
    Ok(choice.and_then(|choice| names.get(choice).cloned()))
}
