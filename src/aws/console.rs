//! A token that signs a browser in to the console with a session.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html>

use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use form_urlencoded::Serializer;
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use super::client::{Aws, word};
use super::get::{Asked, CONNECT_TIMEOUT, get};
use super::{authorize_url, http, proxy, trust};
use crate::client_settings::{ClientSettings, origin};
use crate::credentials::{Secret, SessionCredentials};
use crate::ports::CallError;

const CALL: &str = "signin:getSigninToken";

/// Where a partition's console is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConsoleSite {
    /// `https://eu-west-1.signin.aws.amazon.com/federation`
    pub federation: String,
    /// `https://eu-west-1.signin.aws.amazon.com/oauth`, where a browser signs out
    pub sign_out: String,
    /// `https://eu-west-1.console.aws.amazon.com`
    pub console: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    signin_token: String,
}

impl Aws {
    /// The console of a region. FIPS and dual stack are of APIs: the console is the same with them, and its host is
    /// that of AWS sign-in, which the SDK knows in every partition.
    pub(crate) fn console_site(&self, region: &str) -> Result<ConsoleSite, CallError> {
        let usual = ClientSettings::default();
        let sign_in = authorize_url::signin_endpoint(&usual, region)?;
        let console = sign_in.replacen(".signin.", ".console.", 1);
        let own = self.settings.signin_endpoint_url.as_deref();
        let base = own.unwrap_or(&sign_in).trim_end_matches('/');
        let (federation, sign_out) = (format!("{base}/federation"), format!("{base}/oauth"));
        Ok(ConsoleSite { federation, sign_out, console })
    }

    /// A token for this session. `lasting`: how long the console stays signed in, whatever is left of the session.
    pub(crate) fn signin_token(
        &self,
        site: &ConsoleSite,
        session: &SessionCredentials,
        lasting: Option<Duration>,
    ) -> Result<Secret, CallError> {
        let url = &site.federation;
        let proxy = proxy::proxies(&self.env)?.of(url).map(|proxy| proxy.config.clone());
        let trust = match url.starts_with("https:") {
            true => Some(trust::trust_store(self.settings.ca_bundle.as_deref())?),
            false => None,
        };
        let connector = http::connector(http::connect_within(CONNECT_TIMEOUT), proxy, trust);
        let endpoint = origin(url);
        let no_answer = |cause: String| CallError::Unreachable {
            call: CALL,
            endpoint: endpoint.clone(),
            attempts: 1,
            cause,
        };
        let form = form(session, lasting);
        let request = || {
            // In its body: what an address says stands in logs.
            let mut request = HttpRequest::new(SdkBody::from(form.as_str()));
            request.set_method("POST").map_err(|_| no_answer("it is no method".to_owned()))?;
            request.set_uri(url.as_str()).map_err(|_| no_answer("it is no address".to_owned()))?;
            let headers = request.headers_mut();
            headers.insert("Content-Type", "application/x-www-form-urlencoded");
            headers.insert("Accept", "application/json");
            Ok(request)
        };
        let asked = Asked { call: CALL, origin: &endpoint, failure: &no_answer };
        let executor = &self.live()?.executor;
        let answer = self.show_while(CALL, get(&connector, &asked, request));
        let (status, body) = executor.block_on(answer)?;
        tracing::info!("{CALL} at {endpoint}: HTTP {status}");
        match (status, serde_json::from_slice::<Answer>(&body)) {
            (200, Ok(Answer { signin_token })) => {
                let token = word(signin_token).map(Secret::new);
                token
                    .ok_or_else(|| no_answer("the answer holds no complete SigninToken".to_owned()))
            }
            // AWS says no more than that, and what stands in for it might say the session again.
            (400..=403, _) => Err(CallError::Refused {
                call: CALL,
                code: format!("HTTP {status}"),
                message: String::new(),
                request_id: None,
            }),
            _ => Err(no_answer(format!("HTTP {status}, not in the format of AWS"))),
        }
    }
}

