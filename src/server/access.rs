//! Who gets the credentials of which profile: who has a token that is good for it.

use std::net::{Ipv4Addr, SocketAddr};
#[cfg(unix)]
use std::sync::Arc;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use subtle::{Choice, ConstantTimeEq};

use super::head::{self, Hosts};
use super::protocol::{Asked, Protocol};
use super::reply::Reply;
use super::token::new_token;
use crate::credentials::Secret;

/// As many tokens as are good at one time; the oldest makes room for one more.
const TOKENS: usize = 1000;

/// The container-credentials protocol, at `/profile/NAME`, for whoever has the token of that profile.
pub(crate) struct Access {
    /// What may be asked for as `Host`, with its port
    hosts: Vec<String>,
    grants: Mutex<Vec<Grant>>,
}

struct Grant {
    token: Secret,
    path: String,
    profile: String,
}

impl Access {
    /// At the loopback address with `port`, where containers are told that it is, and at `more` hosts.
    pub(crate) fn new(port: u16, more: impl IntoIterator<Item = String>) -> Self {
        let own = [Ipv4Addr::LOCALHOST, RELAYED].map(|at| own_hosts((at, port).into()));
        Self { hosts: own.into_iter().flatten().chain(more).collect(), grants: Mutex::default() }
    }

    /// A new token, good for that profile alone.
    pub(crate) fn grant(&self, profile: &str) -> Secret {
        let token = new_token();
        let (path, profile) = (path_of(profile), profile.to_owned());
        let mut grants = self.grants();
        if grants.len() == TOKENS {
            grants.remove(0);
        }
        grants.push(Grant { token: token.clone(), path, profile });
        token
    }

    fn grants(&self) -> MutexGuard<'_, Vec<Grant>> {
        self.grants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The path and the profile that the token opens. Each is compared, and all of each: how long that takes
    /// says nothing.
    fn find(&self, headers: &HeaderMap) -> Option<(String, String)> {
        let mut given = headers.get_all(header::AUTHORIZATION).iter().map(HeaderValue::as_bytes);
        let (Some(token), None) = (given.next(), given.next()) else { return None };
        let grants = self.grants();
        let is_it = |grant: &Grant| -> Choice { grant.token.expose().as_bytes().ct_eq(token) };
        let same: Vec<Choice> = grants.iter().map(is_it).collect();
        let found = grants.iter().zip(same).find(|(_, is_it)| bool::from(*is_it));
        found.map(|(grant, _)| (grant.path.clone(), grant.profile.clone()))
    }
}

impl Protocol for Access {
    fn read(&self, head: &Parts, has_body: bool, _: DateTime<Utc>) -> Asked {
        self.read_at(&Hosts::Of(&self.hosts), head, has_body)
    }
}

/// The same tokens, at a socket to which a port of another machine is forwarded.
#[cfg(unix)]
pub(crate) struct Forwarded(pub(crate) Arc<Access>);

#[cfg(unix)]
impl Protocol for Forwarded {
    fn read(&self, head: &Parts, has_body: bool, _: DateTime<Utc>) -> Asked {
        self.0.read_at(&Hosts::Loopback, head, has_body)
    }
}

impl Access {
    fn read_at(&self, hosts: &Hosts<'_>, head: &Parts, has_body: bool) -> Asked {
        if let Err(refusal) = head::check(head, has_body, hosts, &[Method::GET]) {
            return Asked::Reply(refusal);
        }
        let Some((path, profile)) = self.find(&head.headers) else {
            let message = "Authorization is not a token of this server";
            return Asked::Reply(Reply::refuse(StatusCode::UNAUTHORIZED, "Unauthorized", message));
        };
        match path == head.uri.path() {
            true => Asked::Credentials { profile, before: String::new() },
            false => {
                let message = format!("the token is for {path} alone");
                Asked::Reply(Reply::refuse(StatusCode::NOT_FOUND, "NotFound", &message))
            }
        }
    }
}

/// Where what stands for a server of the loopback address is reached by containers: SDKs send http there.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>
pub(crate) const RELAYED: Ipv4Addr = Ipv4Addr::new(169, 254, 170, 2);

