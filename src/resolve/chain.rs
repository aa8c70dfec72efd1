//! AWS's rules: from files and environment to the one source and the roles assumed with it. Pure.
//!
//! [`trace`] walks [`SourceKind::ORDER`] and notes for every candidate why it was taken or not;
//! [`chain`] is its result alone. What the calls are, and which are cached, is the plan's business.

use std::fmt;

use super::candidate::{Candidate, Outcome, look, marked};
use super::error::ChainError;
use super::profile_source::{self, has_static_keys, header, static_keys, static_kind};
use super::request::{Request, Selection};
use super::settings::{setting, text};
use super::source::{AssumedRole, Source, SourceKind, WebIdentity};
use super::warning::Warning;
use super::way::Path;
use super::{assumed_role, environment, overruled, sso};
use crate::credentials::{GetRoleCredentials, SessionKey};
use crate::env::Env;
use crate::profile::{Location, Profile, Profiles};

/// A source and the roles assumed with it, one after the other. Cannot hold a cycle; only
/// [`chain`] builds one.
#[derive(Clone, Debug)]
pub struct Chain {
    pub(super) source: Source,
    pub(super) roles: Vec<AssumedRole>,
    pub(super) profile: Option<String>,
    pub(super) warnings: Vec<Warning>,
}

impl Chain {
    /// Where the first credentials come from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The roles, the first assumed first.
    pub fn roles(&self) -> &[AssumedRole] {
        &self.roles
    }

    /// The profile that the chain is made from; none where the environment, a container or the
    /// instance answers.
    pub fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// The chain, if it begins with a web identity, with the name of the token that its file holds.
    /// Another token may be another identity, so no cached session answers for it.
    #[must_use]
    pub fn with_token(
        mut self,
        token: impl FnOnce(&std::path::Path) -> Option<SessionKey>,
    ) -> Self {
        if let Source::WebIdentity(web) = &mut self.source {
            web.token = token(&web.token_file);
        }
        self
    }

    /// What the person should know although the chain holds.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

/// Every candidate in AWS's order, and what came of it.
#[derive(Debug)]
pub struct Trace {
    /// Which profile the files step looks at
    pub selection: Selection,
    /// One for each kind, in order
    pub candidates: Vec<Candidate>,
    /// The chain, or why there is none
    pub result: Result<Chain, ChainError>,
}

impl Trace {
    /// The kind of source that answers.
    pub fn taken(&self) -> Option<SourceKind> {
        self.candidates.iter().find(|c| c.outcome == Outcome::Taken).map(|c| c.kind)
    }
}

/// The chain of a request.
///
/// # Errors
/// [`ChainError`], which names profile, file, line and path.
pub fn chain(profiles: &Profiles, env: &Env, request: &Request) -> Result<Chain, ChainError> {
    let selection = Selection::of(request, env);
    Walker { profiles, env }.chain(request, &selection, &mut |_, _, _, _| ())
}

/// The chain of a request with every candidate on the way.
pub fn trace(profiles: &Profiles, env: &Env, request: &Request) -> Trace {
    let selection = Selection::of(request, env);
    let mut candidates = Vec::new();
    let mut note: Note<'_> = &mut |kind, outcome, why, at| {
        let (why, at) = (why.to_string(), at.cloned());
        candidates.push(Candidate { kind, outcome, why, at });
    };
    let result = Walker { profiles, env }.chain(request, &selection, &mut note);
    Trace { selection, candidates, result }
}

/// Is told of each candidate: what came of it, why, and the setting that decided.
type Note<'n> = &'n mut dyn FnMut(SourceKind, Outcome, &dyn fmt::Display, Option<&Location>);

/// The chain of a role that the command line names: it is used or fails.
fn of_sso_role(role: &GetRoleCredentials, note: Note<'_>) -> Chain {
    let flags = "--sso, --account and --role were given";
    for kind in SourceKind::ORDER {
        match kind {
            SourceKind::Sso => note(kind, Outcome::Taken, &flags, None),
            _ => note(kind, Outcome::Unreachable, &flags, None),
        }
    }
    let source = Source::SsoRole { profile: None, request: role.clone() };
    Chain { source, roles: Vec::new(), profile: None, warnings: Vec::new() }
}

struct Walker<'a> {
    profiles: &'a Profiles,
    env: &'a Env,
}

