//! What `exec` and `env` hand over.

use super::flags::SessionFlags;
use super::pick_profile::pick_profile;
use super::region_question::no_region;
use super::request::request;
use super::scope_words::scope_words;
use crate::app::guard::{Handover as Gate, Passed, pass};
use crate::app::mint::{mint, variables};
use crate::app::{App, MayAsk};
use crate::credentials::{Expiration, LiveCredentials};
use crate::deliver::{self, Delivery, Overlay, Server};
#[cfg(unix)]
use crate::env::Env;
use crate::report::Failure;
use crate::report::failure::Kind;
use crate::resolve::{Purpose, is_said_by_environment, kind_of_profile};
use crate::text::Colour;

/// What is handed over, and what a person wants to know of it.
pub(super) struct Handover {
    pub overlay: Overlay,
    pub profile: Option<String>,
    /// `SESSION/ACCOUNT/ROLE` of `--sso`
    pub role: Option<String>,
    pub account: Option<String>,
    pub region: Option<String>,
    pub expiration: Expiration,
    /// Whether they are made anew before that
    pub is_renewed: bool,
    /// What the session is narrowed to
    pub scope: Option<String>,
    /// Of the name of the profile or the role
    pub colour: Option<Colour>,
}

/// Credentials that may be handed over, and what goes with them.
pub(super) struct Minted {
    pub plan: Passed,
    pub live: LiveCredentials,
    variables: Vec<(String, String)>,
    /// `SESSION/ACCOUNT/ROLE` of `--sso`
    pub role: Option<String>,
}

/// The variables of the profile, or of the one that a person picks where nothing says whose to take.
pub(super) fn overlay(
    app: &App,
    flags: &SessionFlags,
    profile: Option<&str>,
    gate: &Gate,
) -> Result<Handover, Failure> {
    Ok(find_or_make(app, flags, profile, gate)?.in_environment(app))
}

/// The credentials of the profile, or of the one that a person picks.
pub(super) fn find_or_make(
    app: &App,
    flags: &SessionFlags,
    profile: Option<&str>,
    gate: &Gate,
) -> Result<Minted, Failure> {
    flags.ask_of_files(app, profile);
    if profile.is_some() || flags.names_whose() || !nothing_says(app)? {
        return mint_for(app, flags, profile, gate);
    }
    if app.profiles_in_reach()?.contains("default") {
        // It has settings alone; what is left is the machine.
        match mint_for(app, flags, None, gate) {
            Err(failure) if failure.kind() == Kind::NoCredentials => {
                let picked = pick_profile(app, "Profile")?.ok_or(failure)?;
                return mint_for(app, flags, Some(&picked), gate);
            }
            done => return done,
        }
    }
    let picked = pick_profile(app, "Profile")?;
    mint_for(app, flags, picked.as_deref(), gate)
}

/// Whether no variable and no default profile says whose credentials to take.
pub(super) fn nothing_says(app: &App) -> Result<bool, Failure> {
    if is_said_by_environment(&app.env) {
        return Ok(false);
    }
    let default = app.profiles_in_reach()?.profile("default")?;
    Ok(default.is_none_or(|profile| kind_of_profile(&profile).is_none()))
}

fn mint_for(
    app: &App,
    flags: &SessionFlags,
    profile: Option<&str>,
    gate: &Gate,
) -> Result<Minted, Failure> {
    let code = flags.mfa_code()?;
    let (plan, role) = plan_for(app, flags, profile, gate)?;
    let variables = variables(app, &plan)?;
    let live = mint(app, &plan, code, MayAsk::Person)?;
    Ok(Minted { plan, live, variables, role })
}

/// What leads to the credentials, and `SESSION/ACCOUNT/ROLE` of `--sso`.
pub(super) fn plan_for(
    app: &App,
    flags: &SessionFlags,
    profile: Option<&str>,
    gate: &Gate,
) -> Result<(Passed, Option<String>), Failure> {
    let request = request(app, flags, profile, MayAsk::Person)?;
    let plan = pass(app, &request, flags.rules(Purpose::Deliver), gate)?;
    Ok((plan, request.selection.role_name()))
}

impl Minted {
    /// The environment of a command, with the credentials in it.
    pub(super) fn in_environment(&self, app: &App) -> Handover {
        self.handover(app, deliver::environment(&self.live, &self.delivery(), &app.inherited))
    }

    /// The environment of a command that asks a server for the credentials.
    pub(super) fn through_server(&self, app: &App, server: &Server) -> Handover {
        let (account, delivery) = (self.live.account_id(), self.delivery());
        let overlay = deliver::environment_of_server(server, account, &delivery, &app.inherited);
        Handover { is_renewed: true, ..self.handover(app, overlay) }
    }

    /// The environment on another machine, whose own is not known and whose files are its own.
    #[cfg(unix)]
    pub(super) fn far_away(&self, server: &Server) -> Overlay {
        let is_known_there = |(name, _): &&(String, String)| name != "AWS_CA_BUNDLE";
        let variables: Vec<_> = self.variables.iter().filter(is_known_there).cloned().collect();
        let delivery = Delivery { variables: &variables, ..self.delivery() };
        let account = self.live.account_id();
        deliver::environment_of_server(server, account, &delivery, &Env::default())
    }

    fn delivery(&self) -> Delivery<'_> {
        let (profile, region) = (self.plan.profile(), self.plan.region());
        Delivery { profile, role: self.role.as_deref(), region, variables: &self.variables }
    }

    fn handover(&self, app: &App, mut overlay: Overlay) -> Handover {
        let Self { plan, live, role, .. } = self;
        for (name, value) in &app.for_child {
            overlay.set(name, &**value);
        }
        Handover {
            overlay,
            profile: plan.profile().map(str::to_owned),
            account: live.account_id().map(str::to_owned),
            region: plan.region().map(str::to_owned),
            expiration: live.expiration(),
            is_renewed: false,
            scope: scope_words(plan),
            colour: plan.colour(),
            role: role.clone(),
        }
    }
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
