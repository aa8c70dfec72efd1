//! The calls against a scripted server: what is sent, what comes out, and what is sent once only.

use chrono::TimeZone;
use serde_json::{Value, json};

use super::*;
use crate::aws::testing::{Reply, Server};
use crate::client_settings::ClientSettings;
use crate::credentials::testing::sso_login;
use crate::env::Env;
use crate::ports::testing::FixedClock;

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).unwrap()
}

fn aws(settings: ClientSettings, vars: &[(&str, &str)]) -> Aws {
    let env = Env::from_pairs(vars.iter().copied());
    let mut aws = Aws::new(settings, &env, FixedClock::at(now()));
    aws.bounds.first_pause = std::time::Duration::from_millis(1);
    aws
}

fn aws_at(server: &Server) -> Aws {
    let endpoint = Some(server.url.clone());
    aws(ClientSettings { sso_oidc_endpoint_url: endpoint, ..Default::default() }, &[])
}

fn login() -> SsoLogin {
    let scopes = ["sso:account:access", "codewhisperer:completions"];
    SsoLogin { scopes: scopes.map(str::to_owned).into(), ..sso_login() }
}

fn registration() -> Registration {
    Registration {
        client_id: "client".into(),
        client_secret: Secret::new("planted-client"),
        expires_at: now(),
    }
}

fn code() -> TokenProof {
    TokenProof::Code(AuthorizedCode {
        code: Secret::new("planted-code"),
        verifier: Secret::new("planted-verifier"),
        redirect_uri: "http://127.0.0.1:4711/oauth/callback".into(),
    })
}

fn device() -> TokenProof {
    TokenProof::Device(Secret::new("planted-device"))
}

fn refresh() -> TokenProof {
    TokenProof::Refresh(Secret::new("planted-refresh"))
}

fn granted() -> Reply {
    Reply::new(
        200,
        r#"{"accessToken":"planted-token","tokenType":"Bearer","expiresIn":3600,"refreshToken":"planted-next"}"#,
    )
}

