//! `AssumeRole`: one case per rule.

use aws_sdk_sts::Client;
use aws_sdk_sts::operation::assume_role::builders::AssumeRoleFluentBuilder;
use aws_sdk_sts::types::{PolicyDescriptorType, Tag};

use super::{client, holder, refusal, user};
use crate::fake_aws::iam::Issued;
use crate::fake_aws::sample::{ADMIN, AUDIT, MACHINE, READ_ONLY};
use crate::fake_aws::{FakeAws, sample};

const ME: &str = "arn:aws:sts::111111111111:assumed-role/ReadOnly/me";

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

/// Who may not do what with which role.
fn access_denied(caller: &str, action: &str, role: &str) -> String {
    format!(
        "403 AccessDenied User: {caller} is not authorized to perform: sts:{action} on resource: \
         {role}"
    )
}

/// One value that is not as the API reference wants it.
fn violation(value: &str, member: &str, constraint: &str) -> String {
    format!("Value {value} at '{member}' failed to satisfy constraint: Member must {constraint}")
}

/// One violation and no other.
fn invalid(value: &str, member: &str, constraint: &str) -> String {
    let violation = violation(value, member, constraint);
    format!("400 ValidationError 1 validation error detected: {violation}")
}

#[tokio::test]
async fn trust_and_limits_decide_who_assumes_a_role() {
    const NOBODY: &str = "arn:aws:iam::222222222222:role/None";
    const SHARED: &str = "arn:aws:sts::333333333333:assumed-role/Shared/me";
    let refused = |action, role| access_denied(sample::USER, action, role);
    let at_least_2 = "have length greater than or equal to 2";
    let at_most_128 = "have length less than or equal to 128";
    let short = format!(
        "400 ValidationError 2 validation errors detected: {}; {}",
        violation("'arn:aws:iam::1:r'", "roleArn", "have length greater than or equal to 20"),
        violation("'a b'", "roleSessionName", r"satisfy regular expression pattern: [\w+=,.@-]*"),
    );
    let thrice = format!(
        "400 ValidationError 3 validation errors detected: {}; {}; {}",
        violation("null", "roleSessionName", "not be null"),
        violation("'!'", "externalId", at_least_2),
        violation("'!'", "externalId", r"satisfy regular expression pattern: [\w+=,.@:\/-]*"),
    );
    let most = "have value less than or equal to 43200";
    let exceeds = "400 ValidationError The requested DurationSeconds exceeds the \
                   MaxSessionDuration set for this role.";
    let twice = "400 InvalidParameterValue Duplicate tag keys found. Please note that Tag keys are \
                 case insensitive.";
    let no_tag = "400 InvalidParameterValue The specified transitive tag key must be included in the \
                  requested tags.";
    let reserved = "400 InvalidParameterValue Tag keys beginning with 'aws:' are reserved.";
    let long = "k".repeat(129);
    let table: [(&str, &str, Change, String); 19] = [
        ("trusted", READ_ONLY, |r| r, ME.into()),
        ("through the account's root", sample::SHARED, |r| r, SHARED.into()),
        ("not trusted", MACHINE, |r| r, refused("AssumeRole", MACHINE)),
        ("told like one that does not trust", NOBODY, |r| r, refused("AssumeRole", NOBODY)),
        ("without the MFA it wants", ADMIN, |r| r, refused("AssumeRole", ADMIN)),
        ("no ARN", sample::USER, |r| r, "400 ValidationError Request ARN is invalid".into()),
        ("too short, and no name", "arn:aws:iam::1:r", |r| r.role_session_name("a b"), short),
        (
            "a name of one letter",
            READ_ONLY,
            |r| r.role_session_name("x"),
            invalid("'x'", "roleSessionName", at_least_2),
        ),
        ("twelve hours", READ_ONLY, |r| r.duration_seconds(43_200), ME.into()),
        (
            "longer than any role",
            READ_ONLY,
            |r| r.duration_seconds(43_201),
            invalid("'43201'", "durationSeconds", most),
        ),
        ("longer than this role", sample::SHARED, |r| r.duration_seconds(3601), exceeds.into()),
        (
            "tags and a source identity",
            READ_ONLY,
            |r| r.tags(tag("Team", "blue")).transitive_tag_keys("team").source_identity("jo"),
            ME.into(),
        ),
        (
            "tags where the trust does not say so",
            sample::SHARED,
            |r| r.tags(tag("Team", "blue")),
            refused("TagSession", sample::SHARED),
        ),
        (
            "a source identity where the trust does not say so",
            sample::SHARED,
            |r| r.source_identity("jo"),
            refused("SetSourceIdentity", sample::SHARED),
        ),
        (
            "the same tag twice",
            READ_ONLY,
            |r| r.tags(tag("Team", "blue")).tags(tag("TEAM", "red")),
            twice.into(),
        ),
        ("no such tag", READ_ONLY, |r| r.transitive_tag_keys("Team"), no_tag.into()),
        ("a reserved tag", READ_ONLY, |r| r.tags(tag("aws:team", "blue")), reserved.into()),
        (
            "a key of 129 letters",
            READ_ONLY,
            |r| r.tags(tag(&"k".repeat(129), "v")),
            invalid(&format!("'{long}'"), "tags.member.1.key", at_most_128),
        ),
        (
            "no session name, and an external id that breaks two rules",
            READ_ONLY,
            |r| r.set_role_session_name(None).external_id("!"),
            thrice,
        ),
    ];
    let aws = FakeAws::start();
    for (docs, role, change, expected) in table {
        assert_eq!(outcome(change(assume(&user(&aws), role))).await, expected, "{docs}");
    }
}

