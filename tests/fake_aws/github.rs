//! The identity tokens that GitHub Actions gives its jobs.
//! <https://docs.github.com/actions/reference/security/oidc>

use serde_json::{Value, json};

use super::answer::Answer;
use super::request::Request;
use super::state::State;

/// What `ACTIONS_ID_TOKEN_REQUEST_URL` leads to, with [`QUERY`] behind it.
pub(crate) const PATH: &str = "/_apis/distributedtask/hubs/Actions/plans/1/jobs/2/idtoken";
pub(crate) const QUERY: &str = "api-version=2.0";
/// `iss` of its tokens
pub(crate) const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// The job that runs.
#[derive(Clone, Debug)]
pub(crate) struct Github {
    /// `ACTIONS_ID_TOKEN_REQUEST_TOKEN`
    pub(crate) bearer: String,
    /// `sub`
    pub(crate) subject: String,
    /// How long a token is good for
    pub(crate) seconds: i64,
    /// Those that were given
    pub(crate) tokens: Vec<String>,
}

impl Github {
    pub(crate) fn new(subject: &str) -> Self {
        Self {
            bearer: "eyJhbGciOiJub25lIn0.sandbox-job-4711.runner-signature".into(),
            subject: subject.into(),
            seconds: 300,
            tokens: Vec::new(),
        }
    }

    pub(super) fn secrets(&self) -> Vec<String> {
        // Their header is no secret, and the same for all.
        let signed = |token: &String| token.split_once('.').map(|(_, rest)| rest.to_owned());
        self.tokens.iter().filter_map(signed).chain([self.bearer.clone()]).collect()
    }
}

/// A new token for the job, for whom it asks.
pub(crate) fn answer(state: &mut State, request: &Request) -> Answer {
    let refused = |status: u16, message: &str| {
        Answer::json(status, &json!({ "message": message }), &status.to_string())
    };
    let parameters = request.parameters();
    if request.method != "GET" || parameters.get("api-version").is_none_or(|v| v != "2.0") {
        return refused(404, "there is nothing here");
    }
    let bearer = format!("Bearer {}", state.github.bearer);
    if request.header("authorization") != Some(&bearer) {
        return refused(401, "this is nobody's job");
    }
    let organization = "https://github.com/example".to_owned();
    let audience = parameters.get("audience").cloned().unwrap_or(organization);
    let (now, id) = (state.now().timestamp(), state.random.request_id());
    let claims: Value = json!({
        "jti": id,
        "iss": ISSUER,
        "aud": audience,
        "sub": state.github.subject,
        "repository": "example/app",
        "ref": "refs/heads/main",
        "event_name": "push",
        "job_workflow_ref": "example/app/.github/workflows/deploy.yml@refs/heads/main",
        "iat": now,
        "nbf": now - 600,
        "exp": now + state.github.seconds,
    });
    let mut providers = state.iam.identity_providers.iter();
    let provider = providers.find(|provider| provider.issuer == ISSUER).expect("it is there");
    let token = provider.token_of(&claims);
    state.github.tokens.push(token.clone());
    Answer::json(200, &json!({ "count": token.len(), "value": token }), "OK")
}
