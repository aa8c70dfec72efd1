//! The one call of ECR and of its public registry that gives a password.
//! <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html>
//!
//! There is no SDK client for it here: that crate has all of ECR's operations.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::attempt::OneUse;
use super::client::{Aws, word};
use super::error::incomplete;
use super::json_call::JsonCall;
use crate::credentials::{Keys, Secret};
use crate::ports::CallError;

/// Whose registry it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EcrKind {
    /// That of the caller's account in a region
    Private,
    /// <https://gallery.ecr.aws>
    Public,
}

/// What `GetAuthorizationToken` gives.
#[derive(Debug)]
pub(crate) struct EcrPassword {
    pub password: Secret,
    /// By the local clock
    pub expires_at: DateTime<Utc>,
    /// The host of the registry, as `proxyEndpoint` says it; of the public one nothing does
    pub registry: Option<String>,
}

impl EcrKind {
    const fn call(self) -> (&'static str, &'static str) {
        match self {
            Self::Private => ("ecr:GetAuthorizationToken", "AmazonEC2ContainerRegistry_V20150921"),
            Self::Public => ("ecr-public:GetAuthorizationToken", "SpencerFrontendService"),
        }
    }

    /// The first label of the host, as botocore has it: with FIPS, with IPv6. The public registry has no FIPS.
    const fn label(self, use_fips: bool, use_dualstack: bool) -> &'static str {
        match (self, use_fips, use_dualstack) {
            (Self::Private, false, false) => "api.ecr",
            (Self::Private, true, false) => "api.ecr-fips",
            (Self::Private, false, true) => "ecr",
            (Self::Private, true, true) => "ecr-fips",
            (Self::Public, _, false) => "api.ecr-public",
            (Self::Public, _, true) => "ecr-public",
        }
    }
}

impl Aws {
    /// The password of the registry in the configured region.
    pub(crate) fn ecr_password(
        &self,
        keys: &Keys,
        kind: EcrKind,
    ) -> Result<EcrPassword, CallError> {
        let region = self.region().unwrap_or("us-east-1");
        let (name, target) = kind.call();
        let call =
            JsonCall { name, target, endpoint: self.ecr_endpoint(kind, region)?, region, keys };
        let (answer, seen) = self.json(&call)?;
        let data = &answer["authorizationData"];
        let data = if kind == EcrKind::Private { &data[0] } else { data };
        read(data, |end| seen.in_local_time(end))
            .ok_or_else(|| incomplete(name, "authorizationData", &seen, OneUse::Nothing))
    }

    fn ecr_endpoint(&self, kind: EcrKind, region: &str) -> Result<String, CallError> {
        let settings = &self.settings;
        let configured = match kind {
            EcrKind::Private => &settings.ecr_endpoint_url,
            EcrKind::Public => &settings.ecr_public_endpoint_url,
        };
        if let Some(url) = configured {
            return Ok(url.clone());
        }
        let suffix = self.suffix_of_partition(region)?;
        let label = kind.label(settings.use_fips, settings.use_dualstack);
        Ok(format!("https://{label}.{region}.{suffix}"))
    }
}

