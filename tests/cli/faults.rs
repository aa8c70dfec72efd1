//! What goes wrong between awsx and AWS: what is tried again, what is not, and what the person reads.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::fake_aws::fault::Fault;
use crate::fake_aws::sample;
use crate::given::NOBODY;
use crate::ran::Ran;
use crate::sandbox::{Sandbox, keys};
use crate::table::side_by_side;

/// More often than anybody tries.
const FOREVER: usize = 99;

/// How many minutes of these credentials are left by the clock of this machine, whatever AWS's says.
fn minutes_left(sandbox: &Sandbox, credentials: &Ran) -> i64 {
    let end = credentials.json()["Expiration"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    (end - sandbox.aws.control(|state| state.now() - state.clock_offset)).num_minutes()
}

/// A call of `sts:AssumeRole` for `readonly`.
fn assume_readonly(sandbox: &Sandbox) -> Ran {
    sandbox.awsx(&["exec", "readonly", "--", "echo", "ran"])
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
        ("502 with a code that nobody knows", Fault::refuse(502, "Odd", "odd"), 1, 2),
        ("reset", Fault::Reset, 2, 3),
        ("the answer is lost", Fault::LoseAnswer, 1, 2),
        ("cut off in the middle", Fault::Truncate, 1, 2),
        ("no answer in time", Fault::Hang, 1, 2),
        ("a late answer is an answer", slow, 1, 1),
    ];
    side_by_side(&rows, |&(docs, fault, times, calls)| {
        let sandbox = Sandbox::new();
        sandbox.aws.fail("AssumeRole", fault, times);
        sandbox.exec("readonly", &[]).ok().stderr_is(&[]);
        assert_eq!(sandbox.aws.count("AssumeRole"), calls, "{docs}");
    });
}

/// Exit code 6, after three attempts; the hang's ten seconds are awaited once only.
#[test]
fn faults_that_last_make_aws_unreachable() {
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
    side_by_side(&rows, |&(docs, fault, attempts, calls, cause)| {
        let sandbox = Sandbox::new();
        if let Some(attempts) = attempts {
            sandbox.set("AWS_MAX_ATTEMPTS", attempts);
        }
        sandbox.aws.fail("AssumeRole", fault, FOREVER);
        let tried = format!("after {calls} attempt");
        let words =
            ["profile \"readonly\": sts:AssumeRole", &tried, sandbox.aws.url(), cause, "hint: "];
        assume_readonly(&sandbox).fails(6, &words);
        assert_eq!(sandbox.aws.count("AssumeRole"), calls, "{docs}");
    });
}

/// Exit code 5 at the first no.
#[test]
fn refusals_are_not_tried_again() {
    for (status, code, message, hint) in [
        (403, "AccessDenied", "no such luck", "trust policy"),
        (403, "InvalidClientTokenId", "invalid", "check the access key"),
        (403, "SignatureDoesNotMatch", "we calculated another", "check the access key"),
        (403, "ExpiredToken", "is expired", "expired"),
        (403, "RegionDisabledException", "not activated", "awsx explain readonly"),
        (400, "ValidationError", "1 validation error detected", "awsx explain readonly"),
        (400, "MalformedPolicyDocument", "bad policy", "correct the policy"),
        (400, "PackedPolicyTooLarge", "at 110%", "shorten or leave out"),
        (400, "SomethingNew", "what AWS thinks of next", "awsx explain readonly"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.aws.fail("AssumeRole", Fault::refuse(status, code, message), FOREVER);
        let refused =
            format!("profile \"readonly\": sts:AssumeRole was refused: {code}: {message}");
        assume_readonly(&sandbox).fails(5, &[&refused, "hint: ", hint]);
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
            (Fault::refuse(403, "AccessDenied", "no such luck"), 5, "refused"),
        ] {
            let sandbox = Sandbox::new();
            sandbox.set("AWS_MAX_ATTEMPTS", "1");
            sandbox.aws.fail(operation, fault, FOREVER);
            let ran = sandbox.awsx(command).fails(code, &[call]);
            let stdout =
                if command[0] == "env" { format!("(exit {code})\n") } else { String::new() };
            assert_eq!(ran.stdout, stdout, "{command:?}");
            if command.contains(&"--json") {
                let error = &ran.error_json()["error"];
                assert_eq!(error["kind"], kind, "{ran:?}");
                assert!(error["hint"].is_string(), "{ran:?}");
            }
        }
    }
}

