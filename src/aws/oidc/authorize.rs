//! The address at which a person allows awsx to act for them. Nothing is sent from here; a browser
//! opens it. The host is the one that the SDK sends the other calls to: of the region's partition,
//! with FIPS or dual-stack, or the configured endpoint.

use std::fmt::Write;

use aws_sdk_ssooidc::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};

use crate::aws::error::innermost;
use crate::aws::http::Executor;
use crate::aws::query::encoded;
use crate::client_settings::ClientSettings;
use crate::credentials::{Authorization, Registration, SsoLogin};
use crate::ports::CallError;

/// The address, its parameters as the AWS CLI has them: `scopes`, where OAuth has `scope`.
///
/// # Errors
/// [`CallError::Settings`] where the settings make no endpoint.
pub(super) fn url(
    settings: &ClientSettings,
    login: &SsoLogin,
    registration: &Registration,
    authorization: &Authorization,
) -> Result<String, CallError> {
    let mut url = format!("{}/authorize", endpoint(settings, login)?.trim_end_matches('/'));
    let parameters = [
        ("response_type", "code"),
        ("client_id", &registration.client_id),
        ("redirect_uri", &authorization.redirect_uri),
        ("state", &authorization.state),
        ("code_challenge_method", "S256"),
        ("scopes", &login.scopes.join(" ")),
        ("code_challenge", &authorization.code_challenge),
    ];
    for (index, (name, value)) in parameters.into_iter().enumerate() {
        let before = if index == 0 { '?' } else { '&' };
        write!(url, "{before}{name}={}", encoded(value)).expect("a string takes any text");
    }
    Ok(url)
}

fn endpoint(settings: &ClientSettings, login: &SsoLogin) -> Result<String, CallError> {
    let no_endpoint = |cause| CallError::Settings { origin: "SSO-OIDC endpoint".to_owned(), cause };
    let params = Params::builder()
        .region(login.region.clone())
        .use_fips(settings.use_fips)
        .use_dual_stack(settings.use_dualstack)
        .set_endpoint(settings.sso_oidc_endpoint_url.clone())
        .build()
        .map_err(|error| no_endpoint(innermost(&error)))?;
    let resolver = DefaultResolver::new();
    let endpoint = Executor::new()?
        .block_on(async { resolver.resolve_endpoint(&params).await })
        .map_err(|error| no_endpoint(innermost(&*error)))?;
    Ok(endpoint.url().to_owned())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::credentials::Secret;

    fn made(settings: &ClientSettings, region: &str, scopes: &[&str]) -> Result<String, String> {
        let login = SsoLogin {
            session: None,
            start_url: "https://corp.awsapps.com/start".into(),
            region: region.into(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        };
        let registration = Registration {
            client_id: "id+/=".into(),
            client_secret: Secret::new("planted"),
            expires_at: DateTime::UNIX_EPOCH,
        };
        let authorization = Authorization {
            redirect_uri: "http://127.0.0.1:4711/oauth/callback".into(),
            state: "st&ate=ä".into(),
            code_challenge: "aA0-_~.".into(),
        };
        url(settings, &login, &registration, &authorization).map_err(|error| error.to_string())
    }

    #[test]
    fn every_parameter_once_and_encoded() {
        let settings = ClientSettings::default();
        let scopes = ["sso:account:access", "codewhisperer:completions"];
        assert_eq!(
            made(&settings, "eu-west-1", &scopes).unwrap(),
            "https://oidc.eu-west-1.amazonaws.com/authorize?response_type=code\
             &client_id=id%2B%2F%3D\
             &redirect_uri=http%3A%2F%2F127.0.0.1%3A4711%2Foauth%2Fcallback\
             &state=st%26ate%3D%C3%A4\
             &code_challenge_method=S256\
             &scopes=sso%3Aaccount%3Aaccess%20codewhisperer%3Acompletions\
             &code_challenge=aA0-_~."
        );
    }

    #[test]
    fn endpoints() {
        let set = |url: &str, use_fips, use_dualstack| ClientSettings {
            region: Some("us-east-2".into()),
            sso_oidc_endpoint_url: Some(url.to_owned()).filter(|url| !url.is_empty()),
            use_fips,
            use_dualstack,
            ..ClientSettings::default()
        };
        for (docs, settings, region, expected) in [
            (
                "the login's region",
                set("", false, false),
                "eu-west-1",
                "https://oidc.eu-west-1.amazonaws.com/authorize?",
            ),
            (
                "China",
                set("", false, false),
                "cn-north-1",
                "https://oidc.cn-north-1.amazonaws.com.cn/authorize?",
            ),
            (
                "FIPS",
                set("", true, false),
                "us-east-1",
                "https://oidc-fips.us-east-1.amazonaws.com/authorize?",
            ),
            (
                "GovCloud is FIPS as it is",
                set("", true, false),
                "us-gov-west-1",
                "https://oidc.us-gov-west-1.amazonaws.com/authorize?",
            ),
            (
                "dual-stack",
                set("", false, true),
                "eu-west-1",
                "https://oidc.eu-west-1.api.aws/authorize?",
            ),
            (
                "configured, with a path",
                set("http://127.0.0.1:1/oidc/", false, false),
                "eu-west-1",
                "http://127.0.0.1:1/oidc/authorize?",
            ),
            (
                "configured, without a path",
                set("http://localhost:1", false, false),
                "eu-west-1",
                "http://localhost:1/authorize?",
            ),
            (
                "configured and FIPS",
                set("http://localhost:1", true, false),
                "eu-west-1",
                "SSO-OIDC endpoint: ",
            ),
        ] {
            let scopes = [SsoLogin::DEFAULT_SCOPE];
            let said = made(&settings, region, &scopes).unwrap_or_else(|error| error);
            assert!(said.starts_with(expected), "{docs}: {said}");
            assert!(!said.contains("planted"), "{docs}: {said}");
        }
    }
}
