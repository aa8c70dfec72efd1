//! AWS sign-in: the page, the proof of possession, credentials and their renewal.

use aws_sdk_signin::error::ProvideErrorMetadata;
use aws_sdk_signin::operation::create_o_auth2_token::CreateOAuth2TokenError;
use aws_sdk_signin::types::{CreateOAuth2TokenRequestBody, OAuth2ErrorCode};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};

use super::{PKCE, address, assert_calls_are_clean, client, later, parameter, post, with};
use crate::fake_aws::fault::Fault;
use crate::fake_aws::signin::{CROSS_DEVICE, SAME_DEVICE};
use crate::fake_aws::{FakeAws, base64url, browser, sample};

const CALLBACK: &str = "http://127.0.0.1:49152/oauth/callback";

/// A key that proves possession.
struct Key(EcdsaKeyPair);

impl Key {
    fn new() -> Self {
        let (kind, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pair = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(kind, pair.as_ref(), &random).unwrap())
    }

    fn jwk(&self) -> Value {
        let point = self.0.public_key().as_ref();
        let (x, y) = (base64url::encode(&point[1..33]), base64url::encode(&point[33..]));
        json!({ "kty": "EC", "x": x, "y": y, "crv": "P-256" })
    }

    fn header(&self) -> Value {
        json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() })
    }

    /// What the proof for a request of now says.
    fn claims(aws: &FakeAws) -> Value {
        let (now, id) = (aws.now().timestamp(), aws.calls().len());
        let url = format!("{}/v1/token", aws.url());
        json!({ "htm": "POST", "htu": url, "iat": now, "jti": format!("proof {id}") })
    }

    fn proof_of(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| base64url::encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", base64url::encode(signature))
    }

    fn proof(&self, aws: &FakeAws) -> String {
        self.proof_of(&self.header(), &Self::claims(aws))
    }
}

fn authorization() -> Value {
    json!({
        "response_type": "code",
        "client_id": SAME_DEVICE,
        "state": "a-state",
        "code_challenge_method": "SHA-256",
        "scope": "openid",
        "redirect_uri": CALLBACK,
        "code_challenge": PKCE.1,
    })
}

fn redemption(aws: &FakeAws) -> Value {
    aws.control(|state| state.signin.auto_approve = true);
    let page = browser::get(&address(aws, "/v1/authorize", &authorization()));
    json!({
        "clientId": SAME_DEVICE,
        "grantType": "authorization_code",
        "code": parameter(&page, "code").unwrap(),
        "codeVerifier": PKCE.0,
        "redirectUri": CALLBACK,
    })
}

fn refresh(session: &Value) -> Value {
    json!({
        "clientId": SAME_DEVICE,
        "grantType": "refresh_token",
        "refreshToken": session["refreshToken"],
    })
}

/// `status exception error` and the body.
fn token(aws: &FakeAws, proof: &str, body: &Value) -> (String, Value) {
    let (outcome, answer) = post(aws, "/v1/token", &format!("DPoP: {proof}"), body);
    match answer["error"].as_str() {
        Some(error) => (format!("{outcome} {error}"), answer),
        None => (outcome, answer),
    }
}

#[tokio::test]
async fn a_sign_in_is_renewed_until_it_ends() {
    let aws = FakeAws::start();
    let key = Key::new();
    let (outcome, session) = token(&aws, &key.proof(&aws), &redemption(&aws));
    assert_eq!(outcome, "200", "{session}");
    assert_eq!((&session["tokenType"], &session["expiresIn"]), (&json!("aws_sigv4"), &json!(900)));
    let claims = session["idToken"].as_str().unwrap().split('.').nth(1).unwrap();
    assert_eq!(base64url::json(claims).unwrap()["sub"], sample::USER);
    let holder = |session: &Value| {
        let part = |name: &str| session["accessToken"][name].as_str().unwrap().to_owned();
        client(&aws, &part("accessKeyId"), &part("secretAccessKey"), Some(&part("sessionToken")))
    };
    let who = holder(&session).get_caller_identity().send().await.unwrap();
    assert_eq!(who.arn.as_deref(), Some(sample::USER));

    let (outcome, next) = token(&aws, &key.proof(&aws), &refresh(&session));
    assert_eq!((outcome.as_str(), next.get("idToken")), ("200", None));
    assert!(holder(&next).get_caller_identity().send().await.is_ok());
    // A used refresh token is refused, another key's proof and another client too, and none of them does harm.
    let expired = "401 AccessDeniedException TOKEN_EXPIRED";
    assert_eq!(token(&aws, &key.proof(&aws), &refresh(&session)).0, expired);
    let (outcome, answer) = token(&aws, &Key::new().proof(&aws), &refresh(&next));
    assert_eq!(outcome, "400 ValidationException INVALID_REQUEST");
    assert_eq!(answer["message"], "the DPoP proof is not by the key of the refresh token");
    let other_client = with(&refresh(&next), "clientId", CROSS_DEVICE);
    assert_eq!(token(&aws, &key.proof(&aws), &other_client).0, expired);
    let (_, last) = token(&aws, &key.proof(&aws), &refresh(&next));
    later(&aws, 12 * 3600);
    assert_eq!(token(&aws, &key.proof(&aws), &refresh(&last)).0, expired);
    assert_calls_are_clean(&aws);
    assert_eq!(aws.count("CreateOAuth2Token"), 7);
    let (_, session) = token(&aws, &key.proof(&aws), &redemption(&aws));
    aws.control(|state| state.signin.end_sessions(state.now()));
    assert_eq!(token(&aws, &key.proof(&aws), &refresh(&session)).0, expired);
    assert!(aws.secrets().iter().any(|secret| session["refreshToken"] == secret.as_str()));
}

