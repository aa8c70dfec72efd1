//! `AssumeRole`: one case per rule.

use aws_sdk_sts::Client;
use aws_sdk_sts::operation::assume_role::builders::AssumeRoleFluentBuilder;
use aws_sdk_sts::types::{PolicyDescriptorType, Tag};

use super::{client, holder, refusal, user};
use crate::fake_aws::iam::Issued;
use crate::fake_aws::{FakeAws, sample};

/// The request of one case, from its beginning.
type Change = fn(AssumeRoleFluentBuilder) -> AssumeRoleFluentBuilder;

fn assume(client: &Client, role: &str) -> AssumeRoleFluentBuilder {
    client.assume_role().role_arn(role).role_session_name("me")
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build().expect("key and value are there")
}

fn policy_arn(arn: &str) -> PolicyDescriptorType {
    PolicyDescriptorType::builder().arn(arn).build()
}

fn using(aws: &FakeAws, issued: &Issued) -> Client {
    let (id, secret) = (&issued.access_key_id, &issued.secret_access_key);
    client(aws, id, secret, Some(&issued.session_token))
}

async fn outcome(request: AssumeRoleFluentBuilder) -> String {
    match request.send().await {
        Ok(answer) => {
            let user = answer.assumed_role_user.expect("who it is now");
            user.arn
        }
        Err(error) => refusal::<(), _>(Err(error)),
    }
}

