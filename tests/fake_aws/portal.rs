//! The access portal of IAM Identity Center, as far as it gives out role credentials.
//! <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html>

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::answer::{Answer, Refusal};
use super::iam::rfc3339;
use super::request::Request;
use super::state::State;

/// Where role credentials are.
pub(crate) const PATH: &str = "/federation/credentials";

/// Who is logged in, and which roles are whose.
#[derive(Clone, Debug)]
pub(crate) struct Portal {
    /// The access tokens that are good
    pub(crate) tokens: Vec<AccessToken>,
    /// The permission sets
    pub(crate) assignments: Vec<Assignment>,
}

/// What a login gives.
#[derive(Clone, Debug)]
pub(crate) struct AccessToken {
    /// The token
    pub(crate) token: String,
    /// Who logged in
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
    /// Whose
    pub(crate) user: String,
    /// Its name
    pub(crate) role_name: String,
    /// The role that IAM Identity Center made of it in the account
    pub(crate) role: String,
    /// How long its sessions last
    pub(crate) seconds: i64,
}

/// Answers a request for [`PATH`].
pub(crate) fn answer(state: &mut State, request: &Request) -> Answer {
    credentials(state, request)
        .unwrap_or_else(|refusal| refused(refusal.status, refusal.code, &refusal.message))
}

/// A refusal as the portal words it.
pub(crate) fn refused(status: u16, code: &str, message: &str) -> Answer {
    let kind = format!("com.amazonaws.switchboard.portal#{code}");
    Answer::json(status, &json!({ "message": message, "__type": kind }), code)
}

fn credentials(state: &mut State, request: &Request) -> Result<Answer, Refusal> {
    if request.method != "GET" {
        return Err(Refusal::new(405, "MethodNotAllowedException", "only GET is supported"));
    }
    let parameters = request.parameters();
    let invalid = |message: &str| Refusal::new(400, "InvalidRequestException", message);
    let parameter = |name: &str| {
        let value = parameters.get(name).filter(|value| !value.is_empty());
        value.ok_or_else(|| invalid(&format!("Missing required parameter {name}")))
    };
    let (account, role_name) = (parameter("account_id")?, parameter("role_name")?);
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid("account_id must be 12 digits"));
    }
    let token = request
        .header("x-amz-sso_bearer_token")
        .ok_or_else(|| invalid("Missing required header x-amz-sso_bearer_token"))?;
    let now = state.now();
    let user = state
        .portal
        .tokens
        .iter()
        .find(|known| known.token == token && known.expires_at > now)
        .map(|known| known.user.clone())
        .ok_or_else(|| {
            Refusal::new(401, "UnauthorizedException", "Session token not found or invalid")
        })?;
    let is_asked_for = |assigned: &&Assignment| {
        assigned.user == user
            && assigned.role_name == *role_name
            && assigned.role.split(':').nth(4) == Some(account)
    };
    let assigned = state
        .portal
        .assignments
        .iter()
        .find(is_asked_for)
        .cloned()
        .ok_or_else(|| Refusal::new(403, "ForbiddenException", "No access"))?;
    let issued = state.issue_role(&assigned.role, &user, assigned.seconds);
    let body = json!({ "roleCredentials": {
        "accessKeyId": issued.access_key_id,
        "secretAccessKey": issued.secret_access_key,
        "sessionToken": issued.session_token,
        "expiration": issued.expiration.timestamp_millis(),
    }});
    Ok(Answer::json(200, &body, "OK"))
}

impl Portal {
    /// With one user, logged in for eight hours from `now`.
    pub(crate) fn new(token: &str, assignment: Assignment, now: DateTime<Utc>) -> Self {
        let token = AccessToken {
            token: token.to_owned(),
            user: assignment.user.clone(),
            expires_at: now + TimeDelta::hours(8),
        };
        Self { tokens: vec![token], assignments: vec![assignment] }
    }
}
