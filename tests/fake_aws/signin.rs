//! AWS sign-in, as `aws login` uses it: a person's console credentials for programs on a machine.
//! <https://docs.aws.amazon.com/signin/latest/APIReference/API_CreateOAuth2Token.html>

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::base64url;
use super::consent::{self, Asked, CodeRequest, Unredeemable};
use super::dpop::Proofs;
use super::iam::{Identity, SessionContext};
use super::json::Body;
use super::oidc::clients::callback;
use super::request::Request;
use super::sample;
use super::state::State;

/// The page that asks for a code
pub(super) const AUTHORIZE: &str = "/v1/authorize";
/// `CreateOAuth2Token`
pub(super) const TOKEN: &str = "/v1/token";
/// The page that shows a code to who signs in from another device
pub(super) const CONFIRMATION: &str = "/v1/sessions/confirmation";

/// The client of a machine with a browser.
pub(crate) const SAME_DEVICE: &str = "arn:aws:signin:::devtools/same-device";
/// The client of a machine without one.
pub(crate) const CROSS_DEVICE: &str = "arn:aws:signin:::devtools/cross-device";

/// The service, and what a test may change about it.
#[derive(Debug)]
pub(crate) struct SignIn {
    /// Who is in front of the browser
    pub(crate) identity: Identity,
    /// Whether the page acts as if that person chose Allow at once
    pub(crate) auto_approve: bool,
    /// How long credentials last, in seconds; AWS: 900
    pub(crate) seconds: i64,
    /// How long a session can be refreshed, in seconds; AWS: 12 hours
    pub(crate) session_seconds: i64,
    proofs: Proofs,
    refresh_tokens: Vec<RefreshToken>,
}

#[derive(Clone, Debug)]
struct RefreshToken {
    token: String,
    client_id: String,
    /// The code that the session began with
    origin: String,
    identity: Identity,
    /// The thumbprint of the key that it is bound to
    key: String,
    ends_at: DateTime<Utc>,
    used: bool,
}

impl SignIn {
    /// With the sample world's user at the browser.
    pub(super) fn new() -> Self {
        let (arn, id) = (sample::USER.into(), sample::USER_ID.into());
        Self {
            identity: Identity::User { arn, id },
            auto_approve: false,
            seconds: 900,
            session_seconds: 12 * 3600,
            proofs: Proofs::default(),
            refresh_tokens: Vec::new(),
        }
    }

    /// Every refresh token; the credentials are among the sessions.
    pub(super) fn secrets(&self) -> Vec<String> {
        self.refresh_tokens.iter().map(|known| known.token.clone()).collect()
    }

    /// Ends every session: `TOKEN_EXPIRED`. What was given out lasts until its own end.
    pub(crate) fn end_sessions(&mut self, now: DateTime<Utc>) {
        self.end_where(now, |_| true);
    }

    fn end_where(&mut self, now: DateTime<Utc>, is_meant: impl Fn(&RefreshToken) -> bool) {
        for known in self.refresh_tokens.iter_mut().filter(|known| is_meant(known)) {
            known.ends_at = known.ends_at.min(now);
        }
    }
}

/// Answers a request for one of the paths above.
pub(super) fn answer(state: &mut State, request: &Request) -> Answer {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", AUTHORIZE) => match code_request(request) {
            Ok(asked) => consent::ask(state, Asked::Code(asked), state.signin.auto_approve),
            Err(message) => consent::invalid(message),
        },
        ("GET", CONFIRMATION) => confirmation(request),
        ("POST", TOKEN) => Body::of(request)
            .map_err(invalid)
            .and_then(|body| token(state, request, &body))
            .map(|body| Answer::json(200, &body, "OK"))
            .unwrap_or_else(|refusal| refuse(&refusal)),
        _ => Answer::page(405, "Method Not Allowed"),
    }
}

/// A refusal as the service words it. Its code: an exception, or the `error` of an
/// `AccessDeniedException`, whose status depends on it.
pub(super) fn refuse(refusal: &Refusal) -> Answer {
    let Refusal { status, code, message } = refusal;
    let (status, code) = (*status, *code);
    let (status, exception, error) = match code {
        "TOKEN_EXPIRED" | "AUTHCODE_EXPIRED" => (401, "AccessDeniedException", code),
        "USER_CREDENTIALS_CHANGED" | "INSUFFICIENT_PERMISSIONS" => {
            (403, "AccessDeniedException", code)
        }
        "AccessDeniedException" => (status, code, "INSUFFICIENT_PERMISSIONS"),
        "InternalServerException" => (status, code, "server_error"),
        _ => (status, code, "INVALID_REQUEST"),
    };
    Answer::rest_refusal(status, exception, &json!({ "error": error, "message": message }))
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "ValidationException", message)
}

