//! The operations of STS that a token proves, and those that few ask for.

use chrono::TimeDelta;
use serde_json::Value;

use crate::children;
use crate::fake_aws::iam::{Federation, Role, SamlProvider, Trust};
use crate::fake_aws::saml::{SIGN_IN, Statement};
use crate::fake_aws::sample::{CI, KEY_ID, READ_ONLY, SUBJECT, USER};
use crate::ran::Ran;
use crate::sandbox::{AWSX, Sandbox};

/// The SAML provider, a role that trusts it, and one that does not.
pub(crate) const PROVIDER: &str = "arn:aws:iam::222222222222:saml-provider/Corp";
pub(crate) const SAML_ROLE: &str = "arn:aws:iam::222222222222:role/TestSaml";

/// A role whose trust policy names this identity provider.
pub(crate) fn trust(sandbox: &Sandbox, role: &str, issuer: &str, subject: &str) {
    let federation = Federation { issuer: issuer.into(), subject: subject.into() };
    let trust = Trust { federation: Some(federation), ..Trust::default() };
    sandbox.aws.control(|state| {
        let id = "AROA2FEDERATEDXXXXXX".into();
        state.iam.roles.push(Role { arn: role.into(), id, max_session_seconds: 3600, trust });
    });
}

const ISSUER: &str = "https://idp.corp.example/saml";

pub(crate) fn with_saml(sandbox: &Sandbox) -> SamlProvider {
    let provider = SamlProvider::new(PROVIDER, ISSUER);
    trust(sandbox, SAML_ROLE, PROVIDER, "");
    sandbox.aws.control(|state| state.iam.saml_providers.push(provider.clone()));
    provider
}

/// awsx with this on stdin; what it prints is a secret or not.
fn with_stdin(sandbox: &Sandbox, args: &[&str], stdin: &str) -> Ran {
    sandbox.run(sandbox.command(AWSX).args(args), stdin.as_bytes(), false)
}

#[test]
fn a_web_identity_token_opens_a_role_as_with_the_aws_cli() {
    let sandbox = children::sandbox();
    // Nobody signs: no credentials are needed, or looked for.
    sandbox.config("");
    sandbox.credentials("");
    let token = sandbox.web_identity_token();
    sandbox.plant(token.rsplit('.').next().unwrap());
    sandbox.write("planted/token", &token);
    let common = ["--role-arn", CI, "--role-session-name", "build", "--region", "eu-west-1"];
    let cli = [
        &["sts", "assume-role-with-web-identity", "--web-identity-token", "file://planted/token"],
        &common[..],
    ]
    .concat();
    let of_cli = sandbox.run(sandbox.command("aws2").args(&cli), b"", false).ok();
    let asked = || {
        let call = sandbox.aws.calls().pop().unwrap();
        (call.operation, call.parameters, call.access_key_id)
    };
    let asked_by_cli = asked();
    let names = |document: &Value| {
        let members = document.as_object().unwrap().iter();
        let inner =
            |value: &Value| value.as_object().map(|o| o.keys().cloned().collect::<Vec<_>>());
        members.map(|(name, value)| (name.clone(), inner(value))).collect::<Vec<_>>()
    };
    let expected = names(&of_cli.json());
    let own = sandbox.awsx(&cli).ok().stderr_is(&[]);
    assert_eq!((names(&own.json()), asked()), (expected.clone(), asked_by_cli.clone()));
    assert_eq!(own.json()["SubjectFromWebIdentityToken"], SUBJECT);
    // A file by its name, stdin, with the line's end that files have; and what others see.
    let op = ["sts", "assume-role-with-web-identity", "--web-identity-token"];
    let by = |given: &'static str| [&op[..], &[given], &common[..]].concat();
    sandbox.write("planted/token", &format!("{token}\n"));
    assert_eq!(names(&sandbox.awsx(&by("planted/token")).ok().stderr_is(&[]).json()), expected);
    let piped = with_stdin(&sandbox, &by("-"), &format!("{token}\n")).ok().stderr_is(&[]);
    assert_eq!((names(&piped.json()), asked()), (expected, asked_by_cli));
    let seen = [&op[..], &[&token], &common[..]].concat();
    // The test's own line holds it.
    let ran = sandbox.command(AWSX).args(&seen).output().unwrap();
    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(
        said.starts_with("warning: --web-identity-token: every program of this machine sees"),
        "{said}"
    );
    assert!(ran.status.success() && !said.contains(&token), "{said}");
    let ran =
        with_stdin(&sandbox, &[&by("-")[..], &["--", AWSX, "whoami", "--json"]].concat(), &token);
    assert_eq!(ran.ok().json()["arn"], "arn:aws:sts::222222222222:assumed-role/Ci/build");
    let env =
        with_stdin(&sandbox, &[&by("-")[..], &["--format", "json"]].concat(), &token).ok().json();
    assert_eq!(
        (&env["AWS_REGION"], &env["AWS_ACCOUNT_ID"]),
        (&"eu-west-1".into(), &"222222222222".into())
    );
}

