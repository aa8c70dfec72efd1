//! Requests and what comes of them, in short.

use chrono::DateTime;
#[cfg(unix)]
use chrono::Utc;
use hyper::http::request::Parts;
use hyper::{Request, Version};

use super::protocol::{Asked, Protocol};

/// A request of this line, with its `Host` and these headers.
pub(super) fn request(line: &str, host: Option<&str>, headers: &[(&str, &str)]) -> Parts {
    let mut words = line.split(' ');
    let mut word = || words.next().unwrap();
    let (method, target, version) = (word(), word(), word());
    let version = match version {
        "HTTP/1.0" => Version::HTTP_10,
        "HTTP/1.1" => Version::HTTP_11,
        _ => Version::HTTP_2,
    };
    let mut request = Request::builder().method(method).uri(target).version(version);
    if let Some(host) = host {
        request = request.header("host", host);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

/// The profile whose credentials are handed over, or the status.
pub(super) fn ask(protocol: &impl Protocol, head: &Parts, has_body: bool) -> String {
    match protocol.read(head, has_body, DateTime::UNIX_EPOCH) {
        Asked::Credentials { profile, .. } => profile,
        Asked::Reply(reply) => reply.status.as_str().to_owned(),
    }
}

/// The same at this time, with what is said behind the status.
#[cfg(unix)]
pub(super) fn ask_at(protocol: &impl Protocol, head: &Parts, now: DateTime<Utc>) -> String {
    match protocol.read(head, false, now) {
        Asked::Credentials { profile, .. } => profile,
        Asked::Reply(reply) => format!("{} {}", reply.status.as_str(), *reply.body),
    }
}
