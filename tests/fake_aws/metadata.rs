//! The instance metadata service, version 2 only, as far as credentials and the region go.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html>

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::answer::Answer;
use super::iam::{Issued, rfc3339};
use super::request::Request;
use super::state::State;

/// The machine that the metadata is of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Instance {
    /// The ARN of its role; None: 404, as on a machine without an instance profile
    pub(crate) role: Option<String>,
    pub(crate) region: String,
    pub(crate) mode: MetadataMode,
    tokens: HashMap<String, DateTime<Utc>>,
    credentials: Option<Issued>,
}

/// How the service behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum MetadataMode {
    /// As it should
    #[default]
    Normal,
    /// The answer to the token's PUT never arrives: the response's hop limit is 1 and a container asks
    HopLimit,
    /// 403: the service is switched off for this machine
    Forbidden,
}

const PREFIX: &str = "/latest/meta-data/";
const CREDENTIALS: &str = "/latest/meta-data/iam/security-credentials";

impl Instance {
    /// A machine with that role.
    pub(crate) fn new(role: &str, region: &str) -> Self {
        Self { role: Some(role.to_owned()), region: region.to_owned(), ..Self::default() }
    }

    /// Whether this request's answer gets lost on the way.
    pub(super) fn loses(&self, request: &Request) -> bool {
        self.mode == MetadataMode::HopLimit && request.method == "PUT"
    }
}

/// `ImdsToken`, `ImdsRole`, `ImdsCredentials` or `ImdsOther`
pub(crate) fn operation(path: &str) -> &'static str {
    match path.strip_prefix(CREDENTIALS) {
        _ if path == "/latest/api/token" => "ImdsToken",
        Some("" | "/") => "ImdsRole",
        Some(name) if name.starts_with('/') => "ImdsCredentials",
        _ => "ImdsOther",
    }
}

/// Answers a request under `/latest/`.
pub(crate) fn answer(state: &mut State, request: &Request) -> Answer {
    if state.instance.mode == MetadataMode::Forbidden || request.header("x-forwarded-for").is_some()
    {
        return Answer::page(403, "Forbidden");
    }
    if request.path == "/latest/api/token" {
        return token(state, request);
    }
    let now = state.now();
    let token = request
        .header("x-aws-ec2-metadata-token")
        .and_then(|token| state.instance.tokens.get(token));
    if token.is_none_or(|end| *end <= now) {
        return Answer::page(401, "Unauthorized");
    }
    if request.method != "GET" {
        return Answer::page(405, "Not Allowed");
    }
    match operation(&request.path) {
        "ImdsRole" => match role_name(state) {
            Some(name) => Answer::text(name),
            None => Answer::page(404, "Not Found"),
        },
        "ImdsCredentials" => {
            let asked = request.path.rsplit('/').next();
            match state.instance.role.clone() {
                Some(role) if role_name(state).as_deref() == asked => credentials(state, &role),
                _ => Answer::page(404, "Not Found"),
            }
        }
        _ => match request.path.strip_prefix(PREFIX) {
            Some("placement/region") => Answer::text(state.instance.region.clone()),
            Some("placement/availability-zone") => {
                Answer::text(state.instance.region.clone() + "a")
            }
            _ => Answer::page(404, "Not Found"),
        },
    }
}

fn role_name(state: &State) -> Option<String> {
    state.instance.role.as_ref().and_then(|role| role.rsplit('/').next()).map(str::to_owned)
}

/// Gives out a token for 1 second to 6 hours.
fn token(state: &mut State, request: &Request) -> Answer {
    if request.method != "PUT" {
        return Answer::page(405, "Not Allowed");
    }
    let header = request.header("x-aws-ec2-metadata-token-ttl-seconds");
    match header.and_then(|text| text.parse::<i64>().ok()) {
        Some(seconds @ 1..=21_600) => {
            let token = aws_smithy_types::base64::encode(state.random.bytes(42));
            let end = state.now() + TimeDelta::seconds(seconds);
            state.instance.tokens.insert(token.clone(), end);
            let mut answer = Answer::text(token);
            answer.headers.push(("x-aws-ec2-metadata-token-ttl-seconds", seconds.to_string()));
            answer
        }
        _ => Answer::page(400, "Bad Request"),
    }
}

/// The role's credentials: the same ones until five minutes before they end.
fn credentials(state: &mut State, role: &str) -> Answer {
    let now = state.now();
    let current = state.instance.credentials.clone();
    let issued = current
        .filter(|issued| issued.expiration - now > TimeDelta::minutes(5))
        .unwrap_or_else(|| state.issue_role(role, "i-0123456789abcdef0", 21_600));
    state.instance.credentials = Some(issued.clone());
    let body = json!({
        "Code": "Success",
        "LastUpdated": rfc3339(issued.expiration - TimeDelta::hours(6)),
        "Type": "AWS-HMAC",
        "AccessKeyId": issued.access_key_id,
        "SecretAccessKey": issued.secret_access_key,
        "Token": issued.session_token,
        "Expiration": issued.expiration_text(),
    });
    Answer::json(200, &body, "OK")
}