#[test]
fn tokens_that_do_not_hold_are_refused_and_never_shown() {
    let sandbox = Sandbox::new();
    let right = sandbox.web_identity_token();
    sandbox.plant(right.rsplit('.').next().unwrap());
    let token = |subject: &str, seconds| {
        let end = sandbox.aws.now() + TimeDelta::seconds(seconds);
        sandbox.aws.control(|state| state.iam.identity_providers[0].token(subject, end))
    };
    let ask = |token: &str, more: &[&str]| {
        let args =
            ["sts", "assume-role-with-web-identity", "--role-arn", CI, "--web-identity-token", "-"];
        with_stdin(&sandbox, &[&args[..], more].concat(), token)
    };
    let over = ["ExpiredTokenException", "the web identity token is over"];
    ask(&token(SUBJECT, -60), &[]).fails(5, &over);
    let fork = ["AccessDenied", "check the role's trust policy: its identity provider"];
    ask(&token("repo:example/fork", 60), &[]).fails(5, &fork);
    let forged = ["InvalidIdentityToken", "the role's account has its provider in IAM"];
    ask(&format!("{right}x"), &[]).fails(5, &forged);
    ask("", &[]).fails(2, &["--web-identity-token: it has 0 characters, and AWS takes 4 to 20000"]);
    ask(&"planted-".repeat(4000), &[]).fails(2, &["it has 32000 characters"]);
    ask(&"planted-".repeat(40_000), &[]).fails(2, &["larger than 256 KiB"]);
    ask(&right, &["--profile", "none"]).fails(3, &["profile \"none\" (named on the command line)"]);
    ask(&right, &["--sso", "corp"]).fails(2, &["has no flag --sso"]);
    ask(&right, &["--duration", "2h"]).fails(5, &["exceeds the MaxSessionDuration"]);
    // An access token of OAuth 2.0 has a provider of its own.
    let role = "arn:aws:iam::222222222222:role/FederatedWebIdentityRole";
    let subject = "amzn1.account.AF6RHO7KZU5XRVQJGXK6HB56KR2A";
    trust(&sandbox, role, "www.amazon.com", subject);
    let known = ("www.amazon.com", "Atza|planted-token-of-amazon", subject);
    sandbox.aws.control(|state| {
        state.iam.oauth_tokens.push((known.0.into(), known.1.into(), known.2.into()));
    });
    let args =
        ["sts", "assume-role-with-web-identity", "--role-arn", role, "--web-identity-token", "-"];
    let of = |provider: &str| {
        with_stdin(&sandbox, &[&args[..], &["--provider-id", provider]].concat(), known.1)
    };
    let answer = of("www.amazon.com").ok().json();
    assert_eq!(
        (&answer["Provider"], &answer["SubjectFromWebIdentityToken"]),
        (&known.0.into(), &known.2.into())
    );
    of("graph.facebook.com").fails(5, &["InvalidIdentityToken: The access token was not accepted"]);
    with_stdin(&sandbox, &args, known.1).fails(5, &["InvalidIdentityToken: The ID Token"]);
}