/// What clients say as `Host` of a server at this address: its loopback names too where it has one, without the
/// port where that is HTTP's own.
pub(crate) fn own_hosts(address: SocketAddr) -> Vec<String> {
    let mut names = vec![match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    }];
    if address.ip().is_loopback() {
        names.push("localhost".to_owned());
    }
    let bare = names.iter().filter(|_| address.port() == 80).cloned();
    let with_port = names.iter().map(|name| format!("{name}:{}", address.port()));
    bare.chain(with_port).collect()
}

/// Where a profile's credentials are: `/profile/NAME`, with each byte escaped that a URL could take for
/// something else, so that there is one way to write it.
pub(crate) fn path_of(profile: &str) -> String {
    let mut path = String::from("/profile/");
    for byte in profile.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' => path.push(byte.into()),
            // Alone, or beside another, it means a folder.
            b'.' if profile.bytes().any(|other| other != b'.') => path.push('.'),
            _ => path.push_str(&format!("%{byte:02X}")),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ask, request};
    use super::*;

    #[test]
    fn a_path_is_written_in_one_way() {
        for (profile, expected) in [
            ("dev", "/profile/dev"),
            ("a.b-c_d~", "/profile/a.b-c_d~"),
            ("..", "/profile/%2E%2E"),
            ("a/b c?ü", "/profile/a%2Fb%20c%3F%C3%BC"),
        ] {
            assert_eq!(path_of(profile), expected);
        }
    }

    #[test]
    fn hosts_are_the_address_and_its_names() {
        for (address, expected) in [
            ("127.0.0.1:9", &["127.0.0.1:9", "localhost:9"][..]),
            ("[::1]:9", &["[::1]:9", "localhost:9"]),
            ("169.254.170.2:80", &["169.254.170.2", "169.254.170.2:80"]),
            ("169.254.170.2:8080", &["169.254.170.2:8080"]),
        ] {
            assert_eq!(own_hosts(address.parse().unwrap()), expected);
        }
    }

    /// What is refused, with the right token and with none; nothing but a refusal comes of it.
    #[test]
    fn each_request_gets_what_it_may() {
        let access = Access::new(4000, ["bridge:4000".to_owned()]);
        let (dev, prod) = (access.grant("dev"), access.grant("prod"));
        let (dev, prod) = (dev.expose(), prod.expose());
        let longer = format!("{dev}x");
        let twice = [("authorization", dev), ("authorization", dev)];
        let host = "127.0.0.1:4000";
        let plain = "GET /profile/dev HTTP/1.1";
        let with =
            |name: &'static str, value: &'static str| vec![("authorization", dev), (name, value)];
        for (docs, line, host, headers, expected) in [
            ("the right one", plain, host, vec![("authorization", dev)], "dev"),
            ("by name", plain, "LOCALHOST:4000", vec![("authorization", dev)], "dev"),
            (
                "at another host of its own",
                plain,
                "bridge:4000",
                vec![("authorization", dev)],
                "dev",
            ),
            (
                "the other profile",
                "GET /profile/prod HTTP/1.1",
                host,
                vec![("authorization", prod)],
                "prod",
            ),
            ("through a relay", plain, "169.254.170.2:4000", vec![("authorization", dev)], "dev"),
            ("of another port", plain, "169.254.170.2:4001", vec![("authorization", dev)], "400"),
            ("no token", plain, host, vec![], "401"),
            ("an empty one", plain, host, vec![("authorization", "")], "401"),
            ("one that is longer", plain, host, vec![("authorization", &*longer)], "401"),
            ("one that is shorter", plain, host, vec![("authorization", &dev[..42])], "401"),
            ("two", plain, host, twice.to_vec(), "401"),
            ("that of another profile", plain, host, vec![("authorization", prod)], "404"),
            ("another host", plain, "evil.example:4000", vec![("authorization", dev)], "400"),
            ("another port", plain, "127.0.0.1:4001", vec![("authorization", dev)], "400"),
            ("no port", plain, "127.0.0.1", vec![("authorization", dev)], "400"),
            ("two hosts", plain, host, with("host", "127.0.0.1:4000"), "400"),
            ("from a page", plain, host, with("origin", "null"), "403"),
            ("led by a page", plain, host, with("referer", "http://127.0.0.1:4000/"), "403"),
            ("by a browser", plain, host, with("sec-fetch-site", "none"), "403"),
            ("with a cookie", plain, host, with("cookie", "a=b"), "403"),
            ("forwarded", plain, host, with("x-forwarded-for", "10.0.0.1"), "403"),
            ("forwarded to a host", plain, host, with("x-forwarded-host", "a"), "403"),
            ("forwarded in new words", plain, host, with("forwarded", "for=1.2.3.4"), "403"),
            ("by a proxy", plain, host, with("via", "1.1 squid"), "403"),
            ("for a proxy", plain, host, with("proxy-authorization", "x"), "403"),
            ("HEAD", "HEAD /profile/dev HTTP/1.1", host, vec![("authorization", dev)], "405"),
            ("POST", "POST /profile/dev HTTP/1.1", host, vec![("authorization", dev)], "405"),
            ("OPTIONS", "OPTIONS * HTTP/1.1", host, vec![("authorization", dev)], "405"),
            (
                "CONNECT",
                "CONNECT 127.0.0.1:4000 HTTP/1.1",
                host,
                vec![("authorization", dev)],
                "405",
            ),
            ("a word", "KEYS /profile/dev HTTP/1.1", host, vec![("authorization", dev)], "405"),
            ("HTTP/1.0", "GET /profile/dev HTTP/1.0", host, vec![("authorization", dev)], "505"),
            ("HTTP/2", "GET /profile/dev HTTP/2.0", host, vec![("authorization", dev)], "505"),
            (
                "in absolute form",
                "GET http://127.0.0.1:4000/profile/dev HTTP/1.1",
                host,
                vec![("authorization", dev)],
                "400",
            ),
            ("a query", "GET /profile/dev?a=b HTTP/1.1", host, vec![("authorization", dev)], "400"),
            (
                "an empty one",
                "GET /profile/dev? HTTP/1.1",
                host,
                vec![("authorization", dev)],
                "400",
            ),
            ("the root", "GET / HTTP/1.1", host, vec![("authorization", dev)], "404"),
            (
                "a slash more",
                "GET /profile/dev/ HTTP/1.1",
                host,
                vec![("authorization", dev)],
                "404",
            ),
            (
                "two slashes",
                "GET //profile/dev HTTP/1.1",
                host,
                vec![("authorization", dev)],
                "404",
            ),
            (
                "dots",
                "GET /profile/prod/../dev HTTP/1.1",
                host,
                vec![("authorization", dev)],
                "404",
            ),
            ("escapes", "GET /profile/%64ev HTTP/1.1", host, vec![("authorization", dev)], "404"),
            ("capitals", "GET /profile/DEV HTTP/1.1", host, vec![("authorization", dev)], "404"),
            ("IMDS", "GET /latest/meta-data/ HTTP/1.1", host, vec![("authorization", dev)], "404"),
        ] {
            let head = request(line, Some(host), &headers);
            assert_eq!(ask(&access, &head, false), expected, "{docs}");
            if expected.starts_with(char::is_alphabetic) {
                assert_eq!(ask(&access, &head, true), "413", "{docs}, with a body");
            }
        }
        assert_eq!(ask(&access, &request(plain, None, &[("authorization", dev)]), false), "400");
    }

    #[test]
    fn the_oldest_token_makes_room() {
        let access = Access::new(4000, []);
        let first = access.grant("dev");
        let second = access.grant("dev");
        (0..TOKENS - 1).for_each(|_| drop(access.grant("dev")));
        for (token, expected) in [(&first, "401"), (&second, "dev")] {
            let headers = [("authorization", token.expose())];
            let head = request("GET /profile/dev HTTP/1.1", Some("127.0.0.1:4000"), &headers);
            assert_eq!(ask(&access, &head, false), expected);
        }
    }
}
