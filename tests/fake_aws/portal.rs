//! The access portal of IAM Identity Center: the accounts and roles of a person who is logged in, and
//! credentials for them. How one logs in is `oidc/`'s matter.
//! <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/>

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::answer::{Answer, Refusal};
use super::base64url;
use super::iam::{Identity, SessionContext, rfc3339};
use super::oidc;
use super::organization::Account;
use super::rate::Limit;
use super::request::{Parameters, Request};
use super::state::State;

/// `GetRoleCredentials`
pub(super) const CREDENTIALS: &str = "/federation/credentials";
/// `ListAccounts`
pub(super) const ACCOUNTS: &str = "/assignment/accounts";
/// `ListAccountRoles`
pub(super) const ROLES: &str = "/assignment/roles";
/// `Logout`
pub(super) const LOGOUT: &str = "/logout";

/// How many entries a page has when nobody says.
const PAGE: usize = 20;

/// Who is logged in, and which roles are whose.
#[derive(Clone, Debug)]
pub(crate) struct Portal {
    /// The access tokens that are good
    pub(crate) tokens: Vec<AccessToken>,
    /// The names of the accounts
    pub(crate) accounts: Vec<Account>,
    pub(crate) assignments: Vec<Assignment>,
    pub(crate) limit: Limit,
}

/// What a login gives.
#[derive(Clone, Debug)]
pub(crate) struct AccessToken {
    pub(crate) token: String,
    pub(crate) user: String,
    /// From then on it is refused
    pub(crate) expires_at: DateTime<Utc>,
}

impl AccessToken {
    /// The file that `aws sso login` leaves.
    pub(crate) fn cache_file(&self, start_url: &str) -> String {
        json!({
            "startUrl": start_url,
            "region": "eu-west-1",
            "accessToken": self.token,
            "expiresAt": rfc3339(self.expires_at),
        })
        .to_string()
    }
}

/// A permission set that a user has in an account.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    pub(crate) user: String,
    pub(crate) role_name: String,
    /// The role that IAM Identity Center made of it in the account
    pub(crate) role: String,
    /// How long its sessions last
    pub(crate) seconds: i64,
}

impl Assignment {
    /// The twelve digits of its account.
    pub(crate) fn account(&self) -> &str {
        self.role.split(':').nth(4).unwrap_or_default()
    }
}

/// Answers a request for one of the paths above.
pub(super) fn answer(state: &mut State, request: &Request) -> Answer {
    carry_out(state, request).unwrap_or_else(|refusal| refuse(&refusal))
}

/// A refusal as the portal words it.
pub(super) fn refuse(refusal: &Refusal) -> Answer {
    let kind = format!("com.amazonaws.switchboard.portal#{}", refusal.code);
    let body = json!({ "message": refusal.message, "__type": kind });
    Answer::json(refusal.status, &body, refusal.code)
}

fn carry_out(state: &mut State, request: &Request) -> Result<Answer, Refusal> {
    if !state.portal.limit.takes() {
        return Err(Refusal::new(429, "TooManyRequestsException", "Rate exceeded"));
    }
    let method = if request.path == LOGOUT { "POST" } else { "GET" };
    if request.method != method {
        let message = format!("only {method} is supported");
        return Err(Refusal::new(405, "MethodNotAllowedException", message));
    }
    let parameters = request.parameters();
    match request.path.as_str() {
        ACCOUNTS => accounts(state, request, &parameters),
        ROLES => roles(state, request, &parameters),
        LOGOUT => {
            let token = bearer(state, request)?.token;
            oidc::tokens::end(state, &token);
            Ok(Answer::json(200, &json!({}), "OK"))
        }
        _ => credentials(state, request, &parameters),
    }
}

/// The token that comes with a request, if it is good.
fn bearer(state: &State, request: &Request) -> Result<AccessToken, Refusal> {
    let token = request
        .header("x-amz-sso_bearer_token")
        .ok_or_else(|| invalid("Missing required header x-amz-sso_bearer_token"))?;
    let now = state.now();
    let good = |known: &&AccessToken| known.token == token && known.expires_at > now;
    state.portal.tokens.iter().find(good).cloned().ok_or_else(|| {
        Refusal::new(401, "UnauthorizedException", "Session token not found or invalid")
    })
}

