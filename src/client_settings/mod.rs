//! How awsx talks to AWS for one command: region, endpoints, TLS; from flags, environment and the
//! selected profile. Pure; files named here are read by [`crate::aws`].
//!
//! Precedence as in the AWS CLI. An endpoint: `AWS_ENDPOINT_URL_STS` (`_IAM`, `_SSO`), `AWS_ENDPOINT_URL`,
//! the profile's `services` section, the profile's `endpoint_url`; none of them where configured
//! endpoints are ignored.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>

mod address;
#[cfg(test)]
mod tests;
mod variables;

pub(crate) use variables::command_variables;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::profile::{Location, Profile, Profiles, Section, ServicesError, Setting, is_region};

/// The services that a command calls, STS apart: a wrong endpoint of another one does not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Calls {
    StsAlone,
    Iam,
    /// ECR and its public registry
    Registry,
    IdentityCenter,
    SignIn,
    Any,
}

impl Calls {
    fn reach(self, services: Self) -> bool {
        self == services || self == Self::Any
    }
}

pub(crate) use address::{host, is_loopback, origin};

/// Everything that decides where requests go and whom they trust.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClientSettings {
    /// `--region`, `AWS_REGION`, `AWS_DEFAULT_REGION` or the selected profile's `region`
    pub region: Option<String>,
    /// `use_fips_endpoint`, `AWS_USE_FIPS_ENDPOINT`
    pub use_fips: bool,
    /// `use_dualstack_endpoint`, `AWS_USE_DUALSTACK_ENDPOINT`
    pub use_dualstack: bool,
    /// `AWS_ENDPOINT_URL_STS`, …: the configured endpoint, if there is one
    pub sts_endpoint_url: Option<String>,
    pub iam_endpoint_url: Option<String>,
    pub ecr_endpoint_url: Option<String>,
    pub ecr_public_endpoint_url: Option<String>,
    /// The access portal of IAM Identity Center
    pub sso_endpoint_url: Option<String>,
    /// The OIDC service of IAM Identity Center
    pub sso_oidc_endpoint_url: Option<String>,
    pub signin_endpoint_url: Option<String>,
    /// `AWS_CA_BUNDLE`, `ca_bundle`, `REQUESTS_CA_BUNDLE`: PEM certificates trusted instead of the OS's roots
    pub ca_bundle: Option<PathBuf>,
    /// Where SigV4a is preferred, which awsx does not sign with: `AWS_AUTH_SCHEME_PREFERENCE`,
    /// `auth_scheme_preference`
    pub sigv4a: Option<Origin>,
}

impl ClientSettings {
    /// Derives the settings for every call of one command. `profile` is the selected profile; those
    /// it draws on do not count.
    pub(crate) fn derive(
        region_flag: Option<&str>,
        env: &Env,
        profile: Option<&Profile>,
        profiles: &Profiles,
        calls: Calls,
    ) -> Result<Self, ClientSettingsError> {
        if let Some(variable) = VARIABLES.into_iter().find(|variable| !env.is_text(variable)) {
            return Err(ClientSettingsError::NotText { variable });
        }
        let written = Written { env, profile, profiles };
        let ignored = written.ignores_endpoints()?;
        let service = |services: Calls, variable, id| match ignored || !calls.reach(services) {
            true => Ok(None),
            false => written.service_endpoint(variable, id),
        };
        let (region, is_fips) = match written.region(region_flag)? {
            Some(region) => real_region(&region),
            None => (None, false),
        };
        Ok(Self {
            region,
            use_fips: is_fips || written.switch("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")?,
            use_dualstack: written
                .switch("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")?,
            sts_endpoint_url: service(calls, "AWS_ENDPOINT_URL_STS", "sts")?,
            iam_endpoint_url: service(Calls::Iam, "AWS_ENDPOINT_URL_IAM", "iam")?,
            ecr_endpoint_url: service(Calls::Registry, "AWS_ENDPOINT_URL_ECR", "ecr")?,
            ecr_public_endpoint_url: service(
                Calls::Registry,
                "AWS_ENDPOINT_URL_ECR_PUBLIC",
                "ecr_public",
            )?,
            sso_endpoint_url: service(Calls::IdentityCenter, "AWS_ENDPOINT_URL_SSO", "sso")?,
            sso_oidc_endpoint_url: service(
                Calls::IdentityCenter,
                "AWS_ENDPOINT_URL_SSO_OIDC",
                "sso_oidc",
            )?,
            signin_endpoint_url: service(Calls::SignIn, "AWS_ENDPOINT_URL_SIGNIN", "signin")?,
            ca_bundle: written
                .either("AWS_CA_BUNDLE", "ca_bundle")
                .or_else(|| written.variable("REQUESTS_CA_BUNDLE"))
                .map(|(path, _)| env.expand_home(Path::new(path))),
            sigv4a: written
                .either("AWS_AUTH_SCHEME_PREFERENCE", "auth_scheme_preference")
                .filter(|(schemes, _)| is_sigv4a_preferred(schemes))
                .map(|(_, origin)| origin),
        })
    }
}