#[test]
fn a_person_who_waits_sees_what_is_asked() {
    let sandbox = Sandbox::new();
    sandbox.aws.control(|state| state.latency = Duration::from_millis(1500));
    let mut terminal = sandbox.exec_on_terminal("readonly", &[]);
    let ran = terminal.expect("awsx: asking AWS (sts:AssumeRole)…").end().ok();
    assert!(ran.stdout.ends_with("\x1b[2K"), "it is gone when the answer comes: {ran:?}");
    let mut quiet = sandbox.exec_on_terminal("readonly", &["--refresh", "-q"]);
    quiet.end().ok().prints_no("asking");
    sandbox.exec("readonly", &["--refresh"]).ok().stderr_is(&[]);
}

/// What the hint of an unreachable AWS promises.
#[test]
fn verbose_shows_each_attempt() {
    let sandbox = Sandbox::new();
    sandbox.aws.fail("AssumeRole", Fault::THROTTLE, 1);
    sandbox.aws.fail("AssumeRole", Fault::Reset, 1);
    let ran = sandbox.exec("readonly", &["-v"]).ok();
    let attempts: Vec<&str> =
        ran.stderr.lines().filter(|line| line.contains("sts:AssumeRole at ")).collect();
    assert_eq!(attempts.len(), 3, "{ran:?}");
    for (line, answer) in attempts.iter().zip(["HTTP 400 ", "no answer ", "HTTP 200 "]) {
        assert!(line.contains(sandbox.aws.url()) && line.contains(answer), "{answer}: {ran:?}");
    }
    sandbox.exec("dev", &[]).ok().stderr_is(&[]);
}

#[test]
fn a_closed_port_is_unreachable() {
    let sandbox = Sandbox::new();
    sandbox.set("AWS_ENDPOINT_URL", NOBODY);
    let words = ["profile \"readonly\": sts:AssumeRole", NOBODY, "Connection refused", "hint: "];
    sandbox.exec("readonly", &[]).fails(6, &words);
}

/// What came before the failing step stays: nobody is asked for a second code.
#[test]
fn a_broken_chain_resumes_where_it_broke() {
    let sandbox = Sandbox::new();
    sandbox.set("AWS_MAX_ATTEMPTS", "1");
    let with_code = || sandbox.exec("audit", &["--mfa-code", &sandbox.code()]);
    sandbox.aws.fail("AssumeRole", Fault::UNAVAILABLE, 1);
    with_code().fails(6, &["profile \"prod\": sts:AssumeRole"]);
    // The step after it breaks next time.
    sandbox.exec("prod", &[]).ok();
    sandbox.aws.fail("AssumeRole", Fault::UNAVAILABLE, 1);
    with_code().fails(6, &["profile \"audit\": sts:AssumeRole"]);
    sandbox.aws.forget_calls();
    sandbox.exec("audit", &[]).ok();
    assert_eq!(sandbox.aws.operations(), ["AssumeRole"]);
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
        let ran = sandbox.awsx(&["credential-process", "readonly"]).ok().stderr_is(&[]);
        assert_eq!(sandbox.aws.count("AssumeRole"), 2, "refused once, {minutes} min");
        let left = minutes_left(&sandbox, &ran);
        assert!((55..=61).contains(&left), "{minutes} min: {left} left");

        sandbox.exec("readonly", &[]).ok();
        assert_eq!(sandbox.aws.count("AssumeRole"), 2, "the cache holds, {minutes} min");

        // The refusal came before AWS looked at the code, so the code is still good.
        with_code(&sandbox, &sandbox.code()).ok();
    }
}

/// AWS tolerates up to five minutes (the stand-in up to fifteen): then only the end is translated.
#[test]
fn a_clock_that_is_off_a_little_costs_nothing() {
    for minutes in [-10, 10] {
        let sandbox = Sandbox::new();
        sandbox.aws.control(|state| state.clock_offset = TimeDelta::minutes(minutes));
        let ran = sandbox.awsx(&["credential-process", "readonly", "--duration", "15m"]).ok();
        let left = minutes_left(&sandbox, &ran);
        assert!((10..=16).contains(&left), "{minutes} min: {left} left");
        assert_eq!(sandbox.aws.count("AssumeRole"), 1, "{minutes} min");
    }
}

#[test]
fn a_clock_that_cannot_be_corrected_is_explained() {
    let too_old = "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z";
    let sandbox = Sandbox::new();
    sandbox.aws.control(|state| state.clock_offset = TimeDelta::minutes(10));
    let refused = Fault::refuse(403, "SignatureDoesNotMatch", too_old);
    sandbox.aws.fail("AssumeRole", refused, FOREVER);
    let error = "error: [..]/.aws/config:16: profile \"readonly\": sts:AssumeRole was refused because \
                 this machine's clock is 600 s off AWS's";
    let hint = "hint: set this machine's clock: `timedatectl set-ntp true`";
    sandbox.exec("readonly", &[]).exits(5).stderr_is(&[error, hint]);
}

