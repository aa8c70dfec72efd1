//! SigV4 against AWS's published values, and each way in which a signature does not hold.

use chrono::{DateTime, TimeDelta, Utc};

use super::{client, exchange, refusal, status, user};
use crate::fake_aws::request::Request;
use crate::fake_aws::sigv4::Signed;
use crate::fake_aws::{FakeAws, sample};

/// The secret of AWS's examples.
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn request(method: &str, query: &str, headers: &[(&str, &str)], body: &str) -> Request {
    Request {
        method: method.into(),
        path: "/".into(),
        query: query.into(),
        headers: headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        body: body.into(),
        tls: false,
    }
}

/// A request signed as AWS's test suite does, at 2015-08-30T12:36:00Z.
fn suite_request(
    method: &str,
    query: &str,
    service: &str,
    more: &[(&str, &str)],
    body: &str,
    signature: &str,
) -> Request {
    let mut names: Vec<_> = more.iter().map(|(name, _)| *name).chain(["x-amz-date"]).collect();
    names.sort_unstable();
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request, \
         SignedHeaders={}, Signature={signature}",
        names.join(";")
    );
    let mut headers = vec![("x-amz-date", "20150830T123600Z"), ("authorization", &authorization)];
    headers.extend(more);
    request(method, query, &headers, body)
}

#[test]
fn published_signatures_hold() {
    const HOST: (&str, &str) = ("host", "example.amazonaws.com");
    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
    const TOKEN: &str = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
    // From the user guide, and from the suite.
    let list_users = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
    let vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    let key_case = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500";
    let form = "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a";
    let with_token = "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead";

    let query = "Action=ListUsers&Version=2010-05-08";
    let utf_8 = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    let of_iam = [utf_8, ("host", "iam.amazonaws.com")];
    let unsorted = "Param2=value2&Param1=value1";
    let token = ("x-amz-security-token", TOKEN);
    let table = [
        ("ListUsers", suite_request("GET", query, "iam", &of_iam, "", list_users)),
        ("get-vanilla", suite_request("GET", "", "service", &[HOST], "", vanilla)),
        (
            "get-vanilla-query-order-key-case",
            suite_request("GET", unsorted, "service", &[HOST], "", key_case),
        ),
        (
            "post-x-www-form-urlencoded",
            suite_request("POST", "", "service", &[FORM, HOST], "Param1=value1", form),
        ),
        (
            "post-sts-header-before: the session token is signed",
            suite_request("POST", "", "service", &[HOST, token], "", with_token),
        ),
    ];
    for (docs, request) in table {
        let signed = Signed::of(&request).expect("the suite's requests are complete");
        assert_eq!(signed.verify(&request, SECRET), Ok(()), "{docs}");
        let mut changed = request.clone();
        changed.body.push(b'x');
        for (request, secret) in [(&request, "another"), (&changed, SECRET)] {
            let refusal = signed.verify(request, secret).expect_err(docs);
            assert_eq!(refusal.code, "SignatureDoesNotMatch", "{docs}");
        }
    }
}

/// A request that is signed well, unless a row says otherwise.
struct Case {
    scope: &'static str,
    /// The headers that are signed
    names: &'static str,
    more: &'static [(&'static str, &'static str)],
    /// How old it is
    minutes: i64,
    outcome: &'static str,
}

const CASE: Case = Case {
    scope: "20150830/eu-west-1/sts/aws4_request",
    names: "host;x-amz-date",
    more: &[],
    minutes: 0,
    outcome: "fine",
};

