//! SSO-OIDC: registration, the browser's page, codes, tokens and their rotation.

use aws_sdk_ssooidc::error::ProvideErrorMetadata;
use aws_sdk_ssooidc::operation::create_token::builders::CreateTokenFluentBuilder;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpListener;

use super::{
    PKCE, address, assert_calls_are_clean, body, exchange, host, later, parameter, post, status,
    with,
};
use crate::fake_aws::fault::Fault;
use crate::fake_aws::{FakeAws, browser, sample};

const CALLBACK: &str = "http://127.0.0.1:49152/oauth/callback";

pub(super) fn sdk(aws: &FakeAws) -> aws_sdk_ssooidc::Client {
    aws_sdk_ssooidc::Client::new(&super::config(aws).build())
}

/// `CreateToken` of a registered client.
pub(super) fn create_token(aws: &FakeAws, client: &Value) -> CreateTokenFluentBuilder {
    let text = |name: &str| client[name].as_str().unwrap().to_owned();
    sdk(aws).create_token().client_id(text("clientId")).client_secret(text("clientSecret"))
}

/// What `aws sso login` registers.
fn registration() -> Value {
    json!({
        "clientName": "botocore-client-corp",
        "clientType": "public",
        "grantTypes": ["authorization_code", "refresh_token"],
        "redirectUris": ["http://127.0.0.1/oauth/callback"],
        "issuerUrl": sample::SSO_START_URL.0,
        "scopes": ["sso:account:access"],
    })
}

/// A client's id and secret.
pub(super) fn register(aws: &FakeAws, registration: &Value) -> Value {
    let (outcome, answer) = post(aws, "/client/register", "", registration);
    assert_eq!(outcome, "200", "{answer}");
    json!({ "clientId": answer["clientId"], "clientSecret": answer["clientSecret"] })
}

fn authorization(client: &Value) -> Value {
    json!({
        "response_type": "code",
        "client_id": client["clientId"],
        "redirect_uri": CALLBACK,
        "state": "a state/with +signs",
        "code_challenge_method": "S256",
        "scopes": "sso:account:access",
        "code_challenge": PKCE.1,
    })
}

/// The body that redeems a code of a person who chose Allow.
fn redemption(aws: &FakeAws, client: &Value) -> Value {
    redemption_of(aws, client, &authorization(client))
}

fn redemption_of(aws: &FakeAws, client: &Value, authorization: &Value) -> Value {
    aws.control(|state| state.oidc.auto_approve = true);
    let page = browser::get(&address(aws, "/authorize", authorization));
    json!({
        "clientId": client["clientId"],
        "clientSecret": client["clientSecret"],
        "grantType": "authorization_code",
        "code": parameter(&page, "code").unwrap(),
        "redirectUri": CALLBACK,
        "codeVerifier": PKCE.0,
    })
}

fn token(aws: &FakeAws, body: &Value) -> (String, Value) {
    post(aws, "/token", "", body)
}

fn refresh(client: &Value, login: &Value) -> Value {
    let refresh = with(client, "grantType", "refresh_token");
    with(&refresh, "refreshToken", login["refreshToken"].clone())
}

/// The status of `ListAccounts` with this login.
fn at_the_portal(aws: &FakeAws, login: &Value) -> String {
    let token = login["accessToken"].as_str().unwrap();
    let head =
        format!("GET /assignment/accounts HTTP/1.1\nHost: x\nx-amz-sso_bearer_token: {token}");
    status(&exchange(aws.url(), &head, "").unwrap()).to_owned()
}

