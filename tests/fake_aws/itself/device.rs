//! SSO-OIDC's device authorization grant.

use serde_json::{Value, json};

use super::oidc::{create_token, register, sdk};
use super::{assert_calls_are_clean, later, post, with};
use crate::fake_aws::{FakeAws, browser, sample};

/// A registered client, the device's codes, and the body that asks for its tokens.
fn start(aws: &FakeAws) -> (Value, Value) {
    let registration = json!({
        "clientName": "awsx", "clientType": "public", "scopes": ["sso:account:access"],
    });
    let client = register(aws, &registration);
    let asked = with(&client, "startUrl", sample::SSO_START_URL.0);
    let (outcome, device) = post(aws, "/device_authorization", "", &asked);
    assert_eq!(outcome, "200", "{device}");
    let poll = with(&client, "deviceCode", device["deviceCode"].clone());
    (device, with(&poll, "grantType", "urn:ietf:params:oauth:grant-type:device_code"))
}

fn user_code(device: &Value) -> String {
    device["userCode"].as_str().unwrap().to_owned()
}

#[test]
fn a_device_waits_for_the_person() {
    type Step = (fn(&FakeAws, &Value), &'static str);
    const PENDING: &str = "400 AuthorizationPendingException";
    const SLOW_DOWN: &str = "400 SlowDownException";
    let nothing: fn(&FakeAws, &Value) = |_, _| ();
    let a_second: fn(&FakeAws, &Value) = |aws, _| later(aws, 1);
    let approve: fn(&FakeAws, &Value) = |aws, device| {
        later(aws, 20);
        assert!(aws.control(|state| state.oidc.approve(&user_code(device))));
    };
    let deny: fn(&FakeAws, &Value) = |aws, device| {
        later(aws, 20);
        assert!(aws.control(|state| state.oidc.deny(&user_code(device))));
    };
    let expire: fn(&FakeAws, &Value) = |aws, _| later(aws, 600);
    let cases: [(&str, &[Step]); 5] = [
        ("the interval is kept", &[(nothing, PENDING), (a_second, PENDING), (approve, "200")]),
        (
            "the interval grows by five seconds when it is not",
            &[
                (nothing, PENDING),
                (nothing, SLOW_DOWN),
                (|aws, _| later(aws, 5), SLOW_DOWN),
                (|aws, _| later(aws, 11), PENDING),
            ],
        ),
        ("a device is approved once", &[(approve, "200"), (a_second, "400 InvalidGrantException")]),
        ("the person says no", &[(deny, "400 AccessDeniedException")]),
        ("nobody says anything", &[(nothing, PENDING), (expire, "400 ExpiredTokenException")]),
    ];
    for (name, steps) in cases {
        let aws = FakeAws::start();
        let (device, poll) = start(&aws);
        for (index, (act, expected)) in steps.iter().enumerate() {
            act(&aws, &device);
            let (outcome, answer) = post(&aws, "/token", "", &poll);
            assert_eq!(outcome, *expected, "{name}, step {index}: {answer}");
            assert_eq!(answer.get("refreshToken").is_some(), outcome == "200");
        }
        assert_calls_are_clean(&aws);
    }
}

#[test]
fn a_device_can_be_approved_in_any_browser() {
    let aws = FakeAws::start();
    let (device, poll) = start(&aws);
    assert!(browser::open(device["verificationUri"].as_str().unwrap()).body.contains("user_code"));
    let url = device["verificationUriComplete"].as_str().unwrap();
    let code = user_code(&device);
    let (left, right) = code.split_once('-').unwrap();
    assert!(url.ends_with(&format!("?user_code={code}")) && left.len() == 4 && right.len() == 4);
    assert!(browser::open(url).body.contains(&code));
    assert_eq!(aws.control(|state| state.oidc.user_codes()), [code.as_str()]);
    assert_eq!(post(&aws, "/token", "", &poll).0, "400 AuthorizationPendingException");
    assert!(browser::approve(url).body.contains("Request approved"));
    assert_eq!(browser::approve(url).status, 400);
    assert!(aws.control(|state| state.oidc.user_codes()).is_empty());
    later(&aws, 1);
    assert_eq!(post(&aws, "/token", "", &poll).0, "200");
    assert!(!aws.control(|state| state.oidc.approve(&code) || state.oidc.deny("BBBB-BBBB")));

    let (device, poll) = start(&aws);
    let page = browser::deny(device["verificationUriComplete"].as_str().unwrap());
    assert!(page.body.contains("Request denied"));
    assert_eq!(post(&aws, "/token", "", &poll).0, "400 AccessDeniedException");

    aws.control(|state| state.oidc.auto_approve = true);
    let (device, poll) = start(&aws);
    let page = browser::get(device["verificationUriComplete"].as_str().unwrap());
    assert!(page.body.contains("Request approved"));
    assert_eq!(post(&aws, "/token", "", &poll).0, "200");
}

#[tokio::test]
async fn a_device_belongs_to_a_client_and_a_portal() {
    let aws = FakeAws::start();
    let client = register(&aws, &json!({ "clientName": "awsx", "clientType": "public" }));
    let valid = with(&client, "startUrl", sample::SSO_START_URL.0);
    for (name, value, expected) in [
        ("clientSecret", "another", "401 InvalidClientException"),
        ("clientId", "", "400 InvalidRequestException"),
        ("startUrl", "", "400 InvalidRequestException"),
        ("startUrl", "https://other.awsapps.com/start", "400 InvalidRequestException"),
        ("startUrl", "https://corp.awsapps.com/start/#/", "200"),
    ] {
        let asked = with(&valid, name, value);
        assert_eq!(post(&aws, "/device_authorization", "", &asked).0, expected, "{asked}");
    }
    let browser_only = register(
        &aws,
        &json!({
            "clientName": "awsx",
            "clientType": "public",
            "grantTypes": ["authorization_code"],
            "redirectUris": ["http://127.0.0.1/oauth/callback"],
            "issuerUrl": sample::SSO_START_URL.0,
        }),
    );
    let asked = with(&browser_only, "startUrl", sample::SSO_START_URL.0);
    let (outcome, _) = post(&aws, "/device_authorization", "", &asked);
    assert_eq!(outcome, "400 UnauthorizedClientException");

    // Another client's code is nobody's; without scopes there is no refresh token.
    let text = |name: &str| client[name].as_str().unwrap().to_owned();
    aws.control(|state| state.oidc.interval = 7);
    let device = sdk(&aws)
        .start_device_authorization()
        .client_id(text("clientId"))
        .client_secret(text("clientSecret"))
        .start_url(sample::SSO_START_URL.0)
        .send()
        .await
        .unwrap();
    assert_eq!((device.interval, device.expires_in), (7, 600));
    let (_, other) = start(&aws);
    let stolen = with(&other, "deviceCode", device.device_code.clone().unwrap());
    assert_eq!(post(&aws, "/token", "", &stolen).0, "400 InvalidGrantException");
    aws.control(|state| state.oidc.approve(&device.user_code.unwrap()));
    let ask = create_token(&aws, &client).device_code(device.device_code.unwrap());
    let ask = ask.grant_type("urn:ietf:params:oauth:grant-type:device_code");
    let given = ask.send().await.unwrap();
    assert!(given.access_token.is_some() && given.refresh_token.is_none());
}
