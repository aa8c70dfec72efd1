//! What an EC2 instance answers about itself, of one profile: version 2 of the instance metadata service, and no
//! other.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html>

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use hyper::header::{HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use serde_json::json;
use subtle::ConstantTimeEq;

use super::access::path_of;
use super::head::{self, Hosts};
use super::protocol::{Asked, Protocol};
use super::reply::Reply;
use super::token::new_token;
use crate::credentials::Secret;
use crate::text::utc;

static TOKEN: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token");
static TTL: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");

/// Seconds that a token may last, as on an instance.
const LONGEST: i64 = 21_600;

/// As many tokens as are good at one time; the one that ends first makes room for one more.
const TOKENS: usize = 1000;

/// What can be asked for, each path without the slash at its end.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-metadata.html#instancedata-data-categories>
const PATHS: [(&str, What); 7] = [
    ("/latest/api/token", What::Token),
    ("/latest/meta-data", What::Folder),
    ("/latest/meta-data/iam/security-credentials", What::Role),
    ("/latest/meta-data/iam/info", What::Info),
    ("/latest/meta-data/placement/region", What::Region),
    ("/latest/meta-data/placement/availability-zone", What::Zone),
    ("/latest/dynamic/instance-identity/document", What::Identity),
];

#[derive(Clone, Copy)]
enum What {
    Token,
    Folder,
    Role,
    Info,
    Region,
    Zone,
    Identity,
}

/// What is known of the profile that the instance seems to have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Instance {
    pub profile: String,
    pub region: Option<String>,
    pub account: Option<String>,
}

/// The instance metadata service of one profile.
pub(crate) struct Imds {
    hosts: Vec<String>,
    instance: Instance,
    /// How the role is called in a path
    role: String,
    tokens: Mutex<Vec<(Secret, DateTime<Utc>)>>,
}

impl Imds {
    /// `hosts`: what clients may say as `Host`.
    pub(crate) fn new(hosts: Vec<String>, instance: Instance) -> Self {
        let role = path_of(&instance.profile).replace("/profile/", "");
        Self { hosts, instance, role, tokens: Mutex::default() }
    }

    fn tokens(&self) -> MutexGuard<'_, Vec<(Secret, DateTime<Utc>)>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_token(&self, head: &Parts, now: DateTime<Utc>) -> Reply {
        let mut given = head.headers.get_all(&TTL).iter().filter_map(|value| value.to_str().ok());
        let seconds = match (given.next().map(str::parse), given.next()) {
            (Some(Ok(seconds @ 1..=LONGEST)), None) => seconds,
            _ => {
                let message = format!("{} is not 1 to {LONGEST}", TTL.as_str());
                return Reply::refuse(StatusCode::BAD_REQUEST, "BadRequest", &message);
            }
        };
        let token = new_token();
        let mut tokens = self.tokens();
        tokens.retain(|(_, end)| *end > now);
        if tokens.len() == TOKENS {
            let first = (0..TOKENS).min_by_key(|at| tokens[*at].1).unwrap_or_default();
            tokens.swap_remove(first);
        }
        tokens.push((token.clone(), now + TimeDelta::seconds(seconds)));
        Reply::text(token.expose()).with_header(TTL.clone(), seconds.to_string())
    }

    fn has_token(&self, head: &Parts, now: DateTime<Utc>) -> bool {
        let mut given = head.headers.get_all(&TOKEN).iter().map(HeaderValue::as_bytes);
        let (Some(token), None) = (given.next(), given.next()) else { return false };
        // Each is compared, and all of each: how long that takes says nothing.
        let tokens = self.tokens();
        let good = tokens.iter().filter(|(_, end)| *end > now);
        good.fold(false, |found, (own, _)| bool::from(own.expose().as_bytes().ct_eq(token)) | found)
    }

    fn tell(&self, what: What, now: DateTime<Utc>) -> Option<Reply> {
        let Instance { region, account, profile: _ } = &self.instance;
        Some(match what {
            What::Token => return None,
            What::Folder => Reply::text("iam/\nplacement/"),
            What::Role => Reply::text(&self.role),
            What::Region => Reply::text(region.as_deref()?),
            // Whatever a program does with it: there is one in each region.
            What::Zone => Reply::text(&format!("{}a", region.as_deref()?)),
            What::Info => Reply::json(&json!({
                "Code": "Success",
                "LastUpdated": utc(now),
                "InstanceProfileArn":
                    format!("arn:aws:iam::{}:instance-profile/{}", account.as_deref()?, self.role),
                "InstanceProfileId": "AIPAAWSX",
            })),
            What::Identity => Reply::json(&json!({
                "accountId": account,
                "availabilityZone": region.as_ref().map(|region| format!("{region}a")),
                "region": region.as_deref()?,
                "instanceId": "i-0000000000000000a",
                "pendingTime": utc(now),
                "version": "2017-09-30",
            })),
        })
    }

    fn read_path(&self, path: &str, now: DateTime<Utc>) -> Asked {
        let path = path.strip_suffix('/').unwrap_or(path);
        let of_role = path.strip_prefix("/latest/meta-data/iam/security-credentials/");
        if of_role == Some(&*self.role) {
            let before =
                format!(r#""Code":"Success","LastUpdated":"{}","Type":"AWS-HMAC","#, utc(now));
            return Asked::Credentials { profile: self.instance.profile.clone(), before };
        }
        let found = PATHS.iter().find(|(known, _)| *known == path);
        let reply = found.and_then(|(_, what)| self.tell(*what, now));
        Asked::Reply(reply.unwrap_or_else(|| {
            Reply::refuse(StatusCode::NOT_FOUND, "NotFound", "there is nothing here")
        }))
    }
}

