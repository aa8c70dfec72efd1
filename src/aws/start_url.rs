//! The start URL of an organization's own domain (`https://aws.corp.example`), which leads to one of
//! AWS's, as the AWS CLI 2.36 resolves it: https only, one redirect, to AWS alone.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

use super::client::Aws;
use super::{http, proxy, trust};
use crate::credentials::SsoLogin;
use crate::ports::CallError;
use crate::profile::{is_region, is_start_url};

const LIMIT: Duration = Duration::from_secs(10);

/// The ends of the names of AWS's own hosts.
const SUFFIXES: [&str; 8] = [
    ".app.aws",
    ".portal.amazonaws.com",
    ".portal.amazonaws.com.cn",
    ".app.amazonwebservices.com.cn",
    ".portal.amazonaws.eu",
    ".api.amazonwebservices.eu",
    ".awsapps.com",
    ".awsapps.cn",
];

const HOSTS: [&str; 4] = [
    "identitycenter.amazonaws.com",
    "identitycenter.amazonaws.com.cn",
    "identitycenter.amazonaws.eu",
    "identitycenter.us-gov.amazonaws.com",
];

/// What stands before and behind the region in a host's name.
const AROUND_REGION: [(&str, &str); 6] = [
    (".portal.", ".app.aws"),
    (".portal.", ".app.amazonwebservices.com.cn"),
    (".portal.", ".api.amazonwebservices.eu"),
    (".", ".portal.amazonaws.com"),
    (".", ".portal.amazonaws.com.cn"),
    (".", ".portal.amazonaws.eu"),
];

impl Aws {
    /// Where the login's start URL leads: to itself where it is AWS's, or where nothing leads on from it,
    /// so that AWS itself judges it.
    pub(super) fn resolve_start_url(&self, login: &SsoLogin) -> Result<String, CallError> {
        let written = &login.start_url;
        let wrong = |cause: String| CallError::Settings { origin: written.clone(), cause };
        if host(written).is_none_or(is_aws) {
            return Ok(written.clone());
        }
        let Some(target) = self.redirect_of(written)? else { return Ok(written.clone()) };
        let target = without_query(&target);
        if !is_start_url(target) || !host(target).is_some_and(is_aws) {
            return Err(wrong("leads away from AWS, or to plain http".to_owned()));
        }
        match host(target).and_then(region) {
            Some(region) if region != login.region => Err(wrong(format!(
                "leads to IAM Identity Center in {region}, not in {}: the region is {region}",
                login.region
            ))),
            _ => Ok(target.to_owned()),
        }
    }

    /// Where the answer to one request leads; none where it leads nowhere, or where there is none.
    fn redirect_of(&self, url: &str) -> Result<Option<String>, CallError> {
        let trust = trust::trust_store(self.settings.ca_bundle.as_deref())?;
        let proxy = proxy::proxies(&self.env)?.of(url).map(|proxy| proxy.config.clone());
        let connector = http::builder(http::connect_within(self.bounds.connect), proxy)
            .tls_provider(http::TLS)
            .tls_context(http::tls_context(trust))
            .build();
        let ask = async |method: &str| {
            let mut request = HttpRequest::get(url).ok()?;
            request.set_method(method).ok()?;
            connector.call(request).await.map_err(|error| tracing::info!("{url}: {error}")).ok()
        };
        let answer = self.live()?.executor.block_on(async {
            let answer = async {
                match ask("HEAD").await {
                    Some(answer) if matches!(answer.status().as_u16(), 405 | 501) => {
                        ask("GET").await
                    }
                    answer => answer,
                }
            };
            tokio::time::timeout(LIMIT, answer).await.ok().flatten()
        });
        let Some(answer) = answer else { return Ok(None) };
        let leads = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
        Ok(answer.headers().get("location").filter(|_| leads).map(str::to_owned))
    }
}

/// Whether the start URL is one for IPv6 and IPv4: AWS takes its codes from the OIDC service of the same
/// kind only.
pub(super) fn is_dualstack(login: &SsoLogin) -> bool {
    host(&login.start_url).is_some_and(|host| host.ends_with(".app.aws"))
}

fn is_aws(host: &str) -> bool {
    HOSTS.contains(&host) || SUFFIXES.iter().any(|suffix| host.ends_with(suffix))
}

fn host(url: &str) -> Option<&str> {
    url.strip_prefix("https://")?.split(['/', '?', '#', ':']).next()
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

fn region(host: &str) -> Option<&str> {
    AROUND_REGION.iter().find_map(|(before, behind)| {
        let (_, region) = host.strip_suffix(behind)?.split_once(before)?;
        Some(region).filter(|region| is_region(region))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_their_regions() {
        for (host, is_own, expected) in [
            ("corp.awsapps.com", true, None),
            ("start.awsapps.cn", true, None),
            ("identitycenter.amazonaws.com", true, None),
            ("identitycenter.us-gov.amazonaws.com", true, None),
            ("ssoins-1.portal.eu-west-1.app.aws", true, Some("eu-west-1")),
            ("ssoins-1.us-east-2.portal.amazonaws.com", true, Some("us-east-2")),
            ("ssoins-1.cn-north-1.portal.amazonaws.com.cn", true, Some("cn-north-1")),
            ("ssoins-1.portal.cn-north-1.app.amazonwebservices.com.cn", true, Some("cn-north-1")),
            ("ssoins-1.eusc-de-east-1.portal.amazonaws.eu", true, Some("eusc-de-east-1")),
            (
                "ssoins-1.portal.eusc-de-east-1.api.amazonwebservices.eu",
                true,
                Some("eusc-de-east-1"),
            ),
            ("aws.corp.example", false, None),
            ("awsapps.com.evil.example", false, None),
            ("evilawsapps.com", false, None),
            ("x.identitycenter.amazonaws.com", false, None),
        ] {
            assert_eq!((is_aws(host), region(host)), (is_own, expected), "{host}");
        }
    }
}