#[test]
fn a_proof_is_for_one_request_and_one_key() {
    let aws = FakeAws::start();
    let (key, other) = (Key::new(), Key::new());
    let valid = redemption(&aws);
    let now = aws.control(|state| state.now().timestamp());
    let https = format!("{}/v1/token", aws.url().replace("http:", "https:"));
    let with_query = format!("{}/v1/token?a=b", aws.url());
    let short = with(&key.jwk(), "x", "AAAA");
    let curve = with(&key.jwk(), "crv", "P-384");
    let private = with(&key.jwk(), "d", "AAAA");
    let header = |name: &str, value: Value| (with(&key.header(), name, value), Key::claims(&aws));
    let claim = |name: &str, value: Value| {
        (key.header(), with(&with(&Key::claims(&aws), "jti", name), name, value))
    };
    for ((header, claims), expected) in [
        (header("typ", json!("JWT")), "typ of the DPoP proof must be dpop+jwt"),
        (header("alg", json!("HS256")), "alg of the DPoP proof must be ES256"),
        (header("jwk", json!("")), "jwk of the DPoP proof must be a P-256 key"),
        (header("jwk", curve), "jwk of the DPoP proof must be a P-256 key"),
        (header("jwk", short), "the coordinates of jwk of the DPoP proof must be 32 bytes"),
        (header("jwk", private), "jwk of the DPoP proof must not have the private key"),
        (header("jwk", other.jwk()), "the signature of the DPoP proof does not fit"),
        (claim("htm", json!("GET")), "htm of the DPoP proof is not the method"),
        (claim("htu", json!(https)), "htu of the DPoP proof is not the address"),
        (claim("htu", json!(with_query)), "htu of the DPoP proof is not the address"),
        (claim("iat", json!("now")), "iat of the DPoP proof is no number"),
        (claim("iat", json!(now - 400)), "iat of the DPoP proof is too far from now"),
        (claim("iat", json!(now + 400)), "iat of the DPoP proof is too far from now"),
        (claim("jti", json!("")), "jti of the DPoP proof is missing"),
    ] {
        let proof = key.proof_of(&header, &claims);
        let (outcome, answer) = token(&aws, &proof, &valid);
        assert_eq!(outcome, "400 ValidationException INVALID_REQUEST", "{header} {claims}");
        assert_eq!(answer["message"], expected, "{header} {claims}");
    }
    let proof = key.proof(&aws);
    let cut = &proof[..proof.len() - 4];
    let signature = "the signature of the DPoP proof must be 64 bytes";
    let twice = format!("{proof}\nDPoP: {proof}");
    for (proof, expected) in [
        ("x", "the DPoP proof is no JWT"),
        (&format!("x.y{}", &proof[proof.rfind('.').unwrap()..]), "the DPoP proof is no JWT"),
        (cut, signature),
        (&format!("{proof}=="), signature),
        (&twice, "there is more than one DPoP header"),
    ] {
        assert_eq!(token(&aws, proof, &valid).1["message"], expected);
    }
    let (_, answer) = post(&aws, "/v1/token", "", &valid);
    assert_eq!(answer["message"], "the DPoP header is missing");

    // The code is still good, but no proof is good twice.
    assert_eq!(token(&aws, &proof, &valid).0, "200");
    let (_, answer) = token(&aws, &proof, &valid);
    assert_eq!(answer["message"], "the DPoP proof has come before");
}

#[test]
fn a_code_is_redeemed_by_its_client_and_verifier() {
    let aws = FakeAws::start();
    let key = Key::new();
    let valid = redemption(&aws);
    let invalid = "400 ValidationException INVALID_REQUEST";
    let expired = "401 AccessDeniedException AUTHCODE_EXPIRED";
    for (name, value, expected) in [
        ("clientId", "", invalid),
        ("clientId", "arn:aws:signin:::devtools/another", invalid),
        ("clientId", CROSS_DEVICE, expired),
        ("grantType", "", invalid),
        ("grantType", "password", invalid),
        ("code", "", invalid),
        ("code", "another", expired),
        ("codeVerifier", PKCE.1, invalid),
        ("redirectUri", "http://127.0.0.1/oauth/callback", invalid),
    ] {
        let asked = with(&valid, name, value);
        assert_eq!(token(&aws, &key.proof(&aws), &asked).0, expected, "{name} {value}");
    }
    let (_, session) = token(&aws, &key.proof(&aws), &valid);
    // A second use ends what the first gave.
    assert_eq!(token(&aws, &key.proof(&aws), &valid).0, expired);
    let outcome = token(&aws, &key.proof(&aws), &refresh(&session)).0;
    assert_eq!(outcome, "401 AccessDeniedException TOKEN_EXPIRED");
    let valid = redemption(&aws);
    later(&aws, 60);
    assert_eq!(token(&aws, &key.proof(&aws), &valid).0, expired);
}