#[test]
fn a_scope_a_date_or_a_header_that_is_wrong_is_named() {
    let service =
        "403 SignatureDoesNotMatch Credential should be scoped to correct service: 'sts'. ";
    let region = "403 SignatureDoesNotMatch Credential should be scoped to a valid region. ";
    let terminator = "403 SignatureDoesNotMatch Credential should be scoped with a valid terminator: \
                      'aws4_request', not 'aws5_request'.";
    let parts = "400 IncompleteSignature Credential must have exactly 5 slash-delimited elements, \
                 e.g. keyid/date/region/service/term, got 'AKID/20150830/sts/aws4_request'";
    let day = "403 SignatureDoesNotMatch Date in Credential scope does not match YYYYMMDD from \
               ISO-8601 version of date from HTTP: '20150829' != '20150830', from \
               '20150830T123600Z'.";
    let host = "403 SignatureDoesNotMatch 'Host' or ':authority' must be a 'SignedHeader' in the AWS \
                Authorization.";
    let token = "403 SignatureDoesNotMatch 'x-amz-security-token' must be a 'SignedHeader' in the AWS \
                 Authorization.";
    let old = "403 SignatureDoesNotMatch Signature expired: 20150830T123600Z is now earlier than \
               20150830T123700Z (20150830T125200Z - 15 min.)";
    let ahead = "403 SignatureDoesNotMatch Signature not yet current: 20150830T123600Z is still later \
                 than 20150830T123500Z (20150830T122000Z + 15 min.)";
    for case in [
        CASE,
        Case { scope: "20150830/eu-west-1/iam/aws4_request", outcome: service, ..CASE },
        Case { scope: "20150830/us-east-1/sts/aws4_request", outcome: region, ..CASE },
        Case { scope: "20150830/eu-west-1/sts/aws5_request", outcome: terminator, ..CASE },
        Case { scope: "20150830/sts/aws4_request", outcome: parts, ..CASE },
        Case { scope: "20150829/eu-west-1/sts/aws4_request", outcome: day, ..CASE },
        Case { names: "x-amz-date", outcome: host, ..CASE },
        Case { more: &[("x-amz-security-token", "t")], outcome: token, ..CASE },
        Case { minutes: 16, outcome: old, ..CASE },
        Case { minutes: -16, outcome: ahead, ..CASE },
    ] {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKID/{}, SignedHeaders={}, Signature=00",
            case.scope, case.names
        );
        let mut headers = vec![
            ("host", "sts.eu-west-1.amazonaws.com"),
            ("x-amz-date", "20150830T123600Z"),
            ("authorization", &authorization),
        ];
        headers.extend(case.more);
        let request = request("POST", "", &headers, "");
        let signed_at: DateTime<Utc> = "2015-08-30T12:36:00Z".parse().expect("a time");
        let now = signed_at + TimeDelta::minutes(case.minutes);
        let result = Signed::of(&request).and_then(|signed| {
            signed.check(&request, "sts", Some("eu-west-1"), now, TimeDelta::minutes(15))
        });
        let text = match result {
            Ok(()) => "fine".into(),
            Err(refusal) => format!("{} {} {}", refusal.status, refusal.code, refusal.message),
        };
        assert_eq!(text, case.outcome);
    }
}

#[test]
fn a_signed_query_holds_for_its_lifetime() {
    // The user guide's pre-signed example, moved from S3's unsigned payload to an empty one.
    let request = request(
        "GET",
        "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential=AKID%2F20150830%2Fus-east-1%2Fsts%2Faws4_request\
         &X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00",
        &[("host", "sts.amazonaws.com")],
        "",
    );
    let signed = Signed::of(&request).expect("complete");
    for (seconds, outcome) in [
        (0, Ok(())),
        (60, Ok(())),
        (61, Err("Signature expired: 20150830T123700Z is now earlier than 20150830T123701Z")),
    ] {
        let now: DateTime<Utc> = "2015-08-30T12:36:00Z".parse().expect("a time");
        let now = now + TimeDelta::seconds(seconds);
        let result = signed.check(&request, "sts", None, now, TimeDelta::minutes(15));
        assert_eq!(result.map_err(|refusal| refusal.message), outcome.map_err(str::to_owned));
    }
}

