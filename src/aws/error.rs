//! Why a call failed, from the SDK's error: what AWS said, or what happened on the wire.
//!
//! `SdkError` is never printed itself, it holds whole responses. AWS's messages are about the
//! request and hold no secret.

use std::error::Error;
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use super::attempt::{OneUse, Seen};
use super::limit::find_too_long;
use crate::ports::CallError;
use crate::profile::display_duration;
use crate::text::one_line;

/// The difference of clocks from which AWS refuses a signature is 5 minutes; the SDK corrects from
/// 4 minutes on.
const TOLERATED_SKEW_SECONDS: u64 = 4 * 60;

/// Codes that ask for fewer requests; the SDK retries them, and more that are not used here.
const THROTTLING: [&str; 6] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestLimitExceeded",
    "TooManyRequestsException",
];

/// Client errors (4xx) that are no refusal; the SDK retries them too.
pub(super) const TRANSIENT: [&str; 3] =
    ["RequestTimeout", "RequestTimeoutException", "IDPCommunicationError"];

/// Said of an answer that is not AWS's, but of a captive portal, a proxy, a wrong endpoint.
const NOT_AWS: &str = "and not in the format of AWS";

/// The reason for a failed `call`.
pub(super) fn call_error<E: ProvideErrorMetadata + Error + 'static>(
    call: &'static str,
    error: &SdkError<E, HttpResponse>,
    seen: &Seen,
    one_use: OneUse,
) -> CallError {
    let faulty = |cause: String| no_answer(call, cause, seen, one_use);
    if seen.attempts == 0 {
        // The region or the endpoint makes no URL.
        let service = call.split(':').next().unwrap_or_default().to_uppercase();
        return CallError::Settings {
            origin: format!("{service} endpoint"),
            cause: innermost(error),
        };
    }
    match error {
        SdkError::ServiceError(context) => {
            let status = context.raw().status().as_u16();
            let message = one_line(context.err().message().unwrap_or_default());
            let Some(code) = context.err().code() else {
                return faulty(format!("HTTP {status}, {NOT_AWS}"));
            };
            if let Some(wait) = throttling(error) {
                let wait = wait.map(|wait| format!("; AWS asks to wait {}", in_words(wait)));
                let wait = wait.unwrap_or_default();
                // Nobody looked at the code.
                let cause = format!("throttled: {message} ({code}){wait}");
                no_answer(call, cause, seen, OneUse::Nothing)
            } else if status >= 500 || TRANSIENT.contains(&code) {
                faulty(format!("HTTP {status} {code} {message}").trim_end().into())
            } else {
                refusal(call, code, message, error.request_id(), seen, one_use)
            }
        }
        SdkError::DispatchFailure(context) if context.is_timeout() => {
            faulty("no connection in time".into())
        }
        SdkError::TimeoutError(_) => faulty("no answer in time".into()),
        SdkError::ResponseError(context) => {
            let status = context.raw().status().as_u16();
            // The SDK keeps a body that it has read to its end.
            match (context.raw().body().bytes(), find_too_long(error)) {
                (Some(_), _) => faulty(format!("HTTP {status}, {NOT_AWS}")),
                (None, Some(too_long)) => faulty(format!("HTTP {status}, but {too_long}")),
                (None, None) => faulty(format!("HTTP {status}, but the answer was cut off")),
            }
        }
        other => faulty(innermost(other)),
    }
}

/// Whether AWS asks for fewer requests; then with the wait that it states, if it does
/// (`Retry-After`, in seconds).
pub(super) fn throttling<E: ProvideErrorMetadata>(
    error: &SdkError<E, HttpResponse>,
) -> Option<Option<Duration>> {
    let SdkError::ServiceError(context) = error else { return None };
    let raw = context.raw();
    let said = context.err().code().is_some_and(|code| THROTTLING.contains(&code));
    let wait = || raw.headers().get("retry-after")?.trim().parse().ok().map(Duration::from_secs);
    (said || raw.status().as_u16() == 429).then(wait)
}

/// AWS acted, but what it said cannot be used.
pub(super) fn incomplete(
    call: &'static str,
    what: &str,
    seen: &Seen,
    one_use: OneUse,
) -> CallError {
    no_answer(call, format!("the answer holds no complete {what}"), seen, one_use)
}