#[tokio::test]
async fn session_policies_are_checked_for_form() {
    let aws = FakeAws::start();
    let json = "400 MalformedPolicyDocument This policy contains invalid Json";
    let syntax = "400 MalformedPolicyDocument Syntax errors in policy.";
    let principal = "400 MalformedPolicyDocument Policy document should not specify a principal.";
    for (policy, expected) in [
        (r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny"}}"#, ME),
        ("{", json),
        (r#"{"Version":"2012-10-17"}"#, syntax),
        (r#"{"Statement":[{"Action":"*"}]}"#, syntax),
        (r#"{"Statement":[{"Effect":"Allow","Principal":"*"}]}"#, principal),
    ] {
        let request = assume(&user(&aws), READ_ONLY).policy(policy);
        assert_eq!(outcome(request).await, expected, "{policy}");
    }
    let role = policy_arn("arn:aws:iam::aws:role/ReadOnlyAccess");
    let request = assume(&user(&aws), READ_ONLY).policy_arns(role);
    let expected = "400 ValidationError ARN arn:aws:iam::aws:role/ReadOnlyAccess is not valid.";
    assert_eq!(outcome(request).await, expected);
    let eleven = vec![policy_arn("arn:aws:iam::aws:policy/ReadOnlyAccess"); 11];
    let request = assume(&user(&aws), READ_ONLY).set_policy_arns(Some(eleven));
    let expected = "400 ValidationError 1 validation error detected: Value at 'policyArns' failed to \
                    satisfy constraint: Member must have length less than or equal to 10";
    assert_eq!(outcome(request).await, expected);
}

#[tokio::test]
async fn mfa_does_not_count_down_a_chain() {
    const HERE: &str = "arn:aws:sts::222222222222:assumed-role/Admin/me";
    let aws = FakeAws::start();
    let code = || aws.unused_mfa_code(sample::MFA_SERIAL);
    let direct = assume(&user(&aws), ADMIN);
    let direct = direct.serial_number(sample::MFA_SERIAL).token_code(code());
    assert_eq!(outcome(direct.duration_seconds(43_200)).await, HERE, "in the call");

    let with = user(&aws).get_session_token().serial_number(sample::MFA_SERIAL).token_code(code());
    let with = holder(&aws, with.send().await.expect("a session").credentials);
    let long = assume(&with, ADMIN).duration_seconds(43_200);
    assert_eq!(outcome(long).await, HERE, "in a session, and a user's session is no chain");

    let without = user(&aws).get_session_token().send().await.expect("a session");
    let without = holder(&aws, without.credentials);
    assert!(outcome(assume(&without, ADMIN)).await.starts_with("403 AccessDenied User"));

    // A role session carries no MFA, and has no device of its own.
    aws.control(|state| {
        let trust = &mut state.iam.role(ADMIN).expect("a sample role").trust;
        trust.principals.push(READ_ONLY.into());
    });
    let role = aws.control(|state| state.issue_role(READ_ONLY, "me", 900));
    let role = using(&aws, &role);
    assert!(outcome(assume(&role, ADMIN)).await.starts_with("403 AccessDenied User"));
    let proof = assume(&role, ADMIN).serial_number(sample::MFA_SERIAL).token_code(code());
    let refused = outcome(proof).await;
    assert!(refused.contains("unable to validate MFA code"), "{refused}");
}

#[tokio::test]
async fn a_chain_has_its_own_rules() {
    const HERE: &str = "arn:aws:sts::333333333333:assumed-role/Audit/me";
    let aws = FakeAws::start();
    let admin = aws.control(|state| state.issue_role(ADMIN, "me", 900));
    let me = "arn:aws:sts::222222222222:assumed-role/Admin/me";
    let refused = &*access_denied(me, "AssumeRole", AUDIT);
    let too_long = "400 ValidationError The requested DurationSeconds exceeds the 1 hour session \
                    limit for roles assumed by role chaining";
    let id = sample::EXTERNAL_ID;
    for (docs, external_id, seconds, expected) in [
        ("with the external id", Some(id), None, HERE),
        ("without the external id", None, None, refused),
        ("with another external id", Some("other"), None, refused),
        ("an hour", Some(id), Some(3600), HERE),
        ("more than an hour", Some(id), Some(3601), too_long),
    ] {
        let request = assume(&using(&aws, &admin), AUDIT).set_duration_seconds(seconds);
        let request = request.set_external_id(external_id.map(str::to_owned));
        assert_eq!(outcome(request).await, expected, "{docs}");
    }
}

#[tokio::test]
async fn a_chain_hands_down_tags_and_source_identity() {
    let aws = FakeAws::start();
    aws.control(|state| {
        for role in [AUDIT, MACHINE] {
            let trust = &mut state.iam.role(role).expect("a sample role").trust;
            trust.principals = vec![READ_ONLY.into()];
            trust.external_id = None;
        }
    });
    let first = assume(&user(&aws), READ_ONLY).source_identity("jo");
    let first = first.tags(tag("Team", "blue")).transitive_tag_keys("Team");
    let first = first.send().await.expect("a role session");
    assert_eq!(first.source_identity(), Some("jo"));
    let first = holder(&aws, first.credentials);

    let second = assume(&first, AUDIT).send().await.expect("a chained session");
    assert_eq!(second.source_identity(), Some("jo"));
    let conflict = "400 InvalidParameterValue One of the specified transitive tag keys can't be set \
                    because it conflicts with a transitive tag key from the calling session.";
    let here = "arn:aws:sts::333333333333:assumed-role/Audit/me";
    let another = access_denied(ME, "SetSourceIdentity", AUDIT);
    let untaggable = access_denied(ME, "TagSession", MACHINE);
    let table: [(&str, &str, Change, &str); 4] = [
        ("the inherited tag", AUDIT, |r| r.tags(tag("team", "red")), conflict),
        ("the same source identity", AUDIT, |r| r.source_identity("jo"), here),
        ("another source identity", AUDIT, |r| r.source_identity("al"), &another),
        ("a role that may not be tagged takes no inherited tags", MACHINE, |r| r, &untaggable),
    ];
    for (docs, role, change, expected) in table {
        assert_eq!(outcome(change(assume(&first, role))).await, expected, "{docs}");
    }
}