fn code_request(request: &Request) -> Result<CodeRequest, &'static str> {
    let parameters = consent::parameters(request);
    let parameter = |name: &str| parameters.get(name).map_or("", String::as_str);
    let (client_id, redirect_uri) = (parameter("client_id"), parameter("redirect_uri"));
    let leads_back = match client_id {
        SAME_DEVICE => callback(redirect_uri).is_some(),
        CROSS_DEVICE => redirect_uri == format!("{}{CONFIRMATION}", request.origin()),
        _ => return Err("The client is unknown."),
    };
    for (wrong, message) in [
        (!leads_back, "redirect_uri is not the client's."),
        (parameter("response_type") != "code", "response_type must be code."),
        (parameter("scope") != "openid", "scope must be openid."),
        (parameter("state").is_empty(), "state is missing."),
        (parameter("code_challenge_method") != "SHA-256", "code_challenge_method must be SHA-256."),
        (
            !consent::is_challenge(parameter("code_challenge")),
            "code_challenge is not a SHA-256 in base64url.",
        ),
    ] {
        if wrong {
            return Err(message);
        }
    }
    Ok(CodeRequest {
        client_id: client_id.to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        state: parameter("state").to_owned(),
        challenge: parameter("code_challenge").to_owned(),
        scopes: vec!["openid".into()],
    })
}

/// What the person copies to the other device.
fn confirmation(request: &Request) -> Answer {
    let parameters = consent::parameters(request);
    let Some((state, code)) = parameters.get("state").zip(parameters.get("code")) else {
        return consent::invalid("Access was denied.");
    };
    let text = aws_smithy_types::base64::encode(format!("state={state}&code={code}"));
    let body = format!("<h1>Authorization code</h1><p><code id=\"code\">{text}</code></p>");
    Answer::html(200, &body, "OK")
}

fn token(state: &mut State, request: &Request, body: &Body) -> Result<Value, Refusal> {
    let now = state.now();
    let client_id = body.require("clientId").map_err(invalid)?;
    if ![SAME_DEVICE, CROSS_DEVICE].contains(&client_id) {
        return Err(invalid("clientId is unknown"));
    }
    let grant_type = body.require("grantType").map_err(invalid)?;
    let key = state.signin.proofs.key(request, now).map_err(invalid)?;
    let required = |name| body.require(name).map_err(invalid);
    match grant_type {
        "authorization_code" => {
            let code = required("code")?;
            let (verifier, uri) = (required("codeVerifier")?, required("redirectUri")?);
            let redeemed = state.consent.redeem(client_id, code, uri, verifier, now);
            redeemed.map_err(|reason| match reason {
                Unredeemable::Unknown | Unredeemable::Expired => {
                    Refusal::new(401, "AUTHCODE_EXPIRED", "The code is invalid or expired")
                }
                Unredeemable::Used => {
                    // Someone else has the code; RFC 6749, 4.1.2 says what then.
                    state.signin.end_where(now, |known| known.origin == code);
                    Refusal::new(401, "AUTHCODE_EXPIRED", "The code has been used")
                }
                Unredeemable::RedirectUri => invalid("redirectUri does not match"),
                Unredeemable::Verifier => invalid("codeVerifier does not match"),
            })?;
            let session = RefreshToken {
                token: String::new(),
                client_id: client_id.to_owned(),
                origin: code.to_owned(),
                identity: state.signin.identity.clone(),
                key,
                ends_at: now + TimeDelta::seconds(state.signin.session_seconds),
                used: false,
            };
            let subject = session.identity.arn();
            let mut answer = issue_session(state, session);
            answer["idToken"] = json!(id_token(state, client_id, &subject));
            Ok(answer)
        }
        "refresh_token" => {
            let token = required("refreshToken")?;
            let mut known = state.signin.refresh_tokens.iter_mut();
            let known = known
                .find(|known| known.token == token && known.client_id == client_id)
                .ok_or_else(|| token_expired("The refresh token is unknown"))?;
            if known.key != key {
                return Err(invalid("the DPoP proof is not by the key of the refresh token"));
            }
            if known.used {
                return Err(token_expired("The refresh token has been used"));
            }
            if known.ends_at <= now {
                return Err(token_expired("The session is expired"));
            }
            known.used = true;
            let session = known.clone();
            Ok(issue_session(state, session))
        }
        _ => Err(invalid("grantType must be authorization_code or refresh_token")),
    }
}

fn token_expired(message: &str) -> Refusal {
    Refusal::new(401, "TOKEN_EXPIRED", message)
}

/// New credentials of a session, and the refresh token that comes next.
fn issue_session(state: &mut State, session: RefreshToken) -> Value {
    let left = (session.ends_at - state.now()).num_seconds();
    let seconds = state.signin.seconds.min(left);
    let issued = state.issue(session.identity.clone(), SessionContext::default(), seconds);
    let token = format!("ASOR{}", base64url::encode(state.random.bytes(300)));
    let answer = json!({
        "accessToken": {
            "accessKeyId": issued.access_key_id,
            "secretAccessKey": issued.secret_access_key,
            "sessionToken": issued.session_token,
        },
        "tokenType": "aws_sigv4",
        "expiresIn": seconds,
        "refreshToken": token,
    });
    state.signin.refresh_tokens.push(RefreshToken { token, used: false, ..session });
    answer
}

/// A token that says who signed in; nobody here checks its signature, which is of random bytes.
fn id_token(state: &mut State, client_id: &str, subject: &str) -> String {
    let now = state.now().timestamp();
    let claims = json!({
        "iss": "https://signin.aws.amazon.com/signin",
        "sub": subject,
        "aud": client_id,
        "iat": now,
        "exp": now + 900,
    });
    format!(
        "{}.{}.{}",
        base64url::encode(br#"{"typ":"JWT","alg":"ES384"}"#),
        base64url::encode(claims.to_string()),
        base64url::encode(state.random.bytes(96))
    )
}
