//! How AWS is reached, from flags, environment and the selected profile: region, endpoints, TLS.
//! Pure; files named here are read by [`crate::aws`].
//!
//! Precedence as in the AWS CLI. An endpoint: `AWS_ENDPOINT_URL_STS` (`_SSO`), `AWS_ENDPOINT_URL`,
//! the profile's `services` section, the profile's `endpoint_url`; none of them where configured
//! endpoints are ignored.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>

use std::fmt;
use std::path::Path;

use crate::env::Env;
use crate::profile::{
    ClientSettings, Location, Profile, Profiles, ServicesError, Setting, is_region,
};

/// A setting that cannot work. Names where it is written; an endpoint may hold a password, so no
/// value is shown.
#[derive(Debug, thiserror::Error)]
pub enum ClientSettingsError {
    /// The region cannot be part of a host name
    #[error("{origin} is not a region, such as eu-west-1: letters, digits and hyphens only")]
    Region {
        /// Where it is written
        origin: Origin,
    },
    /// An endpoint is no URL
    #[error("{origin} is not a URL of the form https://HOST[:PORT][/PATH]")]
    Endpoint {
        /// Where it is written
        origin: Origin,
    },
    /// A switch is neither on nor off
    #[error("{origin} is neither true nor false")]
    Boolean {
        /// Where it is written
        origin: Origin,
    },
    /// `services` names a section that does not exist
    #[error("{origin} names the section [services {name}], which does not exist")]
    MissingServices {
        /// Where it is written
        origin: Origin,
        /// The section's name
        name: String,
    },
    /// The `services` section does not say what it should
    #[error(transparent)]
    Services(#[from] ServicesError),
}

/// Where a value is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag of the command line
    Flag(&'static str),
    /// An environment variable
    Variable(&'static str),
    /// A line of an AWS file
    File {
        /// The line
        at: Location,
        /// The key
        key: String,
        /// The profile whose setting it is
        profile: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Variable(name) => f.write_str(name),
            Self::File { at, key, profile } => write!(f, "{at}: {key} of profile \"{profile}\""),
        }
    }
}

/// Derives the settings for every call of one command. `profile` is the selected profile; those
/// it draws on do not count.
///
/// # Errors
/// [`ClientSettingsError`] for a value that could never work.
pub fn client_settings(
    region_flag: Option<&str>,
    env: &Env,
    profile: Option<&Profile>,
    profiles: &Profiles,
) -> Result<ClientSettings, ClientSettingsError> {
    let written = Written { env, profile, profiles };
    let ignored =
        written.switch("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")?;
    let service = |variable, id| match ignored {
        true => Ok(None),
        false => written.service_endpoint(variable, id),
    };
    Ok(ClientSettings {
        region: written.region(region_flag)?,
        use_fips: written.switch("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")?,
        use_dualstack: written.switch("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")?,
        sts_endpoint_url: service("AWS_ENDPOINT_URL_STS", "sts")?,
        sso_endpoint_url: service("AWS_ENDPOINT_URL_SSO", "sso")?,
        sso_oidc_endpoint_url: service("AWS_ENDPOINT_URL_SSO_OIDC", "sso_oidc")?,
        signin_endpoint_url: service("AWS_ENDPOINT_URL_SIGNIN", "signin")?,
        endpoint_url: if ignored { None } else { written.endpoint()? },
        ca_bundle: written
            .either("AWS_CA_BUNDLE", "ca_bundle")
            .map(|(path, _)| env.expand_home(Path::new(path))),
    })
}

/// The places where a value can be written.
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
        Some((setting.value().trim(), self.origin(setting)))
    }

    fn either(self, variable: &'static str, key: &str) -> Option<(&'a str, Origin)> {
        self.variable(variable).or_else(|| self.setting(key))
    }

    fn origin(self, setting: &Setting) -> Origin {
        Origin::File {
            at: setting.location().clone(),
            key: setting.key().to_owned(),
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
            Some(setting) => url((setting.value().trim(), self.origin(&setting))).map(Some),
            None => self.endpoint(),
        }
    }

    /// What the section says that the profile's `services` names.
    fn services_endpoint(self, service: &str) -> Result<Option<Setting>, ClientSettingsError> {
        let Some((name, origin)) = self.setting("services") else { return Ok(None) };
        match self.profiles.services(name) {
            Some(services) => Ok(services.endpoint_url(service)?),
            None => Err(ClientSettingsError::MissingServices { origin, name: name.to_owned() }),
        }
    }

    fn endpoint(self) -> Result<Option<String>, ClientSettingsError> {
        self.setting("endpoint_url").map(url).transpose()
    }
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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    const CONFIG: &str = "\
[profile p]
region = eu-west-1
use_fips_endpoint = true
endpoint_url = http://profile:1
ca_bundle = ~/ca.pem
[profile s]
services = mine
endpoint_url = http://profile:1
[services mine]
sts =
  endpoint_url = http://services:1
