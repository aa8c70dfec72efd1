//! `AssumeRoleWithWebIdentity`: one case per rule.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::{holder, refusal, user};
use crate::fake_aws::{FakeAws, sample};

#[tokio::test]
async fn a_web_identity_token_opens_the_role_that_trusts_it() {
    let aws = FakeAws::start();
    let now = aws.now();
    let provider = aws.control(|state| state.iam.identity_providers[0].clone());
    let token = |subject: &str, minutes| provider.token(subject, now + TimeDelta::minutes(minutes));
    let claims = |issuer: &str, audience: &str| {
        let exp = (now + TimeDelta::hours(1)).timestamp();
        provider.token_of(
            &json!({ "iss": issuer, "aud": audience, "sub": sample::SUBJECT, "exp": exp }),
        )
    };
    let mut forger = provider.clone();
    forger.key = "another".into();
    let forged = forger.token(sample::SUBJECT, now + TimeDelta::hours(1));
    let endless = provider.token_of(&json!({ "iss": sample::ISSUER }));
    let from_a_file = token(sample::SUBJECT, 5) + "\n";
    let elsewhere = claims("https://evil.example", "sts.amazonaws.com");
    let denied = "403 AccessDenied Not authorized to perform sts:AssumeRoleWithWebIdentity";
    let no_provider = "400 InvalidIdentityToken No OpenIDConnect provider found in your account for \
                       https://evil.example";
    let audience = "400 InvalidIdentityToken Incorrect token audience";
    let invalid =
        "400 InvalidIdentityToken The web identity token provided could not be validated by AWS";
    let no_end = "400 InvalidIdentityToken Missing a required claim: exp";
    let no_jwt = "400 InvalidIdentityToken The ID Token provided is not a valid JWT. (You may see \
                  this error if you sent an Access Token)";
    let short = "400 ValidationError 1 validation error detected: Value 'abc' at 'webIdentityToken' \
                 failed to satisfy constraint: Member must have length greater than or equal to 4";
    let table = [
        ("another subject", sample::CI, token("repo:example/fork", 5), denied),
        ("no trust", sample::READ_ONLY, token(sample::SUBJECT, 5), denied),
        ("another issuer", sample::CI, elsewhere, no_provider),
        ("another audience", sample::CI, claims(sample::ISSUER, "elsewhere"), audience),
        ("another key", sample::CI, forged, invalid),
        ("a trailing newline", sample::CI, from_a_file, invalid),
        ("no end", sample::CI, endless, no_end),
        ("no token", sample::CI, "opaque".into(), no_jwt),
        ("too short", sample::CI, "abc".into(), short),
    ];
    let call = |role: &str, token: &str| {
        let request = user(&aws).assume_role_with_web_identity();
        request.role_arn(role).role_session_name("build").web_identity_token(token).send()
    };
    for (docs, role, token, expected) in table {
        assert_eq!(refusal(call(role, &token).await), expected, "{docs}");
    }

    let expired = refusal(call(sample::CI, &token(sample::SUBJECT, -1)).await);
    assert!(expired.starts_with("400 ExpiredTokenException Token expired: "), "{expired}");

    let answer = call(sample::CI, &token(sample::SUBJECT, 5)).await.expect("a session");
    assert_eq!(answer.subject_from_web_identity_token(), Some(sample::SUBJECT));
    assert_eq!(answer.provider(), Some(sample::ISSUER));
    let identity = holder(&aws, answer.credentials).get_caller_identity().send().await;
    assert_eq!(
        identity.expect("good credentials").arn(),
        Some("arn:aws:sts::222222222222:assumed-role/Ci/build")
    );
    let calls = aws.calls();
    assert!(calls.iter().all(|call| !call.parameters.contains_key("WebIdentityToken")));
    assert_eq!(calls[0].access_key_id, None, "the SDK does not sign it");
    let start: DateTime<Utc> = now - TimeDelta::seconds(1);
    assert!(calls.iter().all(|call| call.time >= start && !call.tls && !call.host.is_empty()));
}