#[test]
fn a_page_asks_about_valid_requests_only() {
    let aws = FakeAws::start();
    let confirmation = format!("{}/v1/sessions/confirmation", aws.url());
    for (name, value, expected) in [
        ("client_id", "another", "The client is unknown."),
        ("client_id", CROSS_DEVICE, "redirect_uri is not the client"),
        ("redirect_uri", &*confirmation, "redirect_uri is not the client"),
        ("redirect_uri", "https://example.com/", "redirect_uri is not the client"),
        ("response_type", "token", "response_type must be code."),
        ("scope", "", "scope must be openid."),
        ("state", "", "state is missing."),
        ("code_challenge_method", "S256", "code_challenge_method must be SHA-256."),
        ("code_challenge", "AAAA", "code_challenge is not a SHA-256"),
        ("state", "another", "Allow access?"),
    ] {
        let asked = with(&authorization(), name, value);
        let page = browser::open(&address(&aws, "/v1/authorize", &asked));
        assert!(page.body.contains(expected), "{asked}: {}", page.body);
    }
    // From another device, the person copies what the last page shows.
    let asked = with(&authorization(), "client_id", CROSS_DEVICE);
    let asked = with(&asked, "redirect_uri", confirmation.clone());
    let url = address(&aws, "/v1/authorize", &asked);
    let page = browser::approve(&url);
    let shown = aws_smithy_types::base64::decode(page.code()).unwrap();
    let shown = String::from_utf8(shown).unwrap();
    let code = shown.strip_prefix("state=a-state&code=").unwrap();
    let asked = json!({
        "clientId": CROSS_DEVICE, "grantType": "authorization_code", "code": code,
        "codeVerifier": PKCE.0, "redirectUri": confirmation,
    });
    assert_eq!(token(&aws, &Key::new().proof(&aws), &asked).0, "200");
    assert_eq!(browser::deny(&url).status, 400);
    assert_calls_are_clean(&aws);
}

#[tokio::test]
async fn the_sdk_understands_refusals() {
    let aws = FakeAws::start();
    let sdk = aws_sdk_signin::Client::new(&super::config(&aws).build());
    let ask = async || {
        let body = CreateOAuth2TokenRequestBody::builder()
            .client_id(SAME_DEVICE)
            .grant_type("refresh_token")
            .refresh_token("another")
            .build()
            .unwrap();
        let proof = Key::new().proof(&aws);
        let asked = sdk.create_o_auth2_token().token_input(body).customize();
        let asked = asked.mutate_request(move |request| {
            request.headers_mut().insert("DPoP", proof.clone());
        });
        let error = asked.send().await.unwrap_err();
        let status = error.raw_response().unwrap().status().as_u16();
        (status, error.into_service_error())
    };
    let denied = async || {
        let (status, error) = ask().await;
        let CreateOAuth2TokenError::AccessDeniedException(denied) = error else {
            panic!("{status} {:?}", error.code());
        };
        (status, denied.error().clone())
    };
    assert_eq!(denied().await, (401, OAuth2ErrorCode::TokenExpired));
    for (code, expected) in [
        ("USER_CREDENTIALS_CHANGED", (403, OAuth2ErrorCode::UserCredentialsChanged)),
        ("INSUFFICIENT_PERMISSIONS", (403, OAuth2ErrorCode::InsufficientPermissions)),
        ("AUTHCODE_EXPIRED", (401, OAuth2ErrorCode::AuthcodeExpired)),
        ("AccessDeniedException", (400, OAuth2ErrorCode::InsufficientPermissions)),
    ] {
        aws.fail("CreateOAuth2Token", Fault::refuse(400, code, "as planned"), 1);
        assert_eq!(denied().await, expected);
    }
    for (status, code) in [(429, "TooManyRequestsError"), (500, "InternalServerException")] {
        aws.fail("CreateOAuth2Token", Fault::refuse(status, code, "as planned"), 1);
        let (told, error) = ask().await;
        assert_eq!((told, error.code(), error.message()), (status, Some(code), Some("as planned")));
    }
    let last = aws.calls().pop().unwrap();
    assert_eq!(last.parameters["clientId"], SAME_DEVICE);
    assert!(!last.parameters.contains_key("refreshToken"));
}
