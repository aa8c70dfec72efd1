//! What goes wrong between awsx and AWS: what is tried again, what is not, and what the person reads.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::fake_aws::fault::Fault;
use crate::fake_aws::sample;
use crate::sandbox::{Ran, Sandbox};
use crate::table::side_by_side;

/// More often than anybody tries.
const FOREVER: usize = 99;

const fn refuse(status: u16, code: &'static str, message: &'static str) -> Fault {
    Fault::Refuse { status, code, message }
}

/// The time at this machine, whatever AWS's clock says.
fn local_time(sandbox: &Sandbox) -> DateTime<Utc> {
    sandbox.aws.control(|state| state.now() - state.clock_offset)
}

#[test]
fn faults_that_pass_are_tried_again() {
    let slow = Fault::Delay(Duration::from_millis(1500));
    let rows = [
        ("throttled", Fault::THROTTLE, 1, 2),
        ("throttled twice", Fault::THROTTLE, 2, 3),
        ("throttled as newer services say it", Fault::TOO_MANY_REQUESTS, 1, 2),
        ("throttled as EC2 says it", Fault::LIMIT_EXCEEDED, 1, 2),
        ("500", Fault::INTERNAL, 2, 3),
        ("503", Fault::UNAVAILABLE, 2, 3),
        ("502 with a code that nobody knows", refuse(502, "Odd", "odd"), 1, 2),
        ("reset", Fault::Reset, 2, 3),
        ("the answer is lost", Fault::LoseAnswer, 1, 2),
        ("cut off in the middle", Fault::Truncate, 1, 2),
        ("no answer in time", Fault::Hang, 1, 2),
        ("a late answer is an answer", slow, 1, 1),
    ];
    side_by_side(
        &rows,
        |row| row.0,
        |&(docs, fault, times, calls)| {
            let sandbox = Sandbox::new();
            sandbox.aws.control(|state| state.fail("AssumeRole", fault, times));
            let ran = sandbox.awsx(&["exec", "readonly", "--", "true"]).ok();
            assert_eq!(ran.stderr, "", "{docs}");
            assert_eq!(sandbox.aws.count("AssumeRole"), calls, "{docs}");
        },
    );
}

/// Exit code 6, after three attempts; the hang's ten seconds are awaited once only.
#[test]
fn faults_that_last_are_unreachable() {
    const HTTP_500: &str =
        "HTTP 500 InternalFailure The request processing has failed because of an";
    let rows = [
        ("throttled", Fault::THROTTLE, None, 3, "throttled: Rate exceeded (Throttling)"),
        ("429", Fault::TOO_MANY_REQUESTS, None, 3, "Rate exceeded (TooManyRequestsException)"),
        ("500", Fault::INTERNAL, None, 3, HTTP_500),
        ("503", Fault::UNAVAILABLE, None, 3, "HTTP 503 ServiceUnavailable The request has failed"),
        ("reset", Fault::Reset, None, 3, "reset"),
        ("cut off", Fault::Truncate, None, 3, "the answer was cut off"),
        ("as often as told", Fault::INTERNAL, Some("2"), 2, HTTP_500),
        ("once, if told so", Fault::THROTTLE, Some("1"), 1, "throttled"),
        ("no answer", Fault::Hang, Some("1"), 1, "no answer in time"),
        ("an answer that is no XML", Fault::Garbage, None, 1, "the answer holds no complete Cred"),
    ];
    side_by_side(
        &rows,
        |row| row.0,
        |&(docs, fault, attempts, calls, cause)| {
            let sandbox = Sandbox::new();
            if let Some(attempts) = attempts {
                sandbox.set("AWS_MAX_ATTEMPTS", attempts);
            }
            sandbox.aws.control(|state| state.fail("AssumeRole", fault, FOREVER));
            let tried = format!("after {calls} attempt");
            let words = [
                "profile \"readonly\": sts:AssumeRole",
                &tried,
                sandbox.aws.url(),
                cause,
                "hint: ",
            ];
            sandbox.awsx(&["exec", "readonly", "--", "echo", "ran"]).fails(6, &words);
            assert_eq!(sandbox.aws.count("AssumeRole"), calls, "{docs}");
        },
    );
}

