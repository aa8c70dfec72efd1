//! Follows what was found in a profile to the one source, through `source_profile` and
//! `credential_source`.

use super::assumed_role::AssumedRole;
use super::aws_mfa::{
    lend_device, refuse_what_is_over, role_behind, serve, serve_as_before, warn_of_role,
};
use super::dialect::{warn_of_dialect, warn_of_values};
use super::error::{ChainError, ChainErrorKind, ProfileTrail};
use super::found::{Found, ProfileSource, find, keys_in_files, sources_of_profile};
use super::overruled::warn_of_unused_keys;
use super::profile_source::{
    both_sources, keys_in_vault, lend_mfa_process, origin, saml, static_keys, web_identity,
};
use super::settings::check_identity;
use super::source::{Given, Source, StaticKeys, WebIdentity};
use super::source_kind::SourceKind;
use super::warning::{About, Warning};
use super::{environment, sso};
use crate::credentials::{Keys, LoginSession, TokenOrigin};
use crate::env::Env;
use crate::profile::{FileKind, Profile, Profiles, Setting, bare_name};

/// A source, and the roles assumed with it, the first assumed first.
type SourceAndRoles = (Source, Vec<AssumedRole>);

pub(super) struct Walker<'a> {
    profiles: &'a Profiles,
    env: &'a Env,
    /// The command line names the profile: variables do not change what it is.
    is_named: bool,
    pub(super) trail: ProfileTrail,
    pub(super) warnings: Vec<Warning>,
}

impl<'a> Walker<'a> {
    pub(super) fn new(profiles: &'a Profiles, env: &'a Env, is_named: bool) -> Self {
        let (trail, warnings) = (ProfileTrail::default(), Vec::new());
        Self { profiles, env, is_named, trail, warnings }
    }