/// The variables that are read here and are text.
const VARIABLES: [&str; 13] = [
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_IAM",
    "AWS_ENDPOINT_URL_ECR",
    "AWS_ENDPOINT_URL_ECR_PUBLIC",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_SSO_OIDC",
    "AWS_ENDPOINT_URL_SIGNIN",
];

/// A region such as `fips-us-gov-west-1` is the one without the word, with FIPS endpoints.
fn real_region(region: &str) -> (Option<String>, bool) {
    let real = region.replace("fips-", "").replace("-fips", "");
    let is_fips = real != region;
    (Some(real), is_fips)
}

impl ClientSettings {
    /// Warns of what is asked of STS calls and not done.
    pub(crate) fn warn_of_sigv4a(&self) -> Option<String> {
        let origin = self.sigv4a.as_ref()?;
        Some(format!("{origin} prefers sigv4a; awsx signs its own calls of STS with sigv4"))
    }

    /// Warns of an endpoint on another machine that is asked without TLS.
    pub(crate) fn warn_of_clear_text(&self) -> Option<String> {
        let endpoints = [
            &self.sts_endpoint_url,
            &self.iam_endpoint_url,
            &self.ecr_endpoint_url,
            &self.ecr_public_endpoint_url,
            &self.sso_endpoint_url,
            &self.sso_oidc_endpoint_url,
            &self.signin_endpoint_url,
        ];
        let mut urls = endpoints.into_iter().flatten();
        let url = urls.find(|url| url.starts_with("http://") && !is_loopback(url))?;
        Some(format!(
            "{} is asked without TLS: whoever is on the way reads the credentials and tokens that go \
             there; use https://",
            origin(url)
        ))
    }
}

/// A setting that cannot work. Names where it is written; an endpoint may hold a password, so no
/// value is shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientSettingsError {
    #[error("{origin} is not a region, such as eu-west-1: letters, digits and hyphens only")]
    Region { origin: Origin },
    #[error("{origin} is not a URL of the form https://HOST[:PORT][/PATH]")]
    Endpoint { origin: Origin },
    #[error("{origin} is neither true nor false")]
    Boolean { origin: Origin },
    #[error("{variable} is not text (UTF-8)")]
    NotText { variable: &'static str },
    #[error("{origin} has a line break or another control character")]
    Lines { origin: Origin },
    #[error("{origin} names the section [services {name}], which does not exist")]
    MissingServices { origin: Origin, name: String },
    #[error(transparent)]
    Services(#[from] ServicesError),
}

impl ClientSettingsError {
    /// The line, where a file says it.
    pub(crate) fn place(&self) -> Option<&Location> {
        match self {
            Self::Region { origin }
            | Self::Endpoint { origin }
            | Self::Boolean { origin }
            | Self::Lines { origin }
            | Self::MissingServices { origin, .. } => match origin {
                Origin::File { at, .. } => Some(at),
                Origin::Flag(_) | Origin::Variable(_) => None,
            },
            Self::Services(ServicesError::NotNested { at, .. }) => Some(at),
            Self::NotText { .. } => None,
        }
    }
}

/// Where a value is written. In a file, with the profile whose setting it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Flag(&'static str),
    Variable(&'static str),
    File { at: Location, key: String, profile: String },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Variable(name) => f.write_str(name),
            Self::File { at, key, profile } => write!(f, "{at}: {key} of profile \"{profile}\""),
        }
    }
}

