//! The call, against a scripted server: what is sent, what is sent again, and what comes of answers.

use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use chrono::{DateTime, TimeZone, Utc};
use serde_json::{Value, json};

use crate::aws::Aws;
use crate::aws::testing::{Reply, Request, Server};
use crate::client_settings::ClientSettings;
use crate::credentials::{
    AuthorizedCode, Expiration, Secret, SignInAnswer, SignInClient, SignInProof,
};
use crate::env::Env;
use crate::ports::testing::FixedClock;
use crate::ports::{CallError, SignIn};

const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/Admin/ann";

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).unwrap()
}

fn aws(server: &Server) -> Aws {
    let settings =
        ClientSettings { signin_endpoint_url: Some(server.url.clone()), ..Default::default() };
    let mut aws = Aws::new(settings, &Env::default(), FixedClock::at(noon()));
    aws.bounds.first_pause = Duration::from_millis(1);
    aws
}

fn refresh(aws: &Aws) -> Result<SignInAnswer, CallError> {
    let proof = SignInProof::Refresh(Secret::new("planted-refresh"));
    aws.token("eu-west-1", SignInClient::SameDevice.id(), &aws.new_key(), &proof)
}

fn id_token(claims: &Value) -> String {
    let payload = BASE64_URL_SAFE_NO_PAD.encode(claims.to_string().as_bytes());
    format!("e30.{payload}.planted-signature")
}

/// An answer with `change` made to it.
fn answer(change: impl Fn(&mut Value)) -> Reply {
    let mut body = json!({
        "accessToken": {
            "accessKeyId": "ASIAEXAMPLE",
            "secretAccessKey": "planted-secret",
            "sessionToken": "planted-token",
        },
        "tokenType": "aws_sigv4",
        "expiresIn": 900,
        "refreshToken": "planted-next",
        "idToken": id_token(&json!({ "sub": SESSION })),
    });
    change(&mut body);
    Reply::new(200, body.to_string())
}

fn good() -> Reply {
    answer(|_| ())
}

fn refused(status: u16, exception: &str, error: &str) -> Reply {
    let body = json!({ "error": error, "message": "as AWS says" }).to_string();
    Reply::Answer(status, vec![("x-amzn-ErrorType", exception.to_owned())], body)
}

/// The two parts of a proof that say something.
fn proof(request: &Request) -> [Value; 2] {
    let text = request.header("dpop").unwrap();
    let mut parts = text.split('.').map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut next = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    [next(), next()]
}

#[test]
fn answers_are_complete_or_an_error() {
    let denied = |error| refused(401, "AccessDeniedException", error);
    for (docs, script, requests, expected) in [
        ("granted", vec![good()], 1, "granted"),
        (
            "throttled past the bound",
            vec![refused(429, "TooManyRequestsError", "x")],
            1,
            "throttled: as AWS says",
        ),
        (
            "over",
            vec![denied("TOKEN_EXPIRED"), good()],
            1,
            "was refused: TOKEN_EXPIRED: as AWS says",
        ),
        (
            "a new password",
            vec![denied("USER_CREDENTIALS_CHANGED")],
            1,
            "refused: USER_CREDENTIALS_CHANGED",
        ),
        (
            "no policy",
            vec![denied("INSUFFICIENT_PERMISSIONS")],
            1,
            "refused: INSUFFICIENT_PERMISSIONS",
        ),
        ("an old code", vec![denied("AUTHCODE_EXPIRED")], 1, "refused: AUTHCODE_EXPIRED"),
        ("what is new", vec![denied("OF_TOMORROW")], 1, "refused: OF_TOMORROW: as AWS says"),
        (
            "denied without a reason",
            vec![Reply::Answer(
                403,
                vec![("x-amzn-ErrorType", "AccessDeniedException".into())],
                "{}".into(),
            )],
            1,
            "refused: AccessDeniedException",
        ),
        (
            "wrong",
            vec![refused(400, "ValidationException", "INVALID_REQUEST"), good()],
            1,
            "refused: ValidationException",
        ),
        // AWS may have taken the refresh token.
        (
            "server fault",
            vec![refused(500, "InternalServerException", "server_error"), good()],
            1,
            "HTTP 500 InternalServerException",
        ),
        (
            "no answer",
            vec![Reply::Close, good()],
            1,
            "did not succeed after 1 attempt at http://127.0.0.1:",
        ),
        ("a captive portal", vec![Reply::new(401, "<html>planted")], 1, "not in the format of AWS"),
        ("not JSON", vec![Reply::new(200, "planted")], 1, "not in the format of AWS"),
        ("nothing", vec![Reply::new(200, "{}")], 1, "holds no complete tokenOutput"),
        ("no end", vec![answer(|body| body["expiresIn"] = json!(0))], 1, "holds no complete"),
        (
            "no token",
            vec![answer(|body| body["accessToken"] = Value::Null)],
            1,
            "holds no complete",
        ),
        (
            "no secret",
            vec![answer(|body| body["accessToken"]["secretAccessKey"] = json!(""))],
            1,
            "holds no complete",
        ),
        (
            "no refresh token",
            vec![answer(|body| body["refreshToken"] = json!(""))],
            1,
            "holds no complete",
        ),
    ] {
        let server = Server::start(script);
        let said = match refresh(&aws(&server)) {
            Ok(answer) => {
                assert_eq!(answer.session.as_deref(), Some(SESSION), "{docs}");
                let end = noon() + chrono::TimeDelta::seconds(900);
                assert_eq!(answer.credentials.expiration, Expiration::At(end), "{docs}");
                assert_eq!(answer.credentials.account_id.as_deref(), Some("111111111111"));
                assert_eq!(answer.refresh_token.expose(), "planted-next");
                "granted".to_owned()
            }
            Err(error) => error.to_string(),
        };
        assert!(said.contains(expected) && !said.contains("planted"), "{docs}: {said}");
        assert_eq!(server.requests().len(), requests, "{docs}");
    }
}

