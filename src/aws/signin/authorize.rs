//! The addresses that a browser goes to. Nothing is sent from here. The host is the one that the SDK
//! sends the call to: of the region's partition, with FIPS or dual-stack, or the configured endpoint.

use std::fmt::Write;

use aws_sdk_signin::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};

use crate::aws::error::innermost;
use crate::aws::http::Executor;
use crate::aws::query::encoded;
use crate::client_settings::ClientSettings;
use crate::credentials::{Authorization, SignInClient};
use crate::ports::CallError;

/// The address at which a person signs in, its parameters as the AWS CLI has them: `SHA-256`, where
/// OAuth has `S256`.
///
/// # Errors
/// [`CallError::Settings`] where the settings make no endpoint.
pub(super) fn url(
    settings: &ClientSettings,
    region: &str,
    client: SignInClient,
    authorization: &Authorization,
) -> Result<String, CallError> {
    let mut url = format!("{}/v1/authorize", endpoint_url(settings, region)?);
    let parameters = [
        ("response_type", "code"),
        ("client_id", client.id()),
        ("state", &authorization.state),
        ("code_challenge_method", "SHA-256"),
        ("scope", "openid"),
        ("redirect_uri", &authorization.redirect_uri),
        ("code_challenge", &authorization.code_challenge),
    ];
    for (index, (name, value)) in parameters.into_iter().enumerate() {
        let before = if index == 0 { '?' } else { '&' };
        write!(url, "{before}{name}={}", encoded(value)).expect("a string takes any text");
    }
    Ok(url)
}

/// The endpoint, without a `/` at its end.
///
/// # Errors
/// [`CallError::Settings`] where the settings make no endpoint.
pub(super) fn endpoint_url(settings: &ClientSettings, region: &str) -> Result<String, CallError> {
    let no_endpoint = |cause| CallError::Settings { origin: "SIGNIN endpoint".to_owned(), cause };
    let params = Params::builder()
        .region(region.to_owned())
        .use_fips(settings.use_fips)
        .use_dual_stack(settings.use_dualstack)
        .set_endpoint(settings.signin_endpoint_url.clone())
        .is_control_plane(false)
        .build()
        .map_err(|error| no_endpoint(innermost(&error)))?;
    let resolver = DefaultResolver::new();
    let endpoint = Executor::new()?
        .block_on(async { resolver.resolve_endpoint(&params).await })
        .map_err(|error| no_endpoint(innermost(&*error)))?;
    Ok(endpoint.url().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(settings: &ClientSettings, region: &str) -> Result<String, String> {
        let authorization = Authorization {
            redirect_uri: "http://127.0.0.1:4711/oauth/callback".into(),
            state: "st&ate=ä".into(),
            code_challenge: "aA0-_~.".into(),
        };
        url(settings, region, SignInClient::SameDevice, &authorization)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn every_parameter_once_and_encoded() {
        assert_eq!(
            made(&ClientSettings::default(), "eu-west-1").unwrap(),
            "https://eu-west-1.signin.aws.amazon.com/v1/authorize?response_type=code\
             &client_id=arn%3Aaws%3Asignin%3A%3A%3Adevtools%2Fsame-device\
             &state=st%26ate%3D%C3%A4\
             &code_challenge_method=SHA-256\
             &scope=openid\
             &redirect_uri=http%3A%2F%2F127.0.0.1%3A4711%2Foauth%2Fcallback\
             &code_challenge=aA0-_~."
        );
    }

    #[test]
    fn endpoints() {
        let set = |url: &str, use_fips| ClientSettings {
            region: Some("us-east-2".into()),
            signin_endpoint_url: Some(url.to_owned()).filter(|url| !url.is_empty()),
            use_fips,
            ..ClientSettings::default()
        };
        for (docs, settings, region, expected) in [
            (
                "the region",
                set("", false),
                "eu-west-1",
                "https://eu-west-1.signin.aws.amazon.com/v1/",
            ),
            ("China", set("", false), "cn-north-1", "https://cn-north-1.signin.amazonaws.cn/v1/"),
            (
                "GovCloud",
                set("", false),
                "us-gov-west-1",
                "https://us-gov-west-1.signin.amazonaws-us-gov.com/v1/",
            ),
            (
                "GovCloud with FIPS",
                set("", true),
                "us-gov-east-1",
                "https://us-gov-east-1.signin-fips.amazonaws-us-gov.com/v1/",
            ),
            (
                "configured",
                set("http://127.0.0.1:1/", false),
                "eu-west-1",
                "http://127.0.0.1:1/v1/",
            ),
            (
                "configured and FIPS",
                set("http://127.0.0.1:1", true),
                "eu-west-1",
                "SIGNIN endpoint: ",
            ),
        ] {
            let said = made(&settings, region).unwrap_or_else(|error| error);
            assert!(said.starts_with(expected), "{docs}: {said}");
        }
    }
}
