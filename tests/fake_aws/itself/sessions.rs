//! `GetSessionToken`, `GetCallerIdentity` and MFA codes.

use chrono::{DateTime, Utc};

use super::{exchange, holder, refusal, status, user};
use crate::fake_aws::iam::AccessKey;
use crate::fake_aws::totp::{MfaDevice, code};
use crate::fake_aws::{FakeAws, sample};

#[test]
fn codes_are_those_of_rfc_6238() {
    // Appendix B, SHA-1; eight digits there, of which these are the last six.
    for (seconds, expected) in [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ] {
        assert_eq!(code(b"12345678901234567890", seconds / 30), expected);
    }
    let device = MfaDevice::new("x", b"12345678901234567890");
    assert_eq!(device.seed_text(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

#[test]
fn a_code_is_good_once_and_for_a_step_to_either_side() {
    let mut device = MfaDevice::new("x", b"12345678901234567890");
    let at = |seconds: i64| DateTime::from_timestamp(1_000_000_020 + seconds, 0).expect("a time");
    let now: DateTime<Utc> = at(0);
    for (docs, seconds, taken) in [
        ("two steps ago", -60, false),
        ("the step before", -30, true),
        ("again", -30, false),
        ("this step", 0, true),
        ("this step, later", 29, false),
        ("the next step", 30, true),
        ("the step after", 60, false),
    ] {
        let code = device.code(at(seconds));
        assert_eq!(device.accept(&code, now), taken, "{docs}");
    }
    assert_eq!(device.unused_code(now), None);
}

#[tokio::test]
async fn bad_mfa_proofs_are_refused() {
    let aws = FakeAws::start();
    let used = aws.mfa_code(sample::MFA_SERIAL);
    let call = |serial: Option<&str>, code: Option<&str>| {
        user(&aws)
            .get_session_token()
            .set_serial_number(serial.map(str::to_owned))
            .set_token_code(code.map(str::to_owned))
            .send()
    };
    let session = call(Some(sample::MFA_SERIAL), Some(&used)).await.expect("a good code");
    let fresh = aws.unused_mfa_code(sample::MFA_SERIAL);
    let wrong = if fresh == "000000" { "000001" } else { "000000" };
    let serial = Some(sample::MFA_SERIAL);
    let another = Some("arn:aws:iam::111111111111:mfa/other");
    let invalid =
        "403 AccessDenied MultiFactorAuthentication failed with invalid MFA one time pass code. ";
    let half = "403 AccessDenied MultiFactorAuthentication failed, must provide both MFA serial \
                number and one time pass code. ";
    let unable = "403 AccessDenied MultiFactorAuthentication failed, unable to validate MFA code.  \
                  Please verify your MFA serial number is valid and associated with this user.";
    let no_code = "400 ValidationError 1 validation error detected: Value '12345x' at 'tokenCode' \
                   failed to satisfy constraint: Member must satisfy regular expression pattern: \
                   [\\d]*";
    for (docs, serial, code, outcome) in [
        ("used", serial, Some(&*used), invalid),
        ("wrong", serial, Some(wrong), invalid),
        ("no code", serial, None, half),
        ("no serial number", None, Some(wrong), half),
        ("another's device", another, Some(&*fresh), unable),
        ("no digits", serial, Some("12345x"), no_code),
    ] {
        assert_eq!(refusal(call(serial, code).await), outcome, "{docs}");
    }

    let holder = holder(&aws, session.credentials);
    let identity = holder.get_caller_identity().send().await.expect("a good session");
    assert_eq!(identity.arn(), Some(sample::USER));
    assert_eq!(identity.account(), Some(sample::USER_ACCOUNT));
    assert_eq!(
        refusal(holder.get_session_token().send().await),
        "403 AccessDenied Cannot call GetSessionToken with session credentials"
    );
    let codes: Vec<_> = aws.calls().into_iter().map(|call| call.parameters).collect();
    assert!(codes.iter().all(|parameters| !parameters.contains_key("TokenCode")), "{codes:?}");
}

#[tokio::test]
async fn a_session_lasts_as_long_as_asked() {
    let aws = FakeAws::start();
    let ask = |asked| user(&aws).get_session_token().set_duration_seconds(asked).send();
    for (asked, seconds) in [(None, 43_200), (Some(900), 900), (Some(129_600), 129_600)] {
        let now = aws.now();
        let issued = ask(asked).await.expect("a session").credentials.expect("credentials");
        let left = issued.expiration.secs() - now.timestamp();
        assert!((seconds - 1..=seconds + 1).contains(&left), "{left} of {seconds}");
        assert!(issued.access_key_id.starts_with("ASIA"));
        assert_eq!((issued.access_key_id.len(), issued.secret_access_key.len()), (20, 40));
        assert!(['/', '+', '='].iter().all(|c| issued.session_token.contains(*c)));
        let secrets = aws.secrets();
        assert!(secrets.contains(&issued.secret_access_key));
        assert!(secrets.contains(&issued.session_token));
    }
    for (asked, limit) in
        [(899, "greater than or equal to 900"), (129_601, "less than or equal to 129600")]
    {
        let words = format!(
            "400 ValidationError 1 validation error detected: Value '{asked}' at 'durationSeconds' \
             failed to satisfy constraint: Member must have value {limit}"
        );
        assert_eq!(refusal(ask(Some(asked)).await), words);
    }
}

#[tokio::test]
async fn keys_can_be_added_and_deactivated() {
    let aws = FakeAws::start();
    let now = aws.now();
    aws.control(|state| {
        let user = state.iam.user(sample::USER).expect("the sample user");
        user.keys[0].active = false;
        user.keys.push(AccessKey::new("AKIANEW", "new", now));
    });
    assert!(
        refusal(user(&aws).get_caller_identity().send().await).contains("InvalidClientTokenId")
    );
    let new = super::client(&aws, "AKIANEW", "new", None);
    assert!(new.get_caller_identity().send().await.is_ok());
    assert_eq!(aws.calls()[1].access_key_id.as_deref(), Some("AKIANEW"));
    aws.forget_calls();
    assert_eq!(aws.count("GetCallerIdentity"), 0);
}

#[test]
fn unknown_operations_are_refused() {
    let aws = FakeAws::start();
    for (form, code) in [
        ("", "MissingAction"),
        ("Action=Nope&Version=2011-06-15", "InvalidAction"),
        ("Action=AssumeRole&Version=2010-05-08", "InvalidAction"),
    ] {
        let answer = exchange(aws.url(), "POST / HTTP/1.1\nHost: x", form).expect("an answer");
        assert_eq!(status(&answer), "400");
        assert!(answer.contains(&format!("<Code>{code}</Code>")), "{answer}");
    }
}