/// Exit code 5 at the first no.
#[test]
fn refusals_are_not_tried_again() {
    let rows = [
        (refuse(403, "AccessDenied", "no such luck"), "trust policy"),
        (refuse(403, "InvalidClientTokenId", "invalid"), "check the access key"),
        (refuse(403, "SignatureDoesNotMatch", "we calculated another"), "check the access key"),
        (refuse(403, "ExpiredToken", "is expired"), "expired"),
        (refuse(403, "RegionDisabledException", "not activated"), "awsx explain readonly"),
        (refuse(400, "ValidationError", "1 validation error detected"), "awsx explain readonly"),
        (refuse(400, "MalformedPolicyDocument", "bad policy"), "awsx explain readonly"),
        (refuse(400, "PackedPolicyTooLarge", "at 110%"), "awsx explain readonly"),
        (refuse(400, "SomethingNew", "what AWS thinks of next"), "awsx explain readonly"),
    ];
    for (fault, hint) in rows {
        let sandbox = Sandbox::new();
        sandbox.aws.control(|state| state.fail("AssumeRole", fault, FOREVER));
        let Fault::Refuse { code, message, .. } = fault else { unreachable!("only refusals") };
        let refused =
            format!("profile \"readonly\": sts:AssumeRole was refused: {code}: {message}");
        sandbox
            .awsx(&["exec", "readonly", "--", "echo", "ran"])
            .fails(5, &[&refused, "hint: ", hint]);
        assert_eq!(sandbox.aws.count("AssumeRole"), 1, "{code}");
    }
}

#[test]
fn every_command_and_call_fails_the_same_way() {
    for (command, operation, call) in [
        (&["whoami", "readonly", "--json"][..], "AssumeRole", "sts:AssumeRole"),
        (&["whoami", "dev", "--json"], "GetCallerIdentity", "sts:GetCallerIdentity"),
        (&["env", "dev"], "GetSessionToken", "sts:GetSessionToken"),
        (&["credential-process", "dev"], "GetSessionToken", "sts:GetSessionToken"),
        (&["exec", "dev", "true"], "GetSessionToken", "sts:GetSessionToken"),
    ] {
        for (fault, code, kind) in [
            (Fault::THROTTLE, 6, "unreachable"),
            (refuse(403, "AccessDenied", "no such luck"), 5, "refused"),
        ] {
            let sandbox = Sandbox::new();
            sandbox.set("AWS_MAX_ATTEMPTS", "1");
            sandbox.aws.control(|state| state.fail(operation, fault, FOREVER));
            let ran = sandbox.awsx(command).fails(code, &[call]);
            assert_eq!(ran.stdout, "", "{command:?}");
            if command.contains(&"--json") {
                let told: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
                assert_eq!(told["error"]["kind"], kind, "{ran:?}");
                assert!(told["error"]["hint"].is_string(), "{ran:?}");
            }
        }
    }
}

#[test]
fn nobody_there_is_unreachable() {
    let sandbox = Sandbox::new();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{closed}");
    sandbox.set("AWS_ENDPOINT_URL", &url);
    sandbox
        .awsx(&["exec", "readonly", "--", "true"])
        .fails(6, &["profile \"readonly\": sts:AssumeRole", &url, "Connection refused", "hint: "]);
}

/// What came before the failing step stays: nobody is asked for a second code.
#[test]
fn a_chain_that_breaks_goes_on_where_it_broke() {
    let sandbox = Sandbox::new();
    sandbox.set("AWS_MAX_ATTEMPTS", "1");
    for (operation, profile) in [("AssumeRole", "prod"), ("AssumeRole", "audit")] {
        let code = sandbox.code();
        sandbox.aws.control(|state| {
            state.forget_calls();
            state.fail(operation, Fault::UNAVAILABLE, 1);
        });
        let named = format!("profile \"{profile}\": sts:{operation}");
        sandbox.awsx(&["exec", "audit", "--mfa-code", &code, "--", "true"]).fails(6, &[&named]);
        // The one after it breaks next time.
        if profile == "prod" {
            sandbox.awsx(&["exec", "prod", "--", "true"]).ok();
        }
    }
    sandbox.aws.control(|state| state.forget_calls());
    sandbox.awsx(&["exec", "audit", "--", "true"]).ok();
    assert_eq!(sandbox.aws.counts(), [("AssumeRole".to_owned(), 1)].into());
}

