//! AWS's rules: from files and environment to the one source and the roles assumed with it. Pure.
//!
//! [`trace`] walks [`SourceKind::ORDER`] and notes for every candidate why it was taken or not;
//! [`chain`] is its result alone. What the calls are, and which are cached, is the plan's business.

use std::path::PathBuf;

use super::candidate::{Candidate, Look, Outcome, look};
use super::error::ChainError;
use super::hop;
use super::machine;
use super::request::{Request, Selection};
use super::settings::{SESSION_DURATION, boolean, duration_seconds, setting, text};
use super::source::{Keys, Mfa, RoleHop, Source, SourceKind, WebIdentity};
use super::warning::Warning;
use crate::credentials::{Expiration, LongTermCredentials, SessionCredentials};
use crate::env::Env;
use crate::profile::{FileKind, Location, Profile, Profiles};

/// A source and the roles assumed with it, one after the other. Cannot hold a cycle; only
/// [`chain`] builds one.
#[derive(Clone, Debug)]
pub struct Chain {
    pub(super) source: Source,
    pub(super) roles: Vec<RoleHop>,
    pub(super) profile: Option<String>,
    pub(super) warnings: Vec<Warning>,
}

impl Chain {
    /// Where the first credentials come from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The roles, the first assumed first.
    pub fn roles(&self) -> &[RoleHop] {
        &self.roles
    }

    /// The profile that the chain is made from; none where the environment, a container or the
    /// instance answers.
    pub fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
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
    trace(profiles, env, request).result
}

/// The chain of a request with every candidate on the way.
pub fn trace(profiles: &Profiles, env: &Env, request: &Request) -> Trace {
    let selection = Selection::of(request, env);
    let walker = Walker { profiles, env };
    let mut candidates = Vec::new();
    let result = walker
        .selected(&selection)
        .and_then(|profile| walker.walk(&selection, profile.as_ref(), &mut candidates))
        .and_then(|chain| hop::with_flags(chain, request, &selection));
    Trace { selection, candidates, result }
}

struct Walker<'a> {
    profiles: &'a Profiles,
    env: &'a Env,
}

/// The profiles on the way, the one asked for first.
struct Path(Vec<String>);

impl Path {
    fn text(&self) -> String {
        self.0.join(" -> ")
    }

    fn then(&self, name: &str) -> String {
        format!("{} -> {name}", self.text())
    }
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

