//! Roles that a web identity token opens: from the environment, from a profile, and as the source of
//! another role.

use chrono::TimeDelta;
use serde_json::json;

use crate::fake_aws::sample;
use crate::sandbox::Sandbox;

const CI_ROLE: &str = "arn:aws:sts::222222222222:assumed-role/Ci/";

/// A token of the issuer that AWS trusts, and the same made for `subject` and `audience` and good
/// for `seconds` more.
fn token(sandbox: &Sandbox, subject: &str, audience: &str, seconds: i64) -> String {
    sandbox.aws.control(|state| {
        let end = (state.now() + TimeDelta::seconds(seconds)).timestamp();
        let issuer = &state.iam.identity_providers[0];
        issuer.token_of(&json!({
            "iss": sample::ISSUER, "sub": subject, "aud": audience, "exp": end,
        }))
    })
}

fn good_token(sandbox: &Sandbox) -> String {
    token(sandbox, sample::SUBJECT, "sts.amazonaws.com", 600)
}

/// A home with the profile `ci`, and its token file.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let file = sandbox.write("planted/token", &format!("{}\n", good_token(&sandbox)));
    sandbox.config(&format!(
        "[profile ci]\nrole_arn = {}\nweb_identity_token_file = {}\n\
         [profile on-top]\nrole_arn = {}\nsource_profile = ci\n",
        sample::CI,
        file.display(),
        sample::READ_ONLY
    ));
    sandbox
}

#[test]
fn a_profiles_token_opens_its_role_and_the_session_is_kept() {
    let sandbox = sandbox();
    for _ in 0..2 {
        let ran = sandbox.awsx(&["exec", "ci", "--", "env"]).ok();
        assert!(ran.stdout.contains("AWS_ACCOUNT_ID=222222222222"), "{ran:?}");
        assert_eq!(ran.stderr, "");
    }
    assert_eq!(sandbox.aws.counts(), [("AssumeRoleWithWebIdentity".to_owned(), 1)].into());
    assert!(sandbox.aws.calls()[0].access_key_id.is_none(), "the token alone proves who asks");

    // It answers for its own token only: another one may be another identity.
    let other = token(&sandbox, "repo:example/fork", "sts.amazonaws.com", 600);
    sandbox.write("planted/token", &other);
    sandbox.awsx(&["exec", "ci", "--", "true"]).fails(5, &["AccessDenied"]);
    std::fs::remove_file(sandbox.home().join("planted/token")).unwrap();
    sandbox.awsx(&["exec", "ci", "--", "true"]).fails(8, &["planted/token: No such"]);
    assert_eq!(sandbox.aws.count("AssumeRoleWithWebIdentity"), 2);
}

#[test]
fn it_is_the_source_of_another_role() {
    let sandbox = sandbox();
    sandbox.aws.control(|state| {
        let role = state.iam.role(sample::READ_ONLY).unwrap();
        role.trust.principals.push(sample::CI.into());
    });
    let who = sandbox.awsx(&["whoami", "on-top", "--json"]).ok().json();
    assert!(who["arn"].as_str().unwrap().contains("assumed-role/ReadOnly/"), "{who}");
    let calls: Vec<String> = sandbox.aws.calls().into_iter().map(|call| call.operation).collect();
    assert_eq!(calls, ["AssumeRoleWithWebIdentity", "AssumeRole", "GetCallerIdentity"]);
}

#[test]
fn the_environments_token_opens_its_role() {
    let sandbox = sandbox();
    sandbox.config("");
    sandbox.set("AWS_WEB_IDENTITY_TOKEN_FILE", "planted/token");
    sandbox.awsx(&["exec", "--", "true"]).fails(3, &["AWS_ROLE_ARN is not", "hint: "]);
    sandbox.set("AWS_ROLE_ARN", sample::CI);
    sandbox.set("AWS_ROLE_SESSION_NAME", "build-17");
    let who = sandbox.awsx(&["whoami", "--json"]).ok().json();
    assert_eq!(who["arn"], format!("{CI_ROLE}build-17"));
    let ran = sandbox.awsx(&["exec", "--", "env"]).ok();
    for gone in ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME"] {
        assert!(!ran.stdout.contains(gone), "{ran:?}");
    }
    // A profile that is named is another matter.
    sandbox.awsx(&["exec", "dev", "--", "true"]).ok();
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
}

#[test]
fn a_token_that_is_no_good_is_refused_and_never_shown() {
    let sandbox = sandbox();
    let aws = "sts.amazonaws.com";
    let forged = good_token(&sandbox) + "x";
    for (docs, token, code, words) in [
        (
            "over",
            token(&sandbox, sample::SUBJECT, aws, -60),
            5,
            &["ExpiredTokenException", "hint: the web identity token is over"][..],
        ),
        (
            "another subject",
            token(&sandbox, "repo:example/fork", aws, 600),
            5,
            &["AccessDenied", "hint: check the role's trust policy: its identity provider"],
        ),
        (
            "another audience",
            token(&sandbox, sample::SUBJECT, "elsewhere", 600),
            5,
            &["InvalidIdentityToken: Incorrect token audience"],
        ),
        ("forged", forged, 5, &["InvalidIdentityToken: The web identity token provided could not"]),
        ("no token", "planted-text".repeat(3), 5, &["InvalidIdentityToken: The ID Token"]),
        ("empty", String::new(), 8, &["planted/token: is empty"]),
        ("enormous", "planted-".repeat(9000), 8, &["planted/token: is larger than 64 KiB"]),
    ] {
        sandbox.write("planted/token", &token);
        sandbox.aws.control(|state| state.forget_calls());
        let ran = sandbox.awsx(&["exec", "ci", "-vv", "--", "true"]);
        let ran = ran.fails(code, &["profile \"ci\": ", "hint: "]).fails(code, words);
        assert!(token.is_empty() || !ran.stderr.contains(&token), "{docs}: {ran:?}");
        assert!(!ran.stderr.contains("planted-"), "{docs}: {ran:?}");
        assert!(sandbox.aws.calls().len() <= 1, "{docs}");
    }
}
