//! What `exec` and `env` hand over.

use super::flags::SessionFlags;
use super::request::request;
use crate::app::{App, Presence};
use crate::deliver::{self, Delivery, Overlay};
use crate::report::Failure;
use crate::resolve::Purpose;

/// The variables of the profile, or of the one that a person picks.
pub(super) fn overlay(
    app: &App,
    flags: &SessionFlags,
    profile: Option<&str>,
) -> Result<Overlay, Failure> {
    let code = flags.mfa_code()?;
    let profile = match flags.sso_role() {
        Some(_) => profile.map(str::to_owned),
        None => app.named_or_picked(profile)?,
    };
    let request = request(app, flags, profile.as_deref(), Presence::MayLogIn)?;
    let plan = app.plan(&request, flags.rules(Purpose::Deliver))?;
    app.warn_all(plan.warnings());
    let live = app.mint(&plan, code, Presence::MayLogIn)?;
    let delivery = Delivery {
        profile: plan.profile(),
        region: plan.region(),
        endpoint_url: plan.settings().endpoint_url.as_deref(),
    };
    Ok(deliver::environment(&live, &delivery, app.inherited()))
}