    fn walk(
        &self,
        selection: &Selection,
        profile: Option<&Profile>,
        candidates: &mut Vec<Candidate>,
    ) -> Result<Chain, ChainError> {
        let named = matches!(selection, Selection::Flag(_));
        let mut taken = None;
        for kind in SourceKind::ORDER {
            let (outcome, why, at) = if named && !kind.is_in_profile() {
                let why =
                    format!("profile \"{}\" was named: it is used or fails", selection.name());
                (Outcome::Unreachable, why, None)
            } else {
                match (look(kind, self.env, profile, named), taken) {
                    (Look::Absent(why), _) => (Outcome::Skipped, why, None),
                    (Look::Present(why, at), None) => {
                        taken = Some(kind);
                        (Outcome::Taken, why, at)
                    }
                    (Look::Present(why, at), Some(winner)) => {
                        (Outcome::Shadowed, format!("{why}, but {winner} comes first"), at)
                    }
                }
            };
            candidates.push(Candidate { kind, outcome, why, at });
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
        let warnings = self.warnings(kind, selection, profile, candidates);
        let (source, roles) = self.build(kind, profile, named)?;
        let profile = profile.filter(|_| kind.is_in_profile()).map(|p| p.name().to_owned());
        Ok(Chain { source, roles, profile, warnings })
    }

    /// The chain of the kind that was taken.
    fn build(
        &self,
        kind: SourceKind,
        profile: Option<&Profile>,
        named: bool,
    ) -> Result<(Source, Vec<RoleHop>), ChainError> {
        match (kind, profile) {
            (SourceKind::Environment, _) => Ok((self.environment()?, Vec::new())),
            (SourceKind::Container, _) => {
                let endpoint = machine::container(self.env)
                    .expect("the container was only taken because it is there");
                Ok((Source::Container(endpoint), Vec::new()))
            }
            (SourceKind::Instance, profile) => {
                Ok((Source::Instance(machine::instance(self.env, profile)?), Vec::new()))
            }
            (SourceKind::WebIdentity, profile) if !named && machine::has_web_identity(self.env) => {
                Ok((self.web_identity_of_environment(profile)?, Vec::new()))
            }
            (kind, Some(profile)) => {
                let mut path = Path(vec![profile.name().to_owned()]);
                self.from_profile(kind, profile, &mut path)
            }
            (_, None) => unreachable!("a kind of a profile is never taken without a profile"),
        }
    }

    fn from_profile(
        &self,
        kind: SourceKind,
        profile: &Profile,
        path: &mut Path,
    ) -> Result<(Source, Vec<RoleHop>), ChainError> {
        match kind {
            SourceKind::AssumeRole => self.role(profile, path),
            SourceKind::WebIdentity => Ok((self.web_identity(profile, path)?, Vec::new())),
            SourceKind::Sso => Ok((self.sso(profile, path)?, Vec::new())),
            SourceKind::LoginSession => Ok((login_session(profile), Vec::new())),
            SourceKind::CredentialProcess => Ok((process(profile), Vec::new())),
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
    ) -> Result<(Source, Vec<RoleHop>), ChainError> {
        let hop = hop::of_profile(profile)?;
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
        roles.push(hop::with_source_settings(hop, &source));
        Ok((source, roles))
    }

    /// The chain of `source_profile`.
    fn source_profile(
        &self,
        profile: &Profile,
        name: &str,
        at: &Location,
        path: &mut Path,
    ) -> Result<(Source, Vec<RoleHop>), ChainError> {
        if name == profile.name() && has_static_keys(profile) {
            let kind = static_kind(profile);
            return Ok((static_keys(profile, kind, path)?, Vec::new()));
        }
        if path.0.iter().any(|visited| visited == name) {
            return Err(ChainError::Cycle {
                profile: path.0[0].clone(),
                at: at.clone(),
                path: path.then(name),
            });
        }
        let Some(source) = self.profiles.profile(name)? else {
            return Err(ChainError::UnknownSourceProfile {
                profile: profile.name().to_owned(),
                at: at.clone(),
                source_profile: name.to_owned(),
                path: path.then(name),
                similar: self.profiles.similar(name).map(str::to_owned),
            });
        };
        path.0.push(name.to_owned());
        // A profile on the way that has keys ends the chain there, even if it also has a role.
        let kind = SourceKind::ORDER
            .into_iter()
            .filter(|kind| kind.is_in_profile())
            .filter(|kind| *kind != SourceKind::AssumeRole || !has_static_keys(&source))
            .find(|kind| matches!(look(*kind, self.env, Some(&source), true), Look::Present(..)));
        match kind {
            Some(kind) => self.from_profile(kind, &source, path),
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
                machine::container(self.env).map(Source::Container).ok_or_else(|| {
                    absent(
                        "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor \
                     AWS_CONTAINER_CREDENTIALS_FULL_URI is set",
                    )
                })
            }
            "Ec2InstanceMetadata" if machine::instance_is_disabled(self.env) => {
                Err(absent("AWS_EC2_METADATA_DISABLED is true"))
            }
            "Ec2InstanceMetadata" => {
                Ok(Source::Instance(machine::instance(self.env, Some(profile))?))
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
        machine::environment_keys(self.env).map(Source::Environment)
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
            profile: None,
            duration: None,
            context: Default::default(),
        }))
    }

