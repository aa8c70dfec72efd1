//! What a look at the machine and at AWS needs.

use std::time::Duration;

use chrono::TimeDelta;

use super::login::browser;
use super::{App, Clients};
use crate::aws::{Service, check_proxies};
use crate::client_settings::ClientSettings;
use crate::config::survey::survey;
use crate::login::{LoginHeader, LoginKind};
use crate::ports::Browser;
use crate::profile::Profiles;
use crate::report::Failure;
use crate::resolve::sso_login;

/// Where a service is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// `sts`, `oidc`, `sso`, `signin`
    pub service: &'static str,
    pub url: String,
}

/// How long one endpoint may take.
const LIMIT: Duration = Duration::from_secs(10);

impl App {
    /// Why no browser of this machine comes back to awsx.
    pub(crate) fn browser_obstacle(&self) -> Option<String> {
        browser(self).is_out_of_reach()
    }

    /// Whether the variables of proxies can be used.
    pub(crate) fn check_proxies(&self) -> Result<(), Failure> {
        Ok(check_proxies(&self.env)?)
    }

    /// What of the files can be read.
    pub(crate) fn survey(&self) -> Profiles {
        self.files.complete(survey(&self.env).profiles)
    }

    /// STS, and what the sessions and logins need: each once.
    pub(crate) fn endpoints(&self) -> Result<Vec<Endpoint>, Failure> {
        let settings = self.own_settings()?;
        let region = settings.region.clone().unwrap_or_else(|| "us-east-1".to_owned());
        let Clients { aws, .. } = self.clients(&settings);
        let endpoint = |service: Service, region: &str| -> Result<Endpoint, Failure> {
            Ok(Endpoint { service: service.name(), url: aws.endpoint(service, region)? })
        };
        let mut found = vec![endpoint(Service::Sts, &region)?];
        let profiles = self.profiles()?;
        let of_sessions = profiles.sso_session_names();
        let mut regions: Vec<String> =
            of_sessions.filter_map(|name| Some(sso_login(profiles, name).ok()?.region)).collect();
        let headers = self.vault().and_then(|vault| Ok(vault.headers::<LoginHeader>()?));
        let headers: Vec<LoginHeader> =
            headers.into_iter().flatten().map(|(_, header)| header).collect();
        let of_kind = |kind| headers.iter().filter(move |header| header.kind == kind);
        regions.extend(of_kind(LoginKind::IdentityCenter).map(|header| header.region.clone()));
        for region in regions {
            found.push(endpoint(Service::Oidc, &region)?);
            found.push(endpoint(Service::Portal, &region)?);
        }
        let signs_in = |name: &str| {
            profiles.as_written(name).is_some_and(|profile| profile.get("login_session").is_some())
        };
        if profiles.names().any(signs_in) || of_kind(LoginKind::Console).next().is_some() {
            found.push(endpoint(Service::SignIn, &region)?);
        }
        let mut once: Vec<Endpoint> = Vec::new();
        for endpoint in found {
            if !once.contains(&endpoint) {
                once.push(endpoint);
            }
        }
        Ok(once)
    }

    /// Whether anything answers there; AWS's time less that of this machine, where it says so.
    pub(crate) fn reach(
        &self,
        service: &'static str,
        url: &str,
    ) -> Result<Option<TimeDelta>, Failure> {
        let settings: ClientSettings = self.own_settings()?;
        let Clients { aws, .. } = self.clients(&settings);
        let asked = self.now();
        let time = aws.reach(service, url, LIMIT)?;
        // Half of what it took is the way back.
        let now = asked + (self.now() - asked) / 2;
        Ok(time.map(|time| time - now))
    }
}