    /// What was found, as a source. `profile` may add what the variables do not say.
    pub(super) fn source(
        &mut self,
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
            // The variables know nothing of a CI job.
            Found::InProfile(profile, ProfileSource::WebIdentity(file))
                if !self.is_named && file.key != TokenOrigin::SETTING =>
            {
                self.trail.push(profile.name());
                self.web_identity_of_both(profile, file)?
            }
            Found::InProfile(profile, found) => {
                self.trail.push(profile.name());
                return self.source_of_profile(profile, found);
            }
        };
        Ok((source, Vec::new()))
    }

    /// The web identity of a profile, with what the variables say instead.
    fn web_identity_of_both(
        &mut self,
        profile: &Profile,
        token_file: &Setting,
    ) -> Result<Source, ChainError> {
        check_identity(profile)?;
        let Some(role) = environment::role(self.env, Some(profile))? else {
            self.warnings.extend(warn_of_dialect(profile, ProfileSource::WebIdentity(token_file)));
            let mut own = web_identity(profile, token_file, self.env, &self.trail)?;
            own.role.session_name = environment::session_name(self.env, Some(profile))?;
            return Ok(Source::WebIdentity(own));
        };
        if let Some(own) = profile.get("role_arn")
            && own.value.trim() != role.role_arn
        {
            let message = format!(
                "AWS_ROLE_ARN replaces role_arn of profile \"{0}\", as in the AWS CLI; to use its own, \
                 name {0} on the command line",
                profile.name()
            );
            let (about, at) = (About::Moment, Some(own.location.clone()));
            self.warnings.push(Warning { about, message, at });
        }
        let origin = origin(profile, token_file, self.env)?;
        Ok(Source::WebIdentity(WebIdentity { role, origin, token: None }))
    }

    fn source_of_profile(
        &mut self,
        profile: &Profile,
        found: ProfileSource<'_>,
    ) -> Result<SourceAndRoles, ChainError> {
        check_identity(profile)?;
        self.warnings.extend(warn_of_values(profile));
        self.warnings.extend(warn_of_dialect(profile, found));
        self.warnings.extend(warn_of_unused_keys(profile, found));
        let name = || profile.name().to_owned();
        let source = match found {
            ProfileSource::AssumeRole(role_arn) => return self.role(profile, role_arn),
            ProfileSource::WebIdentity(file) => {
                Source::WebIdentity(web_identity(profile, file, self.env, &self.trail)?)
            }
            ProfileSource::Saml(setting) => Source::Saml(saml(profile, setting, &self.trail)?),
            ProfileSource::Sso(pair) => sso::role(profile, pair, self.profiles, &self.trail)?,
            ProfileSource::StaticKeys(file, pair) => {
                if file == FileKind::Credentials {
                    refuse_what_is_over(profile, &self.trail)?;
                }
                let keys = static_keys(profile, file, pair, &self.trail)?;
                self.warnings.extend(warn_of_token(profile, &keys));
                Source::Given(Given::StaticKeys(keys))
            }
            ProfileSource::StoredKeys => {
                let mut given = keys_in_vault(profile, &self.trail)?;
                serve_as_before(&mut given, profile)?;
                let source = Source::Given(given);
                let role = role_behind(&source, profile, &self.trail)?;
                self.warnings.extend(role.as_ref().map(|role| warn_of_role(profile, role)));
                return Ok((source, role.into_iter().collect()));
            }
            ProfileSource::LongTerm(long_term) => {
                let (source, mut roles) = self.long_term(profile, long_term)?;
                roles.extend(role_behind(&source, profile, &self.trail)?);
                return Ok((source, roles));
            }
            ProfileSource::LoginSession(session) => {
                let session = LoginSession::new(session.value.trim());
                Source::Given(Given::LoginSession { profile: name(), session })
            }
            ProfileSource::Process(command) => {
                let command = command.value.trim().to_owned();
                Source::Given(Given::Process { profile: name(), command })
            }
        };
        Ok((source, Vec::new()))
    }

    /// The role of a profile, behind what it is assumed with.
    fn role(
        &mut self,
        profile: &Profile,
        role_arn: &Setting,
    ) -> Result<SourceAndRoles, ChainError> {
        let mut role = AssumedRole::of_profile(profile, role_arn)?;
        let name = || profile.name().to_owned();
        let sources = (profile.get("source_profile"), profile.get("credential_source"));
        let (source, mut roles) = match sources {
            (Some(source), None) => self.source_profile(profile, source)?,
            (None, Some(source)) => self.credential_source(profile, source)?,
            (Some(source), Some(other)) => {
                return Err(both_sources(profile, source, other, &self.trail));
            }
            (None, None) => match profile.long_term() {
                Some(long_term) => self.long_term(profile, long_term)?,
                None => {
                    let kind = ChainErrorKind::NoSource { profile: name() };
                    return Err(self.trail.error(&role_arn.location, kind));
                }
            },
        };
        lend_mfa_process(&source, &mut role);
        if roles.is_empty() {
            lend_device(&source, &mut role);
        }
        roles.push(role);
        Ok((source, roles))
    }

    /// The access key from which aws-mfa makes the sessions of a profile.
    fn long_term(
        &mut self,
        profile: &Profile,
        long_term: &Profile,
    ) -> Result<SourceAndRoles, ChainError> {
        self.trail.push(long_term.name());
        let is_key = |found: &ProfileSource<'_>| {
            matches!(found, ProfileSource::StaticKeys(..) | ProfileSource::StoredKeys)
        };
        let Some(key) = sources_of_profile(long_term).find(is_key) else {
            let profile = long_term.name().to_owned();
            let kind = ChainErrorKind::SourceWithoutCredentials { profile };
            return Err(self.trail.error(long_term.header(), kind));
        };
        let (mut source, roles) = self.source_of_profile(long_term, key)?;
        if let Source::Given(given) = &mut source
            && let Some(user) = given.key_user_mut()
        {
            serve(user, profile)?;
        }
        Ok((source, roles))
    }

    /// What `source_profile` of the profile leads to.
    fn source_profile(
        &mut self,
        profile: &Profile,
        setting: &Setting,
    ) -> Result<SourceAndRoles, ChainError> {
        let name = setting.value.trim();
        let has_keys = |profile: &Profile| keys_in_files(profile).next().is_some();
        let is_own_source = name == profile.name()
            && (has_keys(profile)
                || profile.long_term().is_some()
                || !matches!(profile.key_in_vault(), Ok(None)));
        let is_circle = self.trail.contains(name) && !is_own_source;
        if !is_own_source {
            self.trail.push(name);
        }
        if is_circle {
            let kind = ChainErrorKind::Cycle { circle: self.trail.clone() };
            return Err(ChainError::at(&setting.location, kind));
        }
        if self.trail.is_too_long() {
            let kind = ChainErrorKind::TooLong { profile: name.to_owned() };
            return Err(ChainError::at(&setting.location, kind));
        }
        let Some(source) = self.profiles.profile(name)? else {
            let kind = ChainErrorKind::UnknownSourceProfile {
                profile: profile.name().to_owned(),
                source_profile: name.to_owned(),
                bare: Some(bare_name(name, "profile"))
                    .filter(|bare| self.profiles.contains(bare))
                    .map(str::to_owned),
                similar: None,
            };
            return Err(self.trail.error(&setting.location, kind));
        };
        // A profile on the way that has keys ends the chain there, even if it also has a role.
        let ends_here = is_own_source || has_keys(&source);
        let found = sources_of_profile(&source)
            .find(|found| !(ends_here && matches!(found, ProfileSource::AssumeRole(_))));
        match found {
            Some(found) => self.source_of_profile(&source, found),
            None => Err(half_source(&source, &self.trail).unwrap_or_else(|| {
                let kind = ChainErrorKind::SourceWithoutCredentials { profile: name.to_owned() };
                self.trail.error(source.header(), kind)
            })),
        }
    }

    /// What `credential_source` of the profile names.
    fn credential_source(
        &mut self,
        profile: &Profile,
        setting: &Setting,
    ) -> Result<SourceAndRoles, ChainError> {
        let (profile_name, value) = (profile.name().to_owned(), setting.value.trim());
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
                return Err(self.trail.error(&setting.location, kind));
            }
        };
        if kind == SourceKind::Environment {
            environment::check_identity(self.env)?;
        }
        match find(kind, self.env, Some(profile), true) {
            Ok(found) => self.source(found, Some(profile)),
            Err(_) => {
                let (profile, value) = (profile_name, value.to_owned());
                let kind = ChainErrorKind::CredentialSourceAbsent { profile, value, missing };
                Err(self.trail.error(&setting.location, kind))
            }
        }
    }
}

/// What a profile has that makes no source without something else.
pub(super) fn half_source(profile: &Profile, trail: &ProfileTrail) -> Option<ChainError> {
    const HALVES: [(&str, &str); 4] = [
        ("source_profile", "role_arn"),
        ("credential_source", "role_arn"),
        ("sso_session", "sso_account_id and sso_role_name"),
        ("sso_start_url", "sso_account_id and sso_role_name"),
    ];
    let half = |(key, missing)| Some(trail.incomplete(profile, profile.get(key)?, missing));
    HALVES.into_iter().find_map(half)
}

/// A token beside keys that have none: AWS refuses both together.
fn warn_of_token(profile: &Profile, keys: &StaticKeys) -> Option<Warning> {
    let Keys::Session(session) = &keys.keys else { return None };
    let token = ["aws_security_token", "aws_session_token"]
        .into_iter()
        .find_map(|key| profile.get_in(keys.file, key))?;
    session.access_key_id.starts_with("AKIA").then(|| Warning {
        about: About::Token,
        message: format!(
            "{} stands beside a long-term access key, which has none; remove that line",
            token.key
        ),
        at: Some(token.location.clone()),
    })
}
