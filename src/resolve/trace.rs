//! AWS's rules: which source answers, of all that are there, and what is said about the others. Pure.
//!
//! What the calls are, and which are cached, is the plan's business.

use std::fmt;

use super::dialect::warn_of_dialect;
use super::environment::{self, warn_of_two_tokens};
use super::error::{ChainError, ChainErrorKind, ProfileTrail};
use super::flags::with_flags;
use super::found::{Found, find};
use super::overruled::warn_of_overruled;
use super::request::{Request, SelectedBy, SelectedProfile, Selection};
use super::source::{Chain, Source};
use super::source_kind::SourceKind;
use super::walk::{Walker, half_source};
use super::warning::Warning;
use crate::credentials::GetRoleCredentials;
use crate::env::Env;
use crate::profile::{Location, Profile, Profiles, WarningKind};

/// Every candidate in AWS's order, and what came of it.
#[derive(Debug)]
pub(crate) struct Trace {
    /// One for each kind, in order; none where the selected profile does not exist
    pub candidates: Vec<Candidate>,
    pub result: Result<Chain, ChainError>,
    /// What is odd about what was looked at, whether it led to a chain or not
    pub oddities: Vec<Warning>,
    /// The same, where the AWS CLI writes it so itself
    pub remarks: Vec<Warning>,
}

impl Trace {
    /// The kind of source that answers.
    pub(crate) fn answer(&self) -> Option<SourceKind> {
        self.candidates.iter().find(|c| c.outcome == Outcome::Taken).map(|c| c.kind)
    }
}

/// One kind of source in AWS's order, and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub kind: SourceKind,
    pub outcome: Outcome,
    /// Why, in words; never a secret
    pub why: String,
    /// The setting that decided
    pub at: Option<Location>,
}

impl Candidate {
    fn new(
        kind: SourceKind,
        outcome: Outcome,
        why: &dyn fmt::Display,
        at: Option<&Location>,
    ) -> Self {
        Self { kind, outcome, why: why.to_string(), at: at.cloned() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It answers.
    Taken,
    /// It is not there.
    Skipped,
    /// It is there, but another comes first.
    Shadowed,
    /// It is never asked, because a profile or a role was named.
    Unreachable,
}

impl Outcome {
    /// The stable name in JSON output.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Skipped => "skipped",
            Self::Shadowed => "shadowed",
            Self::Unreachable => "unreachable",
        }
    }
}

pub(crate) fn chain(
    profiles: &Profiles,
    env: &Env,
    request: &Request,
) -> Result<Chain, ChainError> {
    trace(profiles, env, request).result
}

/// The chain of a request with every candidate on the way.
pub(crate) fn trace(profiles: &Profiles, env: &Env, request: &Request) -> Trace {
    let mut trace = match &request.selection {
        Selection::Profile(selected) => trace_of(selected, profiles, env),
        Selection::SsoRole(role) => trace_of_sso_role(role),
    };
    trace.result = trace.result.and_then(|chain| with_flags(chain, request));
    trace
}

/// A role that the command line names is used or fails.
fn trace_of_sso_role(role: &GetRoleCredentials) -> Trace {
    let why = "--sso, --account and --role were given";
    let candidates = SourceKind::ORDER.map(|kind| match kind {
        SourceKind::Sso => Candidate::new(kind, Outcome::Taken, &why, None),
        _ => Candidate::new(kind, Outcome::Unreachable, &why, None),
    });
    let source = Source::SsoRole { profile: None, request: role.clone() };
    let chain = Chain { source, roles: Vec::new(), profile: None, warnings: Vec::new() };
    Trace {
        candidates: candidates.into(),
        result: Ok(chain),
        oddities: Vec::new(),
        remarks: Vec::new(),
    }
}

fn trace_of(selected: &SelectedProfile, profiles: &Profiles, env: &Env) -> Trace {
    let mut candidates = Vec::new();
    let mut walker = Walker::new(profiles, env, selected.is_named());
    let result = chain_of(selected, &mut walker, profiles, env, &mut candidates);
    let mut names = vec![&*selected.name];
    names.extend(walker.trail.names().filter(|name| *name != selected.name));
    let (mut oddities, mut remarks) = (Vec::new(), Vec::new());
    for odd in names.into_iter().flat_map(|name| profiles.warnings_of(name)) {
        let list =
            if odd.kind == WarningKind::NameOnlyForCli { &mut remarks } else { &mut oddities };
        // Two profiles may have a section in common.
        if !list.contains(&Warning::from(odd)) {
            list.push(Warning::from(odd));
        }
    }
    if result.as_ref().map_or(true, |chain| chain.profile.is_none())
        && !candidates
            .iter()
            .any(|c| c.outcome == Outcome::Taken && c.kind == SourceKind::Environment)
    {
        oddities.extend(environment::warn_of_old_files(env));
    }
    Trace { candidates, result, oddities, remarks }
}