impl Protocol for Imds {
    fn read(&self, head: &Parts, has_body: bool, now: DateTime<Utc>) -> Asked {
        let is_token = head.uri.path() == PATHS[0].0;
        let methods = [if is_token { Method::PUT } else { Method::GET }];
        if let Err(refusal) = head::check(head, has_body, &Hosts::Of(&self.hosts), &methods) {
            return Asked::Reply(refusal);
        }
        if is_token {
            return Asked::Reply(self.give_token(head, now));
        }
        if !self.has_token(head, now) {
            let message = format!("{} is none that was given, or its time is over", TOKEN.as_str());
            return Asked::Reply(Reply::refuse(StatusCode::UNAUTHORIZED, "Unauthorized", &message));
        }
        self.read_path(head.uri.path(), now)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ask_at, request};
    use super::*;

    const HOST: &str = "127.0.0.1:4000";

    fn imds() -> Imds {
        let (region, account) = (Some("eu-west-1".into()), Some("111111111111".into()));
        Imds::new(vec![HOST.into()], Instance { profile: "my dev".into(), region, account })
    }

    fn token(imds: &Imds, ttl: &str, now: DateTime<Utc>) -> String {
        let head = request("PUT /latest/api/token HTTP/1.1", Some(HOST), &[(TTL.as_str(), ttl)]);
        ask_at(imds, &head, now)
    }

