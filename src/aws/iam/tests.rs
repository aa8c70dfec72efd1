//! The calls against a scripted server: what is sent, what is tried again, and what comes out.

use chrono::TimeZone;

use super::*;
use crate::aws::testing::{Reply, Server};
use crate::client_settings::ClientSettings;
use crate::credentials::{Expiration, Keys, Secret, SessionCredentials};
use crate::env::Env;
use crate::ports::testing::FixedClock;

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).unwrap()
}

fn aws(server: &Server) -> Aws {
    let iam_endpoint_url = Some(server.url.clone());
    let settings = ClientSettings { iam_endpoint_url, ..ClientSettings::default() };
    let mut aws = Aws::new(settings, &Env::default(), FixedClock::at(now()));
    aws.bounds.first_pause = std::time::Duration::from_millis(1);
    aws
}

fn keys() -> Keys {
    Keys::LongTerm(LongTermCredentials {
        access_key_id: "AKIAEXAMPLE".into(),
        secret_access_key: Secret::new("planted-secret"),
        account_id: None,
    })
}

const DEV: &str = "arn:aws:iam::123456789012:user/dev";

fn answer(operation: &str, result: &str) -> Reply {
    Reply::new(
        200,
        format!(
            "<{operation}Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\
             <{operation}Result>{result}</{operation}Result>\
             <ResponseMetadata><RequestId>request-1</RequestId></ResponseMetadata></{operation}Response>"
        ),
    )
}

fn made() -> Reply {
    answer(
        "CreateAccessKey",
        "<AccessKey><UserName>dev</UserName><AccessKeyId>AKIANEW</AccessKeyId>\
         <Status>Active</Status><SecretAccessKey>planted/answer</SecretAccessKey>\
         <CreateDate>2026-01-01T12:00:00Z</CreateDate></AccessKey>",
    )
}

fn refused(status: u16, code: &str, message: &str) -> Reply {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>\
         </Error><RequestId>request-1</RequestId></ErrorResponse>"
    );
    Reply::new(status, body)
}

#[test]
fn a_creation_is_not_repeated_once_iam_may_have_acted() {
    let full = "Cannot exceed quota for AccessKeysPerUser: 2";
    for (docs, script, requests, expected) in [
        ("made", vec![made()], 1, "made AKIANEW"),
        ("throttled", vec![refused(400, "Throttling", "Rate exceeded"), made()], 2, "made"),
        ("lost", vec![Reply::Close, made()], 1, "did not succeed after 1 attempt at http://127"),
        ("failed", vec![refused(500, "ServiceFailure", "")], 1, "HTTP 500 ServiceFailure"),
        ("a page", vec![Reply::new(502, "<html>")], 1, "HTTP 502, and not in the format of AWS"),
        (
            "no XML",
            vec![Reply::new(200, "oops"), made()],
            1,
            "HTTP 200, and not in the format of AWS",
        ),
        ("no key", vec![answer("CreateAccessKey", "")], 1, "holds no complete AccessKey"),
        (
            "two keys",
            vec![refused(409, "LimitExceeded", full), made()],
            1,
            "iam:CreateAccessKey was refused: LimitExceeded: Cannot exceed quota",
        ),
    ] {
        let server = Server::start(script);
        let keys = keys();
        let made = aws(&server).create_access_key(&Signer { keys: &keys, arn: DEV });
        let shown = match made {
            Ok(made) => format!("made {}", made.keys.access_key_id),
            Err(error) => error.to_string(),
        };
        assert!(shown.contains(expected), "{docs}: {shown}");
        assert!(!shown.contains("planted"), "{docs}: {shown}");
        assert_eq!(server.requests().len(), requests, "{docs}");
    }
}

#[test]
fn all_else_is_tried_again() {
    let list = || {
        answer(
            "ListAccessKeys",
            "<IsTruncated>false</IsTruncated><AccessKeyMetadata><member><AccessKeyId>AKIAONE\
             </AccessKeyId><Status>Active</Status><CreateDate>2025-01-01T12:00:00Z</CreateDate>\
             </member><member><AccessKeyId>AKIATWO</AccessKeyId><Status>Expired</Status>\
             <CreateDate>2025-01-02T12:00:00+00:00</CreateDate></member></AccessKeyMetadata>",
        )
    };
    let none = answer("ListAccessKeys", "<AccessKeyMetadata/>");
    for (docs, script, requests, expected) in [
        ("two", vec![list()], 1, "AKIAONE Active 2025-01-01, AKIATWO Inactive 2025-01-02"),
        ("none", vec![none], 1, ""),
        ("later", vec![Reply::Close, refused(500, "ServiceFailure", ""), list()], 3, "AKIAONE"),
        (
            "cut off",
            vec![Reply::new(200, "<R><ListAccessKeysResult>")],
            1,
            "not in the format of AWS",
        ),
        ("another answer", vec![made()], 1, "holds no complete ListAccessKeysResult"),
        (
            "half of a key",
            vec![answer("ListAccessKeys", "<A><member/></A>")],
            1,
            "AccessKeyMetadata",
        ),
        ("denied", vec![refused(403, "AccessDenied", "no")], 1, "was refused: AccessDenied: no"),
    ] {
        let server = Server::start(script);
        let keys = keys();
        let shown = match aws(&server).access_keys(&Signer { keys: &keys, arn: DEV }) {
            Ok(keys) => keys
                .iter()
                .map(|key| {
                    format!("{} {} {}", key.id, key.status.as_str(), key.created.date_naive())
                })
                .collect::<Vec<_>>()
                .join(", "),
            Err(error) => error.to_string(),
        };
        assert!(shown.contains(expected), "{docs}: {shown}");
        assert_eq!(server.requests().len(), requests, "{docs}");
    }
}

