//! One role of a chain, as a profile states it.

use std::time::Duration;

use super::error::ChainError;
use super::settings::{
    ROLE_DURATION, check_session_name, duration_seconds, invalid, items, pairs, role_arn, text,
};
use crate::credentials::SessionContext;
use crate::profile::{Location, Profile, Setting};

/// A role to assume, as written; the plan settles duration, session name and MFA.
#[derive(Clone, Debug, Default)]
pub(crate) struct AssumedRole {
    /// The profile that names the role; none for `--role-arn` and `AWS_ROLE_ARN`
    pub profile: Option<String>,
    /// Where `role_arn` stands; none for `--role-arn` and `AWS_ROLE_ARN`
    pub at: Option<Location>,
    pub role_arn: String,
    /// `role_session_name`
    pub session_name: Option<String>,
    pub external_id: Option<String>,
    /// `duration_seconds`
    pub duration: Option<Duration>,
    /// `mfa_serial`
    pub mfa: Option<Mfa>,
    /// Session policies, tags and source identity
    pub context: SessionContext,
}

/// An MFA device and how its code is got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mfa {
    /// `mfa_serial`, or `aws_mfa_device` of aws-mfa
    pub serial: String,
    /// `mfa_process`: a command that prints the code
    pub process: Option<String>,
    /// Which of the two
    pub key: String,
    /// Where that stands; none for `--serial-number`
    pub at: Option<Location>,
}

impl Mfa {
    pub(super) fn of_profile(profile: &Profile) -> Option<Self> {
        let serial = profile.mfa_device()?;
        Some(Self {
            serial: serial.value.trim().to_owned(),
            process: text(profile, "mfa_process"),
            key: serial.key.to_string(),
            at: Some(serial.location.clone()),
        })
    }
}

impl AssumedRole {
    /// A role of which nothing else is said.
    pub(super) fn new(role_arn: String) -> Self {
        Self { role_arn, ..Self::default() }
    }

    /// The role of a profile, of which that says nothing else.
    pub(super) fn plain(profile: &Profile, arn: &Setting) -> Result<Self, ChainError> {
        Ok(Self {
            profile: Some(profile.name().to_owned()),
            at: Some(arn.location.clone()),
            ..Self::new(role_arn(profile, arn)?)
        })
    }

    /// The role of a profile, with all that the profile says of it.
    pub(super) fn of_profile(profile: &Profile, arn: &Setting) -> Result<Self, ChainError> {
        if let Some(name) = profile.get("role_session_name") {
            check_session_name(name.value.trim()).map_err(|why| invalid(profile, name, why))?;
        }
        Ok(Self {
            profile: Some(profile.name().to_owned()),
            at: Some(arn.location.clone()),
            role_arn: role_arn(profile, arn)?,
            session_name: text(profile, "role_session_name"),
            external_id: text(profile, "external_id"),
            duration: duration_seconds(profile, ROLE_DURATION)?,
            mfa: Mfa::of_profile(profile),
            context: context(profile)?,
        })
    }
}

/// The keys that aws-vault and awsx add to AWS's.
fn context(profile: &Profile) -> Result<SessionContext, ChainError> {
    if let Some(policy) = profile.get("session_policy")
        && !policy.value.trim_start().starts_with('{')
    {
        return Err(invalid(profile, policy, "is not a JSON policy"));
    }
    Ok(SessionContext {
        policy: text(profile, "session_policy"),
        policy_arns: items(profile, "session_policy_arns"),
        tags: pairs(profile, "session_tags")?,
        transitive_tag_keys: items(profile, "transitive_session_tags"),
        source_identity: text(profile, "source_identity"),
    })
}
