//! Local services that hand out credentials: plain data, read from the environment by `resolve` and
//! asked by `aws`.

use std::path::PathBuf;
use std::time::Duration;

use super::Secret;

/// `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or `_FULL_URI` with its authorization, as the
/// environment states them,
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>
#[derive(Clone, Debug)]
pub(crate) struct ContainerEndpoint {
    /// The full address; a relative one is on `http://169.254.170.2`.
    pub uri: String,
    pub authorization: Option<ContainerAuthorization>,
}

/// Where the container's authorization comes from; the file wins over the variable.
#[derive(Clone, Debug)]
pub(crate) enum ContainerAuthorization {
    /// `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`, read anew for every request
    File(PathBuf),
    /// `AWS_CONTAINER_AUTHORIZATION_TOKEN`
    Token(Secret),
}

/// How the instance metadata service is reached,
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InstanceMetadata {
    /// `AWS_EC2_METADATA_SERVICE_ENDPOINT`, or the address of the `_MODE`
    pub endpoint: String,
    /// `AWS_METADATA_SERVICE_TIMEOUT`, one second unless set
    pub timeout: Duration,
    /// `AWS_METADATA_SERVICE_NUM_ATTEMPTS`, one unless set
    pub attempts: u32,
}
