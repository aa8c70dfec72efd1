//! A call of STS by its name, for what no plan asks: plain data, with AWS's names.

use super::{Secret, SessionCredentials};

/// What is asked. Any parameter may be a secret.
#[derive(Clone, Debug)]
pub(crate) struct StsCall {
    /// `sts:AssumeRole`
    pub name: &'static str,
    /// As AWS's Query protocol has them, such as `Tags.member.1.Key`; without `TokenCode`
    pub parameters: Vec<(String, Secret)>,
    /// An ARN of the request; tells the partition if no region is configured
    pub arn: Option<String>,
}

/// What STS answers.
#[derive(Debug)]
pub(crate) struct StsAnswer {
    /// In the order of AWS's reference
    pub members: Vec<StsMember>,
    /// `Credentials`, by the local clock, where the operation gives them
    pub session: Option<SessionCredentials>,
    pub usage: TokenUsage,
}

/// How full a session's token is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TokenUsage {
    /// `SessionTokenUtilization`: percent of the largest token
    pub percent: Option<u8>,
    /// `ScopedPoliciesCount`
    pub scopes: Option<u8>,
}

/// A member of the answer.
#[derive(Debug)]
pub(crate) struct StsMember {
    /// Such as `Credentials`; none of what is the answer's own
    pub structure: Option<&'static str>,
    pub name: &'static str,
    pub text: Secret,
}