/// No answer, or none that can be used.
pub(super) fn no_answer(
    call: &'static str,
    cause: String,
    seen: &Seen,
    one_use: OneUse,
) -> CallError {
    let mut endpoint = seen.endpoint.clone().unwrap_or_else(|| "no endpoint".into());
    if let Some(proxy) = &seen.proxy {
        endpoint.push_str(&format!(" through the proxy {proxy}"));
    }
    // See `NotTwice`: the code cannot be sent again, a new one can.
    match one_use {
        OneUse::MfaCode if seen.may_have_arrived => {
            CallError::MfaCodeUnanswered { call, endpoint, cause }
        }
        _ => CallError::Unreachable { call, endpoint, attempts: seen.attempts, cause },
    }
}

fn refusal(
    call: &'static str,
    code: &str,
    message: String,
    request_id: Option<&str>,
    seen: &Seen,
    one_use: OneUse,
) -> CallError {
    match seen.skew {
        Some(offset_seconds) if is_about_time(code, &message) && is_intolerable(offset_seconds) => {
            CallError::ClockSkew { call, offset_seconds }
        }
        _ if one_use == OneUse::MfaCode && is_about_the_code(code, &message) => {
            CallError::MfaCodeRefused { call, message }
        }
        _ => CallError::Refused {
            call,
            code: one_line(code),
            message,
            request_id: request_id.map(one_line),
        },
    }
}

/// Whether AWS refused because of the signature's time, not of the key.
pub(super) fn is_about_time(code: &str, message: &str) -> bool {
    matches!(code, "RequestExpired" | "RequestTimeTooSkewed" | "RequestInTheFuture")
        || matches!(code, "SignatureDoesNotMatch" | "InvalidSignatureException")
            && (message.contains("Signature expired") || message.contains("not yet current"))
}

/// Whether a clock is so far off that AWS refuses signatures.
pub(super) fn is_intolerable(skew_seconds: i64) -> bool {
    skew_seconds.unsigned_abs() >= TOLERATED_SKEW_SECONDS
}

/// Whether another code might be accepted. STS says "MultiFactorAuthentication failed with invalid
/// MFA one time pass code."; where it doubts the serial number a new code is no help.
fn is_about_the_code(code: &str, message: &str) -> bool {
    code == "AccessDenied"
        && message.contains("MultiFactorAuthentication failed")
        && !message.contains("serial number")
}

/// The root of an error's chain, in its own words: `Connection refused (os error 111)`,
/// `invalid peer certificate: UnknownIssuer`.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error.to_string();
    let mut next = Some(error);
    while let Some(error) = next {
        last = error.to_string();
        next = match error.downcast_ref::<std::io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    match last.contains("corrupt message of type InvalidContentType") {
        true => "it does not speak TLS: is its address http://?".to_owned(),
        false => one_line(&last),
    }
}

/// A wait that a server states, which may be a number of any length.
fn in_words(wait: Duration) -> String {
    match wait.as_secs() {
        0..=172_800 => display_duration(wait),
        seconds => format!("{seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_apart() {
        let (none, mfa) = (OneUse::Nothing, OneUse::MfaCode);
        let expired = "Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z";
        let early =
            "Signature not yet current: 20260101T002000Z is still later than 20260101T001500Z";
        let bad_key =
            "The request signature we calculated does not match the signature you provided.";
        let wrong = "MultiFactorAuthentication failed with invalid MFA one time pass code.";
        let serial = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.";
        for (docs, code, message, skew, one_use, expected) in [
            ("local clock late", "SignatureDoesNotMatch", expired, Some(900), none, "clock"),
            ("local clock early", "SignatureDoesNotMatch", early, Some(-900), none, "clock"),
            ("query style", "RequestExpired", "Request has expired.", Some(900), none, "clock"),
            ("a wrong key stays one", "SignatureDoesNotMatch", bad_key, Some(900), none, "refused"),
            ("clocks agree", "SignatureDoesNotMatch", expired, Some(3), none, "refused"),
            ("no Date in the answer", "SignatureDoesNotMatch", expired, None, none, "refused"),
            ("wrong code", "AccessDenied", wrong, None, mfa, "code"),
            ("no code was sent", "AccessDenied", wrong, None, none, "refused"),
            ("wrong device", "AccessDenied", serial, None, mfa, "refused"),
            ("a code of another kind", "AccessDenied", wrong, None, OneUse::Grant, "refused"),
            ("no permission", "AccessDenied", "User is not authorized", None, mfa, "refused"),
        ] {
            let seen = Seen { skew, ..Seen::default() };
            let kind = match refusal("sts:X", code, message.into(), None, &seen, one_use) {
                CallError::ClockSkew { .. } => "clock",
                CallError::MfaCodeRefused { .. } => "code",
                CallError::Refused { .. } => "refused",
                _ => "other",
            };
            assert_eq!(kind, expected, "{docs}");
        }
    }
}