#[test]
fn a_saml_assertion_opens_its_role_and_no_other() {
    let sandbox = children::sandbox();
    let provider = with_saml(&sandbox);
    let end = |minutes| sandbox.aws.now() + TimeDelta::minutes(minutes);
    let right = provider.assertion(&[SAML_ROLE], "ann@corp.example", end(5));
    sandbox.write("planted/assertion", &right);
    let op = ["sts", "assume-role-with-saml", "--principal-arn", PROVIDER, "--role-arn", SAML_ROLE];
    let line =
        [&op[..], &["--saml-assertion", "file://planted/assertion", "--duration-seconds", "900"]]
            .concat();
    let cli = sandbox.run(sandbox.command("aws2").args(&line), b"", false).ok().json();
    let own = sandbox.awsx(&line).ok().stderr_is(&[]).json();
    let keys = |document: &Value| document.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&own), keys(&cli));
    for name in ["Issuer", "Audience", "Subject", "SubjectType", "NameQualifier", "AssumedRoleUser"]
    {
        assert_eq!(own[name], cli[name], "{name}");
    }
    assert_eq!(own["Audience"], SIGN_IN);
    let ask = |assertion: &str, role: &str| {
        let args = [&op[..4], &["--role-arn", role, "--saml-assertion", "-"]].concat();
        with_stdin(&sandbox, &args, assertion)
    };
    ask(&format!("{right}\n"), SAML_ROLE).ok();
    // The assertion says the rest; as the browser's tools show it, too.
    let alone = |assertion: &str, more: &[&str]| {
        let args = ["sts", "assume-role-with-saml", "--saml-assertion", "-"];
        with_stdin(&sandbox, &[&args[..], more].concat(), assertion)
    };
    let form = right.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let field = format!("SAMLResponse={form}&RelayState=");
    for given in [right.clone(), field] {
        assert_eq!(keys(&alone(&given, &[]).ok().json()), keys(&cli));
    }
    let both = provider.assertion(&[SAML_ROLE, READ_ONLY], "ann", end(5));
    alone(&both, &["--role-arn", SAML_ROLE, "--", AWSX, "whoami"]).ok();
    let several = format!("the assertion has 2 roles: {SAML_ROLE}, {READ_ONLY}");
    alone(&both, &[])
        .fails(2, &[&several, &format!("hint: name one of them: --role-arn {SAML_ROLE}")]);
    let lacks = format!("the assertion has no role {CI}: it has {SAML_ROLE}, {READ_ONLY}");
    alone(&both, &["--role-arn", CI]).fails(2, &[&lacks]);
    alone("<Response>", &[]).fails(2, &["--saml-assertion: it is XML as it is", "SAMLResponse"]);
    alone("PGE+", &[]).fails(2, &["--saml-assertion: it is XML with a fault in it"]);
    let statement = || provider.statement(&[SAML_ROLE], "ann", end(5));
    let elsewhere = "https://elsewhere.example/saml";
    let other = provider.sign(&Statement { audience: elsewhere, ..statement() });
    let recipient = provider.sign(&Statement { recipient: elsewhere, ..statement() });
    let forged = SamlProvider::new(PROVIDER, ISSUER);
    let stranger = SamlProvider { issuer: "https://evil.example".into(), ..provider.clone() };
    let whole = ["InvalidIdentityToken", "the role's account has its provider in IAM"];
    let denied = ["AccessDenied", "hint: check the role's trust policy: its SAML provider"];
    for (docs, assertion, role, words) in [
        ("no base 64", "<Response>".to_owned(), SAML_ROLE, &whole[..]),
        ("no assertion", "PGE+".to_owned(), SAML_ROLE, &whole),
        ("forged", forged.assertion(&[SAML_ROLE], "ann", end(5)), SAML_ROLE, &whole),
        ("of another", stranger.assertion(&[SAML_ROLE], "ann", end(5)), SAML_ROLE, &whole),
        ("for another", other, SAML_ROLE, &whole),
        ("to another", recipient, SAML_ROLE, &denied),
        (
            "over",
            provider.assertion(&[SAML_ROLE], "ann", end(-1)),
            SAML_ROLE,
            &["ExpiredToken", "get a new one"],
        ),
        (
            "for a role that trusts none",
            provider.assertion(&[READ_ONLY], "ann", end(5)),
            READ_ONLY,
            &denied,
        ),
    ] {
        let ran = ask(&assertion, role).fails(5, words);
        assert!(ran.stdout.is_empty(), "{docs}");
    }
    let other = provider.assertion(&[READ_ONLY], "ann", end(5));
    ask(&other, SAML_ROLE)
        .fails(2, &[&format!("no role {SAML_ROLE} by provider {PROVIDER}: it has")]);
    sandbox.awsx(&op).fails(2, &["needs --saml-assertion too"]);
}

