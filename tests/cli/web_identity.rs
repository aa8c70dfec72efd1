//! Roles that a web identity token opens: from the environment, from a profile, and as the source of
//! another role.

use chrono::TimeDelta;
use serde_json::json;

use crate::fake_aws::sample;
use crate::sandbox::Sandbox;

const CI_ROLE: &str = "arn:aws:sts::222222222222:assumed-role/Ci/";

/// A token of the issuer that AWS trusts, for `subject` and `audience`, good for `seconds` more.
fn token(sandbox: &Sandbox, subject: &str, audience: &str, seconds: i64) -> String {
    let end = (sandbox.aws.now() + TimeDelta::seconds(seconds)).timestamp();
    let claims = json!({ "iss": sample::ISSUER, "sub": subject, "aud": audience, "exp": end });
    sandbox.aws.control(|state| state.iam.identity_providers[0].token_of(&claims))
}

/// A home with the profile `ci`, and its token file.
fn with_token() -> Sandbox {
    let sandbox = Sandbox::new();
    let token = sandbox.web_identity_token();
    sandbox.web_identity_profile(&format!("{token}\n"))
}

#[test]
fn a_profiles_token_opens_its_role_and_the_session_is_kept() {
    let sandbox = with_token();
    for _ in 0..2 {
        sandbox.env_of("ci").prints("AWS_ACCOUNT_ID=222222222222").stderr_is(&[]);
    }
    assert_eq!(sandbox.aws.counts(), [("AssumeRoleWithWebIdentity".to_owned(), 1)].into());
    assert!(sandbox.aws.calls()[0].access_key_id.is_none(), "the token alone proves who asks");

    // It answers for its own token only: another one may be another identity.
    let other = token(&sandbox, "repo:example/fork", "sts.amazonaws.com", 600);
    sandbox.write("planted/token", &other);
    let claim = "awsx:   \"token.ci.example:sub\": \"repo:example/fork\"";
    let ran = sandbox.exec("ci", &[]).exits(5).says("AccessDenied").says(claim);
    ran.says_no(&other);
    std::fs::remove_file(sandbox.home().join("planted/token")).unwrap();
    sandbox.exec("ci", &[]).fails(8, &["planted/token: No such"]);
    assert_eq!(sandbox.aws.count("AssumeRoleWithWebIdentity"), 2);
}

#[test]
fn a_web_identity_is_the_source_of_another_role() {
    let sandbox = with_token();
    sandbox.let_assume_read_only(sample::CI);
    let ci = sandbox.read_config();
    let role = sample::READ_ONLY;
    sandbox.config(&format!("{ci}[profile on-top]\nrole_arn = {role}\nsource_profile = ci\n"));
    let who = sandbox.whoami("on-top");
    assert!(who["arn"].as_str().unwrap().contains("assumed-role/ReadOnly/"), "{who}");
    assert_eq!(
        sandbox.aws.operations(),
        ["AssumeRoleWithWebIdentity", "AssumeRole", "GetCallerIdentity"]
    );
}

#[test]
fn the_environments_token_opens_its_role() {
    let sandbox = with_token();
    sandbox.config("");
    sandbox.set("AWS_WEB_IDENTITY_TOKEN_FILE", "planted/token");
    let error = "error: AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not";
    let hint = "hint: set AWS_ROLE_ARN too, or `unset AWS_WEB_IDENTITY_TOKEN_FILE`";
    sandbox.awsx(&["exec", "--", "true"]).exits(3).stderr_is(&[error, hint]);
    sandbox.set("AWS_ROLE_ARN", sample::CI);
    sandbox.set("AWS_WEB_IDENTITY_TOKEN_FILE", "planted/none");
    let error = "error: AWS_WEB_IDENTITY_TOKEN_FILE planted/none: No such file";
    sandbox.awsx(&["exec", "--", "true"]).fails(8, &[error]);
    sandbox.set("AWS_WEB_IDENTITY_TOKEN_FILE", "planted/token");
    sandbox.set("AWS_ROLE_SESSION_NAME", "build-17");
    let who = sandbox.awsx(&["whoami", "--json"]).ok().json();
    assert_eq!(who["arn"], format!("{CI_ROLE}build-17"));
    let ran = sandbox.awsx(&["exec", "--", "env"]).ok().prints_no("AWS_ROLE_ARN");
    ran.prints_no("AWS_WEB_IDENTITY_TOKEN_FILE").prints_no("AWS_ROLE_SESSION_NAME");
    // A profile that is named is another matter.
    sandbox.exec("dev", &[]).ok();
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
}

#[test]
fn a_bad_token_is_refused_and_never_shown() {
    let sandbox = with_token();
    let aws = "sts.amazonaws.com";
    let of = |subject, audience, seconds| token(&sandbox, subject, audience, seconds);
    let forged = sandbox.web_identity_token() + "x";
    let over = ["ExpiredTokenException", "hint: the web identity token is over"];
    let claims = ["the token fits a trust policy", "awsx:   \""];
    let fork =
        ["AccessDenied", "hint: check the role's trust policy: its identity", claims[0], claims[1]];
    let invalid = ["InvalidIdentityToken: The web identity token", claims[0], claims[1]];
    let audience = ["InvalidIdentityToken: Incorrect token audience", claims[0], claims[1]];
    for (docs, token, code, words) in [
        ("over", of(sample::SUBJECT, aws, -60), 5, &over[..]),
        ("another subject", of("repo:example/fork", aws, 600), 5, &fork),
        ("another audience", of(sample::SUBJECT, "elsewhere", 600), 5, &audience),
        ("forged", forged, 5, &invalid),
        ("no token", "planted-text".repeat(3), 5, &["InvalidIdentityToken: The ID Token"]),
        (
            "empty",
            String::new(),
            8,
            &["web_identity_token_file ~/planted/token: the file is empty"],
        ),
        ("enormous", "planted-".repeat(9000), 8, &["planted/token: it is larger than 64 KiB"]),
    ] {
        sandbox.write("planted/token", &token);
        sandbox.aws.forget_calls();
        let ran = sandbox.exec("ci", &["-vv"]).fails(code, words).says_no("planted-");
        let ran = ran.says("profile \"ci\": ").says("hint: ");
        assert!(token.is_empty() || !ran.stderr.contains(&token), "{docs}: {ran:?}");
        assert!(sandbox.aws.calls().len() <= 1, "{docs}");
    }
}