#[tokio::test]
async fn a_person_logs_in_with_the_browser() {
    let aws = FakeAws::start();
    let client = sdk(&aws)
        .register_client()
        .client_name("awsx")
        .client_type("public")
        .grant_types("authorization_code")
        .grant_types("refresh_token")
        .redirect_uris("http://127.0.0.1/oauth/callback")
        .issuer_url(format!("{}/#/", sample::SSO_START_URL.0))
        .scopes("sso:account:access")
        .send()
        .await
        .unwrap();
    let days = (client.client_secret_expires_at - client.client_id_issued_at) / 86_400;
    assert_eq!(days, 90);

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = format!("http://{}/oauth/callback", listener.local_addr().unwrap());
    let program = std::thread::spawn(move || {
        [(); 2].map(|()| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            let length = stream.read(&mut request).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone").unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        })
    });
    let client = json!({ "clientId": client.client_id.unwrap(), "clientSecret": client.client_secret.unwrap() });
    let asked = authorization(&client);
    let url = address(&aws, "/authorize", &with(&asked, "redirect_uri", uri.clone()));
    assert!(browser::open(&url).body.contains("Allow access?"));
    assert_eq!(browser::deny(&url).body, "done");
    let page = browser::approve(&url);
    assert_eq!((page.status, page.body.as_str()), (200, "done"));
    let [denied, allowed] = program.join().unwrap();
    let round_trip = "state=a%20state%2Fwith%20%2Bsigns HTTP/1.1";
    let line = format!("GET /oauth/callback?error=access_denied&{round_trip}");
    assert!(denied.starts_with(&line), "{denied}");
    assert!(allowed.contains(round_trip), "{allowed}");

    let code = allowed.split_once("?code=").unwrap().1.split_once('&').unwrap().0;
    let ask = create_token(&aws, &client).grant_type("authorization_code").code(code);
    let given = ask.redirect_uri(uri).code_verifier(PKCE.0).send().await.unwrap();
    assert_eq!((given.token_type.as_deref(), given.expires_in), (Some("Bearer"), 28_800));
    let ask = create_token(&aws, &client).grant_type("refresh_token");
    let again = ask.refresh_token(given.refresh_token.unwrap()).send().await.unwrap();
    assert!(again.access_token != given.access_token && again.refresh_token.is_some());
    let expected =
        "RegisterClient Authorize Authorize Deny Authorize Allow CreateToken CreateToken";
    assert_eq!(aws.operations().join(" "), expected);
    assert_calls_are_clean(&aws);
}

#[test]
fn a_client_registers_what_aws_takes() {
    let aws = FakeAws::start();
    let uris = |uri: &str| json!([uri]);
    let metadata = "400 InvalidClientMetadataException invalid_client_metadata";
    let request = "400 InvalidRequestException invalid_request";
    let uri = "400 InvalidRedirectUriException invalid_redirect_uri";
    let grant = "400 UnsupportedGrantTypeException unsupported_grant_type";
    for (name, value, expected) in [
        ("clientName", json!(""), request),
        ("clientType", json!(""), request),
        ("clientType", json!("confidential"), metadata),
        ("clientType", json!(1), request),
        ("scopes", json!(["everything"]), "400 InvalidScopeException invalid_scope"),
        ("scopes", json!("sso:account:access"), request),
        ("grantTypes", json!(["password"]), grant),
        ("redirectUris", json!(""), metadata),
        ("redirectUris", uris("http://localhost/oauth/callback"), uri),
        ("redirectUris", uris("https://127.0.0.1/oauth/callback"), uri),
        ("redirectUris", uris("http://127.0.0.1/callback"), uri),
        ("redirectUris", uris("http://127.0.0.1:0/oauth/callback"), uri),
        ("redirectUris", uris("http://127.0.0.1.example/oauth/callback"), uri),
        ("issuerUrl", json!(""), metadata),
        ("issuerUrl", json!("https://other.awsapps.com/start"), request),
        ("redirectUris", uris("http://127.0.0.1:8400/oauth/callback"), "200 null"),
        ("issuerUrl", json!(format!("{}/", sample::SSO_START_URL.0)), "200 null"),
        ("entitledApplicationArn", json!("arn:aws:sso::1:application/a/b"), "200 null"),
    ] {
        let asked = with(&registration(), name, value);
        let (outcome, answer) = post(&aws, "/client/register", "", &asked);
        let error = answer["error"].as_str().unwrap_or("null");
        assert_eq!(format!("{outcome} {error}"), expected, "{asked}");
    }
    // A body that is no JSON, and a method that is not POST.
    let head = "POST /client/register HTTP/1.1\nHost: x\nContent-Type: application/json";
    let answer = exchange(aws.url(), head, "clientName=awsx").unwrap();
    assert!(body(&answer).contains("the body is not a JSON object"), "{answer}");
    let answer = exchange(aws.url(), "GET /token HTTP/1.1\nHost: x", "").unwrap();
    assert_eq!(status(&answer), "405");
}

#[test]
fn a_page_asks_about_valid_requests_only() {
    let aws = FakeAws::start();
    let client = register(&aws, &registration());
    for (name, value, expected) in [
        ("client_id", "another", "The client is unknown."),
        ("response_type", "token", "response_type must be code."),
        ("redirect_uri", "http://127.0.0.1:1/callback", "redirect_uri is not registered."),
        ("redirect_uri", "https://example.com/", "redirect_uri is not registered."),
        ("state", "", "state is missing."),
        ("code_challenge_method", "plain", "code_challenge_method must be S256."),
        ("code_challenge", PKCE.0, "Allow access?"),
        ("code_challenge", "E9Melhoa", "code_challenge is not a SHA-256"),
        ("scopes", "codewhisperer:analysis", "scopes are not the client&#39;s."),
        ("redirect_uri", "http://127.0.0.1:1/oauth/callback", "Allow access?"),
        ("redirect_uri", "http://127.0.0.1/oauth/callback", "Allow access?"),
    ] {
        let asked = with(&authorization(&client), name, value);
        let page = browser::open(&address(&aws, "/authorize", &asked));
        let expected = expected.replace("&#39;", "'");
        assert!(page.body.contains(&expected), "{asked}: {}", page.body);
        assert_eq!(page.status, if expected.starts_with("Allow") { 200 } else { 400 }, "{asked}");
    }
    let device_only = register(&aws, &json!({ "clientName": "a", "clientType": "public" }));
    let asked = with(&authorization(&device_only), "scopes", "");
    let page = browser::open(&address(&aws, "/authorize", &asked));
    assert!(page.body.contains("The client may not ask for a code."), "{}", page.body);
    // A question is answered once.
    let page = browser::open(&address(&aws, "/authorize", &authorization(&client)));
    let link = page.body.split_once("href=\"").unwrap().1.split_once('"').unwrap().0;
    let allow = format!("{}{link}", aws.url());
    assert_eq!(browser::get(&allow).status, 302);
    assert_eq!(browser::get(&allow).status, 400);
    later(&aws, 91 * 86_400);
    let page = browser::open(&address(&aws, "/authorize", &authorization(&client)));
    assert!(page.body.contains("registration is expired"), "{}", page.body);
}

#[test]
fn a_code_is_redeemed_by_its_client_and_verifier() {
    let aws = FakeAws::start();
    let client = register(&aws, &registration());
    let valid = redemption(&aws, &client);
    let other = register(&aws, &registration());
    let request = "400 InvalidRequestException";
    let grant = "400 InvalidGrantException";
    let device = "urn:ietf:params:oauth:grant-type:device_code";
    for (name, value, expected) in [
        ("clientId", "another", "401 InvalidClientException"),
        ("clientSecret", "another", "401 InvalidClientException"),
        ("clientSecret", "", request),
        ("grantType", "", request),
        ("grantType", "password", "400 UnsupportedGrantTypeException"),
        ("grantType", device, "400 UnauthorizedClientException"),
        ("code", "", request),
        ("code", "another", grant),
        ("redirectUri", "", request),
        ("redirectUri", "http://127.0.0.1/oauth/callback", grant),
        ("codeVerifier", "", request),
        ("codeVerifier", PKCE.1, grant),
        ("codeVerifier", "short", grant),
    ] {
        let asked = with(&valid, name, value);
        assert_eq!(token(&aws, &asked).0, expected, "{name} {value}");
    }
    let stolen = with(&valid, "clientId", other["clientId"].clone());
    let stolen = with(&stolen, "clientSecret", other["clientSecret"].clone());
    assert_eq!(token(&aws, &stolen).0, grant);

    let (outcome, login) = token(&aws, &valid);
    assert_eq!((outcome.as_str(), at_the_portal(&aws, &login).as_str()), ("200", "200"));
    // A second use ends what the first gave.
    assert_eq!(token(&aws, &valid).0, grant);
    assert_eq!(at_the_portal(&aws, &login), "401");
    assert_eq!(token(&aws, &refresh(&client, &login)).0, grant);

    let valid = redemption(&aws, &client);
    later(&aws, 60);
    let (outcome, answer) = token(&aws, &valid);
    assert_eq!(outcome, grant);
    assert_eq!(answer["error"], "invalid_grant");
    assert_eq!(answer["error_description"], "The authorization code is expired");
}

#[test]
fn refresh_tokens_rotate() {
    for (strict, expected) in
        [(true, ["200", "400", "200", "400"]), (false, ["200", "200", "200", "400"])]
    {
        let aws = FakeAws::start();
        aws.control(|state| state.oidc.strict_rotation = strict);
        let client = register(&aws, &registration());
        let (_, first) = token(&aws, &redemption(&aws, &client));
        let (outcome, second) = token(&aws, &refresh(&client, &first));
        // Its use again, the use of the one that came next, and then once more.
        let again = token(&aws, &refresh(&client, &first)).0;
        let next = token(&aws, &refresh(&client, &second)).0;
        let last = token(&aws, &refresh(&client, &first)).0;
        let outcomes = [&outcome, &again, &next, &last].map(|outcome| &outcome[..3]);
        assert_eq!(outcomes, expected, "strict: {strict}");
        assert_eq!(at_the_portal(&aws, &first), "200");
    }
    // Another client's is none.
    let aws = FakeAws::start();
    let [client, other] = [(); 2].map(|()| register(&aws, &registration()));
    let (_, login) = token(&aws, &redemption(&aws, &client));
    let (outcome, answer) = token(&aws, &refresh(&other, &login));
    assert_eq!(outcome, "400 InvalidGrantException");
    assert_eq!(answer["error_description"], "Invalid refresh token provided");
    assert_eq!(token(&aws, &refresh(&client, &login)).0, "200");
}

#[test]
fn a_login_ends_in_each_way() {
    type End = (&'static str, fn(&FakeAws, &Value), &'static str, &'static str);
    let grant = "400 InvalidGrantException";
    let unregistered = "401 InvalidClientException";
    let ends: [End; 6] = [
        ("the access token's", |aws, _| later(aws, 8 * 3600), "401", "200"),
        ("a test's", |aws, _| aws.control(|state| state.expire_access_tokens()), "401", "200"),
        ("the session's", |aws, _| later(aws, 30 * 86_400), "401", grant),
        ("another test's", |aws, _| aws.control(|state| state.end_logins()), "401", grant),
        ("the registration's", |aws, _| later(aws, 90 * 86_400), "401", unregistered),
        (
            "Logout",
            |aws, login| {
                let token = login["accessToken"].as_str().unwrap();
                let header = format!("x-amz-sso_bearer_token: {token}");
                assert_eq!(post(aws, "/logout", &header, &json!({})).0, "200");
                assert_eq!(post(aws, "/logout", &header, &json!({})).0, "401");
            },
            "401",
            grant,
        ),
    ];
    for (name, end, portal, refreshed) in ends {
        let aws = FakeAws::start();
        let client = register(&aws, &registration());
        let (_, login) = token(&aws, &redemption(&aws, &client));
        end(&aws, &login);
        assert_eq!(at_the_portal(&aws, &login), portal, "{name}");
        assert_eq!(token(&aws, &refresh(&client, &login)).0, refreshed, "{name}");
        assert_calls_are_clean(&aws);
        // What is over was given out all the same.
        for token in ["accessToken", "refreshToken"] {
            assert!(aws.secrets().iter().any(|secret| login[token] == secret.as_str()), "{token}");
        }
    }
}

#[test]
fn an_access_token_never_outlasts_its_login() {
    let aws = FakeAws::start();
    aws.control(|state| {
        state.oidc.token_seconds = 3600;
        state.oidc.session_seconds = 5000;
    });
    let client = register(&aws, &registration());
    let (_, login) = token(&aws, &redemption(&aws, &client));
    assert_eq!(login["expiresIn"], 3600);
    later(&aws, 4000);
    let (_, login) = token(&aws, &refresh(&client, &login));
    assert!(login["expiresIn"].as_i64().is_some_and(|seconds| seconds <= 1000), "{login}");
}

#[test]
fn the_registration_decides_what_a_login_gives() {
    for (name, value, refreshes, portal) in [
        ("clientName", json!("another"), true, "200"),
        ("scopes", json!(""), false, "200"),
        ("scopes", json!(["codewhisperer:analysis"]), true, "401"),
        ("grantTypes", json!(["authorization_code"]), false, "200"),
    ] {
        let aws = FakeAws::start();
        let client = register(&aws, &with(&registration(), name, value.clone()));
        let asked = with(&authorization(&client), "scopes", "");
        let (_, login) = token(&aws, &redemption_of(&aws, &client, &asked));
        assert_eq!(login.get("refreshToken").is_some(), refreshes, "{name} {value}");
        assert_eq!(at_the_portal(&aws, &login), portal, "{name} {value}");
    }
}

#[test]
fn a_login_without_a_browser_is_like_any_other() {
    let aws = FakeAws::start();
    let login = aws.control(|state| state.log_in());
    let file: Value = serde_json::from_str(&login.cache_file(sample::SSO_START_URL.0)).unwrap();
    assert_eq!(at_the_portal(&aws, &file), "200");
    let client = json!({ "clientId": login.client.id, "clientSecret": login.client.secret });
    assert_eq!(token(&aws, &refresh(&client, &file)).0, "200");
    assert!(aws.secrets().contains(&login.refresh_token));
}

#[tokio::test]
async fn the_sdk_understands_refusals() {
    let aws = FakeAws::start();
    let client = register(&aws, &registration());
    let ask = async || {
        let ask = create_token(&aws, &client).grant_type("refresh_token");
        ask.refresh_token("another").send().await.unwrap_err().into_service_error()
    };
    assert!(ask().await.is_invalid_grant_exception());
    let refuse = |code| Fault::refuse(400, code, "as planned");
    aws.fail("CreateToken", refuse("SlowDownException"), 1);
    assert!(ask().await.is_slow_down_exception());
    aws.fail("CreateToken", refuse("InternalServerException"), 1);
    let error = ask().await;
    assert_eq!(error.code(), Some("InternalServerException"));
    aws.fail("Authorize", refuse("InvalidRequestException"), 1);
    let page = browser::get(&address(&aws, "/authorize", &authorization(&client)));
    assert_eq!(page.status, 400);
    // What AWS would not send is no error of its own either.
    aws.fail("CreateToken", Fault::Garbage, 1);
    assert_eq!(ask().await.code(), None);
    let last = aws.calls().pop().unwrap();
    assert_eq!(last.host, host(&aws));
    assert_eq!(last.parameters["grantType"], "refresh_token");
}