/// What is posted.
fn form(session: &SessionCredentials, lasting: Option<Duration>) -> Zeroizing<String> {
    let token = session.session_token.as_ref().map(Secret::expose).unwrap_or_default();
    let document = Zeroizing::new(
        json!({
            "sessionId": session.access_key_id,
            "sessionKey": session.secret_access_key.expose(),
            "sessionToken": token,
        })
        .to_string(),
    );
    let mut form = Serializer::new(String::new());
    form.append_pair("Action", "getSigninToken").append_pair("SessionType", "json");
    if let Some(lasting) = lasting {
        form.append_pair("SessionDuration", &lasting.as_secs().to_string());
    }
    Zeroizing::new(form.append_pair("Session", &document).finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Reply, Server, aws};
    use crate::credentials::Expiration;

    fn session() -> SessionCredentials {
        SessionCredentials {
            access_key_id: "ASIAEXAMPLE".into(),
            secret_access_key: Secret::new("a+b/c"),
            session_token: Some(Secret::new("t\"o")),
            expiration: Expiration::Unstated,
            account_id: None,
        }
    }

    #[test]
    fn every_partition_has_a_console() {
        for (region, sign_in, console) in [
            ("eu-west-1", "eu-west-1.signin.aws.amazon.com", "eu-west-1.console.aws.amazon.com"),
            ("cn-north-1", "cn-north-1.signin.amazonaws.cn", "cn-north-1.console.amazonaws.cn"),
            (
                "us-gov-west-1",
                "us-gov-west-1.signin.amazonaws-us-gov.com",
                "us-gov-west-1.console.amazonaws-us-gov.com",
            ),
            (
                "eusc-de-east-1",
                "eusc-de-east-1.signin.amazonaws-eusc.eu",
                "eusc-de-east-1.console.amazonaws-eusc.eu",
            ),
            (
                "us-iso-east-1",
                "us-iso-east-1.signin.c2shome.ic.gov",
                "us-iso-east-1.console.c2shome.ic.gov",
            ),
            (
                "us-isob-east-1",
                "us-isob-east-1.signin.sc2shome.sgov.gov",
                "us-isob-east-1.console.sc2shome.sgov.gov",
            ),
        ] {
            let (use_fips, use_dualstack) = (true, true);
            let settings = ClientSettings { use_fips, use_dualstack, ..ClientSettings::default() };
            let site = aws(settings).console_site(region).unwrap();
            assert_eq!(site.federation, format!("https://{sign_in}/federation"));
            assert_eq!(site.sign_out, format!("https://{sign_in}/oauth"));
            assert_eq!(site.console, format!("https://{console}"));
        }
        let signin_endpoint_url = Some("http://127.0.0.1:1/x/".to_owned());
        let settings = ClientSettings { signin_endpoint_url, ..ClientSettings::default() };
        let site = aws(settings).console_site("eu-west-1").unwrap();
        assert_eq!(site.federation, "http://127.0.0.1:1/x/federation");
        assert_eq!(site.console, "https://eu-west-1.console.aws.amazon.com");
    }

    #[test]
    fn the_session_is_posted_and_stands_in_no_address() {
        let server = Server::start([Reply::new(200, r#"{"SigninToken":"planted-token"}"#)]);
        let site = ConsoleSite {
            federation: format!("{}/federation", server.url),
            sign_out: String::new(),
            console: String::new(),
        };
        let aws = aws(ClientSettings::default());
        let hour = Some(Duration::from_secs(3600));
        for (lasting, duration) in [(hour, "&SessionDuration=3600"), (None, "")] {
            let token = aws.signin_token(&site, &session(), lasting).unwrap();
            assert_eq!(token.expose(), "planted-token");
            let request = server.requests().pop().unwrap();
            assert_eq!(request.line.trim_end(), "POST /federation HTTP/1.1");
            assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
            assert_eq!(
                request.body,
                format!(
                    "Action=getSigninToken&SessionType=json{duration}&Session=%7B%22sessionId%22%3A\
                     %22ASIAEXAMPLE%22%2C%22sessionKey%22%3A%22a%2Bb%2Fc%22%2C%22sessionToken%22%3A\
                     %22t%5C%22o%22%7D"
                )
            );
        }
    }

    #[test]
    fn what_is_no_token_is_an_error_without_the_words_of_the_answer() {
        for (status, body, expected) in [
            (400, "planted", "signin:getSigninToken was refused: HTTP 400"),
            (403, r#"{"SigninToken":"planted"}"#, "signin:getSigninToken was refused: HTTP 403"),
            (200, "<html>planted", "HTTP 200, not in the format of AWS"),
            (200, r#"{"SigninToken":""}"#, "the answer holds no complete SigninToken"),
            (200, r#"{"SigninToken":"a b"}"#, "the answer holds no complete SigninToken"),
            (302, "planted", "HTTP 302, not in the format of AWS"),
            (404, "planted", "HTTP 404, not in the format of AWS"),
        ] {
            let server = Server::start([Reply::new(status, body)]);
            let federation = format!("{}/federation", server.url);
            let site = ConsoleSite { federation, sign_out: String::new(), console: String::new() };
            let error = aws(ClientSettings::default()).signin_token(&site, &session(), None);
            let error = error.unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains("planted"), "{body}: {error}");
        }
    }
}
