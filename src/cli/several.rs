//! Several profiles of one command line, whose credentials one server hands over.

use super::exec_server::{name_of, refuse_endless};
use super::flags::SessionFlags;
use super::guard_flags::GuardFlags;
use super::overlay::{Minted, find_or_make};
use crate::app::App;
use crate::app::guard::{Consent, Handover as Gate};
use crate::report::failure::{Failure, word};

/// A profile of the command line, and what it is called.
pub(super) struct Named {
    pub(super) profile: Option<String>,
    pub(super) name: String,
}

/// The credentials of each, once; without a name those that awsx finds itself.
pub(super) fn make_each(
    app: &App,
    flags: &SessionFlags,
    profiles: &[String],
    gate: impl Fn(Option<&str>) -> Gate,
) -> Result<Vec<(Named, Minted)>, Failure> {
    let found = match profiles {
        [] => vec![None],
        names => names.iter().map(|name| Some(&**name)).collect(),
    };
    let mut made: Vec<(Named, Minted)> = Vec::new();
    for profile in found {
        let minted = find_or_make(app, flags, profile, &gate(profile))?;
        let name = name_of(&minted);
        refuse_endless(&minted, &format!("`awsx exec {}` hands them over", word(&name)))?;
        // What a person picked is not asked for again.
        let profile = profile.map(str::to_owned).or(minted.plan.profile().map(str::to_owned));
        if !made.iter().any(|(other, _)| other.name == name) {
            made.push((Named { profile, name }, minted));
        }
    }
    Ok(made)
}

/// What the command line says to the guards of this profile; a name that is typed is of one of several.
pub(super) fn consent_of(
    guard: &GuardFlags,
    profiles: &[String],
    profile: Option<&str>,
) -> Consent {
    let mut consent = guard.consent();
    let meant = consent.yes_i_mean.as_deref();
    if meant != profile && profiles.iter().any(|other| Some(&**other) == meant) {
        consent.yes_i_mean = None;
    }
    consent
}