/// A refusal as the service sends it.
fn refused(status: u16, code: &'static str, error: &str) -> Reply {
    let body = format!(r#"{{"error":"{error}","error_description":"as AWS says"}}"#);
    let code = format!("{code}:http://internal.amazon.com/coral/com.amazon.ssooidc/");
    Reply::Answer(status, vec![("x-amzn-ErrorType", code)], body)
}

fn dated(reply: Reply, date: &str) -> Reply {
    match reply {
        Reply::Answer(status, mut headers, body) => {
            headers.push(("Date", date.into()));
            Reply::Answer(status, headers, body)
        }
        other => other,
    }
}

/// Token, end and refresh token, or the error.
fn shown(result: Result<SsoToken, CallError>) -> String {
    match result {
        Ok(token) => format!(
            "{} until {}, then {}",
            token.access_token.expose().trim_start_matches("planted-"),
            token.expires_at.format("%H:%M:%S"),
            token
                .refresh_token
                .map_or("none".into(), |token| token.expose().replace("planted-", "")),
        ),
        Err(error) => error.to_string(),
    }
}

#[test]
fn calls_send_the_documented_fields() {
    let registered = || {
        Reply::new(
            200,
            r#"{"clientId":"id","clientSecret":"planted","clientSecretExpiresAt":1775000000}"#,
        )
    };
    let device_authorization = Reply::new(
        200,
        r#"{"deviceCode":"planted","userCode":"AB-CD","verificationUri":"https://v","expiresIn":600}"#,
    );
    let scopes = ["sso:account:access", "codewhisperer:completions"];
    type Ask = fn(&Aws) -> Result<(), CallError>;
    for (docs, reply, ask, path, body) in [
        (
            "a client for a browser on this machine",
            registered(),
            (|aws| aws.register(&login(), Grant::AuthorizationCode).map(drop)) as Ask,
            "/client/register",
            json!({
                "clientName": "awsx",
                "clientType": "public",
                "scopes": scopes,
                "grantTypes": ["authorization_code", "refresh_token"],
                "redirectUris": ["http://127.0.0.1/oauth/callback"],
                "issuerUrl": "https://corp.awsapps.com/start",
            }),
        ),
        (
            "a client for a browser anywhere",
            registered(),
            |aws| aws.register(&login(), Grant::DeviceCode).map(drop),
            "/client/register",
            json!({"clientName": "awsx", "clientType": "public", "scopes": scopes}),
        ),
        (
            "a code to compare",
            device_authorization,
            |aws| aws.start_device_authorization(&login(), &registration()).map(drop),
            "/device_authorization",
            json!({
                "clientId": "client",
                "clientSecret": "planted-client",
                "startUrl": "https://corp.awsapps.com/start",
            }),
        ),
        (
            "the browser's code",
            granted(),
            |aws| aws.token(&login(), &registration(), &code()).map(drop),
            "/token",
            json!({
                "grantType": "authorization_code",
                "clientId": "client",
                "clientSecret": "planted-client",
                "code": "planted-code",
                "codeVerifier": "planted-verifier",
                "redirectUri": "http://127.0.0.1:4711/oauth/callback",
            }),
        ),
        (
            "the device's code",
            granted(),
            |aws| aws.token(&login(), &registration(), &device()).map(drop),
            "/token",
            json!({
                "grantType": "urn:ietf:params:oauth:grant-type:device_code",
                "clientId": "client",
                "clientSecret": "planted-client",
                "deviceCode": "planted-device",
            }),
        ),
        (
            "the refresh token",
            granted(),
            |aws| aws.token(&login(), &registration(), &refresh()).map(drop),
            "/token",
            json!({
                "grantType": "refresh_token",
                "clientId": "client",
                "clientSecret": "planted-client",
                "refreshToken": "planted-refresh",
            }),
        ),
    ] {
        let server = Server::start([reply]);
        ask(&aws_at(&server)).unwrap();
        let sent = server.requests().remove(0);
        assert_eq!(sent.line.trim_end(), format!("POST {path} HTTP/1.1"), "{docs}");
        assert_eq!(sent.header("authorization"), None, "{docs}: nothing is signed");
        assert_eq!(serde_json::from_str::<Value>(&sent.body).unwrap(), body, "{docs}");
    }
}

#[test]
fn registrations_are_complete_or_an_error() {
    // 2026-03-31T23:33:20Z
    let whole = r#"{"clientId":"id","clientSecret":"s","clientSecretExpiresAt":1775000000}"#;
    for (docs, reply, expected) in [
        ("registered", Reply::new(200, whole), "id s 2026-03-31T23:33:20"),
        (
            "the local clock is an hour late",
            dated(Reply::new(200, whole), "Thu, 01 Jan 2026 13:00:00 GMT"),
            "id s 2026-03-31T22:33:20",
        ),
        (
            "no secret",
            Reply::new(200, r#"{"clientId":"planted","clientSecretExpiresAt":1775000000}"#),
            "holds no complete clientId, clientSecret and clientSecretExpiresAt",
        ),
        (
            "no end",
            Reply::new(200, r#"{"clientId":"planted","clientSecret":"planted"}"#),
            "holds no complete clientId",
        ),
        (
            "a scope that is none",
            refused(400, "InvalidScopeException", "invalid_scope"),
            "sso-oidc:RegisterClient was refused: InvalidScopeException: as AWS says",
        ),
        ("a captive portal", Reply::new(200, "<html>planted"), "not in the format of AWS"),
    ] {
        let server = Server::start([reply]);
        let said = match aws_at(&server).register(&login(), Grant::DeviceCode) {
            Ok(found) => {
                let end = found.expires_at.format("%Y-%m-%dT%H:%M:%S");
                format!("{} {} {end}", found.client_id, found.client_secret.expose())
            }
            Err(error) => error.to_string(),
        };
        assert!(said.contains(expected) && !said.contains("planted"), "{docs}: {said}");
    }
}

#[test]
fn device_authorizations_are_complete_or_an_error() {
    let answer = |fields: &str| {
        format!(r#"{{"deviceCode":"planted-device","userCode":"AB-CD","expiresIn":600{fields}}}"#)
    };
    let incomplete = "holds no complete deviceCode, userCode, verificationUri and expiresIn";
    for (docs, body, expected) in [
        (
            "all fields",
            answer(
                r#","verificationUri":"https://v/","verificationUriComplete":"https://v/?c","interval":1"#,
            ),
            "AB-CD at https://v/ or https://v/?c until 12:10:00, every 1 s",
        ),
        (
            "no interval",
            answer(r#","verificationUri":"http://127.0.0.1:1/v""#),
            "AB-CD at http://127.0.0.1:1/v or - until 12:10:00, every 5 s",
        ),
        ("nowhere to type it", answer(""), incomplete),
        ("no address for a browser", answer(r#","verificationUri":"file:///planted""#), incomplete),
        (
            "what speaks to the terminal",
            answer(r#","verificationUri":"https://planted/\u001b]0;x""#),
            incomplete,
        ),
        (
            "the complete address alone is left out",
            answer(
                r#","verificationUri":"https://v","verificationUriComplete":"calc:planted","interval":-1"#,
            ),
            "AB-CD at https://v or - until 12:10:00, every 5 s",
        ),
        ("nothing", "{}".into(), incomplete),
    ] {
        let server = Server::start([Reply::new(200, body)]);
        let said = match aws_at(&server).start_device_authorization(&login(), &registration()) {
            Ok(found) => format!(
                "{} at {} or {} until {}, every {} s",
                found.user_code,
                found.verification_uri,
                found.verification_uri_complete.as_deref().unwrap_or("-"),
                found.expires_at.format("%H:%M:%S"),
                found.interval,
            ),
            Err(error) => error.to_string(),
        };
        assert!(said.contains(expected) && !said.contains("planted"), "{docs}: {said}");
    }
}

#[test]
fn tokens_are_complete_or_an_error() {
    for (docs, body, expected) in [
        ("with a refresh token", None, "token until 13:00:00, then next"),
        (
            "without",
            Some(r#"{"accessToken":"planted-token","expiresIn":60}"#),
            "token until 12:01:00, then none",
        ),
        ("no end", Some(r#"{"accessToken":"planted-token"}"#), "no complete accessToken and"),
        ("no token", Some(r#"{"expiresIn":60}"#), "the answer holds no complete accessToken and"),
        (
            "no header value",
            Some(r#"{"accessToken":"planted token","expiresIn":60}"#),
            "the answer holds no complete accessToken and expiresIn",
        ),
        ("a captive portal", Some("<html>planted"), "HTTP 200, and not in the format of AWS"),
    ] {
        let reply = body.map_or_else(granted, |body| Reply::new(200, body));
        let server = Server::start([reply]);
        let said = shown(aws_at(&server).token(&login(), &registration(), &code()));
        assert!(said.contains(expected) && !said.contains("planted"), "{docs}: {said}");
        assert_eq!(server.requests().len(), 1, "{docs}");
    }
}

/// With AWS's header, and where a proxy dropped it.
#[test]
fn refusals_have_awss_code_and_words() {
    for (code, error, status) in [
        ("AccessDeniedException", "access_denied", 400),
        ("AuthorizationPendingException", "authorization_pending", 400),
        ("ExpiredTokenException", "expired_token", 400),
        ("InvalidClientException", "invalid_client", 401),
        ("InvalidGrantException", "invalid_grant", 400),
        ("InvalidRequestException", "invalid_request", 400),
        ("SlowDownException", "slow_down", 400),
        ("UnauthorizedClientException", "unauthorized_client", 400),
        ("UnsupportedGrantTypeException", "unsupported_grant_type", 400),
    ] {
        let with_header = refused(status, code, error);
        let Reply::Answer(_, _, body) = with_header.clone() else { unreachable!() };
        let typed = format!(r#"{{"__type":"{code}","message":"as AWS says"}}"#);
        for reply in [with_header, Reply::new(status, body), Reply::new(status, typed)] {
            let server = Server::start([reply.clone(), granted()]);
            let result = aws_at(&server).token(&login(), &registration(), &device());
            let expected = format!("sso-oidc:CreateToken was refused: {code}: as AWS says");
            assert_eq!(shown(result), expected, "{reply:?}");
            assert_eq!(server.requests().len(), 1, "{code}: how long to wait is not decided here");
        }
    }
    for (docs, body, expected) in [
        ("not AWS's", r#"{"error":"planted"}"#, "HTTP 400, and not in the format of AWS"),
        ("of another type", r#"{"error":{"planted":1}}"#, "HTTP 400, and not in the format of AWS"),
        (
            "without words",
            r#"{"error":"invalid_grant"}"#,
            "sso-oidc:CreateToken was refused: InvalidGrantException",
        ),
        (
            "words for the terminal",
            r#"{"error":"invalid_grant","error_description":"a\u001b]0;x"}"#,
            "InvalidGrantException: a ]0;x",
        ),
    ] {
        let server = Server::start([Reply::new(400, body)]);
        let said = shown(aws_at(&server).token(&login(), &registration(), &device()));
        assert!(said.contains(expected) && !said.contains("planted"), "{docs}: {said}");
    }
}

/// AWS takes codes and refresh tokens once, a device code as often as it is asked.
#[test]
fn what_aws_may_have_seen_is_not_sent_again() {
    let fault = || refused(500, "InternalServerException", "server_error");
    let throttled = || refused(400, "ThrottlingException", "");
    let (once, token) = ("did not succeed after 1 attempt", "token until");
    for (docs, script, proof, requests, expected) in [
        ("code, reset", vec![Reply::Close, granted()], code(), 1, once),
        ("code, server fault", vec![fault(), granted()], code(), 1, once),
        ("code, down", vec![Reply::new(503, ""), granted()], code(), 1, once),
        ("code, throttled", vec![throttled(), granted()], code(), 2, token),
        ("refresh token, reset", vec![Reply::Close, granted()], refresh(), 1, once),
        ("refresh token, server fault", vec![fault(), granted()], refresh(), 1, once),
        ("refresh token, throttled", vec![throttled(), granted()], refresh(), 2, token),
        ("device code, reset", vec![Reply::Close, granted()], device(), 2, token),
        ("device code, server fault", vec![fault(), granted()], device(), 2, token),
    ] {
        let server = Server::start(script);
        let result = aws_at(&server).token(&login(), &registration(), &proof);
        let unreachable = matches!(result, Err(CallError::Unreachable { .. }));
        let said = shown(result);
        assert_eq!(unreachable, expected == once, "{docs}: {said}");
        assert!(said.contains(expected) && !said.contains("planted"), "{docs}: {said}");
        assert_eq!(server.requests().len(), requests, "{docs}");
    }
}

/// The refresh token is still good where no connection came about.
#[test]
fn what_aws_cannot_have_seen_is_sent_again() {
    let endpoint = Some("http://127.0.0.1:1".to_owned());
    let settings = ClientSettings { sso_oidc_endpoint_url: endpoint, ..Default::default() };
    let said = shown(aws(settings, &[]).token(&login(), &registration(), &refresh()));
    assert!(said.contains("did not succeed after 3 attempts"), "{said}");
}

/// The region is Identity Center's, not the one that the profile works in.
#[test]
fn the_service_is_in_the_logins_region() {
    for (region, use_fips, expected) in [
        ("eu-west-1", false, "oidc.eu-west-1.amazonaws.com"),
        ("cn-north-1", false, "oidc.cn-north-1.amazonaws.com.cn"),
        ("us-east-1", true, "oidc-fips.us-east-1.amazonaws.com"),
    ] {
        let proxy = Server::start([Reply::new(407, "")]);
        let region_of_profile = Some("us-east-2".into());
        let settings = ClientSettings { region: region_of_profile, use_fips, ..Default::default() };
        let vars = [("HTTPS_PROXY", proxy.url.as_str()), ("AWS_MAX_ATTEMPTS", "1")];
        let login = SsoLogin { region: region.into(), ..login() };
        let error = aws(settings, &vars).register(&login, Grant::DeviceCode).unwrap_err();
        assert!(matches!(error, CallError::Unreachable { .. }), "{error}");
        let line = format!("CONNECT {expected}:443 HTTP/1.1");
        assert_eq!(proxy.requests()[0].line.trim_end(), line);
    }
}
