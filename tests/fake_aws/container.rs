//! The credential endpoint of containers (ECS, EKS Pod Identity, Greengrass).
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>

use serde_json::json;

use super::answer::Answer;
use super::request::Request;
use super::state::State;

/// The container that is served.
#[derive(Clone, Debug)]
pub(crate) struct Container {
    /// The path of the endpoint, `/v2/credentials/…`
    pub(crate) path: String,
    /// What `Authorization` must say; None: nothing is asked for, as ECS
    pub(crate) authorization: Option<String>,
    /// The ARN of its role; None: 404
    pub(crate) role: Option<String>,
}

/// Answers a request for the container's path.
pub(crate) fn answer(state: &mut State, request: &Request) -> Answer {
    let refused = |status: u16, code: &str, message: &str| {
        Answer::json(status, &json!({ "code": code, "message": message }), code)
    };
    if request.method != "GET" {
        return refused(400, "BadRequest", "only GET is supported");
    }
    if state.container.authorization.as_deref() != request.header("authorization") {
        return refused(401, "AccessDenied", "the authorization token is missing or not valid");
    }
    let Some(role) = state.container.role.clone() else {
        return refused(404, "NotFound", "no credentials are associated with this container");
    };
    let issued = state.issue_role(&role, "0123456789abcdef0123456789abcdef", 21_600);
    let body = json!({
        "RoleArn": role,
        "AccessKeyId": issued.access_key_id,
        "SecretAccessKey": issued.secret_access_key,
        "Token": issued.session_token,
        "Expiration": issued.expiration_text(),
    });
    Answer::json(200, &body, "OK")
}