#[test]
fn the_id_token_names_the_session() {
    for (docs, id_token, expected) in [
        ("an ARN", Some(id_token(&json!({ "sub": SESSION, "aud": "x" }))), Some(SESSION)),
        ("no token", None, None),
        ("no sub", Some(id_token(&json!({ "aud": "x" }))), None),
        ("no ARN", Some(id_token(&json!({ "sub": "ann" }))), None),
        (
            "an ARN that speaks to the terminal",
            Some(id_token(&json!({ "sub": "arn:aws:\u{1b}[2J" }))),
            None,
        ),
        ("two parts", Some("e30.e30".to_owned()), None),
        ("not base 64", Some("e30.%%.x".to_owned()), None),
        ("not JSON", Some("e30.e30x.x".to_owned()), None),
    ] {
        let server = Server::start([answer(|body| body["idToken"] = json!(id_token))]);
        let answer = refresh(&aws(&server)).unwrap();
        assert_eq!(answer.session.as_deref(), expected, "{docs}");
    }
}

#[test]
fn the_call_sends_the_documented_fields() {
    let server = Server::start([good()]);
    let aws = aws(&server);
    let redirect_uri = "http://127.0.0.1:4711/oauth/callback";
    let key = aws.new_key();
    let with_code = SignInProof::Code(AuthorizedCode {
        code: Secret::new("planted-code"),
        verifier: Secret::new("planted-verifier"),
        redirect_uri: redirect_uri.into(),
    });
    aws.token("eu-west-1", SignInClient::CrossDevice.id(), &key, &with_code).unwrap();
    refresh(&aws).unwrap();
    let [first, second] = &server.requests()[..] else { panic!("two requests") };
    for (request, expected) in [
        (
            first,
            json!({
                "clientId": "arn:aws:signin:::devtools/cross-device",
                "grantType": "authorization_code",
                "code": "planted-code",
                "redirectUri": redirect_uri,
                "codeVerifier": "planted-verifier",
            }),
        ),
        (
            second,
            json!({
                "clientId": "arn:aws:signin:::devtools/same-device",
                "grantType": "refresh_token",
                "refreshToken": "planted-refresh",
            }),
        ),
    ] {
        assert_eq!(request.line.trim_end(), "POST /v1/token HTTP/1.1");
        assert_eq!(serde_json::from_str::<Value>(&request.body).unwrap(), expected);
        assert_eq!(request.header("authorization"), None, "nothing signs it");
        let [header, payload] = proof(request);
        assert_eq!(header["typ"], "dpop+jwt");
        assert_eq!(payload["htu"], format!("{}/v1/token", server.url));
        assert_eq!(payload["iat"], noon().timestamp());
    }
    assert_ne!(proof(first)[1]["jti"], proof(second)[1]["jti"]);
    let no_key = Secret::new("planted");
    let error = aws.token("eu-west-1", "c", &no_key, &with_code).unwrap_err().to_string();
    assert_eq!(error, "the key of the sign-in: is not a private key on P-256");
    assert_eq!(server.requests().len(), 2);
}

/// AWS looks at the time of a proof before it takes a code or a refresh token.
#[test]
fn a_clock_that_is_off_is_corrected_once() {
    let at = |date: &str, reply: Reply| match reply {
        Reply::Answer(status, mut headers, body) => {
            headers.push(("Date", date.to_owned()));
            Reply::Answer(status, headers, body)
        }
        other => other,
    };
    let wrong = || refused(400, "ValidationException", "INVALID_REQUEST");
    let expired = || refused(401, "AccessDeniedException", "TOKEN_EXPIRED");
    let (later, now) = ("Thu, 01 Jan 2026 13:00:00 GMT", "Thu, 01 Jan 2026 12:00:03 GMT");
    for (docs, script, times) in [
        ("an hour late", vec![at(later, wrong()), at(later, good())], vec![0, 3600]),
        ("refused again", vec![at(later, wrong())], vec![0, 3600]),
        // Here it is the SDK that asks again, as often as it may.
        ("denied", vec![at(later, expired())], vec![0, 3600, 3600]),
        ("denied, with a right clock", vec![at(now, expired()), good()], vec![0]),
        ("the clock is right", vec![at(now, wrong()), good()], vec![0]),
        ("AWS does not say its time", vec![wrong(), good()], vec![0]),
    ] {
        let server = Server::start(script);
        let granted = refresh(&aws(&server)).is_ok();
        let sent: Vec<i64> = server
            .requests()
            .iter()
            .map(|request| proof(request)[1]["iat"].as_i64().unwrap() - noon().timestamp())
            .collect();
        assert_eq!(sent, times, "{docs}");
        assert_eq!(granted, docs == "an hour late", "{docs}");
    }
}