/// `authorizationToken` is `AWS:PASSWORD` in base 64, `expiresAt` seconds of Unix time.
fn read(data: &Value, local: impl Fn(DateTime<Utc>) -> DateTime<Utc>) -> Option<EcrPassword> {
    let token = STANDARD.decode(data["authorizationToken"].as_str()?).ok()?;
    let token = String::from_utf8(token).ok()?;
    let password = word(token.split_once(':')?.1.to_owned())?;
    #[expect(clippy::cast_possible_truncation, reason = "what is out of range is no time")]
    let end = DateTime::from_timestamp(data["expiresAt"].as_f64()? as i64, 0)?;
    let host = data["proxyEndpoint"].as_str().and_then(|url| url.strip_prefix("https://"));
    Some(EcrPassword {
        password: Secret::new(password),
        expires_at: local(end),
        registry: word(host.map(str::to_owned)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Reply, Server, aws};
    use crate::client_settings::ClientSettings;
    use crate::credentials::{LongTermCredentials, Secret};

    /// As botocore 1.43 has them.
    #[test]
    fn the_endpoint_is_botocores() {
        use EcrKind::{Private, Public};
        for (kind, region, use_fips, use_dualstack, expected) in [
            (Private, "eu-west-1", false, false, "https://api.ecr.eu-west-1.amazonaws.com"),
            (Private, "eu-west-1", false, true, "https://ecr.eu-west-1.api.aws"),
            (Private, "us-east-1", true, false, "https://api.ecr-fips.us-east-1.amazonaws.com"),
            (Private, "us-gov-west-1", true, true, "https://ecr-fips.us-gov-west-1.api.aws"),
            (Private, "cn-north-1", false, false, "https://api.ecr.cn-north-1.amazonaws.com.cn"),
            (
                Private,
                "cn-north-1",
                false,
                true,
                "https://ecr.cn-north-1.api.amazonwebservices.com.cn",
            ),
            (Private, "us-iso-east-1", false, false, "https://api.ecr.us-iso-east-1.c2s.ic.gov"),
            (
                Private,
                "eusc-de-east-1",
                false,
                false,
                "https://api.ecr.eusc-de-east-1.amazonaws.eu",
            ),
            (Public, "us-east-1", false, false, "https://api.ecr-public.us-east-1.amazonaws.com"),
            (Public, "us-east-1", false, true, "https://ecr-public.us-east-1.api.aws"),
        ] {
            let settings = ClientSettings { use_fips, use_dualstack, ..ClientSettings::default() };
            assert_eq!(aws(settings).ecr_endpoint(kind, region).unwrap(), expected);
        }
    }

    #[test]
    fn what_an_answer_holds() {
        let keys = Keys::LongTerm(LongTermCredentials {
            access_key_id: "AKIDEXAMPLE".into(),
            secret_access_key: Secret::new("s"),
            account_id: None,
        });
        let private = |data: &str| format!(r#"{{"authorizationData":[{{{data}}}]}}"#);
        let token = r#""authorizationToken":"QVdTOnBsYW50ZWQ=","expiresAt":1.8000432E9"#;
        let endpoint = r#""proxyEndpoint":"https://111122223333.dkr.ecr.eu-west-1.amazonaws.com""#;
        for (docs, kind, status, body, expected) in [
            (
                "a private one",
                EcrKind::Private,
                200,
                private(&format!("{token},{endpoint}")),
                "planted until 2027-01-15 20:00:00 UTC of 111122223333.dkr.ecr.eu-west-1.amazonaws.com",
            ),
            (
                "the public one",
                EcrKind::Public,
                200,
                format!(r#"{{"authorizationData":{{{token}}}}}"#),
                "planted until 2027-01-15 20:00:00 UTC of nobody",
            ),
            ("no list", EcrKind::Private, 200, "{}".into(), "no complete authorizationData"),
            (
                "no time",
                EcrKind::Private,
                200,
                private(r#""authorizationToken":"QVdTOnA=""#),
                "no complete",
            ),
            ("no JSON", EcrKind::Private, 200, "<html>".into(), "not in the format of AWS"),
            (
                "refused",
                EcrKind::Private,
                400,
                r#"{"__type":"com.amazon#AccessDeniedException","message":"no"}"#.into(),
                "ecr:GetAuthorizationToken was refused: AccessDeniedException: no",
            ),
            (
                "over",
                EcrKind::Private,
                400,
                r#"{"__type":"ExpiredTokenException","message":"over"}"#.into(),
                "was refused: ExpiredTokenException: over",
            ),
        ] {
            let server = Server::start([Reply::new(status, &body)]);
            let url = Some(server.url.clone());
            let settings = ClientSettings {
                region: Some("eu-west-1".into()),
                ecr_endpoint_url: url.clone(),
                ecr_public_endpoint_url: url,
                ..ClientSettings::default()
            };
            let found = match aws(settings).ecr_password(&keys, kind) {
                Ok(found) => format!(
                    "{} until {} of {}",
                    found.password.expose(),
                    found.expires_at,
                    found.registry.as_deref().unwrap_or("nobody")
                ),
                Err(error) => error.to_string(),
            };
            assert!(found.contains(expected), "{docs}: {found}");
            let request = server.requests().remove(0);
            assert_eq!(request.body, "{}", "{docs}");
            assert_eq!(request.header("content-type"), Some("application/x-amz-json-1.1"));
            let target = format!("{}.GetAuthorizationToken", kind.call().1);
            assert_eq!(request.header("x-amz-target"), Some(&*target), "{docs}");
        }
    }
}