#[test]
fn what_is_sent_and_which_region_signs() {
    let done =
        answer("Any", "<AccessKeyLastUsed><ServiceName>N/A</ServiceName></AccessKeyLastUsed>");
    let session = Keys::Session(SessionCredentials {
        access_key_id: "ASIAEXAMPLE".into(),
        secret_access_key: Secret::new("planted-secret"),
        session_token: Some(Secret::new("token")),
        expiration: Expiration::Unstated,
        account_id: None,
    });
    type Do = fn(&Aws, &Signer<'_>) -> Result<(), CallError>;
    let (delete, last_use, deactivate): (Do, Do, Do) = (
        |aws, signer| aws.delete_access_key(signer, "AKIAOLD"),
        |aws, signer| {
            assert_eq!(aws.last_use(signer, "AKIAOLD")?, None);
            Ok(())
        },
        |aws, signer| aws.set_status(signer, "AKIAOLD", KeyStatus::Inactive),
    );
    for (arn, ask, region, body) in [
        (DEV, delete, "us-east-1", "Action=DeleteAccessKey&Version=2010-05-08&AccessKeyId=AKIAOLD"),
        (
            "arn:aws-cn:iam::123456789012:user/dev",
            last_use,
            "cn-north-1",
            "Action=GetAccessKeyLastUsed&Version=2010-05-08&AccessKeyId=AKIAOLD",
        ),
        (
            "arn:aws-us-gov:iam::123456789012:user/dev",
            deactivate,
            "us-gov-west-1",
            "Action=UpdateAccessKey&Version=2010-05-08&AccessKeyId=AKIAOLD&Status=Inactive",
        ),
    ] {
        let server = Server::start([done.clone()]);
        ask(&aws(&server), &Signer { keys: &session, arn }).unwrap();
        let sent = server.requests().remove(0);
        assert_eq!((sent.line.trim_end(), &*sent.body), ("POST / HTTP/1.1", body));
        let signature = sent.header("authorization").unwrap();
        let scope = format!("/{region}/iam/aws4_request, SignedHeaders=");
        assert!(signature.contains(&scope), "{signature}");
        assert_eq!(sent.header("x-amz-security-token"), Some("token"));
        assert_eq!(sent.header("content-type"), Some("application/x-www-form-urlencoded"));
        assert!(sent.header("user-agent").unwrap().contains("api/iam"), "{sent:?}");
    }
}

#[test]
fn what_is_gone_need_not_be_deleted() {
    let gone = "The Access Key with id AKIAOLD cannot be found.";
    let server = Server::start([refused(404, "NoSuchEntity", gone)]);
    let (keys, aws) = (keys(), aws(&server));
    let signer = Signer { keys: &keys, arn: DEV };
    aws.delete_access_key(&signer, "AKIAOLD").unwrap();
    let refused = aws.set_status(&signer, "AKIAOLD", KeyStatus::Active);
    assert!(matches!(refused, Err(CallError::Refused { code, .. }) if code == "NoSuchEntity"));
}

/// The next attempt is signed with AWS's time, and so are the calls that follow; times are told in local time.
#[test]
fn a_clock_that_is_off_is_corrected() {
    let late = "Signature expired: 20260101T120000Z is now earlier than 20260101T121000Z";
    let dated = |reply: Reply| match reply {
        Reply::Answer(status, mut headers, body) => {
            headers.push(("Date", "Thu, 01 Jan 2026 12:15:00 GMT".into()));
            Reply::Answer(status, headers, body)
        }
        other => other,
    };
    let script = [refused(403, "SignatureDoesNotMatch", late), made(), made()].map(dated);
    let server = Server::start(script);
    let (keys, aws) = (keys(), aws(&server));
    for _ in 0..2 {
        let made = aws.create_access_key(&Signer { keys: &keys, arn: DEV }).unwrap();
        assert_eq!(made.created, now() - chrono::TimeDelta::minutes(15));
    }
    let times: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.header("x-amz-date").unwrap().to_owned())
        .collect();
    assert_eq!(times, ["20260101T120000Z", "20260101T121500Z", "20260101T121500Z"]);
}
