//! The calls against a scripted server: what is tried again, what is not, and what comes out.

use chrono::{TimeDelta, TimeZone};

use super::*;
use crate::aws::client::Bounds;
use crate::aws::testing::{Reply, Server};
use crate::client_settings::ClientSettings;
use crate::credentials::LongTermCredentials;
use crate::env::Env;
use crate::ports::testing::FixedClock;

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).unwrap()
}

const BOUNDS_IN_TESTS: Bounds = Bounds {
    connect: Duration::from_secs(60),
    attempt: Duration::from_secs(60),
    call: Duration::from_secs(180),
    first_pause: Duration::from_millis(1),
};

fn aws_at(settings: ClientSettings, vars: &[(&str, &str)]) -> Aws {
    let aws = Aws::new(settings, &Env::from_pairs(vars.iter().copied()), FixedClock::at(now()));
    with_bounds(aws, BOUNDS_IN_TESTS)
}

fn with_bounds(mut aws: Aws, bounds: Bounds) -> Aws {
    aws.bounds = bounds;
    aws
}

/// Short only where an attempt must time out, shortest where nothing else is to come.
fn patience(script: &[Reply]) -> Bounds {
    let attempt = match (script.first(), script.len()) {
        (Some(Reply::Hang), 1) => Duration::from_millis(200),
        (Some(Reply::Hang), _) => Duration::from_secs(2),
        _ => BOUNDS_IN_TESTS.attempt,
    };
    Bounds { attempt, ..BOUNDS_IN_TESTS }
}

fn aws(server: &Server) -> Aws {
    let endpoint = Some(server.url.clone());
    aws_at(ClientSettings { sts_endpoint_url: endpoint, ..ClientSettings::default() }, &[])
}

fn role(arn: &str) -> AssumeRole {
    AssumeRole {
        role_arn: arn.into(),
        role_session_name: "me".into(),
        duration: Duration::from_secs(3600),
        external_id: None,
        mfa_serial: None,
        context: SessionContext::default(),
        job_tags: Vec::new(),
    }
}

const DEV: &str = "arn:aws:iam::123456789012:role/dev";

fn user_keys(access_key_id: &str) -> Keys {
    Keys::LongTerm(LongTermCredentials {
        access_key_id: access_key_id.into(),
        secret_access_key: Secret::new("planted-secret"),
        account_id: None,
    })
}

fn assume(aws: &Aws, code: Option<&str>) -> Result<SessionCredentials, CallError> {
    let request = AssumeRole {
        mfa_serial: code.map(|_| "arn:aws:iam::123456789012:mfa/me".into()),
        ..role(DEV)
    };
    aws.assume_role(
        &user_keys("AKIAEXAMPLE"),
        &request,
        code.map(|code| MfaCode::parse(code).unwrap()),
    )
}

fn granted() -> Reply {
    Reply::new(200, granted_body("AssumeRole"))
}

fn granted_body(operation: &str) -> String {
    format!(
        "<{operation}Response><{operation}Result>\
         <AssumedRoleUser><AssumedRoleId>AROA:me</AssumedRoleId>\
         <Arn>arn:aws:sts::123456789012:assumed-role/dev/me</Arn></AssumedRoleUser>\
         <Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId>\
         <SecretAccessKey>planted-answer</SecretAccessKey><SessionToken>token</SessionToken>\
         <Expiration>2026-01-01T13:00:00Z</Expiration></Credentials>\
         </{operation}Result></{operation}Response>"
    )
}

fn refused(status: u16, code: &str, message: &str) -> Reply {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>\
         </Error><RequestId>request-1</RequestId></ErrorResponse>"
    );
    Reply::new(status, body)
}

fn dated(reply: Reply, date: &str) -> Reply {
    match reply {
        Reply::Answer(status, mut headers, body) => {
            headers.push(("Date", date.into()));
            Reply::Answer(status, headers, body)
        }
        other => other,
    }
}

