//! Follows what was found in a profile to the one source, through `source_profile` and
//! `credential_source`.

use super::assumed_role::AssumedRole;
use super::error::{ChainError, ChainErrorKind, ProfileTrail};
use super::found::{Found, ProfileSource, find, sources_of_profile};
use super::profile_source::{lend_mfa_process, static_keys, web_identity};
use super::source::{Given, Source};
use super::source_kind::SourceKind;
use super::{environment, sso};
use crate::credentials::LoginSession;
use crate::env::Env;
use crate::profile::{Profile, Profiles, Setting};

/// A source, and the roles assumed with it, the first assumed first.
type SourceAndRoles = (Source, Vec<AssumedRole>);

pub(super) struct Walker<'a> {
    pub(super) profiles: &'a Profiles,
    pub(super) env: &'a Env,
}

impl Walker<'_> {
    /// What was found, as a source. `profile` may add what the variables do not say.
    pub(super) fn source(
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
        let name = || profile.name().to_owned();
        let source = match found {
            ProfileSource::AssumeRole(role_arn) => return self.role(profile, role_arn, trail),
            ProfileSource::WebIdentity(file) => web_identity(profile, file, self.env, trail)?,
            ProfileSource::Sso(pair) => sso::role(profile, pair, self.profiles, trail)?,
            ProfileSource::StaticKeys(file, pair) => static_keys(profile, file, pair, trail)?,
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
                let other = other.location.clone();
                let kind = ChainErrorKind::BothSources { profile: name(), other };
                return Err(trail.error(&source.location, kind));
            }
            (None, None) => {
                let kind = ChainErrorKind::NoSource { profile: name() };
                return Err(trail.error(&role_arn.location, kind));
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
        let name = setting.value.trim();
        if name == profile.name()
            && let Some(keys) = sources_of_profile(profile).find(ProfileSource::is_static_keys)
        {
            return self.source_of_profile(profile, keys, trail);
        }
        let is_circle = trail.contains(name);
        trail.push(name);
        if is_circle {
            let kind = ChainErrorKind::Cycle { circle: trail.clone() };
            return Err(ChainError::at(&setting.location, kind));
        }
        let Some(source) = self.profiles.profile(name)? else {
            let kind = ChainErrorKind::UnknownSourceProfile {
                profile: profile.name().to_owned(),
                source_profile: name.to_owned(),
                similar: self.profiles.similar(name).map(str::to_owned),
            };
            return Err(trail.error(&setting.location, kind));
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
                return Err(trail.error(&setting.location, kind));
            }
        };
        match find(kind, self.env, Some(profile), true) {
            Ok(found) => self.source(found, Some(profile)),
            Err(_) => {
                let (profile, value) = (profile_name, value.to_owned());
                let kind = ChainErrorKind::CredentialSourceAbsent { profile, value, missing };
                Err(trail.error(&setting.location, kind))
            }
        }
    }
}