    #[test]
    fn only_who_has_asked_for_a_token_is_told_anything() {
        let (imds, now) = (imds(), DateTime::UNIX_EPOCH);
        let good = token(&imds, "60", now);
        let good = good.strip_prefix("200 ").unwrap();
        let role = "/latest/meta-data/iam/security-credentials";
        let header = TOKEN.as_str();
        for (docs, line, headers, expected) in [
            ("no token", format!("GET {role} HTTP/1.1"), vec![], "401"),
            ("a wrong one", format!("GET {role} HTTP/1.1"), vec![(header, "x")], "401"),
            ("two", format!("GET {role} HTTP/1.1"), vec![(header, good), (header, good)], "401"),
            ("the role", format!("GET {role}/ HTTP/1.1"), vec![(header, good)], "200 my%20dev"),
            (
                "without a slash",
                format!("GET {role} HTTP/1.1"),
                vec![(header, good)],
                "200 my%20dev",
            ),
            ("its keys", format!("GET {role}/my%20dev HTTP/1.1"), vec![(header, good)], "my dev"),
            ("another's", format!("GET {role}/prod HTTP/1.1"), vec![(header, good)], "404"),
            (
                "the region",
                "GET /latest/meta-data/placement/region HTTP/1.1".into(),
                vec![(header, good)],
                "200 eu-west-1",
            ),
            (
                "a zone",
                "GET /latest/meta-data/placement/availability-zone HTTP/1.1".into(),
                vec![(header, good)],
                "200 eu-west-1a",
            ),
            ("a version", "GET /1.0/meta-data/ HTTP/1.1".into(), vec![(header, good)], "404"),
            (
                "a token by GET",
                "GET /latest/api/token HTTP/1.1".into(),
                vec![(header, good)],
                "405",
            ),
            ("keys by PUT", format!("PUT {role} HTTP/1.1"), vec![(header, good)], "405"),
            (
                "forwarded",
                format!("GET {role} HTTP/1.1"),
                vec![(header, good), ("x-forwarded-for", "10.0.0.1")],
                "403",
            ),
            (
                "from a page",
                format!("GET {role} HTTP/1.1"),
                vec![(header, good), ("origin", "x")],
                "403",
            ),
        ] {
            let head = request(&line, Some(HOST), &headers);
            let found = ask_at(&imds, &head, now);
            assert_eq!(
                found.split_once(" {").map_or(&*found, |(status, _)| status),
                expected,
                "{docs}"
            );
        }
        let head =
            request(&format!("GET {role} HTTP/1.1"), Some("evil.example"), &[(header, good)]);
        assert!(ask_at(&imds, &head, now).starts_with("400"));
    }

    #[test]
    fn a_token_lasts_as_long_as_was_asked() {
        let (imds, now) = (imds(), DateTime::UNIX_EPOCH);
        for ttl in ["", "0", "-1", "21601", "1.5", "x", "99999999999999999999"] {
            assert!(token(&imds, ttl, now).starts_with("400"), "{ttl}");
        }
        assert!(token(&imds, "21600", now).starts_with("200 "));
        let given = token(&imds, "10", now);
        let headers = [(TOKEN.as_str(), given.strip_prefix("200 ").unwrap())];
        let head = request("GET /latest/meta-data HTTP/1.1", Some(HOST), &headers);
        for (seconds, expected) in [(0, "200"), (9, "200"), (10, "401"), (11, "401")] {
            let found = ask_at(&imds, &head, now + TimeDelta::seconds(seconds));
            assert_eq!(&found[..3], expected, "{seconds}");
        }
    }

    #[test]
    fn tokens_do_not_fill_the_memory() {
        let (imds, now) = (imds(), DateTime::UNIX_EPOCH);
        (0..TOKENS + 5).for_each(|_| drop(token(&imds, "60", now)));
        assert_eq!(imds.tokens().len(), TOKENS);
        token(&imds, "60", now + TimeDelta::seconds(60));
        assert_eq!(imds.tokens().len(), 1);
    }

    /// What the document has before its fields is JSON with them.
    #[test]
    fn keys_are_said_to_be_a_success() {
        let (imds, now) = (imds(), DateTime::UNIX_EPOCH);
        let asked = imds.read_path("/latest/meta-data/iam/security-credentials/my%20dev", now);
        let Asked::Credentials { before, .. } = asked else { panic!("these are credentials") };
        let reply = Reply::credentials(&before, &Secret::new(r#"{"AccessKeyId":"A"}"#));
        let document: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
        let expected = json!({
            "Code": "Success",
            "LastUpdated": "1970-01-01T00:00:00Z",
            "Type": "AWS-HMAC",
            "AccessKeyId": "A",
        });
        assert_eq!(document, expected);
    }
}
