//! The rotation of stored keys, and of a key that stays in a file.

use std::cell::RefCell;

use super::agents::admit_use;
use super::mint::keys_of_plan;
use super::plan::plan_of_chain;
use super::{App, MayAsk};
use crate::client_settings::{Calls, ClientSettings};
use crate::credentials::{Keys, MfaCode, arn};
use crate::keys::copies::find_copy;
use crate::keys::home::{Home, InVault};
use crate::keys::in_file::{InFile, PlaceInFile};
use crate::keys::record::StoredKeysHeader;
use crate::keys::rotate::Rotator;
use crate::keys::rotate_error::RotateError;
use crate::keys::rotated::{Rotated, Wish};
use crate::report::Failure;
use crate::resolve::{Chain, Request, SessionRules, Source, chain};
use crate::vault::forget_session;

/// Rotates the stored keys of this header, goes on with what was interrupted, or goes back. A code is asked for
/// once, where a policy demands it.
pub(crate) fn rotate(
    app: &App,
    header: &StoredKeysHeader,
    wish: &Wish,
    code: &mut Option<MfaCode>,
) -> Result<Rotated, Failure> {
    admit_use(app, &header.name)?;
    let settings = settings_of_keys(app, header)?;
    let home = InVault { vault: app.vault()?, name: &header.name };
    let is_own = |source: &Source| source.name_of_stored_keys() == Some(&header.name);
    rotate_at(app, &home, &settings, &is_own, wish, code)
}

/// The same of a key that stays in a file. `None` where what was begun is forgotten, because somebody else changed
/// the file.
pub(crate) fn rotate_in_file(
    app: &App,
    place: PlaceInFile,
    wish: &Wish,
    code: &mut Option<MfaCode>,
) -> Result<Option<Rotated>, Failure> {
    admit_use(app, &place.profile)?;
    let settings = settings_of_name(app, &place.profile, None)?;
    let tell = |message: &str| app.out().notice(message);
    let written = app.profiles()?.as_written(&place.profile);
    let id = written.as_ref().and_then(|profile| profile.get_in(place.kind, "aws_access_key_id"));
    let id = id.map(|setting| setting.value.trim());
    // Under whatever name: aws-mfa's sections have the key of others.
    let is_own = |source: &Source| {
        source.static_keys().is_some_and(|keys| Some(keys.keys.access_key_id()) == id)
    };
    let home = InFile {
        vault: app.vault()?,
        env: &app.env,
        clock: &*app.clock,
        // What it put in the place of a key that is gone must not come back: --abort is the way back.
        writer: &app.writer_without_undo(&tell),
        forget_sessions: &|id| forget_sessions_of(app, id),
        place,
    };
    if wish.abort {
        let _lock = home.hold()?;
        if let Err(RotateError::Changed { .. }) = home.read() {
            home.forget()?;
            return Ok(None);
        }
    }
    rotate_at(app, &home, &settings, &is_own, wish, code).map(Some)
}

fn rotate_at(
    app: &App,
    home: &dyn Home,
    settings: &ClientSettings,
    is_own: &dyn Fn(&Source) -> bool,
    wish: &Wish,
    code: &mut Option<MfaCode>,
) -> Result<Rotated, Failure> {
    settings.warn_of_clear_text().iter().for_each(|warning| app.out().warning(warning));
    let clients = app.clients(settings);
    let (no_session, code) = (RefCell::new(None), RefCell::new(code));
    let name = home.subject().name;
    let with_mfa = || match session_of(app, &name, is_own, code.borrow_mut().take()) {
        Ok(session) => session,
        Err(failure) => {
            no_session.replace(Some(failure));
            None
        }
    };
    let (profiles, vault, subject) = (app.profiles()?, app.vault()?, home.subject());
    let copy = |id: &str| find_copy(id, &subject, profiles, vault);
    let rotator = Rotator {
        home,
        iam: &clients.aws,
        sts: &clients.aws,
        clock: &*app.clock,
        person: app.person(),
        copy: &copy,
        with_mfa: &with_mfa,
    };
    rotator.rotate(wish).map_err(|error| {
        let is_over = matches!(error, RotateError::Changed { .. });
        let failure = no_session.take().unwrap_or_else(|| error.into());
        match home.keeps_two() && !is_over {
            true => say_how_to_go_on(&home.subject().command(), failure),
            false => failure,
        }
    })
}

/// Forgets the sessions of an access key that a file has.
fn forget_sessions_of(app: &App, access_key_id: &str) {
    let forget = || -> Result<(), Failure> {
        let profiles = app.profiles()?;
        for name in profiles.all_names() {
            let Ok(chain) = chain(profiles, &app.env, &Request::of_profile(name)) else { continue };
            let keys = chain.source().static_keys();
            if keys.is_some_and(|keys| keys.keys.access_key_id() == access_key_id) {
                let plan = plan_of_chain(app, chain, SessionRules::default())?;
                for (session, _) in plan.sessions() {
                    forget_session(app.vault()?, &session)?;
                }
            }
        }
        Ok(())
    };
    if forget().is_err() {
        tracing::info!(target: crate::text::DETAIL, "sessions of the old key stay until they end");
    }
}

/// How AWS is reached for stored keys. Without a region: where their partition is.
pub(super) fn settings_of_keys(
    app: &App,
    header: &StoredKeysHeader,
) -> Result<ClientSettings, Failure> {
    let owner = header.owner.as_ref().map(|owner| &*owner.arn);
    settings_of_name(app, &header.name, owner)
}

fn settings_of_name(app: &App, name: &str, owner: Option<&str>) -> Result<ClientSettings, Failure> {
    let profiles = app.profiles()?;
    let profile = profiles.profile(name)?;
    let region = app.globals.region.as_deref();
    let mut settings =
        ClientSettings::derive(region, &app.env, profile.as_ref(), profiles, Calls::Iam)?;
    if settings.region.is_none() {
        settings.region = Some(arn::home_region(owner).to_owned());
    }
    Ok(settings)
}

/// A session with MFA of the stored keys.
pub(super) fn session_with_mfa(
    app: &App,
    name: &str,
    code: Option<MfaCode>,
) -> Result<Option<Keys>, Failure> {
    session_of(app, name, &|source| source.name_of_stored_keys() == Some(name), code)
}

/// A session with MFA of a profile's own access key: the device is the profile's, or that of a role which draws on
/// the key.
fn session_of(
    app: &App,
    name: &str,
    is_own: &dyn Fn(&Source) -> bool,
    code: Option<MfaCode>,
) -> Result<Option<Keys>, Failure> {
    let profiles = app.profiles()?;
    let through = |profile: &str| chain(profiles, &app.env, &Request::of_profile(profile)).ok();
    let into_session = |chain: Chain| is_own(chain.source()).then(|| chain.into_session_of_keys());
    let mut chains = std::iter::once(name).chain(profiles.all_names()).filter_map(through);
    let Some(chain) = chains.find_map(|chain| into_session(chain).flatten()) else {
        return Ok(None);
    };
    let plan = plan_of_chain(app, chain, SessionRules::default())?;
    keys_of_plan(app, &plan, code, MayAsk::Person).map(Some)
}

/// What was begun is gone on with by running it again.
fn say_how_to_go_on(command: &str, failure: Failure) -> Failure {
    failure.and_then_hint(&format!(
        "`{command}` goes on where it stopped, `{command} --abort` goes back; both keys are stored"
    ))
}
