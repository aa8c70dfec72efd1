//! An IAM user's access key.

use super::Secret;

/// An IAM user's access key pair (`AKIA…`). It does not expire, so it is exchanged for a session
/// before anything leaves awsx, unless [`super::NoSession`] says otherwise.
#[derive(Clone, Debug)]
pub struct LongTermCredentials {
    /// `aws_access_key_id`
    pub access_key_id: String,
    /// `aws_secret_access_key`
    pub secret_access_key: Secret,
    /// `aws_account_id`, where the profile or the environment states it
    pub account_id: Option<String>,
}