sso =
  endpoint_url = http://sso:1
sso_oidc =
  endpoint_url = http://oidc:1
signin =
  endpoint_url = http://signin:1
[profile other]
services = other
endpoint_url = http://profile:1
[services other]
sso =
  endpoint_url = http://sso:1
[profile missing]
services = nowhere
[profile flat]
services = flat
[services flat]
sts = http://planted
[profile ignoring]
endpoint_url = http://profile:1
ignore_configured_endpoint_urls = TRUE
[profile bad]
use_dualstack_endpoint = planted
[profile region]
region = us-east-1/planted
[profile url]
endpoint_url = planted
";

    fn settings(
        flag: Option<&str>,
        vars: &[(&str, &str)],
        profile: Option<&str>,
    ) -> Result<ClientSettings, String> {
        let profiles = Profiles::from_texts(CONFIG, "").unwrap();
        let profile = profile.map(|name| profiles.profile(name).unwrap().unwrap());
        let env = Env::from_pairs([("HOME", "/h")].iter().chain(vars).copied());
        client_settings(flag, &env, profile.as_ref(), &profiles).map_err(|error| error.to_string())
    }

    #[test]
    fn regions() {
        let both = &[("AWS_REGION", "r1"), ("AWS_DEFAULT_REGION", "r2")][..];
        for (docs, flag, vars, profile, expected) in [
            ("none", None, &[][..], None, None),
            ("flag", Some("r0"), both, Some("p"), Some("r0")),
            ("blank flag", Some(" "), both, Some("p"), Some("r1")),
            ("AWS_REGION", None, both, Some("p"), Some("r1")),
            ("AWS_DEFAULT_REGION", None, &both[1..], Some("p"), Some("r2")),
            ("blank variable", None, &[("AWS_REGION", "")], Some("p"), Some("eu-west-1")),
            ("profile", None, &[], Some("p"), Some("eu-west-1")),
        ] {
            assert_eq!(
                settings(flag, vars, profile).unwrap().region.as_deref(),
                expected,
                "{docs}"
            );
        }
    }

    /// STS, the access portal, its OIDC service, AWS sign-in, and what the child gets.
    #[test]
    fn endpoints() {
        let vars = [
            ("AWS_ENDPOINT_URL_STS", "http://sts"),
            ("AWS_ENDPOINT_URL_SSO", "http://sso"),
            ("AWS_ENDPOINT_URL_SSO_OIDC", "http://oidc"),
            ("AWS_ENDPOINT_URL_SIGNIN", "http://signin"),
            ("AWS_ENDPOINT_URL", "http://all"),
        ];
        let ignore = [vars[0], ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")];
        let obey = [("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false")];
        let (sts, sso, oidc, signin) =
            (Some("http://sts"), Some("http://sso"), Some("http://oidc"), Some("http://signin"));
        let (all, own) = (Some("http://all"), Some("http://profile:1"));
        // What the section says.
        let (sts1, sso1, oidc1, signin1) = (
            Some("http://services:1"),
            Some("http://sso:1"),
            Some("http://oidc:1"),
            Some("http://signin:1"),
        );
        for (docs, vars, profile, expected) in [
            ("none", &[][..], None, [None; 5]),
            ("the service's variable first", &vars, Some("s"), [sts, sso, oidc, signin, own]),
            ("then the global one", &vars[1..], Some("s"), [all, sso, oidc, signin, own]),
            ("each has its own", &[vars[2], vars[4]], Some("s"), [all, all, oidc, all, own]),
            ("then the services section", &[], Some("s"), [sts1, sso1, oidc1, signin1, own]),
            (
                "one variable, else the section",
                &vars[2..3],
                Some("s"),
                [sts1, sso1, oidc, signin1, own],
            ),
            ("the section says one thing only", &[], Some("other"), [own, sso1, own, own, own]),
            ("then the profile", &[], Some("p"), [own, own, own, own, own]),
            ("ignored by variable", &ignore, Some("p"), [None; 5]),
            ("ignored by profile", &vars, Some("ignoring"), [None; 5]),
            ("the variable decides", &obey, Some("ignoring"), [own, own, own, own, own]),
            (
                "a missing section is not asked",
                &vars[..4],
                Some("missing"),
                [sts, sso, oidc, signin, None],
            ),
        ] {
            let settings = settings(None, vars, profile).unwrap();
            let found = [
                settings.sts_endpoint_url,
                settings.sso_endpoint_url,
                settings.sso_oidc_endpoint_url,
                settings.signin_endpoint_url,
                settings.endpoint_url,
            ];
            assert_eq!(found.each_ref().map(Option::as_deref), expected, "{docs}");
        }
    }

    #[test]
    fn switches_and_files() {
        let p = settings(None, &[], Some("p")).unwrap();
        assert_eq!((p.use_fips, p.use_dualstack), (true, false));
        assert_eq!(p.ca_bundle, Some(PathBuf::from("/h/ca.pem")));
        let vars = [
            ("AWS_USE_FIPS_ENDPOINT", "False"),
            ("AWS_USE_DUALSTACK_ENDPOINT", "TRUE"),
            ("AWS_CA_BUNDLE", "/etc/ca.pem"),
        ];
        let p = settings(None, &vars, Some("p")).unwrap();
        assert_eq!((p.use_fips, p.use_dualstack), (false, true));
        assert_eq!(p.ca_bundle, Some(PathBuf::from("/etc/ca.pem")));
    }

    #[test]
    fn what_cannot_work_is_refused_with_its_place() {
        for (flag, vars, profile, expected) in [
            (Some("us-east-1 # x"), &[][..], None, "--region is not a region"),
            (None, &[("AWS_REGION", "-x")], None, "AWS_REGION is not a region"),
            (None, &[("AWS_DEFAULT_REGION", "123")], None, "AWS_DEFAULT_REGION is not a region"),
            (None, &[], Some("region"), "config:36: region of profile \"region\" is not a region"),
            (None, &[("AWS_ENDPOINT_URL", "planted")], None, "AWS_ENDPOINT_URL is not a URL"),
            (None, &[("AWS_ENDPOINT_URL", "ftp://planted")], None, "AWS_ENDPOINT_URL is not a URL"),
            (
                None,
                &[("AWS_ENDPOINT_URL_STS", "https://")],
                None,
                "AWS_ENDPOINT_URL_STS is not a URL",
            ),
            (None, &[("AWS_ENDPOINT_URL_STS", "https:///x")], None, "AWS_ENDPOINT_URL_STS is not"),
            (
                None,
                &[("AWS_ENDPOINT_URL_STS", "https://planted x")],
                None,
                "AWS_ENDPOINT_URL_STS is",
            ),
            (None, &[], Some("url"), "config:38: endpoint_url of profile \"url\" is not a URL"),
            (
                None,
                &[],
                Some("bad"),
                "config:34: use_dualstack_endpoint of profile \"bad\" is neither",
            ),
            (
                None,
                &[("AWS_USE_FIPS_ENDPOINT", "planted")],
                None,
                "AWS_USE_FIPS_ENDPOINT is neither",
            ),
            (
                None,
                &[],
                Some("missing"),
                "config:25: services of profile \"missing\" names the section [services nowhere], which",
            ),
            (None, &[], Some("flat"), "config:29: `sts` in [services flat] must have"),
        ] {
            let error = settings(flag, vars, profile).unwrap_err();
            assert!(error.contains(expected) && !error.contains("planted"), "{error}");
        }
    }
}