#[test]
fn unsigned_requests_are_refused() {
    let aws = FakeAws::start();
    let table = [
        ("unsigned", "", "403", "MissingAuthenticationToken"),
        ("another scheme", "\nAuthorization: Bearer x", "400", "IncompleteSignature"),
        (
            "no signature, no date",
            "\nAuthorization: AWS4-HMAC-SHA256 Credential=a/b/c/d/e",
            "400",
            "requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. \
             Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        ),
    ];
    for (docs, header, code, text) in table {
        let head = format!("POST / HTTP/1.1\nHost: x{header}");
        let form = "Action=GetCallerIdentity&Version=2011-06-15";
        let answer = exchange(aws.url(), &head, form).expect("an answer");
        assert_eq!(status(&answer), code, "{docs}: {answer}");
        assert!(answer.contains(&text.replace('\'', "&apos;")), "{docs}: {answer}");
        assert!(answer.to_lowercase().contains("x-amzn-requestid: "), "{docs}: {answer}");
    }
}

#[tokio::test]
async fn bad_credentials_are_refused() {
    const INVALID: &str =
        "403 InvalidClientTokenId The security token included in the request is invalid.";
    const MISMATCH: &str = "403 SignatureDoesNotMatch The request signature we calculated does not match the signature \
         you provided. Check your AWS Secret Access Key and signing method. Consult the service \
         documentation for details.";
    let aws = FakeAws::start();
    let other = aws.control(|state| state.issue_role(sample::READ_ONLY, "other", 900));
    let issued = aws.control(|state| state.issue_role(sample::READ_ONLY, "one", 900));
    let (id, secret) = (&issued.access_key_id, &issued.secret_access_key);
    let theirs = &other.session_token;
    let table = [
        ("unknown key", "AKIAUNKNOWN", sample::SECRET_KEY, None, INVALID),
        ("inactive key", sample::INACTIVE_KEY_ID, sample::SECRET_KEY, None, INVALID),
        ("session key without its token", id, secret, None, INVALID),
        ("session key with another's token", id, secret, Some(theirs), INVALID),
        ("a token, no session", sample::KEY_ID, sample::SECRET_KEY, Some(theirs), INVALID),
        ("wrong secret", sample::KEY_ID, "wrong", None, MISMATCH),
    ];
    for (docs, id, secret, token, outcome) in table {
        let token = token.map(String::as_str);
        let answer = client(&aws, id, secret, token).get_caller_identity().send().await;
        assert_eq!(refusal(answer), outcome, "{docs}");
    }

    let client = client(&aws, id, secret, Some(&issued.session_token));
    let identity = client.get_caller_identity().send().await.expect("good credentials");
    assert_eq!(identity.arn(), Some("arn:aws:sts::111111111111:assumed-role/ReadOnly/one"));
    aws.control(|state| state.expire_sessions());
    assert_eq!(
        refusal(client.get_caller_identity().send().await),
        "403 ExpiredToken The security token included in the request is expired"
    );
}

#[tokio::test]
async fn the_server_has_its_own_clock_and_region() {
    let aws = FakeAws::start();
    aws.control(|state| state.clock_offset = TimeDelta::minutes(16));
    let answer = refusal(user(&aws).get_caller_identity().send().await);
    assert!(answer.starts_with("403 SignatureDoesNotMatch Signature expired: "), "{answer}");
    let head = exchange(aws.url(), "GET /latest/x HTTP/1.1\nHost: x", "").expect("an answer");
    let date = head.lines().find_map(|line| line.strip_prefix("date: ")).expect("a date");
    let now = aws.now();
    let off = DateTime::parse_from_rfc2822(date).expect("an HTTP date").to_utc() - now;
    assert!(off.num_seconds().abs() <= 2, "{date} at {now}");

    aws.control(|state| {
        state.clock_offset = TimeDelta::zero();
        state.region = Some("us-east-1".into());
    });
    let answer = refusal(user(&aws).get_caller_identity().send().await);
    assert_eq!(answer, "403 SignatureDoesNotMatch Credential should be scoped to a valid region. ");
    assert_eq!(aws.calls()[0].region.as_deref(), Some("eu-west-1"));
}
