//! What the head of a request must be before anything of it counts.
//!
//! A web page can send its browser to any port of this machine, under any name that resolves to it, and other
//! programs forward what reaches them; what SDKs send has no mark of either.

use hyper::header::{self, HeaderName};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode, Version};

use super::reply::Reply;

/// Headers of browsers and of what forwards for others. No SDK sends one; those that end in `-` are the
/// beginnings of names.
const FOREIGN: [&str; 10] = [
    "origin",
    "referer",
    "cookie",
    "sec-",
    "access-control-",
    "forwarded",
    "x-forwarded-",
    "x-real-ip",
    "via",
    "proxy-",
];

/// What a server is called by those whom it answers.
pub(super) enum Hosts<'h> {
    /// One of these, with its port
    Of(&'h [String]),
    /// A loopback name with any port: what comes is forwarded from a port that nobody knows here
    #[cfg(unix)]
    Loopback,
}

impl Hosts<'_> {
    fn have(&self, name: &[u8]) -> bool {
        match self {
            Self::Of(hosts) => hosts.iter().any(|own| name.eq_ignore_ascii_case(own.as_bytes())),
            #[cfg(unix)]
            Self::Loopback => {
                let is_digits = |port: &&str| port.bytes().all(|byte| byte.is_ascii_digit());
                let name = str::from_utf8(name).unwrap_or_default().to_ascii_lowercase();
                let port = name.rsplit_once(':').filter(|(_, port)| is_digits(port));
                let host = port.map_or(&*name, |(host, _)| host);
                ["127.0.0.1", "localhost", "[::1]"].contains(&host)
            }
        }
    }
}

/// Refuses what is no plain request of a program on this machine to one of `hosts`. `methods`: which are
/// answered at all.
pub(super) fn check(
    head: &Parts,
    has_body: bool,
    hosts: &Hosts<'_>,
    methods: &[Method],
) -> Result<(), Reply> {
    if head.version != Version::HTTP_11 {
        return Err(refuse(StatusCode::HTTP_VERSION_NOT_SUPPORTED, "HTTP/1.1 is spoken here"));
    }
    if has_body {
        return Err(Reply::too_large());
    }
    if !methods.contains(&head.method) {
        let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
        let refusal = refuse(StatusCode::METHOD_NOT_ALLOWED, "there is no such method here");
        return Err(refusal.with_header(header::ALLOW, names.join(", ")));
    }
    if head.uri.authority().is_some() || head.uri.query().is_some() {
        return Err(refuse(StatusCode::BAD_REQUEST, "a path alone is asked for here"));
    }
    let mut named = head.headers.get_all(header::HOST).iter();
    let is_own = named.next().is_some_and(|name| hosts.have(name.as_bytes()));
    if !is_own || named.next().is_some() {
        return Err(refuse(StatusCode::BAD_REQUEST, "Host is not the address of this server"));
    }
    match head.headers.keys().find(|name| is_foreign(name)) {
        Some(name) => {
            let message = format!("a request with the header {name} is not answered");
            Err(refuse(StatusCode::FORBIDDEN, &message))
        }
        None => Ok(()),
    }
}

fn is_foreign(name: &HeaderName) -> bool {
    FOREIGN.iter().any(|one| match one.ends_with('-') {
        true => name.as_str().starts_with(one),
        false => name.as_str() == *one,
    })
}

fn refuse(status: StatusCode, message: &str) -> Reply {
    Reply::refuse(status, "BadRequest", message)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_is_forwarded_names_the_loopback() {
        for (name, expected) in [
            ("127.0.0.1", true),
            ("localhost:40000", true),
            ("LOCALHOST", true),
            ("[::1]:7", true),
            ("127.0.0.1.evil.example:7", false),
            ("evil.example", false),
            ("localhost:evil", false),
            ("localhost@evil:7", false),
            ("", false),
        ] {
            assert_eq!(Hosts::Loopback.have(name.as_bytes()), expected, "{name}");
        }
    }
}
