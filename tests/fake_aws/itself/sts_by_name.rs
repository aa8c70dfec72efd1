//! What the stand-in refuses of the operations that few ask for.

use aws_sdk_sts::types::{PolicyDescriptorType, Tag};
use aws_smithy_types::base64::{decode, encode};
use chrono::TimeDelta;

use super::{client, config, holder, refusal, user};
use crate::fake_aws::iam::{Federation, Role, SamlProvider, Trust, rfc3339};
use crate::fake_aws::saml::{SIGN_IN, Statement};
use crate::fake_aws::{FakeAws, sample};

const PROVIDER: &str = "arn:aws:iam::222222222222:saml-provider/Corp";
const ROLE: &str = "arn:aws:iam::222222222222:role/Saml";

#[tokio::test]
async fn a_user_vouches_for_somebody_within_bounds() {
    let aws = FakeAws::start();
    let federate = |name: &str| user(&aws).get_federation_token().name(name);
    let given = federate("Bob").send().await.unwrap();
    assert_eq!(
        given.federated_user().unwrap().arn(),
        "arn:aws:sts::111111111111:federated-user/Bob"
    );
    let arn = PolicyDescriptorType::builder().arn("arn:aws:iam::aws:policy/ReadOnlyAccess").build();
    federate("Bob").policy_arns(arn).send().await.unwrap();
    let large = federate("Bob").minimum_session_token_size(4096).send().await.unwrap();
    assert_eq!(large.session_token_size(), Some(4096));
    let too_large = federate("Bob").minimum_session_token_size(4097);
    assert!(refusal(too_large.send().await).starts_with("400 ValidationError"));
    for (said, expected) in [
        (refusal(federate("B").send().await), "400 ValidationError"),
        (refusal(federate("Bob").duration_seconds(899).send().await), "400 ValidationError"),
        (refusal(federate("Bob").duration_seconds(129_601).send().await), "400 ValidationError"),
        (refusal(federate("Bob").policy("{").send().await), "400 MalformedPolicyDocument"),
    ] {
        assert!(said.starts_with(expected), "{said}");
    }
    let mut large = federate("Bob");
    for n in 0..50 {
        large =
            large.tags(Tag::builder().key(format!("k{n}")).value("v".repeat(200)).build().unwrap());
    }
    assert!(refusal(large.send().await).starts_with("400 PackedPolicyTooLarge"));
    // Such a session may ask who it is, and nothing else.
    let bob = holder(&aws, given.credentials);
    bob.get_caller_identity().send().await.unwrap();
    let denied = "403 AccessDenied";
    assert!(refusal(bob.get_federation_token().name("Eve").send().await).starts_with(denied));
    assert!(refusal(bob.get_session_token().send().await).starts_with(denied));
    let role = bob.assume_role().role_arn(sample::READ_ONLY).role_session_name("me");
    assert!(refusal(role.send().await).starts_with(denied));
    // A user's session may assume roles, and no more.
    let session = user(&aws).get_session_token().send().await.unwrap();
    let session = holder(&aws, session.credentials);
    session.assume_role().role_arn(sample::READ_ONLY).role_session_name("me").send().await.unwrap();
    assert!(refusal(session.get_federation_token().name("Bob").send().await).starts_with(denied));
    let info = session.get_access_key_info().access_key_id(sample::KEY_ID);
    assert!(refusal(info.send().await).starts_with(denied));
}