    fn web_identity(&self, profile: &Profile, path: &Path) -> Result<Source, ChainError> {
        let token_file = setting(profile, "web_identity_token_file")
            .expect("web identity was only taken because the setting is there");
        let role_arn = text(profile, "role_arn").ok_or_else(|| ChainError::Incomplete {
            profile: profile.name().to_owned(),
            at: token_file.location().clone(),
            present: "web_identity_token_file",
            missing: "role_arn",
            path: path.text(),
        })?;
        Ok(Source::WebIdentity(WebIdentity {
            role_arn,
            session_name: text(profile, "role_session_name"),
            token_file: self.env.expand_home(&PathBuf::from(token_file.value().trim())),
            profile: Some(profile.name().to_owned()),
            duration: duration_seconds(profile, super::settings::ROLE_DURATION)?,
            context: hop::context(profile)?,
        }))
    }

    fn sso(&self, profile: &Profile, path: &Path) -> Result<Source, ChainError> {
        let (account, role) =
            (setting(profile, "sso_account_id"), setting(profile, "sso_role_name"));
        let at = account.or(role).expect("sso was only taken for one of the two").location();
        let incomplete = |present, missing| ChainError::Incomplete {
            profile: profile.name().to_owned(),
            at: at.clone(),
            present,
            missing,
            path: path.text(),
        };
        let account_id = text(profile, "sso_account_id")
            .ok_or_else(|| incomplete("sso_role_name", "sso_account_id"))?;
        let role_name = text(profile, "sso_role_name")
            .ok_or_else(|| incomplete("sso_account_id", "sso_role_name"))?;
        let session = match setting(profile, "sso_session") {
            Some(session) => {
                let name = session.value().trim().to_owned();
                if self.profiles.sso_session(&name).is_none() {
                    return Err(ChainError::UnknownSsoSession {
                        profile: profile.name().to_owned(),
                        at: session.location().clone(),
                        session: name,
                        path: path.text(),
                    });
                }
                name
            }
            None => {
                if setting(profile, "sso_region").is_none() {
                    return Err(incomplete("sso_account_id", "sso_session or sso_region"));
                }
                text(profile, "sso_start_url")
                    .ok_or_else(|| incomplete("sso_account_id", "sso_session or sso_start_url"))?
            }
        };
        Ok(Source::SsoRole {
            profile: profile.name().to_owned(),
            at: at.clone(),
            account_id,
            role_name,
            session,
        })
    }

    /// What AWS's order hides from the person.
    fn warnings(
        &self,
        taken: SourceKind,
        selection: &Selection,
        profile: Option<&Profile>,
        candidates: &[Candidate],
    ) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if let Selection::Variable(variable, name) = selection {
            let has_credentials =
                candidates.iter().any(|c| c.kind.is_in_profile() && c.outcome == Outcome::Shadowed);
            match taken {
                SourceKind::Environment => warnings.push(Warning::new(format!(
                    "{variable}={name} is shadowed by AWS_ACCESS_KEY_ID in the environment; name \
                     the profile on the command line, or unset AWS_ACCESS_KEY_ID"
                ))),
                SourceKind::WebIdentity if has_credentials && machine::has_web_identity(self.env) => {
                    warnings.push(Warning::new(format!(
                        "{variable}={name} is shadowed by AWS_WEB_IDENTITY_TOKEN_FILE in the \
                         environment; name the profile on the command line to use it"
                    )));
                }
                SourceKind::Container | SourceKind::Instance => warnings.push(Warning::new(format!(
                    "{variable}={name} has no credentials of its own, so those of the {taken} are \
                     used, as AWS's order has it"
                ))),
                _ => {}
            }
        }
        if machine::has_web_identity(self.env)
            && taken == SourceKind::AssumeRole
            && !matches!(selection, Selection::Flag(_))
        {
            warnings.push(Warning::new(
                "AWS_WEB_IDENTITY_TOKEN_FILE is set, but a profile with role_arn comes before it \
                 in AWS's order"
                    .to_owned(),
            ));
        }
        if taken == SourceKind::Environment {
            warnings.extend(machine::environment_warnings(self.env));
        }
        if let Some(profile) = profile.filter(|_| taken == SourceKind::AssumeRole)
            && has_static_keys(profile)
            && text(profile, "source_profile").as_deref() != Some(profile.name())
        {
            warnings.push(Warning::at(
                header(profile),
                format!(
                    "profile \"{}\" has both a role and access keys of its own; the role is used",
                    profile.name()
                ),
            ));
        }
        warnings
    }
}