#[test]
fn bad_keys_are_refused() {
    let sandbox = Sandbox::new();
    let ended = sandbox.aws.control(|state| state.issue_role(sample::READ_ONLY, "ended", 0));
    let secret = sample::SECRET_KEY;
    let session = keys(&ended.access_key_id, &ended.secret_access_key) + "aws_session_token = ";
    let another = "planted-elsewhere+wJalrXUtnFEMIbPxRfiCYE";
    let expired = ["ExpiredToken", "credentials that sign the call have expired"];
    for (docs, keys, words) in [
        ("inactive", keys(sample::INACTIVE_KEY_ID, secret), &["InvalidClientTokenId"][..]),
        ("unknown", keys("AKIA2NOBODYEXAMPLE77", secret), &["InvalidClientTokenId"]),
        ("another secret", keys(sample::KEY_ID, another), &["SignatureDoesNotMatch"]),
        ("expired", format!("{session}{}", ended.session_token), &expired),
        ("another's token", session + "planted-token", &["InvalidClientTokenId"]),
    ] {
        sandbox.credentials(&keys);
        sandbox.aws.forget_calls();
        let ran = sandbox.exec("readonly", &[]).fails(5, words).says_no("planted").says_no(secret);
        ran.fails(5, &["profile \"readonly\": sts:AssumeRole", "hint: "]);
        assert_eq!(sandbox.aws.count("AssumeRole"), 1, "{docs}");
    }
}

/// A cached session that AWS no longer takes: the message says what helps.
#[test]
fn a_revoked_session_is_renewed_with_refresh() {
    let sandbox = Sandbox::new();
    with_code(&sandbox, &sandbox.code()).ok();
    sandbox.aws.control(|state| state.expire_sessions());
    let words = ["profile \"audit\": sts:AssumeRole", "ExpiredToken", "--refresh"];
    sandbox.exec("audit", &[]).fails(5, &words);
    sandbox.exec("audit", &["--refresh", "--mfa-code", &sandbox.code()]).ok();
}

fn with_code(sandbox: &Sandbox, code: &str) -> Ran {
    sandbox.exec("prod", &["--mfa-code", code])
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
        sandbox.aws.fail("GetSessionToken", fault, 1);
        let code = sandbox.code();
        let words =
            ["profile \"prod\": sts:GetSessionToken", "takes each MFA code only once", "next code"];
        with_code(&sandbox, &code).fails(6, &words).says_no("did not accept");
        with_code(&sandbox, &code).fails(4, &["was sent before", "hint: "]);
        assert_eq!(sandbox.aws.count("GetSessionToken"), 1, "{docs}");
        let would_have_done = sandbox.aws.control(|state| {
            let now = state.now();
            state.iam.mfa_device(sample::MFA_SERIAL).unwrap().accept(&code, now)
        });
        assert_eq!(would_have_done, !used_up, "{docs}");
        with_code(&sandbox, &sandbox.next_code()).ok();
    }
}

/// Before AWS looked at the code it is still good.
#[test]
fn a_throttled_code_is_sent_again() {
    let sandbox = Sandbox::new();
    sandbox.aws.fail("GetSessionToken", Fault::THROTTLE, 1);
    with_code(&sandbox, &sandbox.code()).ok();
    assert_eq!(sandbox.aws.count("GetSessionToken"), 2);
}

/// A device that can be asked by a program is asked for its next code, in the next step.
#[test]
fn a_lost_answer_costs_mfa_process_one_more_code() {
    let sandbox = Sandbox::new();
    let [now, next] = [sandbox.code(), sandbox.next_code()];
    let script = format!("test -e asked && echo {next} || echo {now}; touch asked");
    sandbox.write("planted/device", &script);
    sandbox.mfa_process("sh planted/device");
    sandbox.aws.fail("GetSessionToken", Fault::LoseAnswer, 1);
    sandbox.exec("prod", &[]).ok();
    assert_eq!(sandbox.aws.count("GetSessionToken"), 2);
}

#[test]
fn a_wrong_code_is_refused() {
    let sandbox = Sandbox::new();
    let wrong = if sandbox.code() == "000000" { "000001" } else { "000000" };
    let words = "AWS did not accept the MFA code of arn:aws:iam::111111111111:mfa/dev (1 tried)";
    with_code(&sandbox, wrong).fails(5, &[words, "hint"]);
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
    let error = "error: --mfa-code: an MFA code is six digits";
    let hint = "hint: give the six digits that the device shows";
    with_code(&sandbox, "12345").exits(2).stderr_is(&[error, hint]);
    with_code(&sandbox, &sandbox.code()).ok();
}
