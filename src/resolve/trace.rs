//! AWS's rules: which source answers, of all that are there, and what is said about the others. Pure.
//!
//! What the calls are, and which are cached, is the plan's business.

use std::fmt;

use super::assumed_role::AssumedRole;
use super::environment::{self, warn_of_two_tokens};
use super::error::{ChainError, ChainErrorKind, ProfileTrail};
use super::flags::with_flags;
use super::found::{Absent, Found, find, order};
use super::overruled::warn_of_overruled;
use super::request::{
    Request, RoleBySaml, ScopeText, ScopeWords, SelectedBy, SelectedProfile, Selection,
};
use super::source::{Chain, SamlIdentity, Source, WebIdentity};
use super::source_kind::SourceKind;
use super::walk::{Walker, half_source};
use super::warning::Warning;
use crate::credentials::{GetRoleCredentials, TokenOrigin};
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

/// The chain of a request.
pub(crate) fn chain(
    profiles: &Profiles,
    env: &Env,
    request: &Request,
) -> Result<Chain, ChainError> {
    let chain = match &request.selection {
        Selection::Profile(selected) => {
            let mut walker = Walker::new(profiles, env, selected.is_named());
            chain_of_profile(selected, &mut walker, profiles, env, |_| ())
        }
        Selection::SsoRole(role) => Ok(chain_of(sso_role(role))),
        Selection::RoleBySaml(role) => Ok(chain_of(saml(role))),
        Selection::Oidc { origin, role_arn } => Ok(chain_of(web_identity(origin, role_arn))),
    };
    with_flags(chain?, request)
}

/// The chain of a request with every candidate on the way.
pub(crate) fn trace(profiles: &Profiles, env: &Env, request: &Request) -> Trace {
    let mut trace = match &request.selection {
        Selection::Profile(selected) => trace_of_profile(selected, profiles, env),
        Selection::SsoRole(role) => {
            trace_of(SourceKind::Sso, "--sso, --account and --role were given", sso_role(role))
        }
        Selection::Oidc { origin, role_arn } => trace_of(
            SourceKind::WebIdentity,
            "--oidc and --role-arn were given",
            web_identity(origin, role_arn),
        ),
        Selection::RoleBySaml(role) => {
            let why = format!("{} was given", role.assertion.setting());
            trace_of(SourceKind::Saml, &why, saml(role))
        }
    };
    let result = trace.result.and_then(|chain| with_flags(chain, request));
    trace.result = result.map_err(|error| error.suggest(profiles));
    trace
}

/// A role that the command line names is used or fails.
fn trace_of(of: SourceKind, why: &str, source: Source) -> Trace {
    let candidates = SourceKind::ORDER.map(|kind| match kind == of {
        true => Candidate::new(kind, Outcome::Taken, &why, None),
        false => Candidate::new(kind, Outcome::Unreachable, &why, None),
    });
    Trace {
        candidates: candidates.into(),
        result: Ok(chain_of(source)),
        oddities: Vec::new(),
        remarks: Vec::new(),
    }
}

fn saml(role: &RoleBySaml) -> Source {
    let RoleBySaml { role_arn, principal_arn, assertion } = role.clone();
    let role = AssumedRole::new(role_arn);
    Source::Saml(SamlIdentity { role, principal_arn, assertion })
}

fn chain_of(source: Source) -> Chain {
    Chain {
        source,
        roles: Vec::new(),
        profile: None,
        warnings: Vec::new(),
        scope: ScopeWords::default(),
        policy: None,
        expected: Vec::new(),
        trail: Vec::new(),
    }
}

fn sso_role(role: &GetRoleCredentials) -> Source {
    Source::SsoRole { profile: None, request: role.clone() }
}

fn web_identity(origin: &TokenOrigin, role_arn: &str) -> Source {
    let role = AssumedRole::new(role_arn.to_owned());
    Source::WebIdentity(WebIdentity { role, origin: origin.clone(), token: None })
}

fn trace_of_profile(selected: &SelectedProfile, profiles: &Profiles, env: &Env) -> Trace {
    let mut candidates = Vec::new();
    let mut walker = Walker::new(profiles, env, selected.is_named());
    let result = chain_of_profile(selected, &mut walker, profiles, env, |looks| {
        candidates = candidates_of(selected, looks);
    });
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
        oddities.extend(environment::warn_of_role_without_token(env));
    }
    Trace { candidates, result, oddities, remarks }
}