/// AWS refuses signatures that are five minutes off. A fresh signature with AWS's own time is taken,
/// and the session's end is told in local time.
#[test]
fn a_clock_that_is_off_is_corrected() {
    for minutes in [-1440, -60, -10, 10, 60, 1440] {
        let sandbox = Sandbox::new();
        sandbox.aws.control(|state| {
            state.tolerance = TimeDelta::minutes(5);
            state.clock_offset = TimeDelta::minutes(minutes);
        });
        let ran = sandbox.awsx(&["credential-process", "readonly"]).ok();
        assert_eq!(ran.stderr, "", "{minutes} min");
        assert_eq!(sandbox.aws.count("AssumeRole"), 2, "refused once, {minutes} min");
        let end = ran.json()["Expiration"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        let left = end - local_time(&sandbox);
        assert!((55..=61).contains(&left.num_minutes()), "{minutes} min: {left} left");

        sandbox.awsx(&["exec", "readonly", "--", "true"]).ok();
        assert_eq!(sandbox.aws.count("AssumeRole"), 2, "the cache holds, {minutes} min");

        // The refusal came before AWS looked at the code, so the code is still good.
        let code = sandbox.code();
        sandbox.awsx(&["exec", "prod", "--mfa-code", &code, "--", "true"]).ok();
    }
}

/// AWS tolerates up to five minutes (the stand-in up to fifteen): then only the end is translated.
#[test]
fn a_clock_that_is_off_a_little_costs_nothing() {
    for minutes in [-10, 10] {
        let sandbox = Sandbox::new();
        sandbox.aws.control(|state| state.clock_offset = TimeDelta::minutes(minutes));
        let ran = sandbox.awsx(&["credential-process", "readonly", "--duration", "15m"]).ok();
        let end = ran.json()["Expiration"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        let left = end - local_time(&sandbox);
        assert!((10..=16).contains(&left.num_minutes()), "{minutes} min: {left} left");
        assert_eq!(sandbox.aws.count("AssumeRole"), 1, "{minutes} min");
    }
}

#[test]
fn a_clock_that_cannot_be_corrected_is_explained() {
    let too_old = "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z";
    let sandbox = Sandbox::new();
    sandbox.aws.control(|state| {
        state.clock_offset = TimeDelta::minutes(10);
        state.fail("AssumeRole", refuse(403, "SignatureDoesNotMatch", too_old), FOREVER);
    });
    let ran = sandbox.awsx(&["exec", "readonly", "--", "true"]).fails(
        5,
        &["profile \"readonly\": sts:AssumeRole", "clock is 600 s off AWS's", "timedatectl"],
    );
    assert!(!ran.stderr.contains("key"), "{ran:?}");
}

#[test]
fn keys_that_are_no_good_are_refused() {
    let sandbox = Sandbox::new();
    let ended = sandbox.aws.control(|state| state.issue_role(sample::READ_ONLY, "ended", 0));
    let (id, secret) = (sample::KEY_ID, sample::SECRET_KEY);
    for (docs, keys, words) in [
        ("inactive", (sample::INACTIVE_KEY_ID, secret, None), &["InvalidClientTokenId"][..]),
        ("unknown", ("AKIA2NOBODYEXAMPLE77", secret, None), &["InvalidClientTokenId"]),
        (
            "another secret",
            (id, "planted-elsewhere+wJalrXUtnFEMIbPxRfiCYE", None),
            &["SignatureDoesNotMatch"],
        ),
        (
            "expired",
            (&*ended.access_key_id, &*ended.secret_access_key, Some(&*ended.session_token)),
            &["ExpiredToken", "credentials that sign the call have expired"],
        ),
        (
            "a token of another session",
            (&*ended.access_key_id, &*ended.secret_access_key, Some("planted-token")),
            &["InvalidClientTokenId"],
        ),
    ] {
        let (id, secret, token) = keys;
        let token = token.map_or(String::new(), |token| format!("aws_session_token = {token}\n"));
        sandbox.credentials(&format!(
            "[dev]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n{token}"
        ));
        sandbox.aws.control(|state| state.forget_calls());
        let ran = sandbox.awsx(&["exec", "readonly", "--", "true"]);
        let ran = ran.fails(5, &["profile \"readonly\": sts:AssumeRole", "hint: "]).fails(5, words);
        for part in ["planted", secret] {
            assert!(!ran.stderr.contains(part), "{docs}: {ran:?}");
        }
        assert_eq!(sandbox.aws.count("AssumeRole"), 1, "{docs}");
    }
}

/// A cached session that AWS no longer takes: the message says what helps.
#[test]
fn a_revoked_session_is_renewed_with_refresh() {
    let sandbox = Sandbox::new();
    let code = sandbox.code();
    sandbox.awsx(&["exec", "prod", "--mfa-code", &code, "--", "true"]).ok();
    sandbox.aws.control(|state| state.expire_sessions());
    sandbox
        .awsx(&["exec", "audit", "--", "true"])
        .fails(5, &["profile \"audit\": sts:AssumeRole", "ExpiredToken", "--refresh"]);
    let code = sandbox.code();
    sandbox.awsx(&["exec", "audit", "--refresh", "--mfa-code", &code, "--", "true"]).ok();
}

fn with_code(sandbox: &Sandbox, code: &str) -> Ran {
    sandbox.awsx(&["exec", "prod", "--mfa-code", code, "--", "true"])
}

/// Nobody knows whether AWS used the code up, so it is not sent again, by no awsx.
#[test]
fn a_code_whose_answer_is_lost_is_not_sent_again() {
    for (docs, fault, used_up) in [
        ("lost after it was used up", Fault::LoseAnswer, true),
        ("cut off after it was used up", Fault::Truncate, true),
        ("reset before", Fault::Reset, false),
        ("500", Fault::INTERNAL, false),
        ("no XML", Fault::Garbage, false),
    ] {
        let sandbox = Sandbox::new();
        sandbox.aws.control(|state| state.fail("GetSessionToken", fault, 1));
        let code = sandbox.code();
        let ran = with_code(&sandbox, &code).fails(
            6,
            &[
                "profile \"prod\": sts:GetSessionToken",
                "takes each MFA code only once",
                "next code",
            ],
        );
        assert!(!ran.stderr.contains("did not accept"), "{docs}: {ran:?}");
        with_code(&sandbox, &code).fails(4, &["already used", "hint: "]);
        assert_eq!(sandbox.aws.count("GetSessionToken"), 1, "{docs}");
        let (would_have_done, next) = sandbox.aws.control(|state| {
            let now = state.now();
            let device = state.iam.mfa_device(sample::MFA_SERIAL).unwrap();
            (device.accept(&code, now), device.code(now + TimeDelta::seconds(30)))
        });
        assert_eq!(would_have_done, !used_up, "{docs}");
        with_code(&sandbox, &next).ok();
    }
}

/// Before AWS looked at the code it is still good.
#[test]
fn a_throttled_code_is_sent_again() {
    let sandbox = Sandbox::new();
    sandbox.aws.control(|state| state.fail("GetSessionToken", Fault::THROTTLE, 1));
    with_code(&sandbox, &sandbox.code()).ok();
    assert_eq!(sandbox.aws.count("GetSessionToken"), 2);
}

/// A device that can be asked by a program is asked for its next code, in the next step.
#[test]
fn a_lost_answer_costs_mfa_process_one_more_code() {
    let sandbox = Sandbox::new();
    let [now, next] = sandbox.aws.control(|state| {
        let now = state.now();
        let device = state.iam.mfa_device(sample::MFA_SERIAL).unwrap();
        [device.code(now), device.code(now + TimeDelta::seconds(30))]
    });
    let script = format!("test -e asked && echo {next} || echo {now}; touch asked");
    sandbox.write("planted/device", &script);
    sandbox.config(
        &crate::sandbox::CONFIG
            .replace("mfa_serial", "mfa_process = sh planted/device\nmfa_serial"),
    );
    sandbox.aws.control(|state| state.fail("GetSessionToken", Fault::LoseAnswer, 1));
    sandbox.awsx(&["exec", "prod", "--", "true"]).ok();
    assert_eq!(sandbox.aws.count("GetSessionToken"), 2);
}

#[test]
fn a_code_that_is_wrong_is_refused() {
    let sandbox = Sandbox::new();
    let wrong = if sandbox.code() == "000000" { "000001" } else { "000000" };
    with_code(&sandbox, wrong).fails(
        5,
        &["AWS did not accept the MFA code of arn:aws:iam::111111111111:mfa/dev (1 tried)", "hint"],
    );
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
    with_code(&sandbox, "12345").fails(2, &["--mfa-code", "six digits"]);
    with_code(&sandbox, &sandbox.code()).ok();
}