fn accounts(state: &State, request: &Request, parameters: &Parameters) -> Result<Answer, Refusal> {
    let (first, size) = page(parameters, ACCOUNTS)?;
    let user = bearer(state, request)?.user;
    let mut seen = HashSet::new();
    let mut assigned = state.portal.assignments.iter().filter(|assigned| assigned.user == user);
    let ids = assigned.by_ref().map(Assignment::account).filter(|id| seen.insert(*id));
    let mut ids = ids.skip(first);
    let list: Vec<_> = ids
        .by_ref()
        .take(size)
        .map(|id| state.portal.account(id))
        .map(|account| {
            json!({
                "accountId": account.id,
                "accountName": account.name,
                "emailAddress": account.email,
            })
        })
        .collect();
    let next = ids.next().map(|_| next_token(ACCOUNTS, first + size));
    Ok(Answer::json(200, &json!({ "accountList": list, "nextToken": next }), "OK"))
}

fn roles(state: &State, request: &Request, parameters: &Parameters) -> Result<Answer, Refusal> {
    let account = account_id(parameters)?;
    let (first, size) = page(parameters, account)?;
    let user = bearer(state, request)?.user;
    let all: Vec<_> = state
        .portal
        .assignments
        .iter()
        .filter(|assigned| assigned.account() == account && assigned.user == user)
        .map(|assigned| json!({ "roleName": assigned.role_name, "accountId": account }))
        .collect();
    if all.is_empty() {
        return Err(no_access());
    }
    let list = all.get(first..(first + size).min(all.len())).unwrap_or_default();
    let next = (first + size < all.len()).then(|| next_token(account, first + size));
    Ok(Answer::json(200, &json!({ "roleList": list, "nextToken": next }), "OK"))
}

/// Where the page that is asked for begins, and how long it is. `list`: what a token must be of.
fn page(parameters: &Parameters, list: &str) -> Result<(usize, usize), Refusal> {
    let size = match parameters.get("max_result").map(|text| text.parse()) {
        None => PAGE,
        Some(Ok(size @ 1..=100)) => size,
        Some(_) => return Err(invalid("max_result must be a number from 1 to 100")),
    };
    let Some(token) = parameters.get("next_token") else { return Ok((0, size)) };
    let first = base64url::decode(token)
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| text.strip_prefix(list)?.strip_prefix(' ')?.parse().ok())
        .ok_or_else(|| invalid("next_token is not valid"))?;
    Ok((first, size))
}

fn next_token(list: &str, first: usize) -> String {
    base64url::encode(format!("{list} {first}"))
}

fn credentials(
    state: &mut State,
    request: &Request,
    parameters: &Parameters,
) -> Result<Answer, Refusal> {
    let account = account_id(parameters)?;
    let role_name = parameter(parameters, "role_name")?;
    let user = bearer(state, request)?.user;
    let is_asked_for = |assigned: &&Assignment| {
        assigned.user == user && assigned.role_name == role_name && assigned.account() == account
    };
    let assigned =
        state.portal.assignments.iter().find(is_asked_for).cloned().ok_or_else(no_access)?;
    // The roles of a large organization are known here alone, and need no trust policy.
    let known = state.iam.role(&assigned.role).map(|role| role.id.clone());
    let identity = Identity::RoleSession {
        role_id: known.unwrap_or_else(|| format!("AROA2SSO{account}E")),
        role: assigned.role,
        name: user,
    };
    let issued = state.issue(identity, SessionContext::default(), assigned.seconds);
    let body = json!({ "roleCredentials": {
        "accessKeyId": issued.access_key_id,
        "secretAccessKey": issued.secret_access_key,
        "sessionToken": issued.session_token,
        "expiration": issued.expiration.timestamp_millis(),
    }});
    Ok(Answer::json(200, &body, "OK"))
}

fn account_id(parameters: &Parameters) -> Result<&str, Refusal> {
    let account = parameter(parameters, "account_id")?;
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid("account_id must be 12 digits"));
    }
    Ok(account)
}

fn parameter<'a>(parameters: &'a Parameters, name: &str) -> Result<&'a str, Refusal> {
    let value = parameters.get(name).map(String::as_str).filter(|value| !value.is_empty());
    value.ok_or_else(|| invalid(&format!("Missing required parameter {name}")))
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(400, "InvalidRequestException", message)
}

fn no_access() -> Refusal {
    Refusal::new(403, "ForbiddenException", "No access")
}

impl Portal {
    /// With one user, logged in for eight hours from `now`.
    pub(crate) fn new(
        token: &str,
        account: Account,
        assignment: Assignment,
        now: DateTime<Utc>,
    ) -> Self {
        let token = AccessToken {
            token: token.to_owned(),
            user: assignment.user.clone(),
            expires_at: now + TimeDelta::hours(8),
        };
        Self {
            tokens: vec![token],
            accounts: vec![account],
            assignments: vec![assignment],
            limit: Limit::default(),
        }
    }
}