#[test]
fn the_root_user_of_a_member_account_for_one_task() {
    let sandbox = Sandbox::new();
    sandbox.aws.control(|state| state.iam.member_accounts.push("222222222222".into()));
    let op = ["sts", "assume-root", "--profile", "dev"];
    let ask = |more: &[&str]| sandbox.awsx(&[&op[..], more].concat());
    let target = ["--target-principal", "222222222222"];
    let of_task = |task: &'static str| [&target[..], &["--task-policy-arn", task]].concat();
    let line = of_task("arn=arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy");
    let answer = ask(&[&line[..], &["--duration-seconds", "900"]].concat()).ok().json();
    assert_eq!(answer.as_object().unwrap().keys().collect::<Vec<_>>(), ["Credentials"]);
    let who =
        ask(&[&of_task("IAMAuditRootUserCredentials")[..], &["--", AWSX, "whoami", "--json"]]
            .concat());
    assert_eq!(who.ok().json()["arn"], "arn:aws:iam::222222222222:root");
    ask(&of_task("S3Unlock"))
        .fails(2, &["AWS has no such policy", "give one of IAMAuditRootUserCredentials,"]);
    ask(&[&line[..], &["--duration", "1h"]].concat())
        .fails(2, &["AWS allows 0s to 15m for sts:AssumeRoot"]);
    let other = ["--target-principal", "333333333333", "--task-policy-arn", "S3UnlockBucketPolicy"];
    ask(&other).fails(5, &["AccessDenied", "the policy of whoever asks must allow sts:AssumeRoot"]);
}

#[test]
fn a_token_for_others_and_the_account_of_a_key() {
    let sandbox = Sandbox::new();
    let op = ["sts", "get-web-identity-token", "--audience", "https://api.example.com", "other"];
    let ask =
        |more: &[&str]| sandbox.awsx(&[&op[..], &["--signing-algorithm", "ES384"], more].concat());
    let dev = ["--profile", "dev"];
    ask(&dev).fails(
        5,
        &["OutboundWebIdentityFederationDisabled", "`aws iam enable-outbound-web-identity-f"],
    );
    sandbox.aws.control(|state| state.iam.outbound_federation = true);
    let answer = ask(&dev).ok().json();
    assert_eq!(
        answer.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["WebIdentityToken", "Expiration"]
    );
    assert_eq!(answer["WebIdentityToken"].as_str().unwrap().split('.').count(), 3);
    let parameters = sandbox.aws.calls().pop().unwrap().parameters;
    assert_eq!(parameters["Audience.member.2"], "other");
    ask(&["--profile", "dev", "--tag", "team=blue", "--duration", "1h"]).ok();
    ask(&["--profile", "dev", "--duration", "2h"])
        .fails(2, &["AWS allows 1m to 1h for sts:GetWeb"]);
    let rs = [&op[..], &["--signing-algorithm", "HS256", "-p", "dev"]].concat();
    sandbox.awsx(&rs).fails(2, &["--signing-algorithm HS256: expected one of RS256, ES384"]);
    // A token may not outlast the session that signs.
    let late = TimeDelta::minutes(50);
    sandbox.exec("readonly", &[]).ok();
    sandbox.aws.control(|state| state.clock_offset = late);
    ask(&["--profile", "readonly", "--duration", "1h"])
        .fails(5, &["SessionDurationEscalationException", "with --duration-seconds"]);

    // As large as AWS makes them; whole, and told.
    let sandbox = Sandbox::new();
    let op = ["sts", "get-session-token", "-p", "dev", "--minimum-session-token-size", "4096"];
    let answer = sandbox.awsx(&op).ok().json();
    assert_eq!(answer["Credentials"]["SessionToken"].as_str().unwrap().len(), 4096);
    assert_eq!(
        (&answer["SessionTokenUtilization"], &answer["SessionTokenSize"]),
        (&100.into(), &4096.into())
    );
    let who = sandbox.awsx(&[&op[..], &["--", AWSX, "whoami", "--json"]].concat()).ok().json();
    assert_eq!(who["arn"], USER);

    let sandbox = Sandbox::new();
    let info = |id: &str| {
        sandbox.awsx(&["sts", "get-access-key-info", "--access-key-id", id, "-p", "dev"])
    };
    assert_eq!(info(KEY_ID).ok().stdout, "{\n    \"Account\": \"111111111111\"\n}\n");
    info("AKIA2NOBODYSEXAMPLE7").fails(5, &["ValidationError: The access key ID is not valid"]);
    info("AKIA").fails(2, &["it is not 16 to 128 letters, digits and _"]);
    sandbox.aws.control(|state| state.iam.denied.push((USER.into(), "sts:GetAccessKeyInfo")));
    info(KEY_ID).fails(5, &["the policy of whoever asks must allow sts:GetAccessKeyInfo"]);
}