#[derive(Clone, Copy)]
struct Written<'a> {
    env: &'a Env,
    profile: Option<&'a Profile>,
    profiles: &'a Profiles,
}

impl<'a> Written<'a> {
    fn variable(self, name: &'static str) -> Option<(&'a str, Origin)> {
        Some((self.env.get(name)?.trim(), Origin::Variable(name)))
    }

    fn setting(self, key: &str) -> Option<(&'a str, Origin)> {
        let setting = self.profile?.get(key)?;
        Some((setting.value.trim(), self.origin(setting)))
    }

    fn either(self, variable: &'static str, key: &str) -> Option<(&'a str, Origin)> {
        self.variable(variable).or_else(|| self.setting(key))
    }

    fn origin(self, setting: &Setting) -> Origin {
        Origin::File {
            at: setting.location.clone(),
            key: setting.key.to_string(),
            profile: self.profile.map(|profile| profile.name().to_owned()).unwrap_or_default(),
        }
    }

    fn region(self, flag: Option<&'a str>) -> Result<Option<String>, ClientSettingsError> {
        let flag = flag.map(str::trim).filter(|region| !region.is_empty());
        let region = flag
            .map(|region| (region, Origin::Flag("--region")))
            .or_else(|| self.variable("AWS_REGION"))
            .or_else(|| self.either("AWS_DEFAULT_REGION", "region"));
        match region {
            Some((region, origin)) if !is_region(region) => {
                Err(ClientSettingsError::Region { origin })
            }
            region => Ok(region.map(|(region, _)| region.to_owned())),
        }
    }

    fn ignores_endpoints(self) -> Result<bool, ClientSettingsError> {
        self.switch("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")
    }

    fn switch(self, variable: &'static str, key: &str) -> Result<bool, ClientSettingsError> {
        match self.either(variable, key) {
            None => Ok(false),
            Some((value, _)) if value.eq_ignore_ascii_case("true") => Ok(true),
            Some((value, _)) if value.eq_ignore_ascii_case("false") => Ok(false),
            Some((_, origin)) => Err(ClientSettingsError::Boolean { origin }),
        }
    }

    /// The endpoint of the service with this variable and this key in `services` sections.
    fn service_endpoint(
        self,
        variable: &'static str,
        key: &str,
    ) -> Result<Option<String>, ClientSettingsError> {
        if let Some(found) = self.variable(variable).or_else(|| self.variable("AWS_ENDPOINT_URL")) {
            return url(found).map(Some);
        }
        match self.services_endpoint(key)? {
            Some(setting) => url((setting.value.trim(), self.origin(&setting))).map(Some),
            None => self.endpoint(),
        }
    }

    /// What the section says that the profile's `services` names.
    fn services_endpoint(self, service: &str) -> Result<Option<Setting>, ClientSettingsError> {
        match self.services()? {
            Some(services) => Ok(services.endpoint_url(service)?),
            None => Ok(None),
        }
    }

    fn services(self) -> Result<Option<Section>, ClientSettingsError> {
        let Some((name, origin)) = self.setting("services") else { return Ok(None) };
        let missing = || ClientSettingsError::MissingServices { origin, name: name.to_owned() };
        self.profiles.services(name).ok_or_else(missing).map(Some)
    }

    fn endpoint(self) -> Result<Option<String>, ClientSettingsError> {
        self.setting("endpoint_url").map(url).transpose()
    }
}

/// Of the schemes that STS knows, the first one counts.
fn is_sigv4a_preferred(schemes: &str) -> bool {
    let mut known =
        schemes.split(',').map(str::trim).filter(|name| ["sigv4", "sigv4a"].contains(name));
    known.next() == Some("sigv4a")
}

fn url((value, origin): (&str, Origin)) -> Result<String, ClientSettingsError> {
    let rest = match value.split_once("://") {
        Some((scheme, rest)) if scheme == "http" || scheme == "https" => rest,
        _ => "",
    };
    let has_host = !rest.is_empty() && !rest.starts_with(['/', ':', '?', '#']);
    match has_host && !rest.contains(|c: char| c.is_whitespace() || c.is_control()) {
        true => Ok(value.to_owned()),
        false => Err(ClientSettingsError::Endpoint { origin }),
    }
}
