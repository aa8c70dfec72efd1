//! The access portal of IAM Identity Center.

use aws_sdk_sso::operation::get_role_credentials::GetRoleCredentialsOutput;
use aws_sdk_sso::types::RoleCredentials;

use super::{client, exchange, refusal, status};
use crate::fake_aws::{FakeAws, sample};

const ACCOUNT: &str = "222222222222";

pub(super) fn portal(aws: &FakeAws) -> aws_sdk_sso::Client {
    aws_sdk_sso::Client::new(&super::config(aws).build())
}

/// A client that signs with the credentials of a role.
pub(super) fn role_client(aws: &FakeAws, role: RoleCredentials) -> aws_sdk_sts::Client {
    let (id, secret) = (role.access_key_id.unwrap(), role.secret_access_key.unwrap());
    client(aws, &id, &secret, role.session_token.as_deref())
}

#[tokio::test]
async fn a_login_gives_the_roles_that_are_assigned() {
    let aws = FakeAws::start();
    let ask = |token: &str, account: &str, role: &str| {
        let request = portal(&aws).get_role_credentials();
        request.access_token(token).account_id(account).role_name(role).send()
    };
    let granted: GetRoleCredentialsOutput =
        ask(sample::SSO_TOKEN, ACCOUNT, sample::SSO_ROLE_NAME).await.unwrap();
    let role = granted.role_credentials.unwrap();
    let end = aws.now().timestamp_millis() + 8 * 3_600_000;
    assert!((end - 60_000..=end).contains(&role.expiration), "{end} {}", role.expiration);
    let who = role_client(&aws, role).get_caller_identity().send().await.unwrap();
    assert_eq!(
        who.arn.unwrap(),
        "arn:aws:sts::222222222222:assumed-role/AWSReservedSSO_Developer_0123456789abcdef/\
         ann@corp.example"
    );

    let developer = sample::SSO_ROLE_NAME;
    for (token, account, role, expected) in [
        ("another", ACCOUNT, developer, "401 UnauthorizedException Session token not found or"),
        (sample::SSO_TOKEN, "111111111111", developer, "403 ForbiddenException No access"),
        (sample::SSO_TOKEN, ACCOUNT, "Admin", "403 ForbiddenException No access"),
        (sample::SSO_TOKEN, "1", developer, "400 InvalidRequestException account_id must be 12"),
    ] {
        let refused = refusal(ask(token, account, role).await);
        assert!(refused.starts_with(expected), "{refused}");
    }
    aws.control(|state| state.portal.tokens[0].expires_at = state.now());
    let refused = refusal(ask(sample::SSO_TOKEN, ACCOUNT, developer).await);
    assert!(refused.starts_with("401 UnauthorizedException"), "{refused}");
    assert_eq!(aws.count("GetRoleCredentials"), 6);
}

#[test]
fn malformed_requests_are_refused() {
    let aws = FakeAws::start();
    let (account, role) = ("account_id=222222222222", "role_name=Developer");
    let both = format!("{account}&{role}");
    let token = format!("x-amz-sso_bearer_token: {}", sample::SSO_TOKEN);
    for (method, query, header, expected) in [
        ("GET", &*both, &*token, "200"),
        ("GET", &both, "x: y", "400"),
        ("GET", account, &token, "400"),
        ("GET", role, &token, "400"),
        ("GET", &both.replace("Developer", ""), &token, "400"),
        ("POST", &both, &token, "405"),
    ] {
        let line = format!("{method} /federation/credentials?{query} HTTP/1.1");
        let answer = exchange(aws.url(), &format!("{line}\nHost: x\n{header}"), "").unwrap();
        assert_eq!(status(&answer), expected, "{line}: {answer}");
    }
}
