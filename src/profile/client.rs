//! How awsx talks to AWS for one command: region, endpoints, TLS. Plain data; `resolve::client`
//! derives it from flags, environment and the selected profile.

use std::path::PathBuf;

/// Everything that decides where requests go and whom they trust.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientSettings {
    /// `--region`, `AWS_REGION`, `AWS_DEFAULT_REGION` or the selected profile's `region`
    pub region: Option<String>,
    /// `use_fips_endpoint`, `AWS_USE_FIPS_ENDPOINT`
    pub use_fips: bool,
    /// `use_dualstack_endpoint`, `AWS_USE_DUALSTACK_ENDPOINT`
    pub use_dualstack: bool,
    /// The endpoint for STS, if one is configured: `AWS_ENDPOINT_URL_STS`, `AWS_ENDPOINT_URL`, the
    /// profile's `services` section, the profile's `endpoint_url`, in this order
    pub sts_endpoint_url: Option<String>,
    /// The same for the access portal of IAM Identity Center: `AWS_ENDPOINT_URL_SSO`, …
    pub sso_endpoint_url: Option<String>,
    /// The same for the OIDC service of IAM Identity Center: `AWS_ENDPOINT_URL_SSO_OIDC`, …
    pub sso_oidc_endpoint_url: Option<String>,
    /// The same for AWS sign-in: `AWS_ENDPOINT_URL_SIGNIN`, …
    pub signin_endpoint_url: Option<String>,
    /// The profile's own `endpoint_url`, which the child also gets
    pub endpoint_url: Option<String>,
    /// `AWS_CA_BUNDLE`, `ca_bundle`: PEM certificates trusted instead of the OS's roots
    pub ca_bundle: Option<PathBuf>,
}