/// `see` is shown all that was looked for.
fn chain_of_profile(
    selected: &SelectedProfile,
    walker: &mut Walker<'_>,
    profiles: &Profiles,
    env: &Env,
    see: impl FnOnce(&[(SourceKind, Look<'_>)]),
) -> Result<Chain, ChainError> {
    if !selected.is_named() {
        environment::check_identity(env)?;
    }
    let profile = find_profile(selected, profiles)?;
    let profile = profile.as_ref();
    let looks = look_for_all(selected, profile, env);
    see(&looks);
    let mut found = looks.into_iter().filter_map(|(kind, look)| Some((kind, look.into_found()?)));
    let (kind, taken) = found.next().ok_or_else(|| nothing_found(selected, profile))?;
    let overruled: Vec<_> = found.map(|(kind, _)| kind).collect();
    let mut warnings = warn_of_overruled(kind, &taken, &overruled, selected);
    let scope = match &taken {
        Found::InProfile(profile, _) => profile.get("scope").map(|setting| ScopeText {
            text: setting.value.clone(),
            at: Some(setting.location.clone()),
        }),
        _ => None,
    };
    let scope = ScopeWords { scope, ..ScopeWords::default() };
    let of_profile = match &taken {
        Found::EnvironmentKeys { .. } => {
            warnings.extend(warn_of_two_tokens(env));
            env.profile_of_awsx().map(str::to_owned)
        }
        Found::InProfile(profile, _) => Some(profile.name().to_owned()),
        Found::Container(_) if env.has_server_of_awsx() => env.profile_of_awsx().map(str::to_owned),
        Found::EnvironmentWebIdentity { .. } | Found::Container(_) | Found::Instance => None,
    };
    let (source, roles) = walker.source(taken, profile)?;
    warnings.append(&mut walker.warnings);
    let on_the_way = walker.trail.names().map(str::to_owned);
    let trail = match (&of_profile, walker.trail.names().next()) {
        (Some(outer), None) => vec![outer.clone()],
        _ => on_the_way.collect(),
    };
    Ok(Chain {
        source,
        roles,
        profile: of_profile,
        warnings,
        scope,
        policy: None,
        expected: Vec::new(),
        trail,
    })
}

/// The selected profile; one that somebody names must exist.
pub(crate) fn find_profile(
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
            similar: None,
            stray: profiles.strays(false, name).next().cloned(),
        }
        .into());
    }
    Ok(profile)
}

/// What was seen of one kind of source.
enum Look<'p> {
    Found(Found<'p>),
    Absent(Absent<'p>),
    /// Not looked for: a profile was named
    Unreachable,
}

impl<'p> Look<'p> {
    fn into_found(self) -> Option<Found<'p>> {
        match self {
            Self::Found(found) => Some(found),
            Self::Absent(_) | Self::Unreachable => None,
        }
    }
}

/// Looks for every kind in AWS's order.
fn look_for_all<'p>(
    selected: &SelectedProfile,
    profile: Option<&'p Profile>,
    env: &'p Env,
) -> [(SourceKind, Look<'p>); SourceKind::ORDER.len()] {
    let is_named = selected.is_named();
    order(profile).map(|kind| match is_named && !kind.is_in_profile() {
        true => (kind, Look::Unreachable),
        false => (kind, find(kind, env, profile, is_named).map_or_else(Look::Absent, Look::Found)),
    })
}

/// What was looked for, in words: what is found first is taken.
fn candidates_of(selected: &SelectedProfile, looks: &[(SourceKind, Look<'_>)]) -> Vec<Candidate> {
    let mut winner = None;
    let candidate = |(kind, look): &(SourceKind, Look<'_>)| match (look, winner) {
        (Look::Unreachable, _) => {
            let why = format_args!("profile \"{}\" was named: it is used or fails", selected.name);
            Candidate::new(*kind, Outcome::Unreachable, &why, None)
        }
        (Look::Absent(absent), _) => Candidate::new(*kind, Outcome::Skipped, absent, None),
        (Look::Found(found), Some(winner)) => {
            let why = format_args!("{found}, but {winner} comes first");
            Candidate::new(*kind, Outcome::Shadowed, &why, found.at())
        }
        (Look::Found(found), None) => {
            winner = Some(*kind);
            Candidate::new(*kind, Outcome::Taken, found, found.at())
        }
    };
    looks.iter().map(candidate).collect()
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
