//! The rotation of stored keys.

use std::cell::RefCell;

use super::App;
use super::mint::{keys_of_plan, plan_of_chain};
use crate::client_settings::{Calls, ClientSettings};
use crate::credentials::{Keys, MfaCode, arn};
use crate::keys::record::StoredKeysHeader;
use crate::keys::rotate::{Rotated, Rotator, Wish};
use crate::report::Failure;
use crate::report::failure::word;
use crate::resolve::{Chain, Request, SessionRules, chain};

/// Rotates the stored keys of this header, goes on with what was interrupted, or goes back. A code is asked for
/// once, where a policy demands it.
pub(crate) fn rotate(
    app: &App,
    header: &StoredKeysHeader,
    wish: &Wish,
    code: &mut Option<MfaCode>,
) -> Result<Rotated, Failure> {
    let settings = settings_of_keys(app, header)?;
    settings.warn_of_clear_text().iter().for_each(|warning| app.out().warning(warning));
    let clients = app.clients(&settings);
    let (no_session, code) = (RefCell::new(None), RefCell::new(code));
    let with_mfa = || match session_with_mfa(app, &header.name, code.borrow_mut().take()) {
        Ok(session) => session,
        Err(failure) => {
            no_session.replace(Some(failure));
            None
        }
    };
    let rotator = Rotator {
        vault: app.vault()?,
        iam: &clients.aws,
        sts: &clients.aws,
        clock: &*app.clock,
        person: app.person(),
        name: &header.name,
        with_mfa: &with_mfa,
    };
    rotator.rotate(wish).map_err(|error| {
        let failure = no_session.take().unwrap_or_else(|| error.into());
        say_how_to_go_on(app, &header.name, failure)
    })
}

/// How AWS is reached for the keys of a name. Without a region: where their partition is.
pub(super) fn settings_of_keys(
    app: &App,
    header: &StoredKeysHeader,
) -> Result<ClientSettings, Failure> {
    let profiles = app.profiles()?;
    let profile = profiles.profile(&header.name)?;
    let region = app.globals.region.as_deref();
    let mut settings =
        ClientSettings::derive(region, &app.env, profile.as_ref(), profiles, Calls::Iam)?;
    if settings.region.is_none() {
        let owner = header.owner.as_ref().map(|owner| &*owner.arn);
        settings.region = Some(arn::home_region(owner).to_owned());
    }
    Ok(settings)
}

/// A session with MFA of the stored keys: the device is their profile's, or that of a role which draws on them.
pub(super) fn session_with_mfa(
    app: &App,
    name: &str,
    code: Option<MfaCode>,
) -> Result<Option<Keys>, Failure> {
    let profiles = app.profiles()?;
    let through = |profile: &str| chain(profiles, &app.env, &Request::of_profile(profile)).ok();
    let is_of_keys = |chain: &Chain| chain.source().name_of_stored_keys() == Some(name);
    let mut chains = std::iter::once(name).chain(profiles.all_names()).filter_map(through);
    let Some(chain) = chains.find_map(|chain| match is_of_keys(&chain) {
        true => chain.into_session_of_keys(),
        false => None,
    }) else {
        return Ok(None);
    };
    let plan = plan_of_chain(app, chain, SessionRules::default())?;
    keys_of_plan(app, &plan, code).map(Some)
}

/// What was begun is gone on with by running it again.
fn say_how_to_go_on(app: &App, name: &str, failure: Failure) -> Failure {
    let found =
        app.vault().ok().and_then(|vault| StoredKeysHeader::find(vault, name).ok().flatten());
    match found.is_some_and(|header| header.id_beside().is_some()) {
        true => {
            let command = format!("awsx keys rotate {}", word(name));
            failure.and_then_hint(&format!(
                "`{command}` goes on where it stopped, `{command} --abort` goes back; both keys are stored"
            ))
        }
        false => failure,
    }
}