#[tokio::test]
async fn the_user_may_do_what_trust_and_limits_allow() {
    const ME: &str = "arn:aws:sts::111111111111:assumed-role/ReadOnly/me";
    let aws = FakeAws::start();
    let table: [(&str, &str, Change, &str); 26] = [
        ("trusted", sample::READ_ONLY, |r| r, ME),
        (
            "through the account's root",
            sample::SHARED,
            |r| r,
            "arn:aws:sts::333333333333:assumed-role/Shared/me",
        ),
        (
            "not trusted",
            sample::MACHINE,
            |r| r,
            "403 AccessDenied User: arn:aws:iam::111111111111:user/dev is not authorized to perform: \
             sts:AssumeRole on resource: arn:aws:iam::222222222222:role/Machine",
        ),
        (
            "no such role: told like one that does not trust",
            "arn:aws:iam::222222222222:role/None",
            |r| r,
            "403 AccessDenied User: arn:aws:iam::111111111111:user/dev is not authorized to perform: \
             sts:AssumeRole on resource: arn:aws:iam::222222222222:role/None",
        ),
        (
            "without the MFA it wants",
            sample::ADMIN,
            |r| r,
            "403 AccessDenied User: arn:aws:iam::111111111111:user/dev is not authorized to perform: \
             sts:AssumeRole on resource: arn:aws:iam::222222222222:role/Admin",
        ),
        (
            "no ARN",
            "arn:aws:iam::222222222222:user/dev",
            |r| r,
            "400 ValidationError Request ARN is invalid",
        ),
        (
            "an ARN that is too short, and a name that is no name",
            "arn:aws:iam::1:r",
            |r| r.role_session_name("a b"),
            r"400 ValidationError 2 validation errors detected: Value 'arn:aws:iam::1:r' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20; Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*",
        ),
        (
            "a name of one letter",
            sample::READ_ONLY,
            |r| r.role_session_name("x"),
            "400 ValidationError 1 validation error detected: Value 'x' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2",
        ),
        ("twelve hours", sample::READ_ONLY, |r| r.duration_seconds(43_200), ME),
        (
            "longer than any role",
            sample::READ_ONLY,
            |r| r.duration_seconds(43_201),
            "400 ValidationError 1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200",
        ),
        (
            "longer than this role",
            sample::SHARED,
            |r| r.duration_seconds(3601),
            "400 ValidationError The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
        (
            "a policy",
            sample::READ_ONLY,
            |r| r.policy(r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny"}}"#),
            "arn:aws:sts::111111111111:assumed-role/ReadOnly/me",
        ),
        (
            "no JSON",
            sample::READ_ONLY,
            |r| r.policy("{"),
            "400 MalformedPolicyDocument This policy contains invalid Json",
        ),
        (
            "no policy",
            sample::READ_ONLY,
            |r| r.policy(r#"{"Version":"2012-10-17"}"#),
            "400 MalformedPolicyDocument Syntax errors in policy.",
        ),
        (
            "a statement without effect",
            sample::READ_ONLY,
            |r| r.policy(r#"{"Statement":[{"Action":"*"}]}"#),
            "400 MalformedPolicyDocument Syntax errors in policy.",
        ),
        (
            "a policy for a resource",
            sample::READ_ONLY,
            |r| r.policy(r#"{"Statement":[{"Effect":"Allow","Principal":"*"}]}"#),
            "400 MalformedPolicyDocument Policy document should not specify a principal.",
        ),
        (
            "an ARN that is no policy's",
            sample::READ_ONLY,
            |r| r.policy_arns(policy_arn("arn:aws:iam::aws:role/ReadOnlyAccess")),
            "400 ValidationError ARN arn:aws:iam::aws:role/ReadOnlyAccess is not valid.",
        ),
        (
            "eleven policies",
            sample::READ_ONLY,
            |r| {
                let arn = policy_arn("arn:aws:iam::aws:policy/ReadOnlyAccess");
                r.set_policy_arns(Some(vec![arn; 11]))
            },
            "400 ValidationError 1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to 10",
        ),
        (
            "tags and a source identity",
            sample::READ_ONLY,
            |r| r.tags(tag("Team", "blue")).transitive_tag_keys("team").source_identity("jo"),
            "arn:aws:sts::111111111111:assumed-role/ReadOnly/me",
        ),
        (
            "tags where the trust does not say so",
            sample::SHARED,
            |r| r.tags(tag("Team", "blue")),
            "403 AccessDenied User: arn:aws:iam::111111111111:user/dev is not authorized to perform: \
             sts:TagSession on resource: arn:aws:iam::333333333333:role/Shared",
        ),
        (
            "a source identity where the trust does not say so",
            sample::SHARED,
            |r| r.source_identity("jo"),
            "403 AccessDenied User: arn:aws:iam::111111111111:user/dev is not authorized to perform: \
             sts:SetSourceIdentity on resource: arn:aws:iam::333333333333:role/Shared",
        ),
        (
            "the same tag twice",
            sample::READ_ONLY,
            |r| r.tags(tag("Team", "blue")).tags(tag("TEAM", "red")),
            "400 InvalidParameterValue Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ),
        (
            "a transitive key without tag",
            sample::READ_ONLY,
            |r| r.transitive_tag_keys("Team"),
            "400 InvalidParameterValue The specified transitive tag key must be included in the requested tags.",
        ),
        (
            "a reserved tag",
            sample::READ_ONLY,
            |r| r.tags(tag("aws:team", "blue")),
            "400 InvalidParameterValue Tag keys beginning with 'aws:' are reserved.",
        ),
        (
            "a key of 129 letters",
            sample::READ_ONLY,
            |r| r.tags(tag(&"k".repeat(129), "v")),
            "400 ValidationError 1 validation error detected: Value 'kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk' at 'tags.member.1.key' failed to satisfy constraint: Member must have length less than or equal to 128",
        ),
        (
            "a tag twice over the limit, and no session name",
            sample::READ_ONLY,
            |r| r.set_role_session_name(None).external_id("!"),
            r"400 ValidationError 3 validation errors detected: Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null; Value '!' at 'externalId' failed to satisfy constraint: Member must have length greater than or equal to 2; Value '!' at 'externalId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@:\/-]*",
        ),
    ];
    for (docs, role, change, expected) in table {
        assert_eq!(outcome(change(assume(&user(&aws), role))).await, expected, "{docs}");
    }
}

#[tokio::test]
async fn mfa_counts_in_the_call_and_in_a_session_but_not_down_a_chain() {
    const ADMIN: &str = "arn:aws:sts::222222222222:assumed-role/Admin/me";
    let aws = FakeAws::start();
    let code = || aws.unused_mfa_code(sample::MFA_SERIAL);
    let direct = assume(&user(&aws), sample::ADMIN);
    let direct = direct.serial_number(sample::MFA_SERIAL).token_code(code());
    assert_eq!(outcome(direct.duration_seconds(43_200)).await, ADMIN, "in the call");

    let with = user(&aws).get_session_token().serial_number(sample::MFA_SERIAL).token_code(code());
    let with = holder(&aws, with.send().await.expect("a session").credentials);
    let long = assume(&with, sample::ADMIN).duration_seconds(43_200);
    assert_eq!(outcome(long).await, ADMIN, "in a session, and a user's session is no chain");

    let without = user(&aws).get_session_token().send().await.expect("a session");
    let without = holder(&aws, without.credentials);
    assert!(outcome(assume(&without, sample::ADMIN)).await.starts_with("403 AccessDenied User"));

    // A role session carries no MFA, and has no device of its own.
    aws.control(|state| {
        let trust = &mut state.iam.role(sample::ADMIN).expect("a sample role").trust;
        trust.principals.push(sample::READ_ONLY.into());
    });
    let role = aws.control(|state| state.issue_role(sample::READ_ONLY, "me", 900));
    let role = using(&aws, &role);
    assert!(outcome(assume(&role, sample::ADMIN)).await.starts_with("403 AccessDenied User"));
    let proof = assume(&role, sample::ADMIN).serial_number(sample::MFA_SERIAL).token_code(code());
    let refused = outcome(proof).await;
    assert!(refused.contains("unable to validate MFA code"), "{refused}");
}

#[tokio::test]
async fn a_chain_has_its_own_rules() {
    const AUDIT: &str = "arn:aws:sts::333333333333:assumed-role/Audit/me";
    let aws = FakeAws::start();
    let admin = aws.control(|state| state.issue_role(sample::ADMIN, "me", 900));
    let table: [(&str, Change, &str); 5] = [
        ("with the external id", |r| r.external_id(sample::EXTERNAL_ID), AUDIT),
        (
            "without the external id",
            |r| r,
            "403 AccessDenied User: arn:aws:sts::222222222222:assumed-role/Admin/me is not authorized \
             to perform: sts:AssumeRole on resource: arn:aws:iam::333333333333:role/security/Audit",
        ),
        (
            "with another external id",
            |r| r.external_id("other"),
            "403 AccessDenied User: arn:aws:sts::222222222222:assumed-role/Admin/me is not authorized \
             to perform: sts:AssumeRole on resource: arn:aws:iam::333333333333:role/security/Audit",
        ),
        ("an hour", |r| r.external_id(sample::EXTERNAL_ID).duration_seconds(3600), AUDIT),
        (
            "more than an hour",
            |r| r.external_id(sample::EXTERNAL_ID).duration_seconds(3601),
            "400 ValidationError The requested DurationSeconds exceeds the 1 hour session limit for \
             roles assumed by role chaining",
        ),
    ];
    for (docs, change, expected) in table {
        let request = assume(&using(&aws, &admin), sample::AUDIT);
        assert_eq!(outcome(change(request)).await, expected, "{docs}");
    }
}

#[tokio::test]
async fn a_chain_hands_down_tags_and_source_identity() {
    let aws = FakeAws::start();
    aws.control(|state| {
        for role in [sample::AUDIT, sample::MACHINE] {
            let trust = &mut state.iam.role(role).expect("a sample role").trust;
            trust.principals = vec![sample::READ_ONLY.into()];
            trust.external_id = None;
        }
    });
    let first = assume(&user(&aws), sample::READ_ONLY).source_identity("jo");
    let first = first.tags(tag("Team", "blue")).transitive_tag_keys("Team");
    let first = first.send().await.expect("a role session");
    assert_eq!(first.source_identity(), Some("jo"));
    let first = holder(&aws, first.credentials);

    let second = assume(&first, sample::AUDIT).send().await.expect("a chained session");
    assert_eq!(second.source_identity(), Some("jo"));
    let table: [(&str, &str, Change, &str); 4] = [
        (
            "the inherited tag cannot be set",
            sample::AUDIT,
            |r| r.tags(tag("team", "red")),
            "400 InvalidParameterValue One of the specified transitive tag keys can't be set because \
             it conflicts with a transitive tag key from the calling session.",
        ),
        (
            "the same source identity",
            sample::AUDIT,
            |r| r.source_identity("jo"),
            "arn:aws:sts::333333333333:assumed-role/Audit/me",
        ),
        (
            "another source identity",
            sample::AUDIT,
            |r| r.source_identity("al"),
            "403 AccessDenied User: arn:aws:sts::111111111111:assumed-role/ReadOnly/me is not \
             authorized to perform: sts:SetSourceIdentity on resource: \
             arn:aws:iam::333333333333:role/security/Audit",
        ),
        (
            "a role that may not be tagged takes no inherited tags",
            sample::MACHINE,
            |r| r,
            "403 AccessDenied User: arn:aws:sts::111111111111:assumed-role/ReadOnly/me is not \
             authorized to perform: sts:TagSession on resource: arn:aws:iam::222222222222:role/Machine",
        ),
    ];
    for (docs, role, change, expected) in table {
        assert_eq!(outcome(change(assume(&first, role))).await, expected, "{docs}");
    }
}