fn header(profile: &Profile) -> Location {
    profile.defined_at().first().expect("a profile has a header").clone()
}

fn has_static_keys(profile: &Profile) -> bool {
    setting(profile, "aws_access_key_id").is_some()
        || setting(profile, "aws_secret_access_key").is_some()
}

fn static_kind(profile: &Profile) -> SourceKind {
    let in_credentials = |key| profile.get_in(FileKind::Credentials, key).is_some();
    if in_credentials("aws_access_key_id") || in_credentials("aws_secret_access_key") {
        SourceKind::CredentialsFile
    } else {
        SourceKind::ConfigFile
    }
}

/// The key pair of one file: the two halves never come from different files.
fn static_keys(profile: &Profile, kind: SourceKind, path: &Path) -> Result<Source, ChainError> {
    let file = match kind {
        SourceKind::CredentialsFile => FileKind::Credentials,
        _ => FileKind::Config,
    };
    let find = |key| profile.get_in(file, key).filter(|s| !s.value().trim().is_empty());
    let half = |at: &Location, present, missing| ChainError::HalfKeyPair {
        profile: profile.name().to_owned(),
        at: at.clone(),
        present,
        missing,
        path: path.text(),
    };
    let (id, secret) = match (find("aws_access_key_id"), find("aws_secret_access_key")) {
        (Some(id), Some(secret)) => (id, secret),
        (Some(id), None) => {
            return Err(half(id.location(), "aws_access_key_id", "aws_secret_access_key"));
        }
        (None, Some(secret)) => {
            return Err(half(secret.location(), "aws_secret_access_key", "aws_access_key_id"));
        }
        (None, None) => unreachable!("static keys were only taken for one of the two"),
    };
    let access_key_id = id.value().trim().to_owned();
    let account_id = text(profile, "aws_account_id");
    // The AWS CLI prefers the older name where both are set.
    let token = find("aws_security_token").or_else(|| find("aws_session_token"));
    let keys = match token {
        Some(token) => Keys::Session(SessionCredentials {
            access_key_id,
            secret_access_key: secret.secret(),
            session_token: Some(token.secret()),
            expiration: Expiration::Unstated,
            account_id,
        }),
        None => Keys::LongTerm(LongTermCredentials {
            access_key_id,
            secret_access_key: secret.secret(),
            account_id,
        }),
    };
    let is_role = setting(profile, "role_arn").is_some();
    let own = |key| text(profile, key).filter(|_| !is_role);
    Ok(Source::StaticKeys {
        profile: profile.name().to_owned(),
        keys,
        at: id.location().clone(),
        kind,
        mfa: own("mfa_serial").map(|serial| Mfa { serial, process: text(profile, "mfa_process") }),
        duration: if is_role { None } else { duration_seconds(profile, SESSION_DURATION)? },
        no_session: boolean(profile, "session")? == Some(false),
    })
}

fn process(profile: &Profile) -> Source {
    let command = setting(profile, "credential_process")
        .expect("the process was only taken because the setting is there");
    Source::Process {
        profile: profile.name().to_owned(),
        at: command.location().clone(),
        command: command.value().trim().to_owned(),
    }
}

fn login_session(profile: &Profile) -> Source {
    let session = setting(profile, "login_session")
        .expect("the session was only taken because the setting is there");
    Source::LoginSession {
        profile: profile.name().to_owned(),
        at: session.location().clone(),
        session: session.value().trim().to_owned(),
    }
}
