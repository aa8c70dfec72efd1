//! Which registry of ECR a name is.
//! <https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html>

use crate::credentials::arn::is_account_id;
use crate::profile::has_form_of_region;

/// A registry of ECR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Registry {
    Private(PrivateRegistry),
    /// `public.ecr.aws`, which is one for all
    Public,
}

/// That of an account in a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PrivateRegistry {
    pub account_id: String,
    pub region: String,
    pub is_fips: bool,
    pub is_dualstack: bool,
}

/// What stands behind the region, in each partition; then with IPv6.
const SUFFIXES: [&str; 7] = [
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "c2s.ic.gov",
    "sc2s.sgov.gov",
    "cloud.adc-e.uk",
    "csp.hci.ic.gov",
];
const DUALSTACK_SUFFIXES: [&str; 3] =
    ["on.aws", "on.amazonwebservices.com.cn", "on.amazonwebservices.eu"];

/// The host in what docker calls a server: a name, perhaps with `https://` before it and a path behind it.
pub(crate) fn host_of_server(server: &str) -> &str {
    let host = server.trim();
    let host = host.strip_prefix("https://").unwrap_or(host);
    host.split('/').next().unwrap_or_default()
}

impl Registry {
    /// Its region; the one for all has none.
    pub(crate) fn region(&self) -> Option<&str> {
        match self {
            Self::Private(registry) => Some(&registry.region),
            Self::Public => None,
        }
    }

    /// The registry that a host is, in whatever case; none where it is another's.
    pub(crate) fn of_host(host: &str) -> Option<Self> {
        let host = host.to_ascii_lowercase();
        if ["public.ecr.aws", "ecr-public.aws.com"].contains(&&*host) {
            return Some(Self::Public);
        }
        let (account_id, rest) = host.split_once('.')?;
        let (is_dualstack, rest) = match rest.strip_prefix("dkr.ecr") {
            Some(rest) => (false, rest),
            None => (true, rest.strip_prefix("dkr-ecr")?),
        };
        let (is_fips, rest) = match rest.strip_prefix("-fips.") {
            Some(rest) => (true, rest),
            None => (false, rest.strip_prefix('.')?),
        };
        let (region, suffix) = rest.split_once('.')?;
        let suffixes = if is_dualstack { &DUALSTACK_SUFFIXES[..] } else { &SUFFIXES };
        let is_one =
            is_account_id(account_id) && has_form_of_region(region) && suffixes.contains(&suffix);
        is_one.then(|| {
            let (account_id, region) = (account_id.to_owned(), region.to_owned());
            Self::Private(PrivateRegistry { account_id, region, is_fips, is_dualstack })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_registry_of_ecr_or_another_s() {
        for (server, expected) in [
            ("111122223333.dkr.ecr.eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("https://111122223333.dkr.ecr.eu-west-1.amazonaws.com/v2/", Some("eu-west-1")),
            ("111122223333.DKR.ECR.eu-west-1.amazonaws.com\n", Some("eu-west-1")),
            ("111122223333.dkr.ecr-fips.us-gov-west-1.amazonaws.com", Some("us-gov-west-1 fips")),
            ("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
            ("111122223333.dkr.ecr.eusc-de-east-1.amazonaws.eu", Some("eusc-de-east-1")),
            ("111122223333.dkr.ecr.us-iso-east-1.c2s.ic.gov", Some("us-iso-east-1")),
            ("111122223333.dkr.ecr.us-isob-east-1.sc2s.sgov.gov", Some("us-isob-east-1")),
            ("111122223333.dkr-ecr.us-west-2.on.aws", Some("us-west-2 dualstack")),
            ("111122223333.dkr-ecr-fips.us-west-2.on.aws", Some("us-west-2 fips dualstack")),
            (
                "111122223333.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn",
                Some("cn-north-1 dualstack"),
            ),
            ("public.ecr.aws", Some("public")),
            ("https://public.ecr.aws/v2/", Some("public")),
            ("111122223333.dkr.ecr.eu-west-1.amazonaws.com.example.com", None),
            ("111122223333.dkr.ecr.eu-west-1.example.com", None),
            ("evil-111122223333.dkr.ecr.eu-west-1.amazonaws.com", None),
            ("11112222333.dkr.ecr.eu-west-1.amazonaws.com", None),
            ("111122223333.dkr.ecr.amazonaws.com", None),
            ("111122223333.dkr.ecr.eu-west-1.on.aws", None),
            ("http://111122223333.dkr.ecr.eu-west-1.amazonaws.com", None),
            ("111122223333.dkr.ecr.eu-west-1.amazonaws.com:443", None),
            ("https://index.docker.io/v1/", None),
            ("ghcr.io", None),
            ("", None),
        ] {
            let found = Registry::of_host(host_of_server(server)).map(|found| match found {
                Registry::Public => "public".to_owned(),
                Registry::Private(found) => {
                    assert_eq!(found.account_id, "111122223333");
                    let fips = if found.is_fips { " fips" } else { "" };
                    let dualstack = if found.is_dualstack { " dualstack" } else { "" };
                    format!("{}{fips}{dualstack}", found.region)
                }
            });
            assert_eq!(found.as_deref(), expected, "{server}");
        }
    }
}
