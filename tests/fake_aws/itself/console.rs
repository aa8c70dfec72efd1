//! The console's federation endpoint: which sessions it signs in, for how long, and what a browser must bring.

use chrono::TimeDelta;
use form_urlencoded::Serializer;
use serde_json::{Value, json};

use super::user;
use crate::fake_aws::browser::{Browser, Page};
use crate::fake_aws::iam::Issued;
use crate::fake_aws::{FakeAws, sample};

fn post(aws: &FakeAws, fields: &[(&str, &str)]) -> Page {
    let form = Serializer::new(String::new()).extend_pairs(fields).finish();
    Browser::default().post(&format!("{}/federation", aws.url()), &form)
}

fn session(issued: &Issued) -> Value {
    json!({
        "sessionId": issued.access_key_id,
        "sessionKey": issued.secret_access_key,
        "sessionToken": issued.session_token,
    })
}

/// The status of a request for a token.
fn ask(aws: &FakeAws, session: &str, duration: Option<&str>) -> u16 {
    let mut fields = vec![("Action", "getSigninToken"), ("Session", session)];
    fields.extend(duration.map(|duration| ("SessionDuration", duration)));
    post(aws, &fields).status
}

#[test]
fn a_session_is_whole_and_good() {
    let aws = FakeAws::start();
    let issued = aws.control(|state| state.issue_role(sample::READ_ONLY, "ann", 900));
    let good = session(&issued);
    let with = |name: &str, value: Value| {
        let mut changed = good.clone();
        changed[name] = value;
        changed.to_string()
    };
    for (docs, session, status) in [
        ("as it is", good.to_string(), 200),
        ("no JSON", "x".to_owned(), 400),
        ("no object", "[]".to_owned(), 400),
        ("another field", with("SessionToken", json!("x")), 400),
        ("an empty field", with("sessionToken", json!("")), 400),
        ("no text", with("sessionKey", json!(1)), 400),
        ("another key", with("sessionKey", json!("x")), 403),
        ("another token", with("sessionToken", json!("x")), 403),
        ("another id", with("sessionId", json!("ASIAX")), 403),
    ] {
        assert_eq!(ask(&aws, &session, None), status, "{docs}");
    }
    let mut without = good.clone();
    without.as_object_mut().unwrap().remove("sessionToken");
    assert_eq!(ask(&aws, &without.to_string(), None), 400, "access keys");
    aws.control(|state| state.clock_offset = TimeDelta::minutes(16));
    assert_eq!(ask(&aws, &good.to_string(), None), 403, "over");
}

#[tokio::test]
async fn a_duration_is_for_roles_that_no_session_opened() {
    let aws = FakeAws::start();
    let role = session(&aws.control(|state| state.issue_role(sample::READ_ONLY, "ann", 900)));
    for (duration, status) in
        [("900", 200), ("43200", 200), ("899", 400), ("43201", 400), ("1h", 400), ("", 400)]
    {
        assert_eq!(ask(&aws, &role.to_string(), Some(duration)), status, "{duration}");
    }
    let given = |keys: aws_sdk_sts::types::Credentials| {
        json!({
            "sessionId": keys.access_key_id,
            "sessionKey": keys.secret_access_key,
            "sessionToken": keys.session_token,
        })
        .to_string()
    };
    let user = user(&aws);
    let federated = user.get_federation_token().name("ann").send().await.unwrap();
    let federated = given(federated.credentials.unwrap());
    assert_eq!(ask(&aws, &federated, None), 200);
    assert_eq!(ask(&aws, &federated, Some("3600")), 400, "a federation token");
    let of_user = user.get_session_token().send().await.unwrap().credentials.unwrap();
    assert_eq!(ask(&aws, &given(of_user.clone()), None), 400, "a user's session");
    let by_session = super::holder(&aws, Some(of_user));
    let chained = by_session.assume_role().role_arn(sample::READ_ONLY).role_session_name("ann");
    let chained = given(chained.send().await.unwrap().credentials.unwrap());
    assert_eq!(ask(&aws, &chained, None), 200);
    assert_eq!(ask(&aws, &chained, Some("3600")), 400, "role chaining");
}

#[test]
fn a_browser_brings_a_token_once_and_where_it_wants_to_go() {
    let aws = FakeAws::start();
    let role = session(&aws.control(|state| state.issue_role(sample::READ_ONLY, "ann", 900)));
    let token = || {
        let role = role.to_string();
        let page = post(&aws, &[("Action", "getSigninToken"), ("Session", &role)]);
        let answer: Value = serde_json::from_str(&page.body).unwrap();
        answer["SigninToken"].as_str().unwrap().to_owned()
    };
    let console = "https://eu-west-1.console.aws.amazon.com/";
    let sign_in = |issuer: &str, destination: &str, token: &str| {
        let destination = ("Destination", destination);
        let fields = [("Action", "login"), ("Issuer", issuer), destination, ("SigninToken", token)];
        post(&aws, &fields).status
    };
    let one = token();
    for (docs, issuer, destination, token, status) in [
        ("no issuer", "", console, &*one, 400),
        ("clear text", "i", "http://console.aws.amazon.com/", &one, 400),
        ("elsewhere", "i", "https://evil.example/.aws.amazon.com", &one, 400),
        ("another token", "i", console, "x", 400),
        ("all of it", "i", console, &one, 302),
        ("again", "i", console, &one, 400),
    ] {
        assert_eq!(sign_in(issuer, destination, token), status, "{docs}");
    }
    let late = token();
    aws.control(|state| state.clock_offset = TimeDelta::minutes(15));
    assert_eq!(sign_in("i", console, &late), 400, "late");
}