#[tokio::test]
async fn an_assertion_is_held_to_signature_audience_time_and_role() {
    let aws = FakeAws::start();
    let provider = SamlProvider::new(PROVIDER, "https://idp.example");
    let federation = Some(Federation { issuer: PROVIDER.into(), subject: String::new() });
    let trust = Trust { federation, ..Trust::default() };
    let role = Role { arn: ROLE.into(), id: "AROA2SAML".into(), max_session_seconds: 3600, trust };
    aws.control(|state| {
        state.iam.saml_providers.push(provider.clone());
        state.iam.roles.push(role);
    });
    let end = aws.now() + TimeDelta::minutes(5);
    let unsigned = aws_sdk_sts::Client::new(&config(&aws).build());
    let ask = |assertion: String| {
        let call = unsigned.assume_role_with_saml().role_arn(ROLE).principal_arn(PROVIDER);
        call.saml_assertion(assertion).send()
    };
    let given = ask(provider.assertion(&[ROLE], "ann", end)).await.unwrap();
    assert_eq!((given.subject(), given.issuer()), (Some("ann"), Some("https://idp.example")));
    holder(&aws, given.credentials).get_caller_identity().send().await.unwrap();
    let forged = SamlProvider::new(PROVIDER, "https://idp.example");
    let statement = || provider.statement(&[ROLE], "ann", end);
    let to = |recipient| provider.sign(&Statement { recipient, ..statement() });
    let right = String::from_utf8(decode(to(SIGN_IN)).unwrap()).unwrap();
    let change = |from: &str, to: &str| encode(right.replacen(from, to, 1));
    let (_, whole) = right.split_once("<saml:Assertion").unwrap();
    let (whole, _) = whole.split_once("</samlp:Response>").unwrap();
    let late = aws.now() - TimeDelta::seconds(1);
    for (docs, assertion, expected) in [
        ("forged", forged.assertion(&[ROLE], "ann", end), "400 InvalidIdentityToken"),
        ("no base 64", "????".into(), "400 InvalidIdentityToken"),
        (
            "for somebody else",
            provider.sign(&Statement { audience: "https://x", ..statement() }),
            "400 InvalidIdentityToken",
        ),
        ("to somebody else", to("https://x"), "403 AccessDenied"),
        ("another name", change("ann</saml:Attr", "bob</saml:Attr"), "400 InvalidIdentityToken"),
        (
            "a later end",
            change(&rfc3339(end), &rfc3339(end + TimeDelta::hours(1))),
            "400 InvalidId",
        ),
        ("without a signature", change("<ds:Signature ", "<ds:Other "), "400 InvalidIdentityToken"),
        (
            "another one beside it",
            change("<saml:Assertion", &format!("<saml:Assertion{whole}<saml:Assertion")),
            "400 InvalidIdentityToken",
        ),
        (
            "too early",
            provider.assertion(&[ROLE], "ann", end + TimeDelta::minutes(1)),
            "400 InvalidIdentityToken",
        ),
        ("late", provider.assertion(&[ROLE], "ann", late), "400 ExpiredTokenException"),
        ("another role", provider.assertion(&[sample::CI], "ann", end), "403 AccessDenied"),
    ] {
        let said = refusal(ask(assertion).await);
        assert!(said.starts_with(expected), "{docs}: {said}");
    }
}

#[tokio::test]
async fn only_who_may_reads_a_refusal_of_the_own_account() {
    let aws = FakeAws::start();
    let own = aws.control(|state| state.encode_refusal("111111111111", "{}"));
    let foreign = aws.control(|state| state.encode_refusal("222222222222", "{}"));
    let decode =
        |encoded: &str| user(&aws).decode_authorization_message().encoded_message(encoded).send();
    assert_eq!(decode(&own).await.unwrap().decoded_message(), Some("{}"));
    let invalid = "400 InvalidAuthorizationMessageException";
    assert!(refusal(decode(&foreign).await).starts_with(invalid));
    assert!(refusal(decode(&own[1..]).await).starts_with(invalid));
    let denied = (sample::USER.to_owned(), "sts:DecodeAuthorizationMessage");
    aws.control(|state| state.iam.denied.push(denied));
    assert!(refusal(decode(&own).await).starts_with("403 AccessDenied"));
    let stranger = client(&aws, "AKIA2NOBODYSEXAMPLE7", "secret", None);
    let call = stranger.decode_authorization_message().encoded_message(&own);
    assert!(refusal(call.send().await).starts_with("403 InvalidClientTokenId"));
}

#[tokio::test]
async fn root_users_and_tokens_for_others_are_off_at_first() {
    let aws = FakeAws::start();
    let task = |arn: &str| PolicyDescriptorType::builder().arn(arn).build();
    let root = |arn: &str, seconds: i32| {
        let call = user(&aws).assume_root().target_principal("222222222222");
        call.task_policy_arn(task(arn)).duration_seconds(seconds).send()
    };
    let unlock = "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy";
    assert!(refusal(root(unlock, 900).await).starts_with("403 AccessDenied"));
    aws.control(|state| state.iam.member_accounts.push("222222222222".into()));
    root(unlock, 900).await.unwrap();
    assert!(refusal(root(unlock, 901).await).starts_with("400 ValidationError"));
    let other = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    assert!(refusal(root(other, 900).await).starts_with("400 ValidationError"));
    let token = |algorithm: &str| {
        user(&aws).get_web_identity_token().audience("x").signing_algorithm(algorithm).send()
    };
    let off = "403 OutboundWebIdentityFederationDisabledException";
    assert!(refusal(token("ES384").await).starts_with(off));
    aws.control(|state| state.iam.outbound_federation = true);
    token("ES384").await.unwrap();
    assert!(refusal(token("HS256").await).starts_with("400 ValidationError"));
}
