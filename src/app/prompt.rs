//! What is known of the credentials that a shell has, without network, vault and keychain, and without a word about
//! what cannot be read: a prompt comes back after every command.

use super::App;
use crate::config;
use crate::guard::colour_of;
use crate::organization::account_name::last_name_of;
use crate::preferences::{DIRECTORY_FILE, DirectorySettings};
use crate::profile::{Profiles, Roots};
use crate::prompt::Segment;
use crate::resolve::{InUse, Request, Source, account_and_role, chain, kind_of_profile, sso_login};
use crate::state::StateDir;

/// Of what is in use, else of what the directory chooses for the next command. None where neither says anything.
pub(crate) fn segment(app: &App) -> Option<Segment> {
    let region = |name| app.inherited.get(name).map(str::to_owned);
    let region = region("AWS_REGION").or_else(|| region("AWS_DEFAULT_REGION"));
    let Some(InUse { profile, role: sso_role, access_key_id, account_id, ends }) =
        InUse::of(&app.inherited)
    else {
        let DirectorySettings { profile, region: chosen, .. } = app.directory_settings()?;
        let segment = Segment { region: region.or(chosen), ..Segment::default() };
        let segment = Segment { chosen_by: Some(DIRECTORY_FILE), ..segment };
        return Some(with_names(app, segment, Some(profile?), None));
    };
    let segment = Segment { account_id, ends, access_key_id, region, ..Segment::default() };
    Some(with_names(app, segment, profile, sso_role))
}

/// With what the files say of the profile or the role.
fn with_names(
    app: &App,
    mut segment: Segment,
    profile: Option<String>,
    sso_role: Option<String>,
) -> Segment {
    let parts = sso_role.as_deref().and_then(parts_of_role);
    if profile.is_some() || sso_role.is_some() {
        let roots = Roots {
            profiles: profile.iter().cloned().collect(),
            sso_sessions: parts.iter().map(|[session, ..]| (*session).to_owned()).collect(),
        };
        let read = config::load_as(&app.inherited, Some(&roots), Some(&|_| ()));
        // Guards hold for names alone, too.
        if let Ok(profiles) = read.or_else(|_| Profiles::from_texts("", "")) {
            if let Some(name) = &profile {
                add_settings(&mut segment, &profiles, name);
            }
            if let Some([_, account, role]) = parts {
                segment.role = Some(role.to_owned());
                segment.account_id.get_or_insert_with(|| account.to_owned());
            }
            let name = profile.as_deref().or(sso_role.as_deref()).unwrap_or_default();
            let guards = app.preferences().map(|own| own.guards()).unwrap_or_default();
            segment.colour = colour_of(name, &profiles, guards);
            let session = parts.map(|[session, ..]| session);
            segment.account_name =
                account_name(app, &segment, &profiles, profile.as_deref(), session);
        }
    } else {
        segment.account_name = own_name(app, &segment);
    }
    Segment { profile, sso_role, ..segment }
}

/// Session, account and role of `corp/222222222222/Admin`.
fn parts_of_role(role: &str) -> Option<[&str; 3]> {
    let mut parts = role.rsplitn(3, '/');
    let [role, account, session] = [parts.next()?, parts.next()?, parts.next()?];
    Some([session, account, role])
}

/// What the profile says of account, role and region, as far as the environment does not.
fn add_settings(segment: &mut Segment, profiles: &Profiles, name: &str) {
    let Ok(Some(profile)) = profiles.profile(name) else { return };
    let (account, role) = account_and_role(&profile, kind_of_profile(&profile));
    // A flag may have led on from there to another account.
    if segment.account_id.is_none() || account.is_none() || segment.account_id == account {
        segment.role = role;
    }
    segment.account_id = segment.account_id.take().or(account);
    let region = || Some(profile.get("region")?.value.trim().to_owned());
    segment.region = segment.region.take().or_else(region);
}

/// The name that the person gave the account.
fn own_name(app: &App, segment: &Segment) -> Option<String> {
    app.preferences().ok()?.account_name(segment.account_id.as_deref()?).map(str::to_owned)
}

/// The same, else that of the organization that the credentials come from.
fn account_name(
    app: &App,
    segment: &Segment,
    profiles: &Profiles,
    profile: Option<&str>,
    session: Option<&str>,
) -> Option<String> {
    let listed = || {
        let login = match (profile, session) {
            (Some(name), _) => {
                let chain = chain(profiles, &app.env, &Request::of_profile(name)).ok()?;
                match chain.source() {
                    Source::SsoRole { request, .. } => request.login.clone(),
                    _ => return None,
                }
            }
            (None, session) => sso_login(profiles, session?).ok()?,
        };
        let state = StateDir::from_env(&app.env).ok()?;
        last_name_of(&state, &login, segment.account_id.as_deref()?)
    };
    own_name(app, segment).or_else(listed)
}
