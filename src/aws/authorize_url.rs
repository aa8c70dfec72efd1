//! The addresses at which a person allows awsx to act for them. Nothing is sent from here; a browser
//! opens them. The host is the one that the SDK sends the other calls to: of the region's partition,
//! with FIPS or dual-stack, or the configured endpoint; [`CallError::Settings`] where the settings make
//! none.

use std::fmt::Write;
use std::future::Future;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_types::endpoint::Endpoint;

use super::error::innermost;
use super::http::Executor;
use super::start_url;
use crate::client_settings::ClientSettings;
use crate::credentials::{Authorization, Registration, SignInClient, SsoLogin};
use crate::ports::CallError;

/// The address at IAM Identity Center, its parameters as the AWS CLI has them: `scopes`, where OAuth
/// has `scope`.
pub(super) fn identity_center(
    settings: &ClientSettings,
    login: &SsoLogin,
    registration: &Registration,
    authorization: &Authorization,
) -> Result<String, CallError> {
    let parameters = [
        ("response_type", "code"),
        ("client_id", &registration.client_id),
        ("redirect_uri", &authorization.redirect_uri),
        ("state", &authorization.state),
        ("code_challenge_method", "S256"),
        ("scopes", &login.scopes.join(" ")),
        ("code_challenge", &authorization.code_challenge),
    ];
    Ok(with_query(endpoint_of_login(settings, login)? + "/authorize", &parameters))
}

/// The address at AWS sign-in, its parameters as the AWS CLI has them: `SHA-256`, where OAuth has
/// `S256`.
pub(super) fn signin(
    settings: &ClientSettings,
    region: &str,
    client: SignInClient,
    authorization: &Authorization,
) -> Result<String, CallError> {
    let parameters = [
        ("response_type", "code"),
        ("client_id", client.id()),
        ("state", &authorization.state),
        ("code_challenge_method", "SHA-256"),
        ("scope", "openid"),
        ("redirect_uri", &authorization.redirect_uri),
        ("code_challenge", &authorization.code_challenge),
    ];
    Ok(with_query(signin_endpoint(settings, region)? + "/v1/authorize", &parameters))
}

fn endpoint_of_login(settings: &ClientSettings, login: &SsoLogin) -> Result<String, CallError> {
    let is_dualstack = settings.sso_oidc_endpoint_url.is_none() && start_url::is_dualstack(login);
    oidc_endpoint(settings, &login.region, is_dualstack)
}

/// The endpoint of the logins of IAM Identity Center, without a `/` at its end. `is_dualstack`: also where the
/// settings do not say so.
pub(super) fn oidc_endpoint(
    settings: &ClientSettings,
    region: &str,
    is_dualstack: bool,
) -> Result<String, CallError> {
    use aws_sdk_ssooidc::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
    endpoint_url("SSO-OIDC", async {
        let params = Params::builder()
            .region(region.to_owned())
            .use_fips(settings.use_fips)
            .use_dual_stack(settings.use_dualstack || is_dualstack)
            .set_endpoint(settings.sso_oidc_endpoint_url.clone())
            .build()?;
        DefaultResolver::new().resolve_endpoint(&params).await
    })
}

/// The endpoint of the access portal, without a `/` at its end.
pub(super) fn portal_endpoint(
    settings: &ClientSettings,
    region: &str,
) -> Result<String, CallError> {
    use aws_sdk_sso::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
    endpoint_url("SSO", async {
        let params = Params::builder()
            .region(region.to_owned())
            .use_fips(settings.use_fips)
            .use_dual_stack(settings.use_dualstack)
            .set_endpoint(settings.sso_endpoint_url.clone())
            .build()?;
        DefaultResolver::new().resolve_endpoint(&params).await
    })
}

/// The endpoint of AWS sign-in, without a `/` at its end.
pub(super) fn signin_endpoint(
    settings: &ClientSettings,
    region: &str,
) -> Result<String, CallError> {
    use aws_sdk_signin::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
    endpoint_url("SIGNIN", async {
        let params = Params::builder()
            .region(region.to_owned())
            .use_fips(settings.use_fips)
            .use_dual_stack(settings.use_dualstack)
            .set_endpoint(settings.signin_endpoint_url.clone())
            .is_control_plane(false)
            .build()?;
        DefaultResolver::new().resolve_endpoint(&params).await
    })
}

/// The URL of an endpoint of the SDK, without a `/` at its end.
fn endpoint_url(
    service: &str,
    endpoint: impl Future<Output = Result<Endpoint, BoxError>>,
) -> Result<String, CallError> {
    match Executor::new()?.block_on(endpoint) {
        Ok(endpoint) => Ok(endpoint.url().trim_end_matches('/').to_owned()),
        Err(error) => Err(CallError::Settings {
            origin: format!("{service} endpoint"),
            cause: innermost(&*error),
        }),
    }
}