impl Walker<'_> {
    /// The selected profile; one that somebody names must exist.
    fn selected(&self, selection: &Selection) -> Result<Option<Profile>, ChainError> {
        let profile = self.profiles.profile(selection.name())?;
        match (profile, selection) {
            (None, Selection::Flag(_) | Selection::Variable(..)) => {
                Err(ChainError::UnknownProfile {
                    name: selection.name().to_owned(),
                    named_by: selection.named_by(),
                    config: self.profiles.config_file().display().to_string(),
                    credentials: self.profiles.credentials_file().display().to_string(),
                    similar: self.profiles.similar(selection.name()).map(str::to_owned),
                })
            }
            (profile, _) => Ok(profile),
        }
    }

    fn chain(
        &self,
        request: &Request,
        selection: &Selection,
        note: Note<'_>,
    ) -> Result<Chain, ChainError> {
        if let Some(role) = &request.sso_role {
            return assumed_role::with_flags(of_sso_role(role, note), request, selection);
        }
        let profile = self.selected(selection)?;
        let chain = self.walk(selection, profile.as_ref(), note)?;
        assumed_role::with_flags(chain, request, selection)
    }

    fn walk(
        &self,
        selection: &Selection,
        profile: Option<&Profile>,
        note: Note<'_>,
    ) -> Result<Chain, ChainError> {
        let named = matches!(selection, Selection::Flag(_));
        let mut taken = None;
        for kind in SourceKind::ORDER {
            if named && !kind.is_in_profile() {
                let name = selection.name();
                let why = format_args!("profile \"{name}\" was named: it is used or fails");
                note(kind, Outcome::Unreachable, &why, None);
                continue;
            }
            let look = look(kind, self.env, profile, named);
            match taken {
                _ if !look.is_present => note(kind, Outcome::Skipped, &look, None),
                None => {
                    taken = Some(kind);
                    note(kind, Outcome::Taken, &look, look.at());
                }
                Some(winner) => {
                    let why = format_args!("{look}, but {winner} comes first");
                    note(kind, Outcome::Shadowed, &why, look.at());
                }
            }
        }
        let Some(kind) = taken else {
            return Err(match (profile, named) {
                (Some(profile), true) => ChainError::ProfileWithoutCredentials {
                    profile: profile.name().to_owned(),
                    at: header(profile),
                },
                _ => ChainError::NoCredentials { profile: selection.name().to_owned() },
            });
        };
        let warnings = overruled::warnings(kind, selection, profile, self.env);
        let (source, roles) = self.build(kind, profile, named)?;
        let is_of_profile = kind.is_in_profile() && !self.is_of_environment(kind, named);
        let profile = profile.filter(|_| is_of_profile).map(|p| p.name().to_owned());
        Ok(Chain { source, roles, profile, warnings })
    }

    /// Whether it is the web identity of the environment, not that of the profile.
    fn is_of_environment(&self, kind: SourceKind, named: bool) -> bool {
        kind == SourceKind::WebIdentity && !named && environment::has_web_identity(self.env)
    }

    /// The chain of the kind that was taken.
    fn build(
        &self,
        kind: SourceKind,
        profile: Option<&Profile>,
        named: bool,
    ) -> Result<(Source, Vec<AssumedRole>), ChainError> {
        match (kind, profile) {
            (SourceKind::Environment, _) => Ok((self.environment()?, Vec::new())),
            (SourceKind::Container, _) => {
                let endpoint = environment::container(self.env)
                    .expect("the container was only taken because it is there");
                Ok((Source::Container(endpoint), Vec::new()))
            }
            (SourceKind::Instance, profile) => {
                Ok((Source::Instance(environment::instance(self.env, profile)?), Vec::new()))
            }
            (kind, profile) if self.is_of_environment(kind, named) => {
                Ok((self.web_identity_of_environment(profile)?, Vec::new()))
            }
            (kind, Some(profile)) => {
                let mut path = Path::from(profile);
                self.of_profile(kind, profile, &mut path)
            }
            (_, None) => unreachable!("a kind of a profile is never taken without a profile"),
        }
    }

    fn of_profile(
        &self,
        kind: SourceKind,
        profile: &Profile,
        path: &mut Path,
    ) -> Result<(Source, Vec<AssumedRole>), ChainError> {
        match kind {
            SourceKind::AssumeRole => self.role(profile, path),
            SourceKind::WebIdentity => {
                Ok((profile_source::web_identity(profile, self.env, path)?, Vec::new()))
            }
            SourceKind::Sso => Ok((sso::role(profile, self.profiles, path)?, Vec::new())),
            SourceKind::LoginSession => Ok((profile_source::login_session(profile), Vec::new())),
            SourceKind::CredentialProcess => Ok((profile_source::process(profile), Vec::new())),
            SourceKind::CredentialsFile | SourceKind::ConfigFile => {
                Ok((static_keys(profile, kind, path)?, Vec::new()))
            }
            SourceKind::Environment | SourceKind::Container | SourceKind::Instance => {
                unreachable!("not a kind of a profile")
            }
        }
    }

    /// `role_arn` and what it is assumed with.
    fn role(
        &self,
        profile: &Profile,
        path: &mut Path,
    ) -> Result<(Source, Vec<AssumedRole>), ChainError> {
        let hop = assumed_role::of_profile(profile)?;
        let at = hop.at.clone().expect("a hop of a profile has a place");
        let name = || profile.name().to_owned();
        let (source, mut roles) =
            match (setting(profile, "source_profile"), setting(profile, "credential_source")) {
                (Some(source), Some(other)) => {
                    return Err(ChainError::BothSources {
                        profile: name(),
                        at: source.location().clone(),
                        other: other.location().clone(),
                        path: path.text(),
                    });
                }
                (None, None) => {
                    return Err(ChainError::NoSource { profile: name(), at, path: path.text() });
                }
                (None, Some(source)) => {
                    let value = source.value().trim().to_owned();
                    (self.credential_source(profile, &value, source.location(), path)?, Vec::new())
                }
                (Some(source), None) => {
                    self.source_profile(profile, source.value().trim(), source.location(), path)?
                }
            };
        roles.push(assumed_role::with_source_settings(hop, &source, self.profiles)?);
        Ok((source, roles))
    }

    /// The chain of `source_profile`.
    fn source_profile(
        &self,
        profile: &Profile,
        name: &str,
        at: &Location,
        path: &mut Path,
    ) -> Result<(Source, Vec<AssumedRole>), ChainError> {
        if name == profile.name() && has_static_keys(profile) {
            let kind = static_kind(profile);
            return Ok((static_keys(profile, kind, path)?, Vec::new()));
        }
        let whole = path.then(name);
        if !path.enter(name) {
            return Err(ChainError::Cycle {
                profile: path.start().to_owned(),
                at: at.clone(),
                path: whole,
            });
        }
        let Some(source) = self.profiles.profile(name)? else {
            return Err(ChainError::UnknownSourceProfile {
                profile: profile.name().to_owned(),
                at: at.clone(),
                source_profile: name.to_owned(),
                path: whole,
                similar: self.profiles.similar(name).map(str::to_owned),
            });
        };
        // A profile on the way that has keys ends the chain there, even if it also has a role.
        let kind = SourceKind::ORDER
            .into_iter()
            .filter(|kind| *kind != SourceKind::AssumeRole || !has_static_keys(&source))
            .find(|kind| marked(*kind, &source).is_some());
        match kind {
            Some(kind) => self.of_profile(kind, &source, path),
            None => Err(ChainError::SourceWithoutCredentials {
                profile: name.to_owned(),
                at: header(&source),
                path: path.text(),
            }),
        }
    }

    fn credential_source(
        &self,
        profile: &Profile,
        value: &str,
        at: &Location,
        path: &Path,
    ) -> Result<Source, ChainError> {
        let absent = |missing| ChainError::CredentialSourceAbsent {
            profile: profile.name().to_owned(),
            at: at.clone(),
            value: value.to_owned(),
            missing,
            path: path.text(),
        };
        match value {
            "Environment" if self.env.get("AWS_ACCESS_KEY_ID").is_none() => {
                Err(absent("AWS_ACCESS_KEY_ID is not set"))
            }
            "Environment" => self.environment(),
            "EcsContainer" => {
                environment::container(self.env).map(Source::Container).ok_or_else(|| {
                    absent(
                        "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor \
                     AWS_CONTAINER_CREDENTIALS_FULL_URI is set",
                    )
                })
            }
            "Ec2InstanceMetadata" if environment::instance_is_disabled(self.env) => {
                Err(absent("AWS_EC2_METADATA_DISABLED is true"))
            }
            "Ec2InstanceMetadata" => {
                Ok(Source::Instance(environment::instance(self.env, Some(profile))?))
            }
            _ => Err(ChainError::UnknownCredentialSource {
                profile: profile.name().to_owned(),
                at: at.clone(),
                value: value.to_owned(),
                path: path.text(),
            }),
        }
    }

    fn environment(&self) -> Result<Source, ChainError> {
        environment::environment_keys(self.env).map(Source::Environment)
    }

    fn web_identity_of_environment(&self, profile: Option<&Profile>) -> Result<Source, ChainError> {
        let token_file = self
            .env
            .path("AWS_WEB_IDENTITY_TOKEN_FILE")
            .expect("web identity was only taken because the variable is there");
        let from_profile = |key| profile.and_then(|profile| text(profile, key));
        let role_arn = self.env.get("AWS_ROLE_ARN").map(|arn| arn.trim().to_owned());
        Ok(Source::WebIdentity(WebIdentity {
            role_arn: role_arn
                .or_else(|| from_profile("role_arn"))
                .ok_or(ChainError::WebIdentityWithoutRole)?,
            session_name: self
                .env
                .get("AWS_ROLE_SESSION_NAME")
                .map(str::to_owned)
                .or_else(|| from_profile("role_session_name")),
            token_file: token_file.to_path_buf(),
            token: None,
            profile: None,
            duration: None,
            context: Default::default(),
        }))
    }
}
