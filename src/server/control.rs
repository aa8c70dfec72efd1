//! What a server answers to awsx itself, at a socket that only the person's own programs can open: how it is, and
//! a new token.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use super::access::{Access, path_of};
use super::head::{self, Hosts};
use super::protocol::{Asked, Protocol};
use super::reply::Reply;

/// The `Host` of what awsx asks here.
pub(crate) const HOST: &str = "awsx";

/// Says how the server is.
pub(crate) type Tell = Box<dyn Fn(DateTime<Utc>) -> Value + Send + Sync>;

/// `GET /status`, and `POST /token/NAME` for a new token of that profile.
pub(crate) struct Control {
    /// None where no token is needed
    access: Option<Arc<Access>>,
    profiles: Vec<String>,
    tell: Tell,
}

impl Control {
    pub(crate) fn new(access: Option<Arc<Access>>, profiles: Vec<String>, tell: Tell) -> Self {
        Self { access, profiles, tell }
    }
}

/// The path of a new token.
pub(crate) fn token_path(profile: &str) -> String {
    path_of(profile).replace("/profile/", "/token/")
}

impl Protocol for Control {
    fn read(&self, head: &Parts, has_body: bool, now: DateTime<Utc>) -> Asked {
        let is_status = head.uri.path() == "/status";
        let methods = [if is_status { Method::GET } else { Method::POST }];
        let hosts = [HOST.to_owned()];
        if let Err(refusal) = head::check(head, has_body, &Hosts::Of(&hosts), &methods) {
            return Asked::Reply(refusal);
        }
        if is_status {
            return Asked::Reply(Reply::json(&(self.tell)(now)));
        }
        let profile = self.profiles.iter().find(|name| token_path(name) == head.uri.path());
        Asked::Reply(match (profile, &self.access) {
            (Some(profile), Some(access)) => {
                Reply::json(&json!({"token": access.grant(profile).expose()}))
            }
            _ => Reply::refuse(StatusCode::NOT_FOUND, "NotFound", "that is not served here"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ask_at, request};
    use super::*;

    #[test]
    fn a_token_is_for_what_is_served() {
        let access = Arc::new(Access::new(1, []));
        let tell: Tell = Box::new(|_| json!({"pid": 7}));
        let control = Control::new(Some(Arc::clone(&access)), vec!["a b".into()], tell);
        let comes =
            |line: &str| ask_at(&control, &request(line, Some(HOST), &[]), DateTime::UNIX_EPOCH);
        assert_eq!(comes("GET /status HTTP/1.1"), r#"200 {"pid":7}"#);
        for (line, expected) in [
            ("POST /status HTTP/1.1", "405"),
            ("GET /token/a%20b HTTP/1.1", "405"),
            ("POST /token/prod HTTP/1.1", "404"),
            ("POST /token/ HTTP/1.1", "404"),
        ] {
            assert_eq!(&comes(line)[..3], expected, "{line}");
        }
        let given = comes("POST /token/a%20b HTTP/1.1");
        let given: Value = serde_json::from_str(given.strip_prefix("200 ").unwrap()).unwrap();
        let headers = [("authorization", given["token"].as_str().unwrap())];
        let head = request("GET /profile/a%20b HTTP/1.1", Some("localhost:1"), &headers);
        assert_eq!(ask_at(&*access, &head, DateTime::UNIX_EPOCH), "a b");
    }
}