/// The address with these parameters; of their values, all but the unreserved characters of RFC 3986
/// are encoded.
fn with_query(mut url: String, parameters: &[(&str, &str)]) -> String {
    for (index, (name, value)) in parameters.iter().enumerate() {
        url.extend([if index == 0 { "?" } else { "&" }, name, "="]);
        for byte in value.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    url.push(byte.into());
                }
                _ => write!(url, "%{byte:02X}").expect("a string takes any text"),
            }
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::credentials::Secret;
    use crate::credentials::testing::sso_login;

    fn authorization() -> Authorization {
        Authorization {
            redirect_uri: "http://127.0.0.1:4711/oauth/callback".into(),
            state: "st&ate=ä".into(),
            code_challenge: "aA0-_~.".into(),
        }
    }

    fn at_identity_center(settings: &ClientSettings, region: &str) -> String {
        let login = SsoLogin {
            region: region.into(),
            scopes: ["sso:account:access", "codewhisperer:completions"].map(str::to_owned).into(),
            ..sso_login()
        };
        let registration = Registration {
            client_id: "id+/=".into(),
            client_secret: Secret::new("planted"),
            expires_at: DateTime::UNIX_EPOCH,
        };
        identity_center(settings, &login, &registration, &authorization())
            .unwrap_or_else(|error| error.to_string())
    }

    fn at_signin(settings: &ClientSettings, region: &str) -> String {
        signin(settings, region, SignInClient::SameDevice, &authorization())
            .unwrap_or_else(|error| error.to_string())
    }

    #[test]
    fn every_parameter_is_there_once_and_encoded() {
        let settings = ClientSettings::default();
        assert_eq!(
            at_identity_center(&settings, "eu-west-1"),
            "https://oidc.eu-west-1.amazonaws.com/authorize?response_type=code\
             &client_id=id%2B%2F%3D\
             &redirect_uri=http%3A%2F%2F127.0.0.1%3A4711%2Foauth%2Fcallback\
             &state=st%26ate%3D%C3%A4\
             &code_challenge_method=S256\
             &scopes=sso%3Aaccount%3Aaccess%20codewhisperer%3Acompletions\
             &code_challenge=aA0-_~."
        );
        assert_eq!(
            at_signin(&settings, "eu-west-1"),
            "https://eu-west-1.signin.aws.amazon.com/v1/authorize?response_type=code\
             &client_id=arn%3Aaws%3Asignin%3A%3A%3Adevtools%2Fsame-device\
             &state=st%26ate%3D%C3%A4\
             &code_challenge_method=SHA-256\
             &scope=openid\
             &redirect_uri=http%3A%2F%2F127.0.0.1%3A4711%2Foauth%2Fcallback\
             &code_challenge=aA0-_~."
        );
    }

    /// AWS takes what comes of such a start URL at endpoints of its kind only.
    #[test]
    fn a_dualstack_start_url_has_a_dualstack_endpoint() {
        let start_url = "https://ssoins-1.portal.eu-west-1.app.aws".to_owned();
        let login = SsoLogin { start_url, region: "eu-west-1".into(), ..sso_login() };
        let configured = Some("http://127.0.0.1:1".to_owned());
        for (sso_oidc_endpoint_url, expected) in
            [(None, "https://oidc.eu-west-1.api.aws"), (configured, "http://127.0.0.1:1")]
        {
            let settings = ClientSettings { sso_oidc_endpoint_url, ..Default::default() };
            assert_eq!(endpoint_of_login(&settings, &login).unwrap(), expected);
        }
    }

    #[test]
    fn endpoints() {
        type At = fn(&ClientSettings, &str) -> String;
        let (oidc, signin): (At, At) = (at_identity_center, at_signin);
        let plain = ClientSettings { region: Some("us-east-2".into()), ..Default::default() };
        let fips = ClientSettings { use_fips: true, ..plain.clone() };
        let dualstack = ClientSettings { use_dualstack: true, ..plain.clone() };
        let configured = |url: &str, use_fips| ClientSettings {
            sso_oidc_endpoint_url: Some(url.into()),
            signin_endpoint_url: Some(url.into()),
            use_fips,
            ..plain.clone()
        };
        #[rustfmt::skip]
        let cases = [
            ("the login's region", oidc, plain.clone(), "eu-west-1", "https://oidc.eu-west-1.amazonaws.com/authorize?"),
            ("China", oidc, plain.clone(), "cn-north-1", "https://oidc.cn-north-1.amazonaws.com.cn/authorize?"),
            ("FIPS", oidc, fips.clone(), "us-east-1", "https://oidc-fips.us-east-1.amazonaws.com/authorize?"),
            ("GovCloud is FIPS as it is", oidc, fips.clone(), "us-gov-west-1", "https://oidc.us-gov-west-1.amazonaws.com/authorize?"),
            ("dual-stack", oidc, dualstack, "eu-west-1", "https://oidc.eu-west-1.api.aws/authorize?"),
            ("configured, with a path", oidc, configured("http://127.0.0.1:1/oidc/", false), "eu-west-1", "http://127.0.0.1:1/oidc/authorize?"),
            ("configured, without a path", oidc, configured("http://localhost:1", false), "eu-west-1", "http://localhost:1/authorize?"),
            ("configured and FIPS", oidc, configured("http://localhost:1", true), "eu-west-1", "SSO-OIDC endpoint: "),
            ("the region", signin, plain.clone(), "eu-west-1", "https://eu-west-1.signin.aws.amazon.com/v1/"),
            ("China", signin, plain.clone(), "cn-north-1", "https://cn-north-1.signin.amazonaws.cn/v1/"),
            ("GovCloud", signin, plain.clone(), "us-gov-west-1", "https://us-gov-west-1.signin.amazonaws-us-gov.com/v1/"),
            ("GovCloud with FIPS", signin, fips.clone(), "us-gov-east-1", "https://us-gov-east-1.signin-fips.amazonaws-us-gov.com/v1/"),
            ("configured", signin, configured("http://127.0.0.1:1/", false), "eu-west-1", "http://127.0.0.1:1/v1/"),
            ("configured and FIPS", signin, configured("http://127.0.0.1:1", true), "eu-west-1", "SIGNIN endpoint: "),
        ];
        for (docs, at, settings, region, expected) in cases {
            let said = at(&settings, region);
            assert!(said.starts_with(expected), "{docs}: {said}");
        }
    }
}