/// The outcome in short.
fn shown(result: &Result<SessionCredentials, CallError>) -> String {
    match result {
        Ok(session) => format!("granted {}", session.access_key_id),
        Err(error) => error.to_string(),
    }
}

#[test]
fn transient_faults_are_tried_again_and_refusals_are_not() {
    let denied = || refused(403, "AccessDenied", "User is not authorized");
    for (docs, script, requests, expected) in [
        ("at once", vec![granted()], 1, "granted ASIAEXAMPLE"),
        ("throttled", vec![refused(400, "Throttling", "Rate exceeded"), granted()], 2, "granted"),
        ("server fault", vec![refused(500, "InternalFailure", ""), granted()], 2, "granted"),
        (
            "unavailable",
            vec![Reply::new(503, "<html>"), Reply::new(502, ""), granted()],
            3,
            "granted",
        ),
        ("reset", vec![Reply::Close, Reply::Close, granted()], 3, "granted"),
        ("time-out", vec![Reply::Hang, granted()], 2, "granted"),
        (
            "refusal",
            vec![denied(), granted()],
            1,
            "sts:AssumeRole was refused: AccessDenied: User is",
        ),
        (
            "throttled past the bound",
            vec![refused(400, "Throttling", "Rate exceeded")],
            3,
            "did not succeed after 3 attempts at http://127.0.0.1:",
        ),
        ("down", vec![Reply::new(503, "")], 3, "HTTP 503, and not in the format of AWS"),
        (
            "a captive portal",
            vec![Reply::new(200, "<html>planted")],
            1,
            "HTTP 200, and not in the format of AWS",
        ),
        ("nobody answers", vec![Reply::Hang], 3, "no answer in time"),
        (
            "an answer without a token",
            vec![Reply::new(200, granted_body("AssumeRole").replace("token", ""))],
            1,
            "the answer holds no complete Credentials",
        ),
        (
            "an answer that ends early",
            vec![Reply::new(200, "<AssumeRoleResponse><AssumeRoleResult><Credentials><<")],
            1,
            "the answer holds no complete Credentials",
        ),
    ] {
        let bounds = patience(&script);
        let server = Server::start(script);
        let result = assume(&with_bounds(aws(&server), bounds), None);
        assert!(shown(&result).contains(expected), "{docs}: {}", shown(&result));
        assert_eq!(server.requests().len(), requests, "{docs}");
        assert!(!shown(&result).contains("planted"), "{docs}");
    }
}

#[test]
fn a_code_is_not_sent_again_once_it_may_have_been_used() {
    let wrong = || {
        refused(
            403,
            "AccessDenied",
            "MultiFactorAuthentication failed with invalid MFA one time pass code.",
        )
    };
    for (docs, script, requests, expected) in [
        ("accepted", vec![granted()], 1, "granted"),
        ("wrong", vec![wrong(), granted()], 1, "did not accept the MFA code: MultiFactor"),
        (
            "throttled before it was looked at",
            vec![refused(400, "Throttling", ""), granted()],
            2,
            "granted",
        ),
        ("reset", vec![Reply::Close, granted()], 1, "AWS takes each MFA code only once"),
        ("time-out", vec![Reply::Hang, granted()], 1, "AWS takes each MFA code only once"),
        (
            "server fault",
            vec![refused(500, "InternalFailure", ""), granted()],
            1,
            "AWS takes each MFA code only once",
        ),
        ("cut off", vec![Reply::new(200, "<"), granted()], 1, "AWS takes each MFA code only once"),
    ] {
        let bounds = patience(&script);
        let server = Server::start(script);
        let result = assume(&with_bounds(aws(&server), bounds), Some("123456"));
        assert!(shown(&result).contains(expected), "{docs}: {}", shown(&result));
        match result {
            Ok(_) => assert_eq!(expected, "granted", "{docs}"),
            Err(CallError::MfaCodeRefused { .. }) => assert_eq!(docs, "wrong"),
            Err(CallError::MfaCodeUnanswered { .. }) => {
                assert!(expected.contains("once"), "{docs}")
            }
            Err(other) => panic!("{docs}: {other}"),
        }
        assert_eq!(server.requests().len(), requests, "{docs}");
        assert!(server.requests()[0].body.contains("TokenCode=123456"), "{docs}");
    }
}

