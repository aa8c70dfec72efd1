//! Whether an endpoint can be reached, without asking it for anything.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::date_time::{DateTime as HttpDate, Format};
use chrono::{DateTime, Utc};

use super::client::Aws;
use super::error::innermost;
use super::{authorize_url, http, proxy, trust};
use crate::client_settings::origin;
use crate::env::Env;
use crate::ports::CallError;

/// What awsx asks AWS with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Sts,
    Oidc,
    Portal,
    SignIn,
}

impl Service {
    /// As its hosts are called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::Oidc => "oidc",
            Self::Portal => "portal.sso",
            Self::SignIn => "signin",
        }
    }
}

/// Whether the variables of proxies can be used.
pub(crate) fn check_proxies(env: &Env) -> Result<(), CallError> {
    proxy::proxies(env).map(drop)
}

impl Aws {
    /// Where a service is asked in a region: the configured endpoint, else that of the region's partition.
    pub(crate) fn endpoint(&self, service: Service, region: &str) -> Result<String, CallError> {
        match service {
            Service::Sts => self.sts_endpoint(region),
            Service::Oidc => authorize_url::oidc_endpoint(&self.settings, region, false),
            Service::Portal => authorize_url::portal_endpoint(&self.settings, region),
            Service::SignIn => authorize_url::signin_endpoint(&self.settings, region),
        }
    }

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
    use crate::aws::testing::aws;
    use crate::client_settings::ClientSettings;

    #[test]
    fn services_have_an_address_in_every_partition() {
        let aws = aws(ClientSettings::default());
        for (service, region, expected) in [
            (Service::Sts, "eu-west-1", "https://sts.eu-west-1.amazonaws.com"),
            (Service::Oidc, "cn-north-1", "https://oidc.cn-north-1.amazonaws.com.cn"),
            (Service::Portal, "eusc-de-east-1", "https://portal.sso.eusc-de-east-1.amazonaws.eu"),
            (Service::SignIn, "us-east-1", "https://us-east-1.signin.aws.amazon.com"),
            (Service::SignIn, "us-gov-west-1", "https://us-gov-west-1.signin.amazonaws-us-gov.com"),
            (Service::SignIn, "cn-north-1", "https://cn-north-1.signin.amazonaws.cn"),
        ] {
            assert_eq!(aws.endpoint(service, region).unwrap(), expected);
        }
    }
}
