//! AWS's rules: from files and environment to the one source and the roles assumed with it. Pure.
//!
//! [`trace`] walks [`SourceKind::ORDER`] and notes for every candidate why it was taken or not;
//! [`chain`] is its result alone. What the calls are, and which are cached, is the plan's business.

use super::assumed_role::AssumedRole;
use super::error::{ChainError, ChainErrorKind, ProfileTrail};
use super::flags::with_flags;
use super::found::{Found, ProfileSource, find, sources_of_profile};
use super::overruled::warn_of_overruled;
use super::profile_source::{lend_mfa_process, login_session, process, static_keys, web_identity};
use super::request::{Request, SelectedBy, SelectedProfile, Selection};
use super::source::{Chain, Given, Source};
use super::source_kind::SourceKind;
use super::{environment, sso};
use crate::credentials::GetRoleCredentials;
use crate::env::Env;
use crate::profile::{Location, Profile, Profiles, Setting};

/// Every candidate in AWS's order, and what came of it.
#[derive(Debug)]
pub struct Trace {
    /// Whose credentials the request means
    pub selection: Selection,
    /// One for each kind, in order; none where the selected profile does not exist
    pub candidates: Vec<Candidate>,
    /// The chain, or why there is none
    pub result: Result<Chain, ChainError>,
}

impl Trace {
    /// The kind of source that answers.
    pub fn answer(&self) -> Option<SourceKind> {
        self.candidates.iter().find(|c| c.outcome == Outcome::Taken).map(|c| c.kind)
    }
}

/// One kind of source in AWS's order, and what came of it.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub kind: SourceKind,
    pub outcome: Outcome,
    /// Why, in words; never a secret
    pub why: String,
    pub at: Option<Location>,
}

/// What came of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
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
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Skipped => "skipped",
            Self::Shadowed => "shadowed",
            Self::Unreachable => "unreachable",
        }
    }
}

/// The chain of a request.
///
/// # Errors
/// [`ChainError`], which names profile, file, line and path.
pub fn chain(profiles: &Profiles, env: &Env, request: &Request) -> Result<Chain, ChainError> {
    trace(profiles, env, request).result
}

/// The chain of a request with every candidate on the way.
pub fn trace(profiles: &Profiles, env: &Env, request: &Request) -> Trace {
    let selection = Selection::new(&request.subject, env);
    let mut candidates = Vec::new();
    let chain = match &selection {
        Selection::Profile(selected) => Walker { profiles, env, selected }.walk(&mut candidates),
        Selection::SsoRole(role) => Ok(chain_of_sso_role(role, &mut candidates)),
    };
    let result = chain.and_then(|chain| with_flags(chain, request, &selection));
    Trace { selection, candidates, result }
}

/// The chain of a role that the command line names: it is used or fails.
fn chain_of_sso_role(role: &GetRoleCredentials, candidates: &mut Vec<Candidate>) -> Chain {
    candidates.extend(SourceKind::ORDER.map(|kind| Candidate {
        kind,
        outcome: match kind {
            SourceKind::Sso => Outcome::Taken,
            _ => Outcome::Unreachable,
        },
        why: "--sso, --account and --role were given".to_owned(),
        at: None,
    }));
    let source = Source::SsoRole { profile: None, request: role.clone() };
    Chain { source, roles: Vec::new(), profile: None, warnings: Vec::new() }
}

/// A source, and the roles assumed with it.
type SourceAndRoles = (Source, Vec<AssumedRole>);

struct Walker<'a> {
    profiles: &'a Profiles,
    env: &'a Env,
    selected: &'a SelectedProfile,
}