#[test]
fn a_code_that_was_never_sent_is_not_used_up() {
    let closed = Some("http://127.0.0.1:1".to_owned());
    let aws = aws_at(ClientSettings { sts_endpoint_url: closed, ..Default::default() }, &[]);
    match assume(&aws, Some("123456")) {
        Err(CallError::Unreachable { attempts: 3, cause, .. }) => {
            assert!(cause.contains("refused"), "{cause}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_clock_that_is_off_is_corrected_or_explained() {
    let late = "Thu, 01 Jan 2026 12:20:00 GMT";
    let early = "Thu, 01 Jan 2026 11:40:00 GMT";
    let expired =
        || refused(403, "SignatureDoesNotMatch", "Signature expired: is now earlier than");
    let wrong_key = || refused(403, "SignatureDoesNotMatch", "The request signature we calculated");
    for (docs, script, signed, expected) in [
        (
            "corrected from the answer",
            vec![dated(expired(), late), granted()],
            &["20260101T120000Z", "20260101T122000Z"][..],
            "granted",
        ),
        (
            "also backwards",
            vec![dated(expired(), early), granted()],
            &["20260101T120000Z", "20260101T114000Z"],
            "granted",
        ),
        (
            "by its other name",
            vec![dated(refused(400, "RequestExpired", "Request has expired."), late), granted()],
            &["20260101T120000Z", "20260101T122000Z"],
            "granted",
        ),
        (
            "still refused",
            vec![dated(expired(), late)],
            &["20260101T120000Z", "20260101T122000Z", "20260101T122000Z"],
            "this machine's clock is 1200 s off AWS's",
        ),
        (
            "a wrong key stays one",
            vec![dated(expired(), late), dated(wrong_key(), late)],
            &["20260101T120000Z", "20260101T122000Z", "20260101T122000Z"],
            "refused: SignatureDoesNotMatch: The request signature",
        ),
    ] {
        let server = Server::start(script);
        for code in [None, Some("123456")] {
            let before = server.requests().len();
            if before > 0 && docs != "still refused" {
                continue;
            }
            let result = assume(&aws(&server), code);
            assert!(shown(&result).contains(expected), "{docs}: {}", shown(&result));
            let dates: Vec<String> = server.requests()[before..]
                .iter()
                .map(|request| request.header("x-amz-date").unwrap().to_owned())
                .collect();
            assert_eq!(dates, signed, "{docs}");
        }
    }
}

#[test]
fn later_calls_know_the_clock_and_expirations_are_local() {
    let late = "Thu, 01 Jan 2026 12:20:00 GMT";
    let server = Server::start([dated(granted(), late)]);
    let aws = aws(&server);
    let session = assume(&aws, None).unwrap();
    assert_eq!(session.expiration.at(), Some(now() + TimeDelta::minutes(40)));
    assume(&aws, None).unwrap();
    assert_eq!(server.requests()[1].header("x-amz-date"), Some("20260101T122000Z"));

    let server = Server::start([dated(granted(), "Thu, 01 Jan 2026 12:00:59 GMT")]);
    let session = assume(&super::tests::aws(&server), None).unwrap();
    assert_eq!(session.expiration.at(), Some(now() + TimeDelta::hours(1)), "noise is left alone");
    assert_eq!(session.account_id.as_deref(), Some("123456789012"));
}

#[test]
fn everything_asked_for_is_sent() {
    let server = Server::start([granted()]);
    let keys = Keys::Session(SessionCredentials {
        access_key_id: "ASIAEXAMPLE".into(),
        secret_access_key: Secret::new("planted-secret"),
        session_token: Some(Secret::new("session-token")),
        expiration: Expiration::Unstated,
        account_id: None,
    });
    let request = AssumeRole {
        external_id: Some("ext".into()),
        mfa_serial: Some("serial".into()),
        context: SessionContext {
            policy: Some("{}".into()),
            policy_arns: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".into()],
            tags: vec![("team".into(), "core".into())],
            transitive_tag_keys: vec!["team".into()],
            source_identity: Some("alice".into()),
        },
        ..role(DEV)
    };
    aws(&server).assume_role(&keys, &request, None).unwrap();
    let sent = server.requests().remove(0);
    assert_eq!(
        sent.body,
        "Action=AssumeRole&Version=2011-06-15\
         &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdev&RoleSessionName=me\
         &PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess\
         &Policy=%7B%7D&DurationSeconds=3600\
         &Tags.member.1.Key=team&Tags.member.1.Value=core&TransitiveTagKeys.member.1=team\
         &ExternalId=ext&SerialNumber=serial&SourceIdentity=alice"
    );
    assert_eq!(sent.header("x-amz-security-token"), Some("session-token"));
    assert!(sent.header("authorization").unwrap().contains("/us-east-1/sts/aws4_request"));
}

#[test]
fn other_calls_send_and_read_the_documented_fields() {
    let server = Server::start([
        Reply::new(200, granted_body("GetSessionToken")),
        Reply::new(200, granted_body("AssumeRoleWithWebIdentity")),
        Reply::new(
            200,
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>a</Arn><UserId>u</UserId>\
             <Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
        ),
    ]);
    let aws = aws(&server);
    let keys = user_keys("AKIA");

    let request = GetSessionToken {
        duration: Duration::from_secs(900),
        mfa_serial: Some("arn:aws:iam::123456789012:mfa/me".into()),
    };
    let code = MfaCode::parse("123456").unwrap();
    let session = aws.get_session_token(&keys, &request, Some(code)).unwrap();
    assert_eq!(session.account_id, None);

    let request = AssumeRoleWithWebIdentity {
        role_arn: DEV.into(),
        role_session_name: "me".into(),
        duration: Duration::from_secs(3600),
        context: SessionContext::default(),
    };
    let session = aws.assume_role_with_web_identity(&request, Secret::new("a.b.c")).unwrap();
    assert_eq!(session.account_id.as_deref(), Some("123456789012"));

    let identity = aws.get_caller_identity(&keys).unwrap();
    assert_eq!(
        (identity.account, identity.arn, identity.user_id),
        ("1".into(), "a".into(), "u".into())
    );

    let sent = server.requests();
    assert_eq!(
        sent[0].body,
        "Action=GetSessionToken&Version=2011-06-15&DurationSeconds=900\
         &SerialNumber=arn%3Aaws%3Aiam%3A%3A123456789012%3Amfa%2Fme&TokenCode=123456"
    );
    assert!(sent[1].body.contains("WebIdentityToken=a.b.c"));
    assert_eq!(sent[1].header("authorization"), None, "the token is the proof");
}

/// The SDK's own rules choose the host; a proxy on loopback hears it.
#[test]
fn every_partition_has_its_regional_endpoint() {
    let cn = "arn:aws-cn:iam::123456789012:role/dev";
    let plain = |region: &str| (Some(region.to_owned()), false, false);
    for (docs, arn, (region, use_fips, use_dualstack), expected) in [
        ("a region", DEV, plain("eu-west-1"), "sts.eu-west-1.amazonaws.com"),
        ("us-east-1 is regional too", DEV, plain("us-east-1"), "sts.us-east-1.amazonaws.com"),
        (
            "the region wins over the ARN",
            cn,
            plain("cn-northwest-1"),
            "sts.cn-northwest-1.amazonaws.com.cn",
        ),
        (
            "a region that the SDK does not know",
            DEV,
            plain("xx-new-9"),
            "sts.xx-new-9.amazonaws.com",
        ),
        ("none", DEV, (None, false, false), "sts.us-east-1.amazonaws.com"),
        ("China", cn, (None, false, false), "sts.cn-north-1.amazonaws.com.cn"),
        (
            "GovCloud",
            "arn:aws-us-gov:iam::1:role/x",
            (None, false, false),
            "sts.us-gov-west-1.amazonaws.com",
        ),
        (
            "EU sovereign",
            "arn:aws-eusc:iam::1:role/x",
            (None, false, false),
            "sts.eusc-de-east-1.amazonaws.eu",
        ),
        ("iso", "arn:aws-iso:iam::1:role/x", (None, false, false), "sts.us-iso-east-1.c2s.ic.gov"),
        (
            "iso-b",
            "arn:aws-iso-b:iam::1:role/x",
            (None, false, false),
            "sts.us-isob-east-1.sc2s.sgov.gov",
        ),
        (
            "iso-e",
            "arn:aws-iso-e:iam::1:role/x",
            (None, false, false),
            "sts.eu-isoe-west-1.cloud.adc-e.uk",
        ),
        (
            "iso-f",
            "arn:aws-iso-f:iam::1:role/x",
            (None, false, false),
            "sts.us-isof-south-1.csp.hci.ic.gov",
        ),
        ("FIPS", DEV, (Some("us-west-2".into()), true, false), "sts-fips.us-west-2.amazonaws.com"),
        ("dual stack", DEV, (Some("eu-west-1".into()), false, true), "sts.eu-west-1.api.aws"),
        ("both", DEV, (Some("us-west-2".into()), true, true), "sts-fips.us-west-2.api.aws"),
    ] {
        let proxy = Server::start([Reply::new(407, "")]);
        let settings = ClientSettings { region, use_fips, use_dualstack, ..Default::default() };
        let aws = aws_at(settings, &[("HTTPS_PROXY", &proxy.url), ("AWS_MAX_ATTEMPTS", "1")]);
        let error = aws.assume_role(&user_keys("AKIA"), &role(arn), None).unwrap_err();
        assert!(matches!(error, CallError::Unreachable { attempts: 1, .. }), "{docs}: {error}");
        assert!(error.to_string().contains("proxy authorization required"), "{docs}: {error}");
        assert_eq!(
            proxy.requests()[0].line.trim_end(),
            format!("CONNECT {expected}:443 HTTP/1.1"),
            "{docs}"
        );
    }
}

#[test]
fn proxies_serve_their_scheme_and_never_loopback() {
    let endpoint = |url: &str| ClientSettings {
        sts_endpoint_url: Some(url.into()),
        ..ClientSettings::default()
    };
    let proxy = Server::start([granted()]);
    let with_password = proxy.url.replace("http://", "http://user:planted@");

    let remote = aws_at(endpoint("http://sts.test"), &[("http_proxy", &with_password)]);
    assert_eq!(shown(&assume(&remote, None)), "granted ASIAEXAMPLE");
    let request = proxy.requests().remove(0);
    assert_eq!(request.line.trim_end(), "POST http://sts.test/ HTTP/1.1");
    assert_eq!(request.header("proxy-authorization"), Some("Basic dXNlcjpwbGFudGVk"));

    let server = Server::start([granted()]);
    let local = aws_at(endpoint(&server.url), &[("HTTP_PROXY", &proxy.url)]);
    assume(&local, None).unwrap();
    assert_eq!((proxy.requests().len(), server.requests().len()), (1, 1));

    // Connects to this machine, but is not loopback to the rule above.
    let outside = server.url.replace("127.0.0.1", "0.0.0.0");
    let proxied = [("HTTP_PROXY", proxy.url.as_str())];
    assume(&aws_at(endpoint(&outside), &proxied), None).unwrap();
    assert_eq!((proxy.requests().len(), server.requests().len()), (2, 1));
    let direct = [proxied[0], ("NO_PROXY", "example.test, 0.0.0.0/8")];
    assume(&aws_at(endpoint(&outside), &direct), None).unwrap();
    assert_eq!((proxy.requests().len(), server.requests().len()), (2, 2));
}

#[test]
fn unusable_settings_are_named() {
    let missing = std::fs::read("/nonexistent/ca.pem").unwrap_err();
    for (docs, settings, vars, expected) in [
        (
            "a region that makes no host name",
            ClientSettings { region: Some("us-east-1 # x".into()), ..Default::default() },
            &[][..],
            "STS endpoint: invalid value for field: `region`",
        ),
        (
            "an endpoint that is no URL",
            ClientSettings { sts_endpoint_url: Some("not a url".into()), ..Default::default() },
            &[],
            "STS endpoint: ",
        ),
        (
            "attempts",
            ClientSettings::default(),
            &[("AWS_MAX_ATTEMPTS", "many")],
            "AWS_MAX_ATTEMPTS: is not a number of at least 1",
        ),
        (
            "CA bundle",
            ClientSettings { ca_bundle: Some("/nonexistent/ca.pem".into()), ..Default::default() },
            &[],
            &format!("CA bundle /nonexistent/ca.pem: {missing}"),
        ),
    ] {
        let error = assume(&aws_at(settings, vars), None).unwrap_err();
        assert!(matches!(error, CallError::Settings { .. }), "{docs}: {error:?}");
        assert!(error.to_string().starts_with(expected), "{docs}: {error}");
    }
}

#[test]
fn tls_trusts_the_ca_bundle_instead_of_the_system() {
    use std::sync::Arc;

    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    use tokio_rustls::rustls::crypto::ring;
    use tokio_rustls::rustls::pki_types::PrivateKeyDer;
    use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_key = KeyPair::generate().unwrap();
    let ca_pem = ca.self_signed(&ca_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["127.0.0.1".to_owned()])
        .unwrap()
        .signed_by(&key, &Issuer::new(ca, ca_key))
        .unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let config = Arc::new(config);
    let server = Server::start_with([granted()], "https", move |stream| {
        let tls = ServerConnection::new(config.clone()).map_err(std::io::Error::other)?;
        Ok(StreamOwned::new(tls, stream))
    });

    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, pem: String| {
        let path = directory.path().join(name);
        std::fs::write(&path, pem).unwrap();
        path
    };
    let other = rcgen::generate_simple_self_signed(["other.test".to_owned()]).unwrap().cert.pem();
    for (ca_bundle, expected) in [
        (write("right.pem", format!("{other}\n{ca_pem}")), "granted ASIAEXAMPLE"),
        (write("other.pem", other.clone()), "invalid peer certificate: "),
    ] {
        let settings = ClientSettings {
            sts_endpoint_url: Some(server.url.clone()),
            ca_bundle: Some(ca_bundle),
            ..ClientSettings::default()
        };
        let result = assume(&aws_at(settings, &[]), None);
        assert!(shown(&result).contains(expected), "{}", shown(&result));
    }
}

/// The SDK panics where a header cannot be built.
#[test]
fn a_panic_in_the_sdk_is_an_error() {
    let server = Server::start([granted()]);
    let keys = user_keys("AKIA\nplanted");
    let error = aws(&server).get_caller_identity(&keys).unwrap_err();
    assert!(matches!(error, CallError::Bug { .. }), "{error}");
    assert!(!error.to_string().contains("planted"), "{error}");
}

#[test]
fn answers_and_their_words_are_bounded() {
    for (docs, reply, expected) in [
        (
            "a long answer",
            Reply::new(200, "<".repeat(1 << 21)),
            "but the answer is longer than 1 MiB",
        ),
        ("a long refusal", Reply::new(403, "<".repeat(1 << 21)), "the answer is longer than 1 MiB"),
        (
            "long words",
            refused(403, "AccessDenied", &"w".repeat(9999)),
            "was refused: AccessDenied: www",
        ),
        (
            "credentials in two lines",
            Reply::new(200, granted_body("AssumeRole").replace("ASIA", "AS IA")),
            "holds no complete Credentials",
        ),
        (
            "a year of five digits",
            Reply::new(200, granted_body("AssumeRole").replace("2026-01-01T13", "12026-01-01T13")),
            "",
        ),
    ] {
        let server = Server::start([reply]);
        let said = assume(&aws(&server), None).unwrap_err().to_string();
        assert!(said.contains(expected) && said.len() < 800, "{docs}: {said}");
    }
}
