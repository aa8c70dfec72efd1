//! Whether an endpoint can be reached, without asking it for anything.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::date_time::{DateTime as HttpDate, Format};
use chrono::{DateTime, Utc};

use super::client::Aws;
use super::error::innermost;
use super::{http, proxy, trust};
use crate::client_settings::origin;
use crate::env::Env;
use crate::ports::CallError;

/// What the names of hosts end with, by what those of regions begin with; first the partitions that are not
/// AWS's own. <https://docs.aws.amazon.com/general/latest/gr/rande.html>
const SUFFIXES: [(&str, &str); 3] =
    [("cn-", "amazonaws.com.cn"), ("eusc-", "amazonaws.eu"), ("", "amazonaws.com")];

/// Where a service is, if nothing says otherwise.
pub(crate) fn default_endpoint(service: &str, region: &str) -> String {
    if service == "signin" {
        let host = match region {
            region if region.starts_with("cn-") => "signin.amazonaws.cn",
            region if region.starts_with("us-gov-") => "signin.amazonaws-us-gov.com",
            _ => "signin.aws.amazon.com",
        };
        return format!("https://{region}.{host}");
    }
    let suffix = SUFFIXES.iter().find(|(start, _)| region.starts_with(start));
    format!("https://{service}.{region}.{}", suffix.map_or("amazonaws.com", |(_, suffix)| suffix))
}

/// Whether the variables of proxies can be used.
pub(crate) fn check_proxies(env: &Env) -> Result<(), CallError> {
    proxy::proxies(env).map(drop)
}

impl Aws {
    /// The time that an answer is of, whatever it says; an error where there is none.
    pub(crate) fn reach(
        &self,
        service: &'static str,
        url: &str,
        limit: Duration,
    ) -> Result<Option<DateTime<Utc>>, CallError> {
        let proxy = proxy::proxies(&self.env)?.of(url).cloned();
        let endpoint = match &proxy {
            Some(proxy) => format!("{} through the proxy {}", origin(url), proxy.origin),
            None => origin(url),
        };
        let fail = |cause: String| CallError::Unreachable {
            call: service,
            endpoint: endpoint.clone(),
            attempts: 1,
            cause,
        };
        let trust = match url.starts_with("https:") {
            true => Some(trust::trust_store(self.settings.ca_bundle.as_deref())?),
            false => None,
        };
        let limits = http::connect_within(self.bounds.connect);
        let connector = http::connector(limits, proxy.map(|proxy| proxy.config), trust);
        let request = HttpRequest::get(url).map_err(|_| fail("it is no address".to_owned()))?;
        let answer = self
            .live()?
            .executor
            .block_on(async { tokio::time::timeout(limit, connector.call(request)).await });
        let answer = answer.map_err(|_| fail("no answer in time".to_owned()))?;
        let answer = answer.map_err(|error| fail(innermost(&error)))?;
        let date = answer.headers().get("date");
        let date = date.and_then(|date| HttpDate::from_str(date, Format::HttpDate).ok());
        Ok(date.and_then(|date| DateTime::from_timestamp(date.secs(), 0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_have_an_address_in_every_partition() {
        for (service, region, expected) in [
            ("sts", "eu-west-1", "https://sts.eu-west-1.amazonaws.com"),
            ("oidc", "cn-north-1", "https://oidc.cn-north-1.amazonaws.com.cn"),
            ("portal.sso", "eusc-de-east-1", "https://portal.sso.eusc-de-east-1.amazonaws.eu"),
            ("signin", "us-east-1", "https://us-east-1.signin.aws.amazon.com"),
            ("signin", "us-gov-west-1", "https://us-gov-west-1.signin.amazonaws-us-gov.com"),
            ("signin", "cn-north-1", "https://cn-north-1.signin.amazonaws.cn"),
        ] {
            assert_eq!(default_endpoint(service, region), expected);
        }
    }
}