impl Walker<'_> {
    fn walk(&self, candidates: &mut Vec<Candidate>) -> Result<Chain, ChainError> {
        let profile = self.find_selected()?;
        let is_named = self.selected.is_named();
        let mut taken = None;
        for kind in SourceKind::ORDER {
            let mut note = |outcome, why, found: Option<&Found<'_>>| {
                let at = found.and_then(Found::at).cloned();
                candidates.push(Candidate { kind, outcome, why, at });
            };
            if is_named && !kind.is_in_profile() {
                let name = &self.selected.name;
                let why = format!("profile \"{name}\" was named: it is used or fails");
                note(Outcome::Unreachable, why, None);
                continue;
            }
            match (find(kind, self.env, profile.as_ref(), is_named), &taken) {
                (Err(absent), _) => note(Outcome::Skipped, absent.to_string(), None),
                (Ok(found), None) => {
                    note(Outcome::Taken, found.to_string(), Some(&found));
                    taken = Some(found);
                }
                (Ok(found), Some(winner)) => {
                    let why = format!("{found}, but {} comes first", Found::kind(winner));
                    note(Outcome::Shadowed, why, Some(&found));
                }
            }
        }
        let Some(found) = taken else { return Err(self.nothing(profile.as_ref())) };
        let overruled: Vec<SourceKind> = candidates
            .iter()
            .filter(|candidate| candidate.outcome == Outcome::Shadowed)
            .map(|candidate| candidate.kind)
            .collect();
        let mut warnings = warn_of_overruled(&found, &overruled, self.selected);
        if let Found::EnvironmentKeys { .. } = found {
            warnings.extend(environment::warn_of_two_tokens(self.env));
        }
        let of_profile = match &found {
            Found::InProfile(profile, _) => Some(profile.name().to_owned()),
            _ => None,
        };
        let (source, roles) = self.source(found, profile.as_ref())?;
        Ok(Chain { source, roles, profile: of_profile, warnings })
    }

    /// The selected profile; one that somebody names must exist.
    fn find_selected(&self) -> Result<Option<Profile>, ChainError> {
        let SelectedProfile { name, by } = self.selected;
        let profile = self.profiles.profile(name)?;
        if profile.is_none() && *by != SelectedBy::Default {
            return Err(ChainErrorKind::UnknownProfile {
                name: name.clone(),
                by: *by,
                config: self.profiles.config_file().to_path_buf(),
                credentials: self.profiles.credentials_file().to_path_buf(),
                similar: self.profiles.similar(name).map(str::to_owned),
            }
            .into());
        }
        Ok(profile)
    }

    fn nothing(&self, profile: Option<&Profile>) -> ChainError {
        match profile {
            Some(profile) if self.selected.is_named() => {
                let kind = ChainErrorKind::ProfileWithoutCredentials {
                    profile: profile.name().to_owned(),
                };
                ChainError::at(profile.header(), kind)
            }
            _ => ChainErrorKind::NoCredentials { profile: self.selected.name.clone() }.into(),
        }
    }

    /// What was found, as a source. `profile` may add what the variables do not say.
    fn source(
        &self,
        found: Found<'_>,
        profile: Option<&Profile>,
    ) -> Result<SourceAndRoles, ChainError> {
        let source = match found {
            Found::EnvironmentKeys { access_key_id } => {
                Source::Given(Given::Environment(environment::keys(access_key_id, self.env)?))
            }
            Found::EnvironmentWebIdentity { token_file } => {
                Source::WebIdentity(environment::web_identity(token_file, self.env, profile)?)
            }
            Found::Container(endpoint) => Source::Given(Given::Container(endpoint)),
            Found::Instance => {
                Source::Given(Given::Instance(environment::instance(self.env, profile)?))
            }
            Found::InProfile(profile, found) => {
                return self.source_of_profile(profile, found, &mut ProfileTrail::from(profile));
            }
        };
        Ok((source, Vec::new()))
    }

    fn source_of_profile(
        &self,
        profile: &Profile,
        found: ProfileSource<'_>,
        trail: &mut ProfileTrail,
    ) -> Result<SourceAndRoles, ChainError> {
        let source = match found {
            ProfileSource::AssumeRole(role_arn) => return self.role(profile, role_arn, trail),
            ProfileSource::WebIdentity(file) => web_identity(profile, file, self.env, trail)?,
            ProfileSource::Sso(pair) => sso::role(profile, pair, self.profiles, trail)?,
            ProfileSource::StaticKeys(file, pair) => static_keys(profile, file, pair, trail)?,
            ProfileSource::LoginSession(session) => login_session(profile, session),
            ProfileSource::Process(command) => process(profile, command),
        };
        Ok((source, Vec::new()))
    }

    /// The role of a profile, behind what it is assumed with.
    fn role(
        &self,
        profile: &Profile,
        role_arn: &Setting,
        trail: &mut ProfileTrail,
    ) -> Result<SourceAndRoles, ChainError> {
        let mut role = AssumedRole::of_profile(profile, role_arn)?;
        let name = || profile.name().to_owned();
        let sources = (profile.get("source_profile"), profile.get("credential_source"));
        let (source, mut roles) = match sources {
            (Some(source), None) => self.source_profile(profile, source, trail)?,
            (None, Some(source)) => self.credential_source(profile, source, trail)?,
            (Some(source), Some(other)) => {
                let other = other.location().clone();
                let kind = ChainErrorKind::BothSources { profile: name(), other };
                return Err(trail.error(source.location(), kind));
            }
            (None, None) => {
                let kind = ChainErrorKind::NoSource { profile: name() };
                return Err(trail.error(role_arn.location(), kind));
            }
        };
        lend_mfa_process(&source, &mut role);
        roles.push(role);
        Ok((source, roles))
    }

    /// What `source_profile` of the profile leads to.
    fn source_profile(
        &self,
        profile: &Profile,
        setting: &Setting,
        trail: &mut ProfileTrail,
    ) -> Result<SourceAndRoles, ChainError> {
        let name = setting.value().trim();
        if name == profile.name()
            && let Some(keys) = sources_of_profile(profile).find(ProfileSource::is_static_keys)
        {
            return self.source_of_profile(profile, keys, trail);
        }
        let is_circle = trail.contains(name);
        trail.push(name);
        if is_circle {
            let kind = ChainErrorKind::Cycle { circle: trail.clone() };
            return Err(ChainError::at(setting.location(), kind));
        }
        let Some(source) = self.profiles.profile(name)? else {
            let kind = ChainErrorKind::UnknownSourceProfile {
                profile: profile.name().to_owned(),
                source_profile: name.to_owned(),
                similar: self.profiles.similar(name).map(str::to_owned),
            };
            return Err(trail.error(setting.location(), kind));
        };
        // A profile on the way that has keys ends the chain there, even if it also has a role.
        let has_keys = sources_of_profile(&source).any(|found| found.is_static_keys());
        let found = sources_of_profile(&source)
            .find(|found| !(has_keys && matches!(found, ProfileSource::AssumeRole(_))));
        match found {
            Some(found) => self.source_of_profile(&source, found, trail),
            None => {
                let kind = ChainErrorKind::SourceWithoutCredentials { profile: name.to_owned() };
                Err(trail.error(source.header(), kind))
            }
        }
    }

    /// What `credential_source` of the profile names.
    fn credential_source(
        &self,
        profile: &Profile,
        setting: &Setting,
        trail: &ProfileTrail,
    ) -> Result<SourceAndRoles, ChainError> {
        let (profile_name, value) = (profile.name().to_owned(), setting.value().trim());
        let (kind, missing) = match value {
            "Environment" => (SourceKind::Environment, "AWS_ACCESS_KEY_ID is not set"),
            "EcsContainer" => (
                SourceKind::Container,
                "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor \
                 AWS_CONTAINER_CREDENTIALS_FULL_URI is set",
            ),
            "Ec2InstanceMetadata" => (SourceKind::Instance, "AWS_EC2_METADATA_DISABLED is true"),
            value => {
                let (profile, value) = (profile_name, value.to_owned());
                let kind = ChainErrorKind::UnknownCredentialSource { profile, value };
                return Err(trail.error(setting.location(), kind));
            }
        };
        match find(kind, self.env, Some(profile), true) {
            Ok(found) => self.source(found, Some(profile)),
            Err(_) => {
                let (profile, value) = (profile_name, value.to_owned());
                let kind = ChainErrorKind::CredentialSourceAbsent { profile, value, missing };
                Err(trail.error(setting.location(), kind))
            }
        }
    }
}
