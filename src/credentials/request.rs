//! What is asked of STS: plain data, shared by the plan that decides it, the key that digests it
//! and the client that sends it.

use std::time::Duration;

/// `sts:GetSessionToken`, <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetSessionToken {
    /// `DurationSeconds`, 15 minutes to 36 hours
    pub duration: Duration,
    /// `SerialNumber`; with it the call also needs a code
    pub mfa_serial: Option<String>,
}

/// `sts:AssumeRole`, <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumeRole {
    /// `RoleArn`
    pub role_arn: String,
    /// `RoleSessionName`
    pub role_session_name: String,
    /// `DurationSeconds`, 15 minutes to 12 hours
    pub duration: Duration,
    /// `ExternalId`
    pub external_id: Option<String>,
    /// `SerialNumber`; with it the call also needs a code
    pub mfa_serial: Option<String>,
    /// Session policies, tags and source identity
    pub context: SessionContext,
}

/// `sts:AssumeRoleWithWebIdentity`,
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumeRoleWithWebIdentity {
    /// `RoleArn`
    pub role_arn: String,
    /// `RoleSessionName`
    pub role_session_name: String,
    /// `DurationSeconds`, 15 minutes to 12 hours
    pub duration: Duration,
    /// `Policy` and `PolicyArns`; tags and source identity come from the token
    pub context: SessionContext,
}

/// What narrows or labels a role session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionContext {
    /// `Policy`: an inline session policy, JSON
    pub policy: Option<String>,
    /// `PolicyArns`: managed policies used as session policies
    pub policy_arns: Vec<String>,
    /// `Tags`: session tags, in the order given
    pub tags: Vec<(String, String)>,
    /// `TransitiveTagKeys`
    pub transitive_tag_keys: Vec<String>,
    /// `SourceIdentity`
    pub source_identity: Option<String>,
}
