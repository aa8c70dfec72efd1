//! What goes wrong when a test says so.

use std::time::Duration;

/// One way to go wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// An error answer; nothing is carried out
    Refuse { status: u16, code: &'static str, message: &'static str },
    /// The answer comes late; the request is carried out at once
    Delay(Duration),
    /// No answer, ever
    Hang,
    /// The connection is reset; nothing is carried out
    Reset,
    /// The request is carried out, then the connection is reset: a used MFA code is used
    LoseAnswer,
    /// The request is carried out; half of the answer arrives
    Truncate,
    /// 200, and a body that is no XML; nothing is carried out
    Garbage,
    /// These bytes, then others again and again for as long as somebody reads, where there are any;
    /// nothing is carried out
    Bytes { first: &'static [u8], again: &'static [u8] },
}

impl Fault {
    pub(crate) const THROTTLE: Self = Self::refuse(400, "Throttling", "Rate exceeded");
    /// Throttling as newer services say it.
    pub(crate) const TOO_MANY_REQUESTS: Self =
        Self::refuse(429, "TooManyRequestsException", "Rate exceeded");
    /// Throttling as EC2 says it.
    pub(crate) const LIMIT_EXCEEDED: Self =
        Self::refuse(503, "RequestLimitExceeded", "Request limit exceeded.");
    pub(crate) const INTERNAL: Self = Self::refuse(
        500,
        "InternalFailure",
        "The request processing has failed because of an unknown error, exception or failure.",
    );
    pub(crate) const UNAVAILABLE: Self = Self::refuse(
        503,
        "ServiceUnavailable",
        "The request has failed due to a temporary failure of the server.",
    );

    pub(crate) const fn refuse(status: u16, code: &'static str, message: &'static str) -> Self {
        Self::Refuse { status, code, message }
    }
}

/// The faults that are still to come, in the order they were planned.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<(String, Fault, usize)>);

impl Faults {
    pub(super) fn plan(&mut self, operation: &str, fault: Fault, times: usize) {
        self.0.push((operation.to_owned(), fault, times));
    }

    pub(super) fn take(&mut self, operation: &str) -> Option<Fault> {
        let planned = self
            .0
            .iter_mut()
            .find(|(name, _, times)| *times > 0 && (name == "*" || name == operation));
        planned.map(|(_, fault, times)| {
            *times -= 1;
            *fault
        })
    }
}