fn chain_of(
    selected: &SelectedProfile,
    walker: &mut Walker<'_>,
    profiles: &Profiles,
    env: &Env,
    candidates: &mut Vec<Candidate>,
) -> Result<Chain, ChainError> {
    if !selected.is_named() {
        environment::check_identity(env)?;
    }
    let profile = find_profile(selected, profiles)?;
    let profile = profile.as_ref();
    let (kind, found) = take_first(selected, profile, env, candidates)
        .ok_or_else(|| nothing_found(selected, profile))?;
    let is_overruled = |candidate: &&Candidate| candidate.outcome == Outcome::Shadowed;
    let overruled: Vec<_> = candidates.iter().filter(is_overruled).map(|c| c.kind).collect();
    let mut warnings = warn_of_overruled(kind, &found, &overruled, selected);
    let of_profile = match &found {
        Found::EnvironmentKeys { .. } => {
            warnings.extend(warn_of_two_tokens(env));
            None
        }
        Found::InProfile(profile, _) => Some(profile.name().to_owned()),
        Found::EnvironmentWebIdentity { .. } | Found::Container(_) | Found::Instance => None,
    };
    let (source, roles) = walker.source(found, profile)?;
    warnings.append(&mut walker.warnings);
    warnings.extend(warn_of_dialect(&source, &roles, profiles));
    Ok(Chain { source, roles, profile: of_profile, warnings })
}

/// The selected profile; one that somebody names must exist.
fn find_profile(
    selected: &SelectedProfile,
    profiles: &Profiles,
) -> Result<Option<Profile>, ChainError> {
    let SelectedProfile { name, by } = selected;
    let profile = profiles.profile(name)?;
    if profile.is_none() && *by != SelectedBy::Default {
        return Err(ChainErrorKind::UnknownProfile {
            name: name.clone(),
            by: *by,
            config: profiles.config_file().to_path_buf(),
            credentials: profiles.credentials_file().to_path_buf(),
            similar: profiles.similar(name).map(str::to_owned),
            stray: profiles.strays(false, name).next().cloned(),
        }
        .into());
    }
    Ok(profile)
}

/// Looks for every kind in AWS's order, and takes what is found first.
fn take_first<'p>(
    selected: &SelectedProfile,
    profile: Option<&'p Profile>,
    env: &'p Env,
    candidates: &mut Vec<Candidate>,
) -> Option<(SourceKind, Found<'p>)> {
    let is_named = selected.is_named();
    let mut taken = None;
    for kind in SourceKind::ORDER {
        if is_named && !kind.is_in_profile() {
            let why = format_args!("profile \"{}\" was named: it is used or fails", selected.name);
            candidates.push(Candidate::new(kind, Outcome::Unreachable, &why, None));
            continue;
        }
        candidates.push(match (find(kind, env, profile, is_named), &taken) {
            (Err(absent), _) => Candidate::new(kind, Outcome::Skipped, &absent, None),
            (Ok(found), Some((winner, _))) => {
                let why = format_args!("{found}, but {winner} comes first");
                Candidate::new(kind, Outcome::Shadowed, &why, found.at())
            }
            (Ok(found), None) => {
                let candidate = Candidate::new(kind, Outcome::Taken, &found, found.at());
                taken = Some((kind, found));
                candidate
            }
        });
    }
    taken
}

fn nothing_found(selected: &SelectedProfile, profile: Option<&Profile>) -> ChainError {
    let name = selected.name.clone();
    let mut trail = ProfileTrail::default();
    trail.push(&name);
    if let Some(half) = profile.and_then(|profile| half_source(profile, &trail)) {
        return half;
    }
    match profile {
        Some(profile) if selected.is_named() => {
            let kind = ChainErrorKind::ProfileWithoutCredentials { profile: name };
            ChainError::at(profile.header(), kind)
        }
        _ => ChainErrorKind::NoCredentials { profile: name }.into(),
    }
}
